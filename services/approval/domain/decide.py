"""The rounds of one letter: a round for each revision, its tiers bottom up, complete after the last initial."""

from uuid import uuid5

from contracts.approval import (
    ApprovalCompleted,
    ApprovalReturned,
    CloseRound,
    InitialLetter,
    OpenRound,
    ReturnLetter,
    RoundClosed,
    RoundOpened,
    TierInitialled,
    TierReturned,
)
from contracts.base import Event, Refusal
from services.approval import policy
from services.approval.domain.lateness import turn_limit_of
from services.approval.domain.state import Closed, Completed, Open, Returned, Round, stream, tier_of
from services.approval.policy import refuse
from services.kit.deciding import Accept, Decision, Given, accept


def open_round(command: OpenRound, state: Round, given: Given) -> Decision:
    """A higher revision supersedes an earlier one, finished or not: its words are initialled anew by every tier."""
    match state:
        case Open() | Returned() | Completed() if command.revision == state.revision:
            return Accept()
        case Open() | Returned() | Completed() if command.revision < state.revision:
            return refuse("older-revision", revision=state.revision)
        case _ if not command.tiers:
            return refuse("no-tiers")
        case _ if no := policy.unusable(command.tiers, given.now, command.working_time):
            return no
        case _:
            round_id = uuid5(command.letter_id, f"round-{command.revision}")
            limit = policy.turn_limit(command.tiers, 0, given.now, command.working_time)
            fact = RoundOpened(round_id=round_id, opened_at=given.now, limit=limit, **dict(command))
            return accept(stream(command.letter_id), fact)


def initial(command: InitialLetter, state: Open | Completed, given: Given) -> Decision:
    """One initial. Who holds the next tier as well (a Kasi who is Plh. Kabid) initials both, each in its capacity."""
    asked = (given.actor.id, command.note)
    match state:
        case Completed():
            return Accept(result={"completed": True}) if asked in state.initials else unfit(state)
        case Open():
            allowed = policy.examiner(given.actor, state.tiers, state.turn, state.registrar_id)
            if isinstance(allowed, Refusal):
                return Accept() if asked in state.initials else allowed
            facts: list[Event] = []
            turn = state.turn
            while turn < len(state.tiers) and (
                mine := policy.acting(given.actor, state.tiers, turn, state.registrar_id)
            ):
                turn += 1
                fact = TierInitialled(
                    letter_id=command.letter_id,
                    round_id=state.round_id,
                    revision=state.revision,
                    tier=turn - 1,
                    note=command.note,
                    next_position=state.tiers[turn].position if turn < len(state.tiers) else None,
                    next_limit=turn_limit_of(state, turn, given),
                    passed=mine.passed,
                    by=given.officer(mine.holding),
                )
                facts.append(fact)
            done = turn == len(state.tiers)
            if done:
                facts.append(
                    ApprovalCompleted(letter_id=command.letter_id, round_id=state.round_id, revision=state.revision)
                )
            return accept(stream(command.letter_id), *facts, completed=done)


def give_back(command: ReturnLetter, state: Open | Returned, given: Given) -> Decision:
    """To the nearest tier below that is not his own; from the lowest, or when he says so, to the operator."""
    asked = (given.actor.id, command.note)
    match state:
        case Returned():
            return Accept() if asked == (state.person_id, state.note) else unfit(state)
        case Open():
            mine = policy.examiner(given.actor, state.tiers, state.turn, state.registrar_id)
            if isinstance(mine, Refusal):
                return Accept() if asked == state.sent_back else mine
            lower = range(state.turn)
            own = [policy.acting(given.actor, state.tiers, tier, state.registrar_id) is not None for tier in lower]
            below = [tier for tier, is_own in zip(state.tiers, own, strict=False) if not is_own]
            case = {
                "letter_id": command.letter_id,
                "round_id": state.round_id,
                "revision": state.revision,
                "tier": state.turn,
                "note": command.note,
                "by": given.officer(mine.holding),
            }
            if command.to == "previous" and below:
                position = below[-1].position
                limit = turn_limit_of(state, tier_of(state.tiers[: state.turn], position), given)
                fact: Event = TierReturned(**case, next_position=position, next_limit=limit)
            else:
                fact = ApprovalReturned(**case)
            return accept(stream(command.letter_id), fact)


def close(command: CloseRound, state: Round, _given: Given) -> Decision:
    """A letter that was never forwarded has no round to close, and a completed one is over."""
    match state:
        case Open() | Returned():
            fact = RoundClosed(
                letter_id=command.letter_id, round_id=state.round_id, revision=state.revision, reason=command.reason
            )
            return accept(stream(command.letter_id), fact)
        case _:
            return Accept()


def unfit(state: Round) -> Refusal:
    """What is told about a round whose phase does not allow what was asked."""
    match state:
        case Returned():
            return refuse("returned", revision=state.revision)
        case Completed():
            return refuse("already-completed", revision=state.revision)
        case Closed():
            return refuse("closed", reason=state.reason)
        case _:
            return refuse("unknown-letter")
