"""Intake: messages become registered letters. Streams ``letter:<letter_id>``, ``book:<book>:<year>``,
``post:<message_id>``, ``standard:<id>``.
"""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, Line, Message, Moment, Officer, Query, Sealed, Sha256, Shape, Slug, Text
from contracts.clocks import DeadlineMove, PauseReason
from contracts.intake import messages
from contracts.intake.attachments import (
    AttachmentFile,
    AttachmentFileAnswer,
    AttachmentShown,
    AttachmentShownAnswer,
)
from contracts.intake.books import (
    AgendaNumberTaken,
    BookNumbering,
    BookNumberingAnswer,
    BookOpened,
    CorrectOpening,
    NumbersReserved,
    OpenBook,
    OpeningCorrected,
    ReserveNumbers,
)
from contracts.intake.clocks import (
    AdoptCalendar,
    AdoptSeasons,
    AdoptStandard,
    CalendarAdopted,
    ClockPaused,
    ClockResumed,
    ClockStopped,
    DeadlineMoved,
    FlagOverdue,
    LetterDeadline,
    LetterDeadlineAnswer,
    LetterDueSoon,
    LetterOverdue,
    MoveDeadline,
    PauseClock,
    RemindDeadline,
    ResumeClock,
    SeasonsAdopted,
    StandardAdopted,
    StopClock,
    WorkingTimeChanged,
)
from contracts.intake.messages import PostRead, PostReceived, PostSource, ReceivePost
from contracts.intake.quarantine import (
    ConfirmQuarantine,
    Held,
    MessageReleased,
    MessageTaken,
    QuarantineConfirmed,
    Reading,
    ReleaseMessage,
    TakeMessage,
)
from contracts.intake.sheets import GivenInitial, GivenInitials, InitialsSheet, InitialsSheetAnswer
from contracts.words import (
    AttachmentRef,
    BlobRef,
    Copy,
    LetterEvent,
    LetterFields,
    SealedFields,
    StandardRef,
    Tier,
    WorkingTime,
)


class MessageSource(Shape):
    """Where a message came from: ``channel`` is imap, maildir, upload, hand. Identity = (mailbox, uidvalidity, uid)."""

    channel: Slug
    mailbox: str
    uidvalidity: int = 0
    uid: str


class CaptureMessage(Command):
    """A message has been stored raw; make it a letter awaiting examination, a linked twin, or quarantine."""

    letter_id: UUID
    source: MessageSource
    received_at: Moment
    content_sha256: Sha256
    size: int
    blob: BlobRef | None
    reading: Reading | None
    quarantine: Slug | None = None
    held: Held | None = None


class EnterLetter(Command):
    """A letter that came on paper or by fax, entered by hand and registered at once (one commit)."""

    channel: Slug = "paper"
    received_at: Moment
    fields: LetterFields
    book: Slug = "masuk"


class ExamineMessage(Command):
    letter_id: UUID
    fields: LetterFields


class RegisterLetter(Command):
    letter_id: UUID
    book: Slug = "masuk"


class UploadMessage(Command):
    """An operator hands in an .eml; intake reads it in its sandbox and decides it as `CaptureMessage`.

    Without ``received_at``: when it comes.
    """

    blob: BlobRef
    received_at: Moment | None = None
    file_name: str = Field(default="", max_length=300)


class ProducePrintPack(Command):
    """Intake renders the pack and stores it first, then decides with its hash; a reprint needs its reason.

    ``given``: for a reprint during or after the round, looked up in the views by who sends the command (the gateway).
    """

    filled: ClassVar[frozenset[str]] = frozenset({"given"})

    letter_id: UUID
    blob: BlobRef | None = None
    pages: int = 0
    reason: str = Field(default="", max_length=500)
    given: GivenInitials | None = None


class ForwardLetter(Command):
    letter_id: UUID


class ReviseLetter(Command):
    """After a return: corrected fields; forwarding again opens the next revision."""

    letter_id: UUID
    fields: LetterFields
    note: str = Field(default="", max_length=2000)


class CancelLetter(Command):
    """Batal: the number stays used, never deleted or reused. Also puts a twin or a quarantined message aside."""

    letter_id: UUID
    reason: Line


class ShutLetter(Command):
    """Reaction to `LetterArchived`: from now on the letter is changed no more; a *ralat* is a letter of its own."""

    letter_id: UUID


class MessageCaptured(LetterEvent):
    source: MessageSource
    received_at: AwareDatetime
    content_sha256: Sha256
    size: int
    blob: BlobRef | None = None
    message_id_sha256: str | None = None
    from_name: Sealed
    from_address: Sealed
    sender_subject: str
    subject: Sealed
    text: Sealed
    sent_at: AwareDatetime | None = None
    attachments: tuple[AttachmentRef, ...] = ()
    automatic: bool = False
    warnings: tuple[Slug, ...] = ()
    by: Officer | None = None


class MessageQuarantined(LetterEvent):
    """Not printed, not indexed, not opened further. Of what it says: from whom and about what.

    Nothing of classified matter but its hash; its bytes have a key of their own.
    """

    source: MessageSource
    received_at: AwareDatetime
    content_sha256: Sha256
    size: int
    blob: BlobRef | None = None
    reason: Slug
    from_name: Sealed | None = None
    from_address: Sealed | None = None
    subject: Sealed | None = None


