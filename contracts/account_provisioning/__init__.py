"""Official e-mail accounts: from the application to the working mailbox. Streams ``request:<request_id>``,
``account:<account_id>``, ``applicant:<subject>``, ``address:<local@domain>``, ``skeleton:<form@domain>``,
``letterbook:<book>:<year>``, ``standard:<id>``.
"""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.account_provisioning import handover, questions
from contracts.account_provisioning.accounts import (
    AccessRevoked,
    AccountChanged,
    AccountClosed,
    AccountProvisioned,
    AccountRequested,
    AccountResumed,
    AccountSuspended,
    AddressBound,
    AddressFreed,
    AddressQuarantined,
    AddressReleased,
    AddressReserved,
    ApplicantFiled,
    FreeAddress,
    SkeletonFreed,
    SkeletonTaken,
)
from contracts.account_provisioning.handover import (
    CLAIM,
    BeginClaim,
    ClaimantConfirmed,
    ClaimBegun,
    ClaimDropped,
    ClaimState,
    ClaimStateAnswer,
    ConfirmClaimant,
    ContactTrusted,
    DropClaim,
    EndHandOver,
    HandOverExpired,
    HandOverOpened,
    HandOverTold,
    MailServers,
    PrintSlip,
    RecordSecretSet,
    RecordSlip,
    RenewHandOver,
    SecretSet,
    SecretSetAnswer,
    SetSecret,
    SlipAnswer,
    SlipPrinted,
    WayInNamed,
)
from contracts.account_provisioning.provisioning import (
    AbandonProvisioning,
    ProvisioningAbandoned,
    ProvisioningFailed,
    ProvisioningProven,
    ProvisioningRetried,
    ProvisioningUndone,
    RecordProvisioned,
    RecordProvisioningFailed,
    RecordUndone,
    RequestEvent,
    RetryProvisioning,
)
from contracts.account_provisioning.questions import (
    AddressProposal,
    RequestDeadline,
    RequestDeadlineAnswer,
    RequestSheet,
    RequestSheetAnswer,
)
from contracts.account_provisioning.standards import (
    AdoptCalendar,
    AdoptSeasons,
    AdoptStandard,
    CalendarAdopted,
    ClockPaused,
    ClockResumed,
    ClockStopped,
    DeadlineMoved,
    FlagOverdue,
    LetterbookNumberTaken,
    MoveDeadline,
    RemindDeadline,
    RequestDueSoon,
    RequestOverdue,
    SeasonsAdopted,
    StandardAdopted,
)
from contracts.base import (
    Command,
    Event,
    Line,
    Message,
    Moment,
    Officer,
    Query,
    Sealed,
    ServiceRequest,
    Shape,
    Slug,
)
from contracts.words import BlobRef, StandardRef

Words = Field(default="", max_length=2000, pattern=r"^[^\x00]*$")


class Applicant(Shape):
    """Who asks for it, as the form has it; sealed in the event. ``nip``: 18 digits, spaces allowed; units have none.

    ``contact``: a telephone number or an address by which he hears of it.
    """

    name: Line
    nip: str = Field(default="", max_length=40, pattern=r"^[^\x00]*$")
    unit: Line
    contact: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")


class ApplicationLetter(Shape):
    """The letter that the standard demands: its own number and date (``YYYY-MM-DD``), and its scan if there is one."""

    number: str = Field(default="", max_length=100, pattern=r"^[^\x00]*$")
    on: str = ""
    blob: BlobRef | None = None


class FileRequest(Command):
    """``request_kind``: create, reset, change, suspend, resume, close. ``cause`` of a reset: forgotten, compromised.

    ``address``: the account that it is about; none for a new one. ``wishes``: addresses that he would like.
    ``holder``: pns, pppk, unit. ``subject_id`` names the person by a keyed hash of his NIP; the service fills it in.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"subject_id"})

    request_kind: Slug
    cause: Literal["", "forgotten", "compromised"] = ""
    holder: Slug = "pns"
    applicant: Applicant
    address: str = Field(default="", max_length=254)
    letter: ApplicationLetter | None = None
    wishes: tuple[Line, ...] = Field(default=(), max_length=3)
    channel: Slug = "counter"
    received_at: Moment | None = None
    subject_id: str = Field(default="", max_length=64)


class SupplementRequest(Command):
    """What was missing, or what the reviewer asked for. Only what is said changes."""

    request_id: UUID
    letter: ApplicationLetter | None = None
    contact: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    note: str = Words


class AskForCompletion(Command):
    """The clock stands still until the applicant has answered. ``reason``: a row of the standard's ``pauses``.

    ``asker_subject``: who reviews, named like an applicant; the service fills it in.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"asker_subject"})

    request_id: UUID
    reason: Slug
    words: str = Words
    asker_subject: str = Field(default="", max_length=64)


