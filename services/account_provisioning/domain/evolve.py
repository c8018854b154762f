"""How facts change a request, an account, an address. A fact that says nothing to a decision changes nothing."""

from dataclasses import replace
from typing import cast

from contracts.account_provisioning import (
    AccountChanged,
    AccountClosed,
    AccountProvisioned,
    AccountRequested,
    AccountResumed,
    AccountSuspended,
    AddressBound,
    AddressQuarantined,
    AddressReleased,
    AddressReserved,
    ApplicantFiled,
    ClockPaused,
    ClockResumed,
    ClockStopped,
    CompletionAsked,
    DeadlineMoved,
    ProvisioningAbandoned,
    ProvisioningFailed,
    ProvisioningProven,
    ProvisioningRetried,
    ProvisioningUndone,
    RequestApproved,
    RequestCompleted,
    RequestDueSoon,
    RequestFiled,
    RequestNotified,
    RequestOverdue,
    RequestReceived,
    RequestRejected,
    RequestSeconded,
    RequestSupplemented,
    RequestWithdrawn,
    SkeletonFreed,
    SkeletonTaken,
)
from contracts.base import Event
from services.account_provisioning.domain.state import (
    Abandoning,
    Absent,
    Account,
    Address,
    Approval,
    Asked,
    Clock,
    Closed,
    Failed,
    GivenUp,
    Incomplete,
    Notified,
    Paused,
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

TIMED = (RequestCompleted, ClockPaused, ClockResumed, ClockStopped, DeadlineMoved, RequestDueSoon, RequestOverdue)


def evolve_request(state: Request, event: Event) -> Request:
    if isinstance(event, RequestFiled):
        return Incomplete(_wish(event))
    if isinstance(state, Absent):
        return state
    if isinstance(event, TIMED):
        timed = replace(state, clock=_clocked(state.clock, event))
        return Reviewed(timed.wish, timed.clock) if isinstance(event, RequestCompleted) else timed
    return _decided(state, event)


def _decided(state: Request, event: Event) -> Request:  # noqa: C901, PLR0911, PLR0912 - a table: one row per fact
    match state, event:
        case Incomplete(wish=wish) | Asked(wish=wish), RequestSupplemented():
            wish = replace(wish, missing=event.missing)
            return Reviewed(wish, state.clock) if isinstance(state, Asked) else replace(state, wish=wish)
        case Reviewed(), CompletionAsked():
            return Asked(state.wish, state.clock, event.reason)
        case Reviewed(), RequestSeconded():
            return replace(state, first=event.by.person_id)
        case Reviewed(), RequestApproved():
            wish = replace(state.wish, address=event.address)
            return Provisioning(wish, state.clock, Approval(event.connector, event.approved_at))
        case Reviewed() | Asked(), RequestRejected():
            return Rejected(state.wish, state.clock, event.rejected_at, event.reason)
        case Incomplete() | Reviewed() | Asked(), RequestWithdrawn():
            return Closed(state.wish, state.clock)
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
            return Notified(state.wish, state.clock, event.how, event.told_at)
        case Rejected() | GivenUp(), RequestNotified():
            return Closed(state.wish, state.clock, event.how, event.told_at)
        case Notified(), RequestReceived():
            return Received(state.wish, state.clock)
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
        missing=event.missing,
    )


def _clocked(clock: Clock, event: Event) -> Clock:  # noqa: PLR0911 - a table: one row per fact
    match event:
        case RequestCompleted():
            return Clock(event.completed_at, event.due_at, event.remind_at, event.told)
        case ClockPaused():
            return replace(clock, pauses=(*clock.pauses, Paused(event.at, None, event.reason)))
        case ClockResumed():
            return clock.resumed(event.at)
        case ClockStopped():
            return replace(clock, stopped=True)
        case DeadlineMoved():
            return replace(clock, due_at=event.due_at, remind_at=event.remind_at)
        case RequestDueSoon():
            return replace(clock, reminded=event.due_at)
        case _:
            return replace(clock, flagged=cast("RequestOverdue", event).due_at)


def evolve_account(account: Account, event: Event) -> Account:  # noqa: PLR0911 - a table: one row per fact
    match event:
        case AccountRequested():
            return replace(account, latest=event.request_id)
        case AccountProvisioned():
            made = Account("active", event.address, event.subject_id, event.connector, event.unit)
            return replace(made, latest=event.request_id)
        case AccountChanged():
            return replace(account, unit=event.unit)
        case AccountSuspended():
            return replace(account, phase="suspended")
        case AccountResumed():
            return replace(account, phase="active")
        case AccountClosed():
            return replace(account, phase="closed")
        case _:
            return account


def evolve_address(address: Address, event: Event) -> Address:
    match event:
        case AddressReserved():
            return Address("reserved", event.account_id)
        case AddressBound():
            return Address("bound", event.account_id)
        case AddressQuarantined():
            return Address("quarantined", event.account_id, event.until)
        case AddressReleased():
            return Address()
        case _:
            return address


def evolve_skeleton(skeleton: Skeleton, event: Event) -> Skeleton:
    match event:
        case SkeletonTaken():
            return Skeleton(skeleton.addresses | {event.address})
        case SkeletonFreed():
            return Skeleton(skeleton.addresses - {event.address})
        case _:
            return skeleton


def evolve_person(person: Person, event: Event) -> Person:
    return Person(event.request_id) if isinstance(event, ApplicantFiled) else person
