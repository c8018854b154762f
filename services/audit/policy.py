"""Audit's words and figures: whom it follows, how it says what it found, what a person can do then."""

from datetime import datetime
from typing import Protocol

from services.kit.chain import Difference


class Began(Protocol):
    """`Beginning`, as far as it is put into words."""

    @property
    def service(self) -> str: ...

    @property
    def since(self) -> str: ...

    @property
    def older(self) -> int: ...

    @property
    def by(self) -> str: ...

    @property
    def why(self) -> str: ...


SOURCES = ("organisation", "intake", "approval", "dispatch", "account_provisioning", "complaint", "notifications")

SENTENCES = {
    "edited": "peristiwa yang tersimpan bukan yang dirantai (isi, posisi atau urutannya diubah)",
    "removed": "peristiwa yang dirantai di sini hilang",
    "added": "di sini ada peristiwa yang tidak pernah dirantai",
    "swapped": "peristiwa di posisi {position} dan {other} ditukar",
    "other-agency": "peristiwanya kini milik instansi lain",
}


def told(service: str, difference: Difference) -> str:
    """One breach in one sentence: where, and what differs; nothing of the content."""
    what = SENTENCES[difference.what].format(position=difference.position, other=difference.other)
    stream = f", {difference.stream}" if difference.stream else ""
    return f"{service}/{difference.agency}, posisi {difference.position}{stream}: {what}"


def foreign(source: str, ours: str, theirs: str) -> str:
    """What is said when a store was restored or exchanged: the remedy in words."""
    return (
        f"catatan {source} kini {theirs}, yang dirantai {ours}. Bila memang dipulihkan: jalankan `caraka verify`,"
        f" lalu `caraka audit adopt {source}`; ujung rantai yang lama disimpan sebagai bukti, dan rantai berlanjut dari"
        " yang sama pada keduanya"
    )


def unproven(source: str, older: int, since: str) -> str:
    """What is said of a chain that began when there were events already: somebody has taken the evidence away."""
    return (
        f"rantai {source} dimulai {since} padahal sudah ada {older} peristiwa: untuk itu tidak ada bukti."
        f" Cari ke mana buktinya pergi; lalu `caraka audit adopt {source}`"
    )


def since(began: Began) -> str:
    """One chain's beginning in words."""
    when = f"dirantai sejak {began.since}" if began.since else "dirantai sejak sebelum hal itu dicatat"
    taken = f", diambil alih oleh {began.by}: {began.why}" if began.by else ""
    return f"{began.service} {when}" + (f" ({began.older} peristiwa lebih tua{taken})" if began.older else "")


def stamp(now: datetime) -> str:
    return now.isoformat(timespec="seconds")
