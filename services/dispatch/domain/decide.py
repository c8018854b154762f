"""What is decided before and after the way: how plan and release meet, who carries, what may be archived or closed."""

from uuid import UUID

from contracts.base import Event, Refusal, Sealed
from contracts.dispatch import (
    ApprovalNoted,
    ArchiveLetter,
    AssignCourier,
    CloseDispatch,
    CopyLimit,
    CourierAssigned,
    DispatchClosed,
    DispatchPlanned,
    DispatchReleased,
    LetterArchived,
    PlanDispatch,
    ReleaseDispatch,
)
from services.dispatch import policy
from services.dispatch.domain.proving import operator, unfit
from services.dispatch.domain.state import (
    Archived,
    Closed,
    Dispatch,
    Item,
    Planned,
    Proven,
    Released,
    Unplanned,
    stream,
)
from services.dispatch.policy import refuse
from services.kit.deciding import Accept, Decision, Given, accept


def plan(command: PlanDispatch, state: Unplanned | Planned | Released, given: Given) -> Decision:
    """A higher revision replaces an unreleased plan; initials that were complete before it came release it at once."""
    match state:
        case Planned(plan=plan) | Released(plan=plan) if command.revision == plan.revision:
            same = (plan.copies, plan.assigner) == (command.copies, command.assigner)
            return Accept() if same else refuse("plan-differs", revision=plan.revision)
        case Planned(plan=plan) if command.revision < plan.revision:
            return refuse("older-revision", revision=plan.revision)
        case Unplanned() | Planned():
            if not command.copies:
                return refuse("no-copies")
            facts: list[Event] = [DispatchPlanned(**dict(command))]
            if state.approved == command.revision:
                facts.append(_released(command.letter_id, command.revision, given))
            return accept(stream(command.letter_id), *facts)
        case _:
            return refuse("already-released", revision=state.plan.revision)


def release(command: ReleaseDispatch, state: Dispatch, given: Given) -> Decision:  # noqa: PLR0911 - one row per state
    """Only the plan that was initialled. What is cancelled stays so; initials that overtook their plan are noted."""
    match state:
        case Closed():
            return Accept()
        case Planned(plan=plan) if command.revision == plan.revision:
            return accept(stream(command.letter_id), _released(command.letter_id, command.revision, given))
        case Planned(plan=plan) | Released(plan=plan) if command.revision < plan.revision:
            return refuse("other-revision", revision=plan.revision)
        case Unplanned() | Planned():
            if command.revision <= state.approved:
                return Accept()
            return accept(
                stream(command.letter_id), ApprovalNoted(letter_id=command.letter_id, revision=command.revision)
            )
        case _ if command.revision == state.plan.revision:
            return Accept()
        case _:
            return refuse("already-released", revision=state.plan.revision)


def _released(letter_id: UUID, revision: int, given: Given) -> DispatchReleased:
    return DispatchReleased(letter_id=letter_id, revision=revision, released_at=given.now)


def assign(command: AssignCourier, state: Planned | Released, given: Given) -> Decision:
    """By the assigner alone. Without copies named: those that nobody carries or that failed; named: handed over too."""
    holding = policy.assigner(given.actor, state.plan.assigner)
    if isinstance(holding, Refusal):
        return holding
    if isinstance(state, Planned | Archived):
        return unfit(state)
    chosen = _named(command, state) if command.copy_ids else _open(state)
    if isinstance(chosen, Refusal):
        return chosen
    fresh = tuple(item for item in chosen if item.courier_id != command.courier_id or item.failed)
    if not fresh:
        carried = {item.courier_id for item in state.items if item.proof is None and policy.carried(item.copy)}
        return Accept() if chosen or carried == {command.courier_id} else refuse("nothing-to-assign")
    fact = CourierAssigned(
        letter_id=command.letter_id,
        courier_id=command.courier_id,
        courier_name=Sealed.of(command.courier_name),
        copy_ids=tuple(item.copy.copy_id for item in fresh),
        assigned_at=given.now,
        limits=_limits(fresh, state, given),
        by=given.officer(holding),
    )
    return accept(stream(command.letter_id), fact, copies=len(fresh))


def _limits(items: tuple[Item, ...], state: Released, given: Given) -> tuple[CopyLimit, ...]:
    by = ((item.copy, policy.deliver_by(item.copy, given.now, state.plan.working_time)) for item in items)
    return tuple(CopyLimit(copy_id=copy.copy_id, due_at=due_at) for copy, due_at in by if due_at is not None)


def _open(state: Released) -> tuple[Item, ...]:
    free = (item for item in state.items if item.proof is None and (item.courier_id is None or item.failed))
    return tuple(item for item in free if policy.carried(item.copy))


def _named(command: AssignCourier, state: Released) -> tuple[Item, ...] | Refusal:
    chosen: list[Item] = []
    for copy_id in dict.fromkeys(command.copy_ids):
        item = state.item(copy_id)
        if item is None:
            return refuse("unknown-copy", copy_id=str(copy_id))
        if item.proof is not None:
            return refuse("copy-proven", copy_id=str(copy_id))
        if not policy.carried(item.copy):
            return refuse("route-not-by-hand", copy_id=str(copy_id), routes=list(item.copy.routes))
        chosen.append(item)
    return tuple(chosen)


def archive(command: ArchiveLetter, state: Released, given: Given) -> Decision:
    match state:
        case Archived() if (command.classification, command.place) == (state.classification, state.place):
            return Accept()
        case Proven():
            fact = LetterArchived(**dict(command), by=operator(given))
            return accept(stream(command.letter_id), fact)
        case Archived():
            return unfit(state)
        case _:
            missing = [item.copy for item in state.items if item.proof is None]
            waiting = [{"copy_id": str(copy.copy_id), "office": copy.office} for copy in missing]
            return refuse("not-proven", missing=waiting)


def close(command: CloseDispatch, state: Dispatch, _given: Given) -> Decision:
    """A letter that was never forwarded has nothing on the way."""
    match state:
        case Closed() | Unplanned(approved=0):
            return Accept()
        case _:
            return accept(stream(command.letter_id), DispatchClosed(letter_id=command.letter_id, reason=command.reason))
