"""What account provisioning is asked: each command, the stream it is about, and how it is decided."""

from contracts import account_provisioning as facts
from contracts.account_provisioning import (
    AbandonProvisioning,
    AdoptCalendar,
    AdoptSeasons,
    AdoptStandard,
    ApproveRequest,
    AskForCompletion,
    BeginClaim,
    BeginSecretChange,
    ConfirmClaimant,
    ConfirmReceipt,
    DropClaim,
    EndHandOver,
    EndRetention,
    EndSecretChange,
    FileRequest,
    FlagOverdue,
    FreeAddress,
    IssueReply,
    MoveDeadline,
    RecordFirstLogin,
    RecordNotice,
    RecordProvisioned,
    RecordProvisioningFailed,
    RecordSecretChanged,
    RecordSecretSet,
    RecordSlip,
    RecordUndone,
    RejectRequest,
    RemindDeadline,
    RenewHandOver,
    RetryProvisioning,
    StopClock,
    SupplementRequest,
    WithdrawRequest,
)
from services.account_provisioning import policy
from services.account_provisioning.domain import (
    evolve,
    filing,
    handover,
    logins,
    notices,
    own_secret,
    provisioning,
    replies,
    retention,
    reviewing,
    standards,
)
from services.account_provisioning.domain.clock import DECIDING as clocks  # noqa: N811 - an object that decides, used as the modules beside it
from services.account_provisioning.domain.naming import ADDRESSES
from services.account_provisioning.domain.state import (
    Abandoning,
    Absent,
    Account,
    Asked,
    Closed,
    Failed,
    GivenUp,
    Incomplete,
    Letterbook,
    Notified,
    Person,
    Provisioned,
    Provisioning,
    Received,
    Rejected,
    Request,
    Reviewed,
    Skeleton,
    account_stream,
    reply_stream,
    request_stream,
)
from services.kit.deadlines import YEARS, Standard, Years, evolve_standard, evolve_years, standard_stream
from services.kit.deciding import Commands, Given, Handles, StreamKind, Timer
from services.kit.policy import related, roles
from services.kit.reservations import FREE

RequestCommand = (
    SupplementRequest
    | AskForCompletion
    | WithdrawRequest
    | ApproveRequest
    | RejectRequest
    | RecordNotice
    | ConfirmReceipt
    | RecordProvisioned
    | RecordProvisioningFailed
    | RecordUndone
    | RetryProvisioning
    | AbandonProvisioning
    | MoveDeadline
    | RemindDeadline
    | FlagOverdue
    | ConfirmClaimant
    | RenewHandOver
    | RecordSlip
    | BeginClaim
    | DropClaim
    | RecordSecretSet
    | EndHandOver
    | EndRetention
    | StopClock
)


def _request(command: RequestCommand, _given: Given) -> str:
    return request_stream(command.request_id)


def _filed(_command: FileRequest, given: Given) -> str:
    return request_stream(filing.request_id_of(given.command_id))


def _standard(command: AdoptStandard, _given: Given) -> str:
    return standard_stream(command.standard.standard)


def _years(_command: AdoptCalendar | AdoptSeasons, _given: Given) -> str:
    return YEARS


def _reply(command: IssueReply, _given: Given) -> str:
    return reply_stream(command.request_id)


def _account(
    command: BeginSecretChange | RecordSecretChanged | EndSecretChange | RecordFirstLogin, _given: Given
) -> str:
    return account_stream(command.account_id)


def _address(command: FreeAddress, _given: Given) -> str:
    return ADDRESSES.stream(command.key)


def _timers(place: str, state: Request) -> tuple[Timer, ...]:
    return (*clocks.timers(place, state), *handover.timers(place, state), *retention.timers(place, state))


SERVICE, DESK = roles(policy.SERVICE), roles(policy.OPERATOR)
VOUCHING = roles(policy.PERSONNEL, policy.UNIT_ADMIN)
"""Who knows people: personnel all of them, the admin of a unit those of his own."""
ANYBODY = roles(policy.OPERATOR, policy.PUBLIC)
"""The counter; and strangers, who show a code for what they filed themselves."""
FILING = roles(policy.OPERATOR, policy.PUBLIC, policy.UNIT_ADMIN)
REVIEWER = related("whoever acts for one of the positions that review by the standard, unless it is his own request")

SIGNATORY = related("whoever acts for the position that signs by the standard")

