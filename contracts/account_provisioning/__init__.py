"""Official e-mail accounts: from the application to the working mailbox. Streams ``request:<request_id>``,
``account:<account_id>``, ``applicant:<subject>``, ``address:<local@domain>``, ``skeleton:<form@domain>``,
``letterbook:<book>:<year>``, ``standard:<id>``.
"""

from uuid import UUID

from pydantic import AwareDatetime

from contracts.account_provisioning import handover, own_secret, questions, replies
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
from contracts.account_provisioning.deciding import (
    ApproveRequest,
    AskForCompletion,
    ConfirmReceipt,
    RecordNotice,
    RejectRequest,
    StopClock,
)
from contracts.account_provisioning.filing import (
    Applicant,
    ApplicationLetter,
    FileRequest,
    SupplementRequest,
    WithdrawRequest,
)
from contracts.account_provisioning.handover import (
    CLAIM,
    CODE_ISSUED,
    BeginClaim,
    ClaimantConfirmed,
    ClaimBegun,
    ClaimCodeIssued,
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
from contracts.account_provisioning.own_secret import (
    BeginSecretChange,
    ChangeOwnSecret,
    EndSecretChange,
    RecordSecretChanged,
    SecretChangeBegun,
    SecretChanged,
    SecretChangeDropped,
    SecretChangeUnknown,
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
    FilesOfRequest,
    RequestDeadline,
    RequestDeadlineAnswer,
    RequestSheet,
    RequestSheetAnswer,
    SubjectOf,
    SubjectOfAnswer,
    TrackRequest,
)
from contracts.account_provisioning.replies import IssueReply, ReplyIssued
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
    EMPTY,
    Command,
    Event,
    Message,
    Moment,
    Officer,
    Query,
    Sealed,
    ServiceRequest,
    Shape,
    Slug,
)
from contracts.words import BlobRef, PersonBlob, StandardRef


class RequestFiled(RequestEvent):
    """``missing``: letter, scan, nip, contact; what is missing keeps the clock from starting.

    ``scans``: of the letter. ``papers_id``: under whose key they lie, the NIP, the wishes and what he adds in words;
    destroyed at the end of the standard's period. Empty in older facts: they lie under ``subject_id``, as the name.
    """

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
    scans: tuple[PersonBlob, ...] = ()
    missing: tuple[Slug, ...] = ()
    by: Officer | None = None
    code_mac: str = ""
    papers_id: str = ""


class RequestNumbered(RequestEvent):
    """Stream ``number:<number>``: by it a request is found whose number somebody brings."""

    number: str


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
    scans: tuple[PersonBlob, ...] = ()
    contact: Sealed
    note: Sealed
    missing: tuple[Slug, ...] = ()
    by: Officer | None = None
    nip: Sealed = EMPTY  # of an applicant who had given none
    subject_id: str = ""  # names him by it from now on, and seals nothing here


class CompletionAsked(RequestEvent):
    """``title``: how the standard calls the reason."""

    reason: Slug
    title: str
    words: Sealed
    by: Officer


class RequestWithdrawn(RequestEvent):
    """``retain_until``: so long its papers are kept."""

    reason: Sealed
    by: Officer | None = None
    retain_until: AwareDatetime | None = None


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
    """``told_at``: when the applicant heard of it. ``hand_over_ends``: of the way in that he was told of.

    ``retain_until``: so long its papers are kept.
    """

    told_at: AwareDatetime
    how: Slug
    by: Officer | None = None
    hand_over_ends: AwareDatetime | None = None
    retain_until: AwareDatetime | None = None


class RequestReceived(RequestEvent):
    by: Officer | None = None


class EndRetention(Command):
    """Timer: the papers of a request have been kept as long as its standard says."""

    request_id: UUID
    due_at: Moment


class ApplicantRetentionEnded(RequestEvent):
    """The key of its papers is to be destroyed: letter, NIP and what he wrote. ``subject_id``: as `papers_id` was."""

    subject_id: str


