"""I1, what must be unique: every claim that an event has made stands in the store's table, and nobody else's does.

Without its claims a store takes the same message twice, and lets a book belong to two standards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, text

from contracts.account_provisioning import StandardAdopted as AccountsAdopted
from contracts.complaint import ComplaintFiled
from contracts.complaint import StandardAdopted as ComplaintsAdopted
from contracts.intake import (
    MessageCaptured,
    MessageQuarantined,
    MessageReleased,
    PostReceived,
    StandardAdopted,
    TwinLinked,
)
from contracts.words import BlobRef
from services.account_provisioning.domain.standards import CLAIM as ACCOUNTS_CLAIM
from services.cli.invariants.ground import Breaches, Finding, Seen, Source
from services.complaint.domain.filing import PAPER, paper_key
from services.complaint.domain.standards import CLAIM as COMPLAINTS_CLAIM
from services.intake.policy import message_key
from services.kit.codec.envelope import Undecodable

STANDING = text("SELECT key, owner FROM claims WHERE agency = :agency AND kind = :kind AND key IN :keys").bindparams(
    bindparam("keys", expanding=True)
)
COUNTED = text("SELECT agency, kind, COUNT(*) FROM claims GROUP BY agency, kind")
UNKNOWN = "message-id"  # a twin claims its Message-ID too, and its event does not say it
KINDS = {
    each.kind()
    for each in (
        *(MessageCaptured, MessageQuarantined, TwinLinked, MessageReleased, PostReceived),
        *(StandardAdopted, AccountsAdopted, ComplaintsAdopted, ComplaintFiled),
    )
}


class Made(NamedTuple):
    """``new``: the event has made it; else it must stand already."""

    agency: str
    kind: str
    key: str
    owner: str
    where: str
    new: bool = True


class ClaimsMade:
    """Reads along; a claim is looked for where it was made, and all are counted at the end of a log."""

    def __init__(self) -> None:
        self._breaches = Breaches()
        self._made: Counter[tuple[str, str]] = Counter()
        self._books: set[tuple[str, str]] = set()
        self._hidden: Counter[str] = Counter()
        self._looked = self._twins = 0
        self._left: list[str] = []

    def part(self, source: Source, seen: Sequence[Seen]) -> None:
        self._look(source, [claim for each in seen if each.row.kind in KINDS for claim in self._of(source, each)])

    def end(self, source: Source) -> None:
        """What stands beside what was made: only where nothing was written meanwhile."""
        with source.engine.connect() as connection:
            rows = connection.execute(COUNTED).all()
        if source.log.head() != source.head:
            self._left.append(
                f"apakah {source.service} punya klaim tanpa peristiwa: ada peristiwa baru selagi diperiksa"
            )
            rows = []
        for agency, kind, count in rows:
            made = self._made[agency, kind]
            if count > made + (self._hidden[agency] if kind == UNKNOWN else 0):
                what = f"ada {count} klaim jenis {kind}, peristiwanya membuat {made}"
                self._breaches.add(f"{source.service}/{agency}, klaim", what)
        self._twins += self._hidden.total()
        self._made.clear()
        self._hidden.clear()

    def finding(self) -> Finding:
        left = [*self._left, f"{UNKNOWN} milik {self._twins} surat kembar"] if self._twins else self._left
        return self._breaches.finding("I1", "yang harus tunggal diklaim satu kali", {"claims": self._looked}, left)

    def _of(self, source: Source, each: Seen) -> Iterator[Made]:
        try:
            recorded = each.recorded()
        except Undecodable:  # I2 names it
            return
        agency, where, event = recorded.agency, each.where(source), recorded.event
        match event:
            case StandardAdopted():
                for book in event.rules.get("books", {}):
                    new = (agency, book) not in self._books
                    self._books.add((agency, book))
                    yield Made(agency, "book", book, event.standard.standard, where, new=new)
            case AccountsAdopted():
                new = (agency, "") not in self._books
                self._books.add((agency, ""))  # no book is named so
                yield Made(agency, *ACCOUNTS_CLAIM, event.standard.standard, where, new=new)
            case ComplaintsAdopted() if (agency, "/complaints") not in self._books:  # the first has it for ever
                self._books.add((agency, "/complaints"))
                yield Made(agency, *COMPLAINTS_CLAIM, event.standard.standard, where)
            case ComplaintFiled() if event.paper_number:
                yield Made(agency, PAPER, paper_key(event.paper_number), str(event.complaint_id), where)
            case MessageQuarantined() | MessageCaptured() | TwinLinked() if _from_a_mailbox(event):
                yield Made(agency, "message", message_key(event.source), str(event.letter_id), where)
                yield from self._alike(agency, event, where)
            case PostReceived():
                yield Made(agency, "message", message_key(event.source), str(event.message_id), where)
                yield from self._post(agency, event, where)
            case MessageReleased(blob=BlobRef(sha256=content)):
                yield from self._released(agency, event, content, where)

    def _alike(
        self, agency: str, event: MessageCaptured | MessageQuarantined | TwinLinked, where: str
    ) -> Iterator[Made]:
        """What makes a later message a twin: of the first one that was like it."""
        match event:
            case MessageCaptured():
                yield Made(agency, "content", event.content_sha256, str(event.letter_id), where)
                if event.message_id_sha256:
                    yield Made(agency, UNKNOWN, event.message_id_sha256, str(event.letter_id), where)
            case TwinLinked():
                again = event.likeness == "content"
                self._hidden[agency] += again
                yield Made(agency, "content", event.content_sha256, str(event.twin_of), where, new=not again)

    def _post(self, agency: str, event: PostReceived, where: str) -> Iterator[Made]:
        """What was withheld claims nothing but its place; a twin what its first has not."""
        if event.withheld not in {None, "twin"}:
            return
        owner = str(event.twin_of or event.message_id)
        yield Made(agency, "post", event.content_mac, owner, where, new=event.likeness != "content")
        if event.message_id_mac:
            yield Made(agency, "post-id", event.message_id_mac, owner, where, new=event.likeness is None)

    def _released(self, agency: str, event: MessageReleased, content: str, where: str) -> Iterator[Made]:
        """What was let out claims what a captured message does, or is the twin of who has claimed it."""
        owner, again = str(event.twin_of or event.letter_id), event.likeness == "content"
        yield Made(agency, "content", content, owner, where, new=not again)
        if event.message_id_sha256 and again:
            self._hidden[agency] += 1  # new, or the first one's already
        elif event.message_id_sha256:
            yield Made(agency, UNKNOWN, event.message_id_sha256, owner, where, new=event.likeness is None)

    def _look(self, source: Source, made: Sequence[Made]) -> None:
        self._looked += len(made)
        kinds = {(each.agency, each.kind) for each in made}
        for agency, kind in sorted(kinds):
            mine = [each for each in made if (each.agency, each.kind) == (agency, kind)]
            asked = {"agency": agency, "kind": kind, "keys": sorted({each.key for each in mine})}
            with source.engine.connect() as connection:
                standing = {row[0]: row[1] for row in connection.execute(STANDING, asked)}
            for each in mine:
                self._made[agency, kind] += each.new
                owner = standing.get(each.key)
                if owner != each.owner:
                    what = "tidak ada di tabel klaim" if owner is None else f"di sana milik {owner}"
                    self._breaches.add(each.where, f"klaimnya, jenis {kind}, {what}")


def _from_a_mailbox(event: MessageCaptured | MessageQuarantined | TwinLinked) -> bool:
    """Not written down by hand. What is quarantined never is, also where it was too large to be fetched."""
    return isinstance(event, MessageQuarantined) or event.blob is not None
