"""Agenda numbers that were given out after the backup, on paper: reserved, so that none is given a second time.

Whoever restores may know the last one that stands on paper. Where nobody says it, as many are reserved as the book ever
gave out in a time as long as the one that is lost, and some more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

from contracts.intake import AgendaNumberTaken, BookOpened, NumbersReserved, OpeningCorrected, ReserveNumbers
from services.cli.backup import afterwards
from services.cli.clock import at_the_office
from services.kit.backup.faults import BackupFault
from services.kit.settings import Settings
from services.kit.store import open_store

LOOKED_AT = 20_000
BACK = timedelta(days=92)
AT_LEAST, TENS, AT_MOST = 5, 10, 500
LEAST_LOST = timedelta(hours=1)
Book = tuple[str, str, int]
PaperNumbers = Mapping[Book, int]
"""(agency, book, year) → the last number that stands on paper."""


@dataclass(frozen=True, slots=True)
class BookStand:
    """``last``: the last number in the backup. ``until``: the last one that is reserved; ``guessed``: by us."""

    agency: str
    book: str
    year: int
    last: int
    until: int
    guessed: bool


def parsed(words: Sequence[str]) -> PaperNumbers:
    """``agency/book/year=number``. Raises BackupFault for anything else."""
    found = {}
    for word in words:
        place, _, number = word.partition("=")
        parts = place.split("/")
        if len(parts) != 3 or not parts[2].isdecimal() or not number.isdecimal():  # noqa: PLR2004 - agency, book, year
            raise BackupFault(
                "paper", f"--paper {word}: tulis instansi/buku/tahun=nomor, misalnya pekalongan/masuk/2026=1260."
            )
        found[parts[0], parts[1], int(parts[2])] = int(number)
    return found


def reserve(settings: Settings, cut_at: datetime, at: datetime, paper: PaperNumbers) -> list[BookStand]:
    """Reserves in every book of this year and the last one. Raises BackupFault for a book that is not there."""
    taken = _taken(settings)
    if strange := sorted(set(paper) - set(taken)):
        raise BackupFault("paper", f"Buku {'/'.join(map(str, strange[0]))} tidak ada di cadangan ini.")
    stands = []
    for book, (last, moments) in sorted(taken.items()):
        if book not in paper and book[2] < at.year - 1:
            continue
        until = paper[book] if book in paper else last + guess(moments, at - cut_at)
        stands.append(BookStand(*book, last, max(until, last), guessed=book not in paper))
    reason = f"Mungkin sudah diberikan di kertas sesudah cadangan {at_the_office(cut_at, settings)}"
    asks = [
        afterwards.asked(
            f"{cut_at.isoformat()}/numbers/{each.agency}/{each.book}/{each.year}",
            each.agency, ReserveNumbers(book=each.book, year=each.year, until=each.until, reason=reason), at,
        )
        for each in stands
        if each.until > each.last
    ]  # fmt: skip
    afterwards.state(settings, "intake", asks)
    return stands


def guess(moments: Sequence[datetime], lost: timedelta) -> int:
    """The most that were given out in so long a time, to full tens. ``moments`` rise. Pure."""
    span, most, begin = max(lost, LEAST_LOST), 0, 0
    for end, moment in enumerate(moments):
        while moments[begin] < moment - span:
            begin += 1
        most = max(most, end - begin + 1)
    wanted = most + AT_LEAST
    return min(-(-wanted // TENS) * TENS, AT_MOST)


def _taken(settings: Settings) -> dict[Book, tuple[int, list[datetime]]]:
    """Each book's last number, and when the numbers of the last months were given out, in order."""
    kinds = ", ".join(f"'{kind.kind()}'" for kind in (AgendaNumberTaken, BookOpened, OpeningCorrected, NumbersReserved))
    store = open_store(settings, "intake", reader=True)
    try:
        column = "notification_id" if store.shared else "rowid"
        rows = store.read(
            f"SELECT state FROM {{s}}stored_events WHERE topic IN ({kinds}) ORDER BY {column} DESC LIMIT {LOOKED_AT}"  # noqa: S608 - words of ours
        )
    finally:
        store.close()
    found: dict[Book, tuple[int, list[datetime]]] = {}
    since: datetime | None = None
    for row in rows:  # the newest first
        said = orjson.loads(bytes(row[0]))
        data, moment = said["data"], datetime.fromisoformat(said["time"]).astimezone(UTC)
        since = since or moment - BACK
        book = (str(said["agency"]), str(data["book"]), int(data["year"]))
        last = int(data.get("number", data.get("last", data.get("opening", 0))))
        _, moments = found.setdefault(book, (last, []))
        if "number" in data and moment >= since:
            moments.append(moment)
    return {book: (last, moments[::-1]) for book, (last, moments) in found.items()}
