"""The rounds of one letter: a round for each revision, its tiers bottom up, complete after the last initial."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

from contracts.approval import (
    ApprovalCompleted,
    ApprovalReturned,
    CloseRound,
    EscalateTier,
    InitialLetter,
    OpenRound,
    RemindTier,
    RetimeRound,
    ReturnLetter,
    RoundClosed,
    RoundOpened,
    RoundRetimed,
    TierInitialled,
    TierLimitMoved,
    TierOverdue,
    TierReminded,
    TierReturned,
    TurnLimit,
)
from contracts.base import Event, Refusal
from contracts.words import Tier, WorkingTime
from services.approval import policy
from services.approval.policy import refuse
from services.kit.deciding import Accept, Decision, Given, Timer, accept


@dataclass(frozen=True, slots=True)
class NoRound:
    """The letter has not been forwarded yet, as far as approval knows."""


@dataclass(frozen=True, slots=True)
class Returned:
    """Who returned it, with which words: the same request again is the same return."""

    revision: int
    round_id: UUID
    person_id: str
    note: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The present turn's limit, what was said of it, and which turn of the round it is (from 0)."""

    limit: TurnLimit | None = None
    number: int = 0
    reminded: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """``turn``: the tier whose turn it is. ``initials``: (person, note) of the tiers below it.

    ``sent_back``: the return to a previous tier that brought the round here, (person, note).
    """

    revision: int
    round_id: UUID
    tiers: tuple[Tier, ...]
    registrar_id: str
    turn: int = 0
    initials: tuple[tuple[str, str], ...] = ()
    sent_back: tuple[str, str] | None = None
    working_time: WorkingTime | None = None
    waiting: Waiting = Waiting()


@dataclass(frozen=True, slots=True)
class Completed:
    revision: int
    round_id: UUID
    initials: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Closed:
    revision: int
    reason: str


Round = NoRound | Open | Returned | Completed | Closed


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
                    next_limit=_limit(state, turn, given),
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
                limit = _limit(state, _tier_of(state.tiers[: state.turn], position), given)
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


def _limit(state: Open, tier: int, given: Given) -> TurnLimit | None:
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
            turn = _tier_of(state.tiers[: event.tier], event.next_position)
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


def _tier_of(tiers: tuple[Tier, ...], position: str) -> int:
    """The highest of these tiers that has the position."""
    return max(number for number, tier in enumerate(tiers) if tier.position == position)


def stream(letter_id: UUID) -> str:
    return f"round:{letter_id}"
