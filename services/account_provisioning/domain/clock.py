"""The clock of a request: it starts when all is there, stands still while the applicant is waited for, and ends where
the standard says.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.account_provisioning import (
    ClockPaused,
    ClockResumed,
    ClockStopped,
    DeadlineMoved,
    FlagOverdue,
    RemindDeadline,
    RequestCompleted,
    RequestDueSoon,
    RequestOverdue,
)
from contracts.base import Event
from services.account_provisioning.domain.standards import rules_of
from services.account_provisioning.domain.state import Absent, Clock, Request, Wish, request_stream
from services.account_provisioning.policy import refuse
from services.kit.deciding import Accept, Decision, Given, Timer, accept
from services.kit.worktime import Calendar, Pause, due, minutes_before


def started(request_id: UUID, rules: Mapping[str, Any], given: Given) -> RequestCompleted:
    """All is there, now."""
    calendar = Calendar.from_rules(rules)
    due_at = due(calendar, given.now, rules["deadline"])
    return RequestCompleted(
        request_id=request_id,
        completed_at=given.now,
        due_at=due_at,
        remind_at=_reminder(calendar, rules, due_at),
        calendar=calendar.version,
        told=next(iter(rules["accounts"]["reviewers"]), None),
    )


def paused(request_id: UUID, reason: str, given: Given) -> ClockPaused:
    return ClockPaused(request_id=request_id, at=given.now, reason=reason, by=given.officer())


def resumed(request_id: UUID, wish: Wish, clock: Clock, given: Given) -> tuple[Event, ...]:
    """It goes on, and the deadline moves by what it stood still."""
    if not clock.paused or clock.started_at is None or clock.due_at is None:
        return ()
    rules = rules_of(wish.standard.standard, wish.standard.version, given)
    calendar = Calendar.from_rules(rules)
    running = clock.resumed(given.now)
    stood = tuple(Pause(each.from_at, each.until_at or given.now, each.reason) for each in running.pauses)
    due_at = due(calendar, clock.started_at, rules["deadline"], stood)
    facts: tuple[Event, ...] = (ClockResumed(request_id=request_id, at=given.now),)
    if due_at == clock.due_at:
        return facts
    titles = {row["reason"]: row["title"] for row in rules.get("pauses", ())}
    why = clock.pauses[-1].reason
    moved = DeadlineMoved(
        request_id=request_id,
        old_due_at=clock.due_at,
        due_at=due_at,
        remind_at=_reminder(calendar, rules, due_at),
        calendar=calendar.version,
        reason=f"jam dihentikan: {titles.get(why, why)}",
    )
    return (*facts, moved)


def stopped(request_id: UUID, clock: Clock, at: datetime) -> tuple[ClockStopped, ...]:
    """Once, if it ever began."""
    return () if clock.stopped or clock.started_at is None else (ClockStopped(request_id=request_id, at=at),)


def timers(place: str, state: Request) -> tuple[Timer, ...]:
    """A reminder before the deadline, and the word that it is over; a deadline that is moved is watched anew."""
    clock = _running(state)
    if clock is None or clock.due_at is None:
        return ()
    request_id, due_at = UUID(place.partition(":")[2]), clock.due_at
    wanted: list[Timer] = []
    if _remind(clock) and clock.remind_at is not None:
        wanted.append(Timer("remind", clock.remind_at, RemindDeadline(request_id=request_id, due_at=due_at)))
    if clock.flagged != due_at:
        wanted.append(Timer("overdue", due_at, FlagOverdue(request_id=request_id, due_at=due_at)))
    return tuple(wanted)


def remind(command: RemindDeadline, state: Request, given: Given) -> Decision:
    clock = _running(state)
    if clock is None or clock.due_at != command.due_at or not _remind(clock):
        return Accept()
    if clock.remind_at is not None and given.now < clock.remind_at:
        return refuse("not-due", remind_at=clock.remind_at.isoformat())
    fact = RequestDueSoon(request_id=command.request_id, due_at=command.due_at, told=clock.told)
    return accept(request_stream(command.request_id), fact)


def flag(command: FlagOverdue, state: Request, given: Given) -> Decision:
    clock = _running(state)
    if clock is None or clock.due_at != command.due_at or clock.flagged == clock.due_at:
        return Accept()
    if given.now < command.due_at:
        return refuse("not-due", due_at=command.due_at.isoformat())
    fact = RequestOverdue(request_id=command.request_id, due_at=command.due_at, told=clock.told)
    return accept(request_stream(command.request_id), fact)


def _remind(clock: Clock) -> bool:
    """Not once it is too late for a reminder."""
    return clock.remind_at is not None and clock.due_at not in {clock.reminded, clock.flagged}


def _running(state: Request) -> Clock | None:
    if isinstance(state, Absent) or state.clock.stopped or state.clock.paused:
        return None
    return state.clock


def _reminder(calendar: Calendar, rules: Mapping[str, Any], due_at: datetime) -> datetime | None:
    minutes = rules.get("remind_before")
    return minutes_before(calendar, due_at, minutes) if minutes else None
