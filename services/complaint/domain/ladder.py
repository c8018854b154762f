"""What time does to a complaint besides its deadline: acknowledgement, rungs of the ladder, silences, retention.

Each limit is a moment that stands in the facts. Where the calendar has changed since, a timer that comes finds that its
moment lies ahead, says so, and is set anew; so a day that was decreed to be closed lets nobody be told too early.
"""

from contracts.base import EMPTY, Event, Refusal, Sealed
from contracts.complaint import (
    AcknowledgementOverdue,
    CloseSilent,
    ComplaintEscalated,
    EndRetention,
    EscalateByTime,
    EscalateComplaint,
    FlagOverdue,
    FlagSilence,
    FlagUnacknowledged,
    LimitsMoved,
    MoveDeadline,
    ReporterSilent,
    Rung,
)
from services.complaint.domain import clock, who
from services.complaint.domain.filing import rungs
from services.complaint.domain.state import (
    Absent,
    Answered,
    Asked,
    Assigned,
    Closed,
    Complaint,
    Filed,
    Known,
    Open,
    Working,
    complaint_stream,
    next_rung,
    sorter,
)
from services.complaint.policy import refuse
from services.complaint.policy.rules import complaint_rules
from services.kit.deadlines import Clock
from services.kit.deciding import Accept, Decision, Given, Timer, accept


def timers(place: str, state: Complaint) -> tuple[Timer, ...]:
    """What is waited for. While the reporter is waited for, nothing of the office's rings."""
    if isinstance(state, Absent):
        return ()
    return (*clock.DECIDING.timers(place, state), *_own(state))


def _own(state: Known) -> tuple[Timer, ...]:
    case = state.case
    complaint_id = case.complaint_id
    match state:
        case Closed():
            if state.ended or not case.subjects:
                return ()
            at = state.retain_until
            return (Timer("retention", at, EndRetention(complaint_id=complaint_id, due_at=at)),)
        case Answered():
            return (Timer("silent", state.close_at, CloseSilent(complaint_id=complaint_id, due_at=state.close_at)),)
        case Asked():
            at_last = state.silent_at
            if at_last is None:
                return ()
            return (Timer("reporter", at_last, FlagSilence(complaint_id=complaint_id, due_at=at_last)),)
        case _:
            return (*_unacknowledged(state), *_climbing(state))


def _unacknowledged(state: Known) -> tuple[Timer, ...]:
    case = state.case
    due_at = case.acknowledge_by
    if not isinstance(state, Filed) or due_at is None or case.told_acknowledge == due_at:
        return ()
    return (Timer("acknowledge", due_at, FlagUnacknowledged(complaint_id=case.complaint_id, due_at=due_at)),)


def _climbing(state: Known) -> tuple[Timer, ...]:
    """One rung at a time: the next stands as soon as this one is reached."""
    found = next_rung(state.case, by_time=True)
    due_at = None if found is None else found[1].due_at
    if found is None or due_at is None or state.clock is None or not state.clock.running:
        return ()
    about = EscalateByTime(complaint_id=state.case.complaint_id, rung=found[0], due_at=due_at)
    return (Timer(f"rung-{found[0]}", due_at, about),)


def flag_unacknowledged(command: FlagUnacknowledged, state: Known, given: Given) -> Decision:
    case = state.case
    if not isinstance(state, Filed) or case.acknowledge_by != command.due_at or case.told_acknowledge == command.due_at:
        return Accept()
    if given.now < command.due_at:
        return refuse("not-due", due_at=command.due_at.isoformat())
    moved = moved_limits(state, state.clock, given)
    if moved is not None and moved.acknowledge_by is not None and moved.acknowledge_by > given.now:
        return accept(complaint_stream(command.complaint_id), moved)
    fact = AcknowledgementOverdue(complaint_id=command.complaint_id, due_at=command.due_at, told=sorter(case))
    return accept(complaint_stream(command.complaint_id), fact)


def flag(command: FlagOverdue, state: Complaint, given: Given) -> Decision:
    """Those above hear of it, too, but of a restricted one."""
    if isinstance(state, Absent) or state.case.restricted:
        return clock.DECIDING.flag(command, state, given)
    found = next_rung(state.case, by_time=True)
    free = [rung.position for rung in state.case.rungs if who.free(rung.position, state.case)]
    above_it = {"rung": found[1].position if found else None, "leader": free[-1] if free else None}
    return clock.DECIDING.flag(command, state, given, **above_it)


