"""What the service tells of a complaint: to its reporter by number and code, and to who handles it."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Query, ReaderQuery, Sha256, Shape, Slug
from contracts.clocks import DeadlineAnswer, PauseReason
from contracts.numbering import NumberingAnswer
from contracts.tracking import FilesOf, FilesOfAnswer, TrackCase, TrackedAnswer
from contracts.words import BlobRef, PersonBlob, Stance


class TrackComplaint(TrackCase):
    """How far it is. Stages: filed, acknowledged, classified, assigned, asked, answered, closed.

    Replies: reply, change-stance, withdraw, object, accept.
    """


class CheckReceipt(Query):
    """Whether a complaint of this number is on record with the words that have this SHA-256. Whoever asks has its
    receipt: he is told yes or no, and nothing else.
    """

    number: str = Field(max_length=60)
    sha256: Sha256


class CheckReceiptAnswer(Shape):
    """Not *stands*: another number, other words, or words that were erased with their reporter."""

    stands: bool = False


class ReadThread(TrackCase):
    """The two-way mailbox, for the reporter."""


class AnswerLetter(Shape):
    """An answer as an official letter. ``event_id``: of the answer."""

    event_id: UUID
    number: str
    blob: BlobRef


class TextModule(Shape):
    """Words of the standard that an answer or a question may be made from. ``use``: answer, question."""

    module: Slug
    title: str
    use: Slug
    words: str


class FilesOfComplaint(FilesOf):
    """For its photos and documents."""


class ThreadEntry(Shape):
    """``kind``: filed, reply, question, answer, referral, set-aside, objection. Erased words read as erased.

    ``files``: media types of what came with it, oldest first; they are not handed out here.
    """

    at: AwareDatetime
    by: Literal["reporter", "office"]
    kind: Slug
    words: str = ""
    files: tuple[str, ...] = ()


class ReadThreadAnswer(Shape):
    """None of it where number and code do not fit. ``outcome``: how it was closed."""

    found: bool = False
    complaint_kind: Slug = "pengaduan"
    stance: Stance = "named"
    entries: tuple[ThreadEntry, ...] = ()
    object_until: AwareDatetime | None = None
    objections_left: int = 0
    close_at: AwareDatetime | None = None
    outcome: str = ""
    letters: tuple[AnswerLetter, ...] = ()


class ComplaintSheet(ReaderQuery):
    """What the officer and the handler need of a complaint besides what the views have; to others it is unknown."""

    complaint_id: UUID


class ClassRow(Shape):
    """A class that it may be given. ``amount``: working days, else service minutes. ``default``: the house's limit."""

    complaint_class: Slug
    title: str
    working_days: int | None = None
    service_minutes: int | None = None
    restricted: bool = False
    default: bool = False


class ComplaintSheetAnswer(Shape):
    """``name``, ``contact``: of a named reporter alone. ``words``: event id → what was written, by either side.

    ``attachments``: event id → what came with it, for its handlers alone: a photo may show who sent it.
    ``erased``: the reporter's words and files cannot be read any more.
    ``standards``: standard → its classes. ``ladder``: positions.
    ``desk``: the position that sorts it in place of the officer; empty: he does. ``approver``: the one that has to
    approve an answer; empty: none. ``answer``: the words of the last answer,
    proposed or given.
    """

    name: str = ""
    contact: str = ""
    place: str = ""
    occurred_on: str = ""
    gist: str = ""
    words: dict[str, str] = Field(default_factory=dict)
    attachments: dict[str, tuple[PersonBlob, ...]] = Field(default_factory=dict)
    standards: dict[str, tuple[ClassRow, ...]] = Field(default_factory=dict)
    ladder: tuple[Slug, ...] = ()
    pauses: tuple[PauseReason, ...] = ()
    desk: str = ""
    approver: str = ""
    answer: str = ""
    objections: int = 0
    letters: tuple[AnswerLetter, ...] = ()
    modules: tuple[TextModule, ...] = ()
    erased: bool = False


class ComplaintDeadline(Query):
    """Why this complaint is due when it is due, and what has moved it."""

    complaint_id: UUID


class ComplaintDeadlineAnswer(DeadlineAnswer):
    """``stopped_at``: when it was answered, or came to its end otherwise."""


class RegisterNumbering(Query):
    """Where the register of a civil year begins, and who said so."""

    year: int = Field(ge=2000, le=2200)


class RegisterNumberingAnswer(NumberingAnswer):
    pass


QUERIES: tuple[type[Query], ...] = (
    TrackComplaint, CheckReceipt, ReadThread, FilesOfComplaint, ComplaintSheet, ComplaintDeadline,
    RegisterNumbering,
)  # fmt: skip
ANSWERS: dict[type[Query], type[Shape]] = {
    TrackComplaint: TrackedAnswer,
    CheckReceipt: CheckReceiptAnswer,
    ReadThread: ReadThreadAnswer,
    FilesOfComplaint: FilesOfAnswer,
    ComplaintSheet: ComplaintSheetAnswer,
    ComplaintDeadline: ComplaintDeadlineAnswer,
    RegisterNumbering: RegisterNumberingAnswer,
}
