"""A complaint comes in: what is said, by whom, and how little of him is kept."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, Line, Moment, Officer, Sealed, Shape, Slug
from contracts.numbering import CorrectedFields, CorrectingFields
from contracts.words import BlobUpload, CaseRef, PersonBlob, Stance, StandardRef

Words = Field(default="", max_length=20_000, pattern=r"^[^\x00]*$")
Short = Field(default="", max_length=2_000, pattern=r"^[^\x00]*$")
One = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
Mac = Field(default="", max_length=64, pattern=r"^([0-9a-f]{64})?$")
MOST_ATTACHMENTS = 5


class ComplaintEvent(Event):
    """A fact of one complaint."""

    case: ClassVar[str] = "complaint_id"
    complaint_id: UUID


class ComplaintCommand(Command):
    complaint_id: UUID


class ReporterCommand(ComplaintCommand):
    """What the reporter says: by his code, or to an officer who writes it down. ``code_mac``: empty for the officer."""

    code_mac: str = Mac


class Rung(Shape):
    """A step of the ladder. ``due_at``: when it is reached by time; None: by hand only."""

    position: Slug
    due_at: AwareDatetime | None = None


class FileComplaint(Command):
    """``complaint_kind``: pengaduan, saran, apresiasi, permintaan-informasi.

    ``channel``: web, tatap-muka, telepon, whatsapp, email, media-sosial, lapor, kotak. ``standard``: which service it
    is about; empty: the agency's first. ``about``: a case that it is about. ``occurred_on``: ``YYYY-MM-DD`` or words.
    ``received_at``: for what came earlier, by an officer only. ``code_mac``: the service computes it from this
    command's id, as the edge computes the code that it shows. ``paper_number``: its number in the paper book, of what
    ran there already; by an officer only, and with ``received_at``. ``about_officer``: it is about the officer who
    receives complaints: he never sees it, and whoever stands above him sorts it.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"code_mac"})

    complaint_kind: Slug = "pengaduan"
    channel: Slug = "web"
    stance: Stance = "named"
    words: str = Words
    name: str = One
    contact: str = One
    place: str = One
    occurred_on: str = One
    standard: str = Field(default="", max_length=64)
    about: CaseRef | None = None
    about_officer: bool = False
    attachments: tuple[BlobUpload, ...] = Field(default=(), max_length=MOST_ATTACHMENTS)
    received_at: Moment | None = None
    paper_number: str = Field(default="", max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")
    code_mac: str = Mac


class CorrectEntry(ComplaintCommand):
    """An officer wrote it down with a wrong day, paper number, way or kind, and nobody has begun to work on it. What is
    empty stays. ``reason``: why.
    """

    received_at: Moment | None = None
    paper_number: str = Field(default="", max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")
    channel: Slug | Literal[""] = ""
    complaint_kind: Slug | Literal[""] = ""
    reason: Line


class ReplyAsReporter(ReporterCommand):
    """What the office asked, or what he wants to add. ``channel``: by which an officer heard it; empty: by telephone.
    Of what he sends himself it says nothing.
    """

    words: str = Words
    channel: Slug | Literal[""] = ""
    attachments: tuple[BlobUpload, ...] = Field(default=(), max_length=MOST_ATTACHMENTS)


class ChangeStance(ReporterCommand):
    """Towards more secret only. To *anonymous*: the key of his name and contact is destroyed."""

    stance: Stance


class WithdrawComplaint(ReporterCommand):
    reason: str = Short


class Object(ReporterCommand):
    """He is not content with the answer. ``reason``: why."""

    reason: str = Short


class AcceptAnswer(ReporterCommand):
    """He is content: it is closed at once."""


class OpenRegister(Command):
    """``opening``: the last number of the year that the paper register has used. Before the year's first complaint."""

    year: int = Field(ge=2000, le=2200)
    opening: int = Field(ge=0, le=9_999_999)


class CorrectOpening(CorrectingFields, Command):
    """The register was opened with a wrong number, and no complaint has one from it yet."""

    year: int = Field(ge=2000, le=2200)


class ComplaintFiled(ComplaintEvent):
    """``number``: public and random; the register's number is no part of this. ``due_at``: of the strictest class,
    until it is classified. ``told``: the position that sorts it: the officer's, or, where it is about ``officer``, the
    one above his, who is barred from the first. ``name``, ``contact``: None where it is *anonymous*.

    ``words``, ``place``, ``occurred_on`` belong to the subject ``<complaint_id>``, ``name`` and ``contact`` to
    ``<complaint_id>-identity``; of what came by e-mail to ``<message_id>`` and ``<message_id>-identity``. ``subject``:
    of such a message. ``left_files``: how many it had attached; they were not taken over. ``paper_number``: under which
    it stood in the paper book.
    """

    number: str
    complaint_kind: Slug
    channel: Slug
    stance: Stance
    code_mac: str
    standard: StandardRef
    received_at: AwareDatetime
    due_at: AwareDatetime
    remind_at: AwareDatetime | None = None
    calendar: str
    told: Slug
    officer: Slug | None = None
    acknowledge_by: AwareDatetime | None = None
    rungs: tuple[Rung, ...] = ()
    words: Sealed
    name: Sealed | None = None
    contact: Sealed | None = None
    place: Sealed
    occurred_on: Sealed
    about: CaseRef | None = None
    attachments: tuple[PersonBlob, ...] = ()
    message_id: UUID | None = None
    subject: Sealed | None = None
    left_files: int = 0
    paper_number: str = ""
    by: Officer | None = None


class EntryCorrected(ComplaintEvent):
    """All that an officer may correct of what he wrote down, as it is now, with what is reckoned from the receipt.

    ``received_on``, ``was_received_on``: civil days, for people. ``reached``: the highest rung of the ladder that it
    has reached by then. ``told``: who hears of the deadline.
    """

    complaint_kind: Slug
    channel: Slug
    paper_number: str = ""
    was_paper_number: str = ""
    received_at: AwareDatetime
    received_on: str
    was_received_on: str
    standard: StandardRef
    complaint_class: str = ""
    due_at: AwareDatetime
    remind_at: AwareDatetime | None = None
    calendar: str
    told: Slug | None = None
    acknowledge_by: AwareDatetime | None = None
    rungs: tuple[Rung, ...] = ()
    reached: int = 0
    reason: Sealed
    by: Officer


class RegisterNumberTaken(Event):
    """Gapless per civil year; it stands in the book alone."""

    case: ClassVar[str] = "complaint_id"
    year: int
    number: int
    complaint_id: UUID


class RegisterOpened(Event):
    year: int
    opening: int
    by: Officer


class OpeningCorrected(CorrectedFields, Event):
    year: int


class ReporterWrote(ComplaintEvent):
    words: Sealed
    channel: Slug = "web"
    attachments: tuple[PersonBlob, ...] = ()
    message_id: UUID | None = None
    subject: Sealed | None = None
    left_files: int = 0
    by: Officer | None = None


class StanceChanged(ComplaintEvent):
    stance: Stance
    by: Officer | None = None


class ComplaintWithdrawn(ComplaintEvent):
    reason: Sealed
    by: Officer | None = None


class ObjectionRaised(ComplaintEvent):
    """``count``: the how-manieth."""

    count: int
    reason: Sealed
    by: Officer | None = None


class ReporterRetentionEnded(ComplaintEvent):
    """The key of this subject is to be destroyed. ``reason``: retention, anonymous (he chose to be)."""

    subject_id: str
    reason: Slug


COMMANDS: tuple[type[Command], ...] = (
    FileComplaint, CorrectEntry, ReplyAsReporter, ChangeStance, WithdrawComplaint, Object, AcceptAnswer, OpenRegister,
    CorrectOpening,
)  # fmt: skip
EVENTS: tuple[type[Event], ...] = (
    ComplaintFiled, EntryCorrected, RegisterNumberTaken, RegisterOpened, OpeningCorrected, ReporterWrote, StanceChanged,
    ComplaintWithdrawn, ObjectionRaised, ReporterRetentionEnded,
)  # fmt: skip