def escalate_by_time(command: EscalateByTime, state: Known, given: Given) -> Decision:
    """Nobody has answered within the time of this rung: it is handed up, or, where nobody has it yet, told."""
    found = next_rung(state.case, by_time=True)
    running = state.clock is not None and state.clock.running
    if found is None or not running or (found[0], found[1].due_at) != (command.rung, command.due_at):
        return Accept()
    if given.now < command.due_at:
        return refuse("not-due", due_at=command.due_at.isoformat())
    moved = moved_limits(state, state.clock, given)
    if moved is not None and (moved.rungs[command.rung - 1].due_at or given.now) > given.now:
        return accept(complaint_stream(command.complaint_id), moved)
    return _escalated(state, found, "time", given)


def escalate(command: EscalateComplaint, state: Working, given: Given) -> Decision:
    by = who.worker(state.case, given)
    if isinstance(by, Refusal):
        return by
    found = next_rung(state.case)
    if found is None:
        return refuse("no-rung")
    return _escalated(state, found, "hand", given, command.reason)


def _escalated(state: Known, found: tuple[int, Rung], why: str, given: Given, reason: str = "") -> Accept:
    """By hand it is his in any case; by time only where somebody had it: sorting stays with the officer."""
    case, (at, rung) = state.case, found
    by_hand = why == "hand"
    worker = who.worker(case, given) if by_hand else None
    fact = ComplaintEscalated(
        complaint_id=case.complaint_id,
        rung=at,
        from_position=case.handler,
        to_position=rung.position,
        why=why,
        reason=Sealed.of(reason) if reason else EMPTY,
        handler=rung.position if by_hand or isinstance(state, Assigned) else case.handler,
        by=None if isinstance(worker, Refusal) else worker,
    )
    return accept(complaint_stream(case.complaint_id), fact)


def flag_silence(command: FlagSilence, state: Known, given: Given) -> Decision:
    """The reporter was asked long ago: whoever asked decides what becomes of it. The clock still stands still."""
    if not isinstance(state, Asked) or state.silent_at != command.due_at:
        return Accept()
    if given.now < command.due_at:
        return refuse("not-due", due_at=command.due_at.isoformat())
    asked_at = None if state.clock is None or not state.clock.paused else state.clock.pauses[-1].from_at
    rules = clock.rules_of(state.case.standard, given)
    later = given.now if asked_at is None else clock.after(rules, complaint_rules(rules).silence, asked_at)
    case = state.case
    if later > given.now:
        moved = LimitsMoved(
            complaint_id=case.complaint_id, acknowledge_by=case.acknowledge_by, rungs=case.rungs, silent_at=later
        )
        return accept(complaint_stream(command.complaint_id), moved)
    return accept(
        complaint_stream(command.complaint_id),
        ReporterSilent(complaint_id=command.complaint_id, told=case.handler or sorter(case)),
    )


def going_on(state: Open, given: Given, why: str = "") -> tuple[Event, ...]:
    """The facts that let a clock go on which stood still or had ended, with all that hangs on it."""
    case_id, was = state.case.complaint_id, state.clock
    if was is None:
        return ()
    resumed = clock.DECIDING.resuming(case_id, was, given) or (
        clock.DECIDING.restarting(case_id, was, why, given) if why else ()
    )
    if not resumed:
        return ()
    moved = moved_limits(state, was.resumed(given.now), given)
    return (*resumed, *(() if moved is None else (moved,)))


def moved_limits(state: Known, now: Clock | None, given: Given) -> LimitsMoved | None:
    """The limits beside the deadline as the calendar and the pauses have them; None: they stand as they did."""
    case = state.case
    if now is None:
        return None
    rules = clock.rules_of(case.standard, given)
    due_at = clock.CLOCKS.due_now(now, rules, given.now)[0]
    climbing = rungs(rules, case.filed_at, due_at, now.pauses_until(given.now))
    acknowledge_by = case.acknowledge_by
    if isinstance(state, Filed):
        acknowledge_by = clock.after(rules, complaint_rules(rules).acknowledge, case.filed_at)
    if (climbing, acknowledge_by) == (case.rungs, case.acknowledge_by):
        return None
    return LimitsMoved(complaint_id=case.complaint_id, acknowledge_by=acknowledge_by, rungs=climbing)


def move(command: MoveDeadline, state: Complaint, given: Given) -> Decision:
    """The calendar has changed: the deadline moves, and the rungs with it."""
    decided = clock.DECIDING.move(command, state, given)
    if isinstance(decided, Refusal) or not decided.events or isinstance(state, Absent):
        return decided
    moved = moved_limits(state, state.clock, given)
    place = complaint_stream(command.complaint_id)
    return decided if moved is None else accept(place, *(fact for _, fact in decided.events), moved)
