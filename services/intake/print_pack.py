"""The shape of a print pack: everything that the sheets of one registered letter say, and nothing about how they look.

Instants are aware datetimes (printed in `zone`), sizes are bytes, hashes are hex SHA-256 (printed short).
Texts may be hostile: the printer cleans them, so that the pack holds what the letter held.
Source of the sheets: domain.md §5 "Paper"; steps 3, 5, 6, 8–10 of the seed.
"""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

Paper = Literal["a4", "a5", "f4", "half-folio"]
CoverSheet = Literal["lembar-pengantar", "kartu-kendali"]
CopyKind = Literal["asli", "tembusan"]

MOST_COPIES = 250  # of one pack: 200 copies are 500 pages


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Letterhead(_Shape):
    """Kop surat: agency over office over address lines; `place` stands before a date that is signed by hand."""

    agency: str
    office: str
    address: tuple[str, ...] = ()
    place: str


class PrintedAttachment(_Shape):
    name: str
    size: NonNegativeInt
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class PrintedLetter(_Shape):
    """The letter as examined and registered; `relation` says in words which letter it corrects or withdraws.

    `verify_url` is the letter's own page, in the QR of the sheets that belong to no single copy; empty: no QR there.
    """

    agenda_number: str
    agenda_book: str
    number: str
    dated_on: date | None = None
    sender: str
    sender_address: str = ""
    subject: str
    summary: str = ""
    urgency: str = "biasa"
    classification: str = ""
    relation: str = ""
    received_at: AwareDatetime
    registered_at: AwareDatetime
    due_at: AwareDatetime | None = None
    standard: str = ""
    verify_url: str = Field(default="", max_length=500)
    body: str = ""
    attachments: tuple[PrintedAttachment, ...] = ()


class PrintedCopy(_Shape):
    """One copy for one recipient; `route` and `proof` are words ("Melalui ajudan", "Tanda tangan dan foto")."""

    copy_id: UUID
    recipient: str
    recipient_class: str = ""
    kind: CopyKind
    route: str = ""
    proof: str = ""
    attachments: Literal["printed", "soft-copy"] = "soft-copy"
    verify_url: str = Field(max_length=500)


class PrintedInitial(_Shape):
    """An initial that stands already: `capacity` in which it was given ("Plh. Kepala Bidang …"), `because`: why so."""

    name: str
    nip: str = ""
    capacity: str
    because: str = ""
    at: AwareDatetime
    note: str = ""


class InitialTier(_Shape):
    """One tier of the initials, bottom up; `title` is the position's full title.

    `returned`: this tier has not initialled but given the letter back. Adjacent tiers with the same person at the same
    moment are one initial and are printed as one.
    """

    title: str
    initial: PrintedInitial | None = None
    returned: bool = False


class Reprint(_Shape):
    """A pack printed again says so on every page: `number` 1 is the first reprint."""

    number: PositiveInt
    reason: str


class PrintPack(_Shape):
    """All sheets of one letter. `printed_at` dates the document: the same pack gives the same bytes.

    `letter_pages` bounds the letter's text per copy; the rest stays in the soft copy, and the sheet says so.
    `sheet` "initials": only the sheet of the initials, as they stood at `printed_at`; `standing`: how far the round is,
    where the initials alone do not say it.
    """

    letterhead: Letterhead
    letter: PrintedLetter
    copies: tuple[PrintedCopy, ...] = Field(min_length=1, max_length=MOST_COPIES)
    tiers: tuple[InitialTier, ...] = Field(default=(), max_length=6)
    cover: CoverSheet = "lembar-pengantar"
    paper: Paper = "a4"
    zone: str = "Asia/Jakarta"
    operator: str = "Operator Transmisi Sandi"
    printed_at: AwareDatetime
    reprint: Reprint | None = None
    letter_pages: int = Field(default=20, ge=1, le=50)
    sheet: Literal["pack", "initials"] = "pack"
    standing: str = ""
