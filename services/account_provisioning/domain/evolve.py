"""How facts change a request, an account, an address. A fact that says nothing to a decision changes nothing."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from contracts.account_provisioning import (
    AccountChanged,
    AccountClosed,
    AccountProvisioned,
    AccountRequested,
    AccountResumed,
    AccountSuspended,
    ApplicantFiled,
    ApplicantRetentionEnded,
    CompletionAsked,
    ContactTrusted,
    FirstLoginSeen,
    LoginAwaited,
    LoginSought,
    ProvisioningAbandoned,
    ProvisioningFailed,
    ProvisioningProven,
    ProvisioningRetried,
    ProvisioningUndone,
    RequestApproved,
    RequestCompleted,
    RequestFiled,
    RequestNotified,
    RequestNumbered,
    RequestReceived,
    RequestRejected,
    RequestSeconded,
    RequestSupplemented,
    RequestWithdrawn,
    SecretChangeBegun,
    SecretChanged,
    SecretChangeDropped,
    SecretChangeUnknown,
    SkeletonFreed,
    SkeletonTaken,
    WayInNamed,
)
from contracts.base import Event, Recorded, Sealed
from services.account_provisioning.domain import handover, logins
from services.account_provisioning.domain.clock import CLOCKS
from services.account_provisioning.domain.state import (
    Abandoning,
    Absent,
    Account,
    Approval,
    Asked,
    Changing,
    Closed,
    Failed,
    GivenUp,
    Incomplete,
    Notified,
    Person,
    Provisioned,
    Provisioning,
    Received,
    Rejected,
    Request,
    Reviewed,
    Skeleton,
    Wish,
)


def request_of(told: Iterable[Recorded]) -> Request:
    state: Request = Absent()
    for each in told:
        state = evolve_request(state, each.event)
    return state


def account_of(told: Iterable[Recorded]) -> Account:
    account = Account()
    for each in told:
        account = evolve_account(account, each.event)
    return account


def evolve_request(state: Request, event: Event) -> Request:
    if isinstance(event, RequestFiled):
        return Incomplete(_wish(event))
    if isinstance(state, Absent):
        return state
    timed = CLOCKS.fold(state.clock, event)
    if timed is not state.clock:
        state = replace(state, clock=timed)
    if isinstance(state, Provisioned | Notified | Received):
        state = replace(state, hand_over=handover.evolve(state.hand_over, event))
    return _decided(state, event)


def _decided(state: Request, event: Event) -> Request:  # noqa: C901, PLR0911, PLR0912 - a table: one row per fact
    match state, event:
        case Incomplete(wish=wish) | Asked(wish=wish), RequestSupplemented():
            wish = _supplemented(wish, event)
            return Reviewed(wish, state.clock) if isinstance(state, Asked) else replace(state, wish=wish)
        case Incomplete(), RequestCompleted():
            return Reviewed(state.wish, state.clock)
        case Reviewed(), CompletionAsked():
            return Asked(state.wish, state.clock, event.reason)
        case Reviewed(), RequestSeconded():
            return replace(state, first=event.by.person_id)
        case Reviewed(), RequestApproved():
            wish = replace(state.wish, address=event.address, alias=event.alias)
            return Provisioning(wish, state.clock, Approval(event.connector, event.approved_at))
        case Reviewed() | Asked(), RequestRejected():
            return Rejected(state.wish, state.clock, event.rejected_at, event.reason)
        case Incomplete() | Reviewed() | Asked(), RequestWithdrawn():
            return Closed(state.wish, state.clock, retain_until=event.retain_until)
        case Provisioning(), ProvisioningProven():
            return Provisioned(state.wish, state.clock, event.proven_at)
        case Provisioning() | Abandoning(), ProvisioningFailed(outcome="permanent" | "unknown"):
            return Failed(state.wish, state.clock, state.approval, event.reason, event.undoing)
        case Failed(), ProvisioningRetried():
            again = replace(state.approval, attempt=event.attempt, since=event.retried_at)
            return (Abandoning if state.undoing else Provisioning)(state.wish, state.clock, again)
        case Failed(), ProvisioningAbandoned():
            back = replace(state.approval, attempt=event.attempt, since=event.abandoned_at)
            return Abandoning(state.wish, state.clock, back)
        case Abandoning(), ProvisioningUndone():
            return GivenUp(state.wish, state.clock, event.undone_at)
        case Provisioned(), RequestNotified():
            return Notified(state.wish, state.clock, event.how, event.told_at, state.hand_over, event.retain_until)
        case Rejected() | GivenUp(), RequestNotified():
            return Closed(state.wish, state.clock, event.how, event.told_at, event.retain_until)
        case Notified(), RequestReceived():
            return Received(state.wish, state.clock, state.hand_over, state.retain_until)
        case Notified() | Received() | Closed(), ApplicantRetentionEnded():
            return replace(state, retain_until=None)
        case _:
            return state


def _wish(event: RequestFiled) -> Wish:
    return Wish(
        number=event.number,
        kind=event.request_kind,
        cause=event.cause,
        holder=event.holder,
        subject_id=event.subject_id,
        account_id=event.account_id,
        address=event.address,
        unit=event.unit,
        standard=event.standard,
        filed_at=event.received_at,
        papers_id=event.papers_id or event.subject_id,
        missing=event.missing,
        reachable=_says(event.contact),
        code_mac=event.code_mac,
        person_id=event.subject_id,
        numbered=_says(event.nip),
        unit_admin=event.unit_admin or "",
        quota=event.quota,
        asks_alias=_says(event.alias),
        alias_ends=event.alias_ends,
    )


def _supplemented(wish: Wish, event: RequestSupplemented) -> Wish:
    wish = replace(wish, missing=event.missing, reachable=wish.reachable or _says(event.contact))
    return replace(wish, person_id=event.subject_id, numbered=True) if event.subject_id else wish


def _says(sealed: Sealed) -> bool:
    return bool(sealed.key_id or sealed.plain)


def evolve_account(account: Account, event: Event) -> Account:  # noqa: C901, PLR0911 - a table: one row per fact
    match event:
        case AccountRequested():
            return replace(account, latest=event.request_id)
        case AccountProvisioned():
            made = Account("active", event.address, event.subject_id, event.connector, event.unit)
            return replace(made, latest=event.request_id, way_in=account.way_in)
        case AccountChanged():
            quota = account.quota if event.quota is None else event.quota
            aliases = account.aliases if event.aliases is None else event.aliases
            return replace(account, unit=event.unit, quota=quota, aliases=aliases)
        case AccountSuspended():
            return replace(account, phase="suspended")
        case AccountResumed():
            return replace(account, phase="active")
        case AccountClosed():
            return replace(account, phase="closed", awaited=None, aliases=())
        case ContactTrusted():
            return replace(account, contact_of=event.request_id)
        case WayInNamed():
            return replace(account, way_in=(event.request_id, event.generation))
        case SecretChangeBegun():
            return replace(account, changing=Changing(event.opening, event.until))
        case SecretChanged() | SecretChangeDropped() | SecretChangeUnknown():
            ended = account.changing is not None and account.changing.opening == event.opening
            since = event.changed_at if isinstance(event, SecretChanged) else None  # it was proven by logging in too
            sought = replace(account.awaited, since=since) if account.awaited and since else account.awaited
            return replace(account, changing=None if ended else account.changing, awaited=sought)
        case LoginAwaited() | LoginSought() | FirstLoginSeen():
            seen = account.logged_in or isinstance(event, FirstLoginSeen)
            return replace(account, awaited=logins.evolve(account.awaited, event), logged_in=seen)
        case _:
            return account


def evolve_skeleton(skeleton: Skeleton, event: Event) -> Skeleton:
    match event:
        case SkeletonTaken():
            return Skeleton(skeleton.addresses | {event.address})
        case SkeletonFreed():
            return Skeleton(skeleton.addresses - {event.address})
        case _:
            return skeleton


def evolve_number(known: UUID | None, event: Event) -> UUID | None:
    return event.request_id if isinstance(event, RequestNumbered) else known


def evolve_person(person: Person, event: Event) -> Person:
    return Person(event.request_id) if isinstance(event, ApplicantFiled) else person