class WithdrawRequest(Command):
    request_id: UUID
    reason: Line


class ApproveRequest(Command):
    """``address`` of a new account (nothing: the first free one of the standard's patterns).

    ``reason``: why another than the patterns give, or one that looks like another's. ``candidates``: what the patterns
    give for this name, which only the service can open; it fills them in, like ``asker_subject``.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"candidates", "asker_subject"})

    request_id: UUID
    address: str = Field(default="", max_length=254)
    reason: str = Field(default="", max_length=500, pattern=r"^[^\x00]*$")
    candidates: tuple[str, ...] = Field(default=(), max_length=100)
    asker_subject: str = Field(default="", max_length=64)


class RejectRequest(Command):
    """``reason``: a row of the standard's ``reject``; ``words`` are for the applicant."""

    filled: ClassVar[frozenset[str]] = frozenset({"asker_subject"})

    request_id: UUID
    reason: Slug
    words: str = Words
    asker_subject: str = Field(default="", max_length=64)


class RecordNotice(Command):
    """An officer told the applicant himself. ``how``: phone, whatsapp, in-person, letter, email."""

    request_id: UUID
    how: Slug
    told_at: Moment | None = None


class StopClock(Command):
    """Reaction to `NoticeAccepted` of purpose *reply*: the applicant was told. ``how``: the channel, or the way."""

    request_id: UUID
    at: AwareDatetime
    how: Slug


class ConfirmReceipt(Command):
    """The applicant says that he has it, or an officer for him."""

    request_id: UUID


class RequestFiled(RequestEvent):
    """``missing``: letter, letter-number, nip, contact; what is missing keeps the clock from starting."""

    number: str
    request_kind: Slug
    cause: str = ""
    holder: Slug
    channel: Slug
    received_at: AwareDatetime
    standard: StandardRef
    subject_id: str
    name: Sealed
    nip: Sealed
    contact: Sealed
    unit: str
    account_id: UUID
    address: str = ""
    wishes: Sealed
    letter_number: Sealed
    letter_on: str = ""
    letter: BlobRef | None = None
    missing: tuple[Slug, ...] = ()
    by: Officer | None = None


class RequestCompleted(RequestEvent):
    """Here the clock starts."""

    standard: StandardRef
    completed_at: AwareDatetime
    due_at: AwareDatetime
    remind_at: AwareDatetime | None = None
    calendar: str
    told: Slug | None = None


class RequestSupplemented(RequestEvent):
    letter_number: Sealed
    letter_on: str = ""
    letter: BlobRef | None = None
    contact: Sealed
    note: Sealed
    missing: tuple[Slug, ...] = ()
    by: Officer | None = None


class CompletionAsked(RequestEvent):
    """``title``: how the standard calls the reason."""

    reason: Slug
    title: str
    words: Sealed
    by: Officer


class RequestWithdrawn(RequestEvent):
    reason: Sealed
    by: Officer | None = None


class RequestSeconded(RequestEvent):
    """The first of two who have to agree. Another person's approval takes effect."""

    by: Officer


class RequestApproved(RequestEvent):
    """``connector``: the directory that is to have it. ``unusual``: why the address is not one of the patterns."""

    account_id: UUID
    address: str
    connector: Slug
    approved_at: AwareDatetime
    unusual: Sealed
    by: Officer


class RequestRejected(RequestEvent):
    rejected_at: AwareDatetime
    reason: Slug
    title: str
    words: Sealed
    by: Officer


class RequestNotified(RequestEvent):
    """``told_at``: when the applicant heard of it. ``hand_over_ends``: of the way in that he was told of."""

    told_at: AwareDatetime
    how: Slug
    by: Officer | None = None
    hand_over_ends: AwareDatetime | None = None


