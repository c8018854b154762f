"""Letters as the views show them. A letter's *stage*: captured, twin, quarantined, examined, registered,
printed, forwarded, returned, released, assigned, delivering, proven, archived, cancelled.
"""

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Query, ReaderQuery, Shape, Slug
from contracts.projections.cases import CaseList, CaseListAnswer, CaseRow
from contracts.words import AttachmentRef, BlobRef

STAGES = (
    "captured", "twin", "quarantined", "examined", "registered", "printed", "forwarded", "returned", "released",
    "assigned", "delivering", "proven", "archived", "cancelled",
)  # fmt: skip


class LetterRow(CaseRow):
    """A letter in a list. ``due_at`` is None before registration. ``number`` and ``title`` are agenda and subject."""

    letter_id: UUID
    agenda: str | None = None
    sender: str = ""
    subject: str = ""
    letter_number: str = ""
    letter_on: str = ""
    channel: Slug = ""
    warnings: tuple[str, ...] = ()
    attachments: int = 0
    copies: int = 0
    copies_proven: int = 0
    waiting_position: str | None = None
    twin_of: UUID | None = None
    quarantine: str | None = None


class InitialRow(Shape):
    """One tier of the current round: ``state`` is waiting, next, initialled, returned.

    ``by_title``: of the position by which he acted; ``passed``: why it was not the tier's own officer.
    """

    tier: int
    position: str
    title: str
    state: str
    note: str = ""
    by_name: str = ""
    by_nip: str = ""
    by_title: str = ""
    capacity: str = ""
    passed: str | None = None
    at: AwareDatetime | None = None


class CopyRow(Shape):
    """One copy: ``state`` is planned, assigned, delivered, failed, transmitted, waived, closed."""

    copy_id: UUID
    letter_id: UUID
    agenda: str = ""
    subject: str = ""
    office: str
    recipient_class: str
    copy_kind: str
    route: str
    routes: tuple[str, ...] = ()
    proof: str
    state: str
    urgency: str = "biasa"
    due_at: AwareDatetime | None = None
    courier_id: str | None = None
    courier_name: str = ""
    receiver_name: str = ""
    receiver_position: str = ""
    reference: str = ""
    reason: str = ""
    happened_at: AwareDatetime | None = None


class Letter(Shape):
    """Everything that the reader may see of one letter. ``round``: the revision that ``initials`` belong to."""

    row: LetterRow
    summary: str = ""
    classification: str = ""
    from_name: str = ""
    from_address: str = ""
    message_subject: str = ""
    text: str = ""
    sent_at: AwareDatetime | None = None
    automatic: bool = False
    attachments: tuple[AttachmentRef, ...] = ()
    blob: BlobRef | None = None
    print_pack: BlobRef | None = None
    print_number: int = 0
    standard: str = ""
    revision: int = 0
    registrar_id: str | None = None
    returned_note: str = ""
    cancel_reason: str = ""
    quarantine_confirmed_at: AwareDatetime | None = None
    recipients: tuple[dict[str, Any], ...] = ()
    round: int = 0
    initials: tuple[InitialRow, ...] = ()
    copies: tuple[CopyRow, ...] = ()
    archive_place: str = ""


class LetterList(CaseList):
    """Letters, newest change first (``order``: changed, due, received, oldest: by arrival)."""


class LetterListAnswer(CaseListAnswer):
    letters: tuple[LetterRow, ...]


class LetterDetail(ReaderQuery):
    letter_id: UUID


class LetterDetailAnswer(Shape):
    letter: Letter | None = None


class CourierStops(ReaderQuery):
    """The copies that a courier has to deliver (and what he delivered today)."""

    courier_id: Slug


class CourierStopsAnswer(Shape):
    stops: tuple[CopyRow, ...]


class CopyDetail(ReaderQuery):
    """One copy by its id, for the QR on paper."""

    copy_id: UUID


class CopyByCode(ReaderQuery):
    """The same by what people read on paper: the code below the QR (the first eight digits of the id), and the agenda
    number, without which codes could be tried one after the other.
    """

    code: str = Field(pattern=r"^[0-9a-f]{8}$")
    agenda: str = Field(min_length=1, max_length=40)


class CopyDetailAnswer(Shape):
    copy_row: CopyRow | None = None


QUERIES: tuple[type[Query], ...] = (LetterList, LetterDetail, CourierStops, CopyDetail, CopyByCode)
ANSWERS: dict[type[Query], type[Shape]] = {
    LetterList: LetterListAnswer,
    LetterDetail: LetterDetailAnswer,
    CourierStops: CourierStopsAnswer,
    CopyDetail: CopyDetailAnswer,
    CopyByCode: CopyDetailAnswer,
}
