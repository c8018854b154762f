"""How a complaint ends, and how long who reported is kept afterwards."""

from datetime import timedelta

from contracts.base import Event, Officer
from contracts.complaint import (
    AcceptAnswer,
    CloseSilent,
    ComplaintClosed,
    ComplaintWithdrawn,
    EndRetention,
    LimitsMoved,
    ReporterRetentionEnded,
    WithdrawComplaint,
)
from contracts.complaint.handling import Outcome
from services.complaint.domain import clock, who
from services.complaint.domain.filing import sealed
from services.complaint.domain.state import Answered, Closed, Known, Open, complaint_stream
from services.complaint.policy import refuse
from services.complaint.policy.rules import complaint_rules
from services.kit.deciding import Accept, Decision, Given, accept


def closing(state: Open, outcome: Outcome, given: Given, by: Officer | None) -> tuple[Event, ...]:
    """The clock ends where it still runs, and the case is closed."""
    days = clock.own_rules(state.case.standard, given).retention_days
    case_clock = state.clock
    complaint_id = state.case.complaint_id
    stopped = clock.DECIDING.stopping(complaint_id, case_clock, given.now)
    ended = given.now if case_clock is None else case_clock.stopped_at or given.now
    fact = ComplaintClosed(
        complaint_id=complaint_id,
        outcome=outcome,
        closed_at=given.now,
        late=case_clock is not None and ended > case_clock.due_at,
        retain_until=given.now + timedelta(days=days),
        by=by,
    )
    return (*stopped, fact)


def withdraw(command: WithdrawComplaint, state: Open, given: Given) -> Decision:
    by = who.speaking(given)
    reason = sealed(command.reason, "reporter", str(command.complaint_id))
    fact = ComplaintWithdrawn(complaint_id=command.complaint_id, reason=reason, by=by)
    return accept(complaint_stream(command.complaint_id), fact, *closing(state, "withdrawn", given, by))


def accept_answer(command: AcceptAnswer, state: Answered | Closed, given: Given) -> Decision:
    if isinstance(state, Closed):
        return Accept() if state.outcome == "accepted" else refuse("closed")
    by = who.speaking(given)
    return accept(complaint_stream(command.complaint_id), *closing(state, "accepted", given, by))


def close_silent(command: CloseSilent, state: Known, given: Given) -> Decision:
    """Timer: nothing was heard since the answer. A calendar that has moved the end lets it wait for that."""
    if not isinstance(state, Answered) or state.close_at != command.due_at:
        return Accept()
    if given.now < state.close_at:
        return refuse("not-due", due_at=state.close_at.isoformat())
    later = moved_silence(state, given)
    if later is not None:
        return accept(complaint_stream(command.complaint_id), later)
    return accept(complaint_stream(command.complaint_id), *closing(state, "silent", given, None))


def moved_silence(state: Answered, given: Given) -> LimitsMoved | None:
    """The end of the silence after an answer as the calendar has it now, where that lies ahead."""
    answered_at = None if state.clock is None else state.clock.stopped_at
    if answered_at is None:
        return None
    rules = clock.rules_of(state.case.standard, given)
    own = complaint_rules(rules)
    until = None if state.object_until is None else clock.after(rules, own.objection_window, answered_at)
    silence = clock.after(rules, own.silence, answered_at)
    close_at = silence if until is None else max(silence, until)
    if close_at <= given.now:
        return None
    return LimitsMoved(
        complaint_id=state.case.complaint_id, acknowledge_by=state.case.acknowledge_by, rungs=state.case.rungs,
        silent_at=close_at, object_until=until,
    )  # fmt: skip


def end_retention(command: EndRetention, state: Known, given: Given) -> Decision:
    """Timer: the keys of the reporter's words and of his name are destroyed; the case, its gist and answer stay."""
    if not isinstance(state, Closed) or state.ended or state.retain_until != command.due_at:
        return Accept()
    if given.now < state.retain_until:
        return refuse("not-due", due_at=state.retain_until.isoformat())
    facts = [
        ReporterRetentionEnded(complaint_id=command.complaint_id, subject_id=each, reason="retention")
        for each in state.case.subjects
    ]
    return accept(complaint_stream(command.complaint_id), *facts)