class RequestReceived(RequestEvent):
    by: Officer | None = None


COMMANDS: tuple[type[Command], ...] = (
    FileRequest, SupplementRequest, AskForCompletion, WithdrawRequest, ApproveRequest, RejectRequest, RecordNotice,
    ConfirmReceipt, StopClock, RecordProvisioned, RecordProvisioningFailed, RecordUndone, RetryProvisioning,
    AbandonProvisioning, AdoptStandard, AdoptCalendar, AdoptSeasons, MoveDeadline, RemindDeadline, FlagOverdue,
    FreeAddress, *handover.COMMANDS,
)  # fmt: skip
EVENTS: tuple[type[Event], ...] = (
    RequestFiled, RequestCompleted, RequestSupplemented, CompletionAsked, RequestWithdrawn, RequestSeconded,
    RequestApproved, RequestRejected, RequestNotified, RequestReceived, ProvisioningProven, ProvisioningFailed,
    ProvisioningRetried, ProvisioningAbandoned, ProvisioningUndone, AccountProvisioned, AccountRequested,
    AccountChanged, AccountSuspended, AccountResumed, AccountClosed, AccessRevoked, AddressReserved, AddressBound,
    AddressReleased, AddressQuarantined, SkeletonTaken, SkeletonFreed, ApplicantFiled, LetterbookNumberTaken,
    StandardAdopted, CalendarAdopted, SeasonsAdopted, AddressFreed, ClockPaused, ClockResumed, ClockStopped,
    DeadlineMoved, RequestDueSoon, RequestOverdue, *handover.EVENTS,
)  # fmt: skip
REQUESTS: tuple[type[ServiceRequest], ...] = handover.REQUESTS
ANSWERS: dict[type[Query], type[Shape]] = {**questions.ANSWERS, **handover.QUERIES}
QUERIES: tuple[type[Query], ...] = tuple(ANSWERS)
KINDS: tuple[type[Message], ...] = (*COMMANDS, *EVENTS, *QUERIES, *REQUESTS)

# Defined beside this module and asked for together with it.
__all__ = (
    "CLAIM",
    "AbandonProvisioning",
    "AccessRevoked",
    "AccountChanged",
    "AccountClosed",
    "AccountProvisioned",
    "AccountRequested",
    "AccountResumed",
    "AccountSuspended",
    "AddressBound",
    "AddressFreed",
    "AddressProposal",
    "AddressQuarantined",
    "AddressReleased",
    "AddressReserved",
    "AdoptCalendar",
    "AdoptSeasons",
    "AdoptStandard",
    "ApplicantFiled",
    "BeginClaim",
    "CalendarAdopted",
    "ClaimBegun",
    "ClaimDropped",
    "ClaimState",
    "ClaimStateAnswer",
    "ClaimantConfirmed",
    "ClockPaused",
    "ClockResumed",
    "ClockStopped",
    "ConfirmClaimant",
    "ContactTrusted",
    "DeadlineMoved",
    "DropClaim",
    "EndHandOver",
    "FlagOverdue",
    "FreeAddress",
    "HandOverExpired",
    "HandOverOpened",
    "HandOverTold",
    "LetterbookNumberTaken",
    "MailServers",
    "MoveDeadline",
    "PrintSlip",
    "ProvisioningAbandoned",
    "ProvisioningFailed",
    "ProvisioningProven",
    "ProvisioningRetried",
    "ProvisioningUndone",
    "RecordProvisioned",
    "RecordProvisioningFailed",
    "RecordSecretSet",
    "RecordSlip",
    "RecordUndone",
    "RemindDeadline",
    "RenewHandOver",
    "RequestDeadline",
    "RequestDeadlineAnswer",
    "RequestDueSoon",
    "RequestEvent",
    "RequestOverdue",
    "RequestSheet",
    "RequestSheetAnswer",
    "RetryProvisioning",
    "SeasonsAdopted",
    "SecretSet",
    "SecretSetAnswer",
    "SetSecret",
    "SkeletonFreed",
    "SkeletonTaken",
    "SlipAnswer",
    "SlipPrinted",
    "StandardAdopted",
    "WayInNamed",
)  # fmt: skip