class TwinLinked(LetterEvent):
    """The same content under another UID, or the same Message-ID: linked and shown; a person decides."""

    source: MessageSource
    received_at: AwareDatetime
    content_sha256: Sha256
    size: int
    blob: BlobRef | None = None
    twin_of: UUID
    likeness: Literal["content", "message-id"]
    from_name: Sealed
    from_address: Sealed
    sender_subject: str
    subject: Sealed
    text: Sealed
    sent_at: AwareDatetime | None = None
    attachments: tuple[AttachmentRef, ...] = ()
    warnings: tuple[Slug, ...] = ()


class MessageExamined(LetterEvent):
    fields: SealedFields
    by: Officer


class LetterRegistered(LetterEvent):
    """The decision is stored: number, standard and version, deadline, copies, tiers. ``due_at`` is aware UTC.

    ``remind_at``: when the assigner is reminded of the deadline, where the standard says so.
    """

    book: Slug
    year: int
    number: int
    agenda: str
    standard: StandardRef
    received_at: AwareDatetime
    due_at: AwareDatetime
    remind_at: AwareDatetime | None = None
    assigner: Slug | None = None
    calendar: str
    copies: tuple[Copy, ...]
    tiers: tuple[Tier, ...]
    urgency: Slug
    by: Officer


class PrintPackProduced(LetterEvent):
    blob: BlobRef
    pages: int
    print_number: int
    reason: str = ""
    by: Officer


class LetterForwarded(LetterEvent):
    """What the next phases need to know of the letter; ``revision`` starts at 1.

    ``working_time``: only where the standard sets limits to tiers or couriers.
    """

    revision: int
    agenda: str
    urgency: Slug
    due_at: AwareDatetime
    tiers: tuple[Tier, ...]
    copies: tuple[Copy, ...]
    registrar: Officer
    assigner: Slug
    working_time: WorkingTime | None = None
    by: Officer


class LetterRevised(LetterEvent):
    revision: int
    fields: SealedFields
    copies: tuple[Copy, ...]
    note: str = ""
    by: Officer


class LetterCancelled(LetterEvent):
    reason: Text
    agenda: str | None = None
    by: Officer


class LetterShut(LetterEvent):
    """Archived: nothing of the letter changes any more."""

    agenda: str


COMMANDS: tuple[type[Command], ...] = (
    CaptureMessage, UploadMessage, EnterLetter, ExamineMessage, OpenBook, CorrectOpening, ReserveNumbers,
    RegisterLetter, ProducePrintPack, ForwardLetter, ReviseLetter, CancelLetter, AdoptStandard, AdoptCalendar,
    AdoptSeasons, MoveDeadline, PauseClock, ResumeClock, StopClock, RemindDeadline, FlagOverdue, ShutLetter,
    ReleaseMessage, ConfirmQuarantine, TakeMessage, *messages.COMMANDS,
)  # fmt: skip
EVENTS: tuple[type[Event], ...] = (
    MessageCaptured, MessageQuarantined, TwinLinked, MessageExamined, BookOpened, OpeningCorrected, NumbersReserved,
    AgendaNumberTaken, LetterRegistered, PrintPackProduced, LetterForwarded, LetterRevised, LetterCancelled,
    StandardAdopted, CalendarAdopted, SeasonsAdopted, DeadlineMoved, WorkingTimeChanged, ClockPaused, ClockResumed,
    ClockStopped, LetterDueSoon, LetterOverdue, LetterShut, MessageReleased, QuarantineConfirmed, MessageTaken,
    *messages.EVENTS,
)  # fmt: skip
QUERIES: tuple[type[Query], ...] = (LetterDeadline, InitialsSheet, AttachmentFile, AttachmentShown, BookNumbering)
KINDS: tuple[type[Message], ...] = (*COMMANDS, *EVENTS, *QUERIES)

__all__ = [
    "COMMANDS",
    "EVENTS",
    "KINDS",
    "QUERIES",
    "AdoptCalendar",
    "AdoptSeasons",
    "AdoptStandard",
    "AgendaNumberTaken",
    "AttachmentFile",
    "AttachmentFileAnswer",
    "AttachmentShown",
    "AttachmentShownAnswer",
    "BookNumbering",
    "BookNumberingAnswer",
    "BookOpened",
    "CalendarAdopted",
    "CancelLetter",
    "CaptureMessage",
    "ClockPaused",
    "ClockResumed",
    "ClockStopped",
    "ConfirmQuarantine",
    "CorrectOpening",
    "DeadlineMove",
    "DeadlineMoved",
    "EnterLetter",
    "ExamineMessage",
    "FlagOverdue",
    "ForwardLetter",
    "GivenInitial",
    "GivenInitials",
    "Held",
    "InitialsSheet",
    "InitialsSheetAnswer",
    "LetterCancelled",
    "LetterDeadline",
    "LetterDeadlineAnswer",
    "LetterDueSoon",
    "LetterForwarded",
    "LetterOverdue",
    "LetterRegistered",
    "LetterRevised",
    "LetterShut",
    "MessageCaptured",
    "MessageExamined",
    "MessageQuarantined",
    "MessageReleased",
    "MessageSource",
    "MessageTaken",
    "MoveDeadline",
    "NumbersReserved",
    "OpenBook",
    "OpeningCorrected",
    "PauseClock",
    "PauseReason",
    "PostRead",
    "PostReceived",
    "PostSource",
    "PrintPackProduced",
    "ProducePrintPack",
    "QuarantineConfirmed",
    "Reading",
    "ReceivePost",
    "RegisterLetter",
    "ReleaseMessage",
    "RemindDeadline",
    "ReserveNumbers",
    "ResumeClock",
    "ReviseLetter",
    "SeasonsAdopted",
    "ShutLetter",
    "StandardAdopted",
    "StopClock",
    "TakeMessage",
    "TwinLinked",
    "UploadMessage",
    "WorkingTimeChanged",
]
