"""How facts change a dispatch."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from contracts.base import Event
from contracts.dispatch import (
    ApprovalNoted,
    CopyDelivered,
    CopyTransmitted,
    CourierAssigned,
    DeliveryFailed,
    DeliveryLimitMoved,
    DeliveryOverdue,
    DispatchClosed,
    DispatchHeld,
    DispatchPlanned,
    DispatchProven,
    DispatchRecalled,
    DispatchReleased,
    DispatchRetimed,
    LetterArchived,
    ProofWaived,
    RevisionRefused,
)
from services.dispatch.domain.state import (
    Archived,
    Closed,
    Dispatch,
    Held,
    Item,
    Plan,
    Planned,
    Proven,
    Released,
    Report,
    Unplanned,
)


def evolve(state: Dispatch, event: Event) -> Dispatch:  # noqa: C901, PLR0911, PLR0912 - a table: one row per fact
    match state, event:
        case Released(), DispatchRecalled():
            return Unplanned(state.approved)
        case Unplanned() | Planned() | Held(), DispatchPlanned():
            return Planned(Plan(event.revision, event.copies, event.assigner, event.working_time), state.approved)
        case Planned() | Released(), DispatchHeld():
            return _held(state, event)
        case Unplanned() | Planned() | Released(), ApprovalNoted():
            return replace(state, approved=event.revision)
        case Planned(), DispatchReleased():
            return Released(state.plan, tuple(Item(copy) for copy in state.plan.copies), event.released_at)
        case Planned() | Released(), DispatchRetimed():
            return replace(state, plan=replace(state.plan, working_time=event.working_time))
        case Released(), DeliveryLimitMoved():
            return _with(state, [event.copy_id], deliver_by=event.due_at)
        case Released(), CourierAssigned():
            return _assigned(state, event)
        case Released(), DeliveryOverdue():
            return _with(state, [event.copy_id], late=True)
        case Released(), DeliveryFailed():
            return _with(state, [event.copy_id], failed=failure(event))
        case Released(), CopyDelivered() | CopyTransmitted() | ProofWaived():
            return _with(state, [event.copy_id], proof=proof(event))
        case Released(), DispatchProven():
            return Proven(state.plan, state.items, state.released_at, state.approved)
        case Released(), LetterArchived():
            return Archived(
                state.plan, state.items, state.released_at, state.approved, event.classification, event.place
            )
        case Archived(), RevisionRefused():
            return replace(state, refused=event.revision)
        case _, DispatchClosed():
            return Closed(event.reason)
        case _:
            return state


def _held(state: Planned | Released, event: DispatchHeld) -> Held:
    """What had not been released yet has nothing on the way."""
    if isinstance(state, Planned):
        return Held(state.plan, (), None, state.approved, event.revision)
    return Held(state.plan, state.items, state.released_at, state.approved, event.revision)


def proof(event: CopyDelivered | CopyTransmitted | ProofWaived) -> Report:
    """What proves the copy. A delivery is told from another by its place, time and signature, never by a name."""
    match event:
        case CopyDelivered():
            signature = event.signature.sha256 if event.signature else None
            return Report(event.happened_at, ("delivered", event.reported_at, event.receiver_position, signature))
        case CopyTransmitted():
            return Report(event.happened_at, ("transmitted", event.route, event.reference))
        case ProofWaived():
            return Report(event.waived_at, ("waived", event.reason))


def failure(event: DeliveryFailed) -> Report:
    return Report(event.happened_at, ("failed", event.reported_at, event.reason))


def _assigned(state: Released, event: CourierAssigned) -> Released:
    """A new courier has a limit of his own, and no failed attempt."""
    whose: dict[str, object] = {"courier_id": event.courier_id, "assigned_at": event.assigned_at}
    state = _with(state, event.copy_ids, **whose, failed=None, deliver_by=None, late=False)
    for limit in event.limits:
        state = _with(state, [limit.copy_id], deliver_by=limit.due_at)
    return state


def _with(state: Released, copy_ids: Iterable[UUID], **changes: object) -> Released:
    """The copies named, changed; the others as they were."""
    named = frozenset(copy_ids)
    items = tuple(_changed(item, changes) if item.copy.copy_id in named else item for item in state.items)
    return replace(state, items=items)


def _changed(item: Item, changes: dict[str, object]) -> Item:
    return replace(item, **changes)  # type: ignore[arg-type]  # the names come from the table above
