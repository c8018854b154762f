"""A courier has had a copy for longer than the standard allows: that is said once for each assignment.

A calendar that changes moves the limits that still run.
"""

from collections.abc import Iterator
from uuid import UUID

from contracts.dispatch import (
    DeliveryLimitMoved,
    DeliveryOverdue,
    DispatchRetimed,
    FlagDelivery,
    RetimeDispatch,
)
from services.dispatch.domain.state import Archived, Dispatch, Held, Item, Planned, Released, stream
from services.dispatch.policy import deliver_by, refuse
from services.kit.deciding import Accept, Decision, Given, Timer, accept


def timers(place: str, state: Dispatch) -> tuple[Timer, ...]:
    """One for each copy that a courier has and that has a limit."""
    letter_id = UUID(place.partition(":")[2])
    wanted = []
    for item in state.items if isinstance(state, Released) and not isinstance(state, Held) else ():
        if item.deliver_by is not None and item.assigned_at is not None and _out(item):
            copy_id = item.copy.copy_id
            command = FlagDelivery(letter_id=letter_id, copy_id=copy_id, assigned_at=item.assigned_at)
            wanted.append(Timer(f"deliver-{copy_id}-{item.assigned_at.isoformat()}", item.deliver_by, command))
    return tuple(wanted)


def flag(command: FlagDelivery, state: Dispatch, given: Given) -> Decision:
    item = state.item(command.copy_id) if isinstance(state, Released) else None
    if not isinstance(state, Released) or isinstance(state, Held) or item is None:
        return Accept()
    if item.assigned_at != command.assigned_at or not _out(item) or item.deliver_by is None or item.courier_id is None:
        return Accept()
    if given.now < item.deliver_by:
        return refuse("not-due", due_at=item.deliver_by.isoformat())
    fact = DeliveryOverdue(
        letter_id=command.letter_id,
        copy_id=command.copy_id,
        courier_id=item.courier_id,
        due_at=item.deliver_by,
        told=state.plan.assigner,
    )
    return accept(stream(command.letter_id), fact)


def retime(command: RetimeDispatch, state: Dispatch, _given: Given) -> Decision:
    """Each limit that moves is a fact of its own; what is not yet with a courier is counted anew when it is."""
    if (
        not isinstance(state, Planned | Released)
        or isinstance(state, Held | Archived)
        or state.plan.revision != command.revision
    ):
        return Accept()
    if state.plan.working_time == command.working_time:
        return Accept()
    fact = DispatchRetimed(**dict(command))
    return accept(stream(command.letter_id), fact, *_moves(command, state))


def _moves(command: RetimeDispatch, state: Planned | Released) -> Iterator[DeliveryLimitMoved]:
    for item in state.items if isinstance(state, Released) else ():
        if item.deliver_by is None or item.assigned_at is None or item.courier_id is None or not _out(item):
            continue
        due_at = deliver_by(item.copy, item.assigned_at, command.working_time)
        if due_at is not None and due_at != item.deliver_by:
            yield DeliveryLimitMoved(
                letter_id=command.letter_id,
                copy_id=item.copy.copy_id,
                courier_id=item.courier_id,
                old_due_at=item.deliver_by,
                due_at=due_at,
                calendar=command.working_time.calendar,
                reason=command.reason,
            )


def _out(item: Item) -> bool:
    """With its courier, neither proven nor brought back, and nothing said yet."""
    return item.proof is None and item.failed is None and not item.late