COMMANDS: tuple[type[Command], ...] = (
    FileRequest, SupplementRequest, AskForCompletion, WithdrawRequest, ApproveRequest, RejectRequest, RecordNotice,
    ConfirmReceipt, StopClock, RecordProvisioned, RecordProvisioningFailed, RecordUndone, RetryProvisioning,
    AbandonProvisioning, AdoptStandard, AdoptCalendar, AdoptSeasons, MoveDeadline, RemindDeadline, FlagOverdue,
    FreeAddress, EndRetention, *handover.COMMANDS, *replies.COMMANDS, *own_secret.COMMANDS,
)  # fmt: skip
EVENTS: tuple[type[Event], ...] = (
    RequestFiled, RequestNumbered, RequestCompleted, RequestSupplemented, CompletionAsked, RequestWithdrawn,
    RequestSeconded, RequestApproved, RequestRejected, RequestNotified, RequestReceived,
    ApplicantRetentionEnded, ProvisioningProven,
    ProvisioningFailed, ProvisioningRetried, ProvisioningAbandoned, ProvisioningUndone, AccountProvisioned,
    AccountRequested, AccountChanged, AccountSuspended, AccountResumed, AccountClosed, AccessRevoked, AddressReserved,
    AddressBound, AddressReleased, AddressQuarantined, SkeletonTaken, SkeletonFreed, ApplicantFiled,
    LetterbookNumberTaken, StandardAdopted, CalendarAdopted, SeasonsAdopted, AddressFreed, ClockPaused, ClockResumed,
    ClockStopped, DeadlineMoved, RequestDueSoon, RequestOverdue, *handover.EVENTS, *replies.EVENTS,
    *own_secret.EVENTS,
)  # fmt: skip
REQUESTS: tuple[type[ServiceRequest], ...] = (*handover.REQUESTS, *own_secret.REQUESTS)
ANSWERS: dict[type[Query], type[Shape]] = {**questions.ANSWERS, **handover.QUERIES}
QUERIES: tuple[type[Query], ...] = tuple(ANSWERS)
KINDS: tuple[type[Message], ...] = (*COMMANDS, *EVENTS, *QUERIES, *REQUESTS)

# Defined beside this module and asked for together with it.
__all__ = (
    "CLAIM",
    "CODE_ISSUED",
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
    "Applicant",
    "ApplicantFiled",
    "ApplicationLetter",
    "ApproveRequest",
    "AskForCompletion",
    "BeginClaim",
    "BeginSecretChange",
    "CalendarAdopted",
    "ChangeOwnSecret",
    "ClaimBegun",
    "ClaimCodeIssued",
    "ClaimDropped",
    "ClaimState",
    "ClaimStateAnswer",
    "ClaimantConfirmed",
    "ClockPaused",
    "ClockResumed",
    "ClockStopped",
    "ConfirmClaimant",
    "ConfirmReceipt",
    "ContactTrusted",
    "DeadlineMoved",
    "DropClaim",
    "EndHandOver",
    "EndSecretChange",
    "FileRequest",
    "FilesOfRequest",
    "FlagOverdue",
    "FreeAddress",
    "HandOverExpired",
    "HandOverOpened",
    "HandOverTold",
    "IssueReply",
    "LetterbookNumberTaken",
    "MailServers",
    "MoveDeadline",
    "PrintSlip",
    "ProvisioningAbandoned",
    "ProvisioningFailed",
    "ProvisioningProven",
    "ProvisioningRetried",
    "ProvisioningUndone",
    "RecordNotice",
    "RecordProvisioned",
    "RecordProvisioningFailed",
    "RecordSecretChanged",
    "RecordSecretSet",
    "RecordSlip",
    "RecordUndone",
    "RejectRequest",
    "RemindDeadline",
    "RenewHandOver",
    "ReplyIssued",
    "RequestDeadline",
    "RequestDeadlineAnswer",
    "RequestDueSoon",
    "RequestEvent",
    "RequestOverdue",
    "RequestSheet",
    "RequestSheetAnswer",
    "RetryProvisioning",
    "SeasonsAdopted",
    "SecretChangeBegun",
    "SecretChangeDropped",
    "SecretChangeUnknown",
    "SecretChanged",
    "SecretSet",
    "SecretSetAnswer",
    "SetSecret",
    "SkeletonFreed",
    "SkeletonTaken",
    "SlipAnswer",
    "SlipPrinted",
    "StandardAdopted",
    "StopClock",
    "SubjectOf",
    "SubjectOfAnswer",
    "SupplementRequest",
    "TrackRequest",
    "WayInNamed",
    "WithdrawRequest",
)  # fmt: skip