WAITING = (Incomplete, Reviewed, Asked)
DOING = (Provisioning, Failed, Abandoning)
TOLD = (Notified, Received, Closed)
DECIDED = (Provisioned, Rejected, GivenUp)
HANDING = (Provisioned, Notified)
RUNNING = (Reviewed, *DOING, *DECIDED)
EVERY = (Absent, *WAITING, *DOING, *DECIDED, *TOLD)
COMPLETED = (facts.RequestCompleted, facts.ClockResumed, facts.DeadlineMoved)

COMMANDS: Commands = {
    FileRequest: Handles(
        _filed, filing.file,
        facts=(facts.RequestFiled, facts.RequestNumbered, facts.RequestCompleted, facts.LetterbookNumberTaken,
               facts.AccountRequested, facts.ApplicantFiled),
        askers=FILING, states=(Absent,), repeats=EVERY[1:], creates_stream=True,
    ),
    SupplementRequest: Handles(
        _request, filing.supplement,
        facts=(facts.RequestSupplemented, facts.ApplicantFiled, *COMPLETED),
        askers=ANYBODY, states=(Incomplete, Asked), repeats=(Reviewed,),
    ),
    AskForCompletion: Handles(
        _request, reviewing.ask_completion,
        facts=(facts.CompletionAsked, facts.ClockPaused), askers=REVIEWER, states=(Reviewed,), repeats=(Asked,),
    ),
    WithdrawRequest: Handles(
        _request, filing.withdraw,
        facts=(facts.RequestWithdrawn,), askers=ANYBODY, states=WAITING, repeats=(Closed,),
    ),
    ApproveRequest: Handles(
        _request, reviewing.approve,
        facts=(facts.RequestSeconded, facts.RequestApproved, facts.AddressReserved, facts.SkeletonTaken),
        askers=REVIEWER, states=(Reviewed,), repeats=(Provisioning,),
    ),
    RejectRequest: Handles(
        _request, reviewing.reject,
        facts=(facts.RequestRejected, facts.ClockResumed, facts.DeadlineMoved),
        askers=REVIEWER, states=(Reviewed, Asked), repeats=(Rejected,),
    ),
    RecordProvisioned: Handles(
        _request, provisioning.record,
        facts=(facts.ProvisioningProven, facts.ClockStopped, facts.AccountProvisioned, facts.AccountChanged,
               facts.AccountSuspended, facts.AccountResumed, facts.AccountClosed, facts.AccessRevoked,
               facts.AddressBound, facts.AddressQuarantined, facts.HandOverOpened,
               facts.ClaimCodeIssued, facts.WayInNamed),
        askers=SERVICE, states=(Provisioning,),
    ),
    RecordProvisioningFailed: Handles(
        _request, provisioning.record_failure,
        facts=(facts.ProvisioningFailed,), askers=SERVICE, states=(Provisioning, Abandoning),
    ),
    RecordUndone: Handles(
        _request, provisioning.record_undone,
        facts=(facts.ProvisioningUndone, facts.AddressReleased, facts.SkeletonFreed),
        askers=SERVICE, states=(Abandoning,),
    ),
    RetryProvisioning: Handles(
        _request, provisioning.retry,
        facts=(facts.ProvisioningRetried,), askers=DESK, states=(Failed,), repeats=(Provisioning, Abandoning),
    ),
    AbandonProvisioning: Handles(
        _request, provisioning.abandon,
        facts=(facts.ProvisioningAbandoned,), askers=DESK,
        states=(Failed,), repeats=(Provisioning, Abandoning, GivenUp),
    ),
    RecordNotice: Handles(
        _request, notices.record,
        facts=(facts.RequestNotified, facts.ClockStopped), askers=DESK, states=DECIDED, repeats=(Notified, Closed),
    ),
    StopClock: Handles(
        _request, notices.stop,
        facts=(facts.RequestNotified, facts.ClockStopped, facts.HandOverTold), askers=SERVICE,
        states=(*DECIDED, Notified), repeats=(Received, Closed),
    ),
    ConfirmReceipt: Handles(
        _request, notices.receive,
        facts=(facts.RequestReceived,), askers=ANYBODY, states=(Notified,), repeats=(Provisioned, Received),
    ),
    ConfirmClaimant: Handles(
        _request, handover.confirm, facts=(facts.ClaimantConfirmed,), askers=VOUCHING, states=HANDING,
    ),
    RenewHandOver: Handles(
        _request, handover.renew,
        facts=(facts.HandOverOpened, facts.ClaimCodeIssued, facts.WayInNamed), askers=DESK, states=HANDING,
    ),
    RecordSlip: Handles(_request, handover.record_slip, facts=(facts.SlipPrinted,), askers=DESK, states=HANDING),
    BeginClaim: Handles(
        _request, handover.begin,
        facts=(facts.ClaimantConfirmed, facts.ClaimBegun), askers=SERVICE, states=HANDING,
    ),
    DropClaim: Handles(
        _request, handover.drop, facts=(facts.ClaimDropped,), askers=SERVICE, states=HANDING, repeats=(Received,)
    ),
    RecordSecretSet: Handles(
        _request, handover.record,
        facts=(facts.SecretSet, facts.RequestNotified, facts.ClockStopped, facts.ContactTrusted, facts.LoginAwaited),
        askers=SERVICE, states=HANDING, repeats=(Received,),
    ),
    EndHandOver: Handles(
        _request, handover.end,
        facts=(facts.HandOverExpired,), askers=SERVICE, states=HANDING, repeats=(Received,),
    ),
    EndRetention: Handles(
        _request, retention.end, facts=(facts.ApplicantRetentionEnded,), askers=SERVICE, states=TOLD,
        repeats=(Absent, *WAITING, *DOING, *DECIDED),
    ),
    BeginSecretChange: Handles(
        _account, own_secret.begin, facts=(facts.SecretChangeBegun, facts.SecretChangeUnknown), askers=SERVICE
    ),
    RecordFirstLogin: Handles(
        _account, logins.record, facts=(facts.FirstLoginSeen, facts.LoginSought), askers=SERVICE
    ),
    RecordSecretChanged: Handles(_account, own_secret.record, facts=(facts.SecretChanged,), askers=SERVICE),
    EndSecretChange: Handles(
        _account, own_secret.end, facts=(facts.SecretChangeDropped, facts.SecretChangeUnknown), askers=SERVICE
    ),
    IssueReply: Handles(
        _reply, replies.issue, facts=(facts.ReplyIssued, facts.LetterbookNumberTaken), askers=SIGNATORY
    ),
    AdoptStandard: Handles(_standard, standards.adopt, facts=(facts.StandardAdopted,), askers=SERVICE),
    AdoptCalendar: Handles(_years, clocks.adopt_calendar, facts=(facts.CalendarAdopted,), askers=SERVICE),
    AdoptSeasons: Handles(_years, clocks.adopt_seasons, facts=(facts.SeasonsAdopted,), askers=SERVICE),
    FreeAddress: Handles(_address, ADDRESSES.free, facts=(facts.AddressFreed,), askers=SERVICE),
    MoveDeadline: Handles(
        _request, clocks.move, facts=(facts.DeadlineMoved,), askers=SERVICE,
        states=RUNNING, repeats=(Absent, Incomplete, Asked, *TOLD),
    ),
    RemindDeadline: Handles(
        _request, clocks.remind, facts=(facts.RequestDueSoon,), askers=SERVICE,
        states=RUNNING, repeats=(Absent, Incomplete, Asked, *TOLD),
    ),
    FlagOverdue: Handles(
        _request, clocks.flag, facts=(facts.RequestOverdue,), askers=SERVICE,
        states=RUNNING, repeats=(Absent, Incomplete, Asked, *TOLD),
    ),
}  # fmt: skip

STREAMS: dict[str, StreamKind] = {
    "request": StreamKind(Absent(), evolve.evolve_request, timers=_timers, jobs=provisioning.jobs, unfit=filing.unfit),
    "account": StreamKind(Account(), evolve.evolve_account, timers=own_secret.timers, jobs=logins.jobs),
    "address": StreamKind(FREE, ADDRESSES.evolve, timers=ADDRESSES.timers),
    "skeleton": StreamKind(Skeleton(), evolve.evolve_skeleton),
    "reply": StreamKind("", replies.evolve_reply),
    "number": StreamKind(None, evolve.evolve_number),
    "applicant": StreamKind(Person(), evolve.evolve_person),
    "letterbook": StreamKind(Letterbook(), standards.evolve_letterbook, saved=Letterbook),
    "standard": StreamKind(Standard(), evolve_standard),
    "calendar": StreamKind(Years(), evolve_years),
}
