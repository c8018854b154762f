"""The limit of a turn: a reminder before it, what follows when it is over is said once, a new calendar moves it."""

from typing import Any
from uuid import UUID

from contracts.approval import (
    EscalateTier,
    RemindTier,
    RetimeRound,
    RoundRetimed,
    TierLimitMoved,
    TierOverdue,
    TierReminded,
    TurnLimit,
)
from contracts.base import Event
from contracts.words import WorkingTime
from services.approval import policy
from services.approval.domain.state import Open, Round, Waiting, stream
from services.approval.policy import refuse
from services.kit.deciding import Accept, Decision, Given, Timer, accept


def turn_limit_of(state: Open, tier: int, given: Given) -> TurnLimit | None:
    """Of a turn that begins now; None after the last tier."""
    return policy.turn_limit(state.tiers, tier, given.now, state.working_time) if tier < len(state.tiers) else None


def retime(command: RetimeRound, state: Round, given: Given) -> Decision:
    """The calendar has changed: the limit of the turn that runs moves by a fact of its own, further ones follow it."""
    match state:
        case Open(revision=revision, working_time=known) if revision == command.revision:
            if known == command.working_time:
                return Accept()
            facts: list[Event] = [
                RoundRetimed(
                    letter_id=command.letter_id,
                    round_id=state.round_id,
                    revision=revision,
                    working_time=command.working_time,
                    reason=command.reason,
                )
            ]
            old, new = state.waiting.limit, _running_limit(state, command.working_time)
            if old is not None and new is not None and (old.due_at, old.remind_at) != (new.due_at, new.remind_at):
                fact = TierLimitMoved(
                    **_place(command.letter_id, state),
                    old_due_at=old.due_at,
                    due_at=new.due_at,
                    remind_at=new.remind_at,
                    moved_at=given.now,
                    calendar=command.working_time.calendar,
                    reason=command.reason,
                )
                facts.append(fact)
            return accept(stream(command.letter_id), *facts)
        case _:
            return Accept()


def _running_limit(state: Open, working_time: WorkingTime) -> TurnLimit | None:
    """The present turn's, counted anew from its beginning; None: it has none, or it is over and that has been said."""
    waiting = state.waiting
    if waiting.limit is None or waiting.limit.begins_at is None or waiting.overdue:
        return None
    return policy.turn_limit(state.tiers, state.turn, waiting.limit.begins_at, working_time)


def remind(command: RemindTier, state: Round, given: Given) -> Decision:
    match state:
        case Open(waiting=Waiting(limit=TurnLimit(remind_at=remind_at) as limit) as waiting) if (
            remind_at is not None and _same_turn(command, state) and not (waiting.reminded or waiting.overdue)
        ):
            if given.now < remind_at:
                return refuse("not-due", remind_at=remind_at.isoformat())
            return accept(
                stream(command.letter_id), TierReminded(**_place(command.letter_id, state), due_at=limit.due_at)
            )
        case _:
            return Accept()


def escalate(command: EscalateTier, state: Round, given: Given) -> Decision:
    match state:
        case Open(waiting=Waiting(limit=TurnLimit() as limit, overdue=False)) if _same_turn(command, state):
            if given.now < limit.due_at:
                return refuse("not-due", due_at=limit.due_at.isoformat())
            fact = TierOverdue(**_place(command.letter_id, state), due_at=limit.due_at, escalated_to=limit.escalate_to)
            return accept(stream(command.letter_id), fact)
        case _:
            return Accept()


def timers(place: str, state: Round) -> tuple[Timer, ...]:
    """Of the tier whose turn it is: a reminder before its limit, and what follows when it is over."""
    if not isinstance(state, Open) or state.waiting.limit is None or state.waiting.overdue:
        return ()
    limit, turn = state.waiting.limit, state.waiting.number
    about = {"letter_id": UUID(place.partition(":")[2]), "revision": state.revision, "turn": turn}
    wanted = [Timer(f"escalate-{state.revision}-{turn}", limit.due_at, EscalateTier(**about))]
    if limit.remind_at is not None and not state.waiting.reminded:
        wanted.append(Timer(f"remind-{state.revision}-{turn}", limit.remind_at, RemindTier(**about)))
    return tuple(wanted)


def _same_turn(command: RemindTier | EscalateTier, state: Open) -> bool:
    return (command.revision, command.turn) == (state.revision, state.waiting.number)


def _place(letter_id: UUID, state: Open) -> dict[str, Any]:
    tier = state.tiers[state.turn]
    return {
        "letter_id": letter_id,
        "round_id": state.round_id,
        "revision": state.revision,
        "tier": state.turn,
        "position": tier.position,
        "title": tier.title,
    }
