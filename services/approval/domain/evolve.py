"""How facts change a round."""

from dataclasses import replace

from contracts.approval import (
    ApprovalCompleted,
    ApprovalReturned,
    RoundClosed,
    RoundOpened,
    RoundRetimed,
    TierInitialled,
    TierLimitMoved,
    TierOverdue,
    TierReminded,
    TierReturned,
)
from contracts.base import Event
from services.approval.domain.state import Closed, Completed, Open, Returned, Round, Waiting, tier_of


def evolve(state: Round, event: Event) -> Round:  # noqa: C901, PLR0911 - a table: one row per fact
    match state, event:
        case _, RoundOpened():
            waiting = Waiting(event.limit)
            tiers, registrar_id = event.tiers, event.registrar_id
            return Open(
                event.revision, event.round_id, tiers, registrar_id, working_time=event.working_time, waiting=waiting
            )
        case Open(), TierInitialled():
            initials = (*state.initials[: event.tier], (event.by.person_id, event.note))
            waiting = Waiting(event.next_limit, state.waiting.number + 1)
            return replace(state, turn=event.tier + 1, initials=initials, sent_back=None, waiting=waiting)
        case Open(), TierReturned():
            turn = tier_of(state.tiers[: event.tier], event.next_position)
            back = (event.by.person_id, event.note)
            waiting = Waiting(event.next_limit, state.waiting.number + 1)
            return replace(state, turn=turn, initials=state.initials[:turn], sent_back=back, waiting=waiting)
        case Open(), RoundRetimed():
            return replace(state, working_time=event.working_time)
        case Open(), TierLimitMoved():
            return replace(state, waiting=_moved(state.waiting, event))
        case Open(), TierReminded():
            return replace(state, waiting=replace(state.waiting, reminded=True))
        case Open(), TierOverdue():
            return replace(state, waiting=replace(state.waiting, overdue=True))
        case Open(), ApprovalReturned():
            return Returned(event.revision, event.round_id, event.by.person_id, event.note)
        case Open(), ApprovalCompleted():
            return Completed(event.revision, event.round_id, state.initials)
        case _, RoundClosed():
            return Closed(event.revision, event.reason)
        case _:
            return state


def _moved(waiting: Waiting, event: TierLimitMoved) -> Waiting:
    """A reminder that was given comes again only before a moment that lies ahead."""
    if waiting.limit is None:
        return waiting
    limit = waiting.limit.model_copy(update={"due_at": event.due_at, "remind_at": event.remind_at})
    ahead = event.remind_at is not None and event.remind_at > event.moved_at
    return replace(waiting, limit=limit, reminded=waiting.reminded and not ahead)
