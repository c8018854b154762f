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
    DispatchHeld,
    DispatchPlanned,
    DispatchRecalled,
    DispatchReleased,
    HoldDispatch,
    LetterArchived,
    PlanDispatch,
    ReleaseDispatch,
    RevisionRefused,
)
from services.dispatch import policy
from services.dispatch.domain.proving import operator, unfit
from services.dispatch.domain.state import (
    Archived,
    Closed,
    Dispatch,
    Held,
    Item,
    Planned,
    Proven,
    Released,
    Unplanned,
    stream,
)
from services.dispatch.policy import refuse
from services.kit.deciding import Accept, Decision, Given, accept


def hold(command: HoldDispatch, state: Dispatch, _given: Given) -> Decision:
    """Words that no head has seen are being written: nothing more is proven until their own round is complete."""
    match state:
        case Archived():
            return _too_late(command.letter_id, command.revision, state)
        case Planned() | Released() if command.revision > _holding(state):
            out = tuple(item.copy.copy_id for item in _out(state) if item.proof is None)
            fact = DispatchHeld(letter_id=command.letter_id, revision=command.revision, copy_ids=out)
            return accept(stream(command.letter_id), fact)
        case _:
            return Accept()


def _holding(state: Planned | Released) -> int:
    """The highest revision that has been heard of."""
    return state.revision if isinstance(state, Held) else state.plan.revision


def _out(state: Dispatch) -> tuple[Item, ...]:
    """The copies that may be on the way, or there."""
    return state.items if isinstance(state, Released) else ()


def _too_late(letter_id: UUID, revision: int, state: Archived) -> Decision:
    if revision <= max(state.plan.revision, state.refused):
        return Accept()
    return accept(stream(letter_id), RevisionRefused(letter_id=letter_id, revision=revision))


def plan(command: PlanDispatch, state: Unplanned | Planned | Released, given: Given) -> Decision:
    """A higher revision takes the place of an earlier one, and recalls it where it had been released.

    Initials that were complete before the plan came release it at once.
    """
    if isinstance(state, Archived):
        return _too_late(command.letter_id, command.revision, state)
    facts: list[Event] = []
    if isinstance(state, Planned | Released):
        known = state.plan
        if command.revision == known.revision:
            same = (known.copies, known.assigner) == (command.copies, command.assigner)
            return Accept() if same else refuse("plan-differs", revision=known.revision)
        if command.revision < known.revision:
            return refuse("older-revision", revision=known.revision)
    if not command.copies:
        return refuse("no-copies")
    if no := policy.unusable(command.copies, given.now, command.working_time):
        return no
    if isinstance(state, Released) and state.items:
        fact = DispatchRecalled(
            letter_id=command.letter_id,
            revision=state.plan.revision,
            by_revision=command.revision,
            proven=sum(item.proof is not None for item in state.items),
        )
        facts.append(fact)
    facts.append(DispatchPlanned(**dict(command)))
    if state.approved == command.revision:
        facts.append(_released(command.letter_id, command.revision, given))
    return accept(stream(command.letter_id), *facts)


def release(command: ReleaseDispatch, state: Dispatch, given: Given) -> Decision:
    """Only the plan that was initialled, and only while nobody revises it. Initials that overtook their plan are noted;

    those of an earlier revision mean nothing any more.
    """
    match state:
        case Planned(plan=plan) if command.revision == plan.revision:
            return accept(stream(command.letter_id), _released(command.letter_id, command.revision, given))
        case Archived() | Closed():
            return Accept()
        case Unplanned():
            known = 0
        case _:
            known = state.plan.revision
    if command.revision <= max(known, state.approved):
        return Accept()
    return accept(stream(command.letter_id), ApprovalNoted(letter_id=command.letter_id, revision=command.revision))


def _released(letter_id: UUID, revision: int, given: Given) -> DispatchReleased:
    return DispatchReleased(letter_id=letter_id, revision=revision, released_at=given.now)


def assign(command: AssignCourier, state: Planned | Released, given: Given) -> Decision:
    """By the assigner alone. Without copies named: those that nobody carries or that failed; named: handed over too."""
    holding = policy.assigner(given.actor, state.plan.assigner)
    if isinstance(holding, Refusal):
        return holding
    if isinstance(state, Planned | Held | Archived):
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
