"""What is decided about a case's clock. Pure.

Two forms of each: facts, which a service states together with its own (``asking`` a question pauses, the answer lets it
go on), and whole decisions for commands that do nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.base import Event, Refusal
from contracts.clocks import CalendarFields, SeasonsFields
from services.kit.deadlines.clock import Clock, reminder
from services.kit.deadlines.standards import YEARS, Years
from services.kit.deadlines.table import CaseClocks
from services.kit.deciding import Accept, Decision, Given, Timer, accept


class Deciding:
    """The decisions of one kind of case."""

    def __init__(self, clocks: CaseClocks) -> None:
        self._clocks = clocks
        self._facts, self._commands, self._refuse = clocks.facts, clocks.commands, clocks.refuse

    def adopt_calendar(self, command: CalendarFields, years: Years, _given: Given) -> Decision:
        """An older revision that comes late changes nothing."""
        if command.revision <= years.revisions.get(command.year, 0):
            return Accept()
        return accept(YEARS, self._facts.calendar_adopted(**dict(command)))

    def adopt_seasons(self, command: SeasonsFields, years: Years, _given: Given) -> Decision:
        if command.revision <= years.seasons_revision:
            return Accept()
        return accept(YEARS, self._facts.seasons_adopted(**dict(command)))

    def pausing(
        self, case_id: UUID, clock: Clock | None, reason: str, note: str, given: Given
    ) -> Event | Refusal | None:
        """The fact that pauses it; None: it is paused for this reason already."""
        if clock is None:
            return self._refuse("clock-stopped")
        rows = self._clocks.rules_of(clock, given).get("pauses", ())
        if reason not in (allowed := {row["reason"] for row in rows}):
            return self._refuse("pause-not-allowed", reason=reason, allowed=sorted(allowed))
        if clock.stopped:
            return self._refuse("clock-stopped")
        if clock.paused:
            return None if clock.pauses[-1].reason == reason else self._refuse("clock-paused")
        by = given.officer()
        paused: Event = self._clocks.made(self._facts.paused, case_id, at=given.now, reason=reason, note=note, by=by)
        return paused

    def resuming(self, case_id: UUID, clock: Clock | None, given: Given) -> tuple[Event, ...]:
        """The facts that let a paused clock go on, and move its deadline; none where it is not paused."""
        if clock is None or not clock.paused:
            return ()
        rules = self._clocks.rules_of(clock, given)
        return tuple(self._going_on(case_id, clock, f"jam dihentikan: {_title(rules, clock.pauses[-1].reason)}", given))

    def restarting(self, case_id: UUID, clock: Clock | None, reason: str, given: Given) -> tuple[Event, ...]:
        """The facts that let an ended clock go on (`CaseClocks.restarts`); none where it has not ended.

        ``reason``: Indonesian, for the moved deadline. What lies between does not count.
        """
        if clock is None or not clock.stopped or clock.paused:
            return ()
        return tuple(self._going_on(case_id, clock, reason, given))

    def _going_on(self, case_id: UUID, clock: Clock, reason: str, given: Given) -> Iterator[Event]:
        yield self._clocks.made(self._facts.resumed, case_id, at=given.now, by=given.officer())
        yield from self._moved(case_id, clock, clock.resumed(given.now), reason, given)

    def stopping(self, case_id: UUID, clock: Clock | None, at: datetime) -> tuple[Event, ...]:
        """The fact that ends it; none where it has ended."""
        if clock is None or clock.stopped:
            return ()
        return (self._clocks.made(self._facts.stopped, case_id, at=at),)

    def pause(self, command: Any, state: Any, given: Given) -> Decision:
        case_id = self._clocks.case_of(command)
        paused = self.pausing(case_id, self._clocks.clock_of(state), command.reason, command.note, given)
        return paused if isinstance(paused, Refusal) else self._stated(case_id, *(() if paused is None else (paused,)))

    def resume(self, command: Any, state: Any, given: Given) -> Decision:
        case_id = self._clocks.case_of(command)
        return self._stated(case_id, *self.resuming(case_id, self._clocks.clock_of(state), given))

    def stop(self, command: Any, state: Any, _given: Given) -> Decision:
        case_id = self._clocks.case_of(command)
        return self._stated(case_id, *self.stopping(case_id, self._clocks.clock_of(state), command.at))

    def move(self, command: Any, state: Any, given: Given) -> Decision:
        """Only a clock that runs: what is paused is reckoned anew when it goes on, what has ended stays as it was.

        Limits kept by other services are not paused with it: they follow the calendar while the case is on its way.
        """
        case_id, clock = self._clocks.case_of(command), self._clocks.clock_of(state)
        if clock is None or clock.stopped:
            return Accept()
        moved = () if clock.paused else self._moved(case_id, clock, clock, command.reason, given)
        return self._stated(case_id, *moved, *self._retimed(command, state, clock, given))

    def _moved(self, case_id: UUID, was: Clock, clock: Clock, reason: str, given: Given) -> Iterator[Event]:
        rules = self._clocks.rules_of(clock, given)
        due_at, calendar = self._clocks.due_now(clock, rules, given.now)
        if due_at != was.due_at:
            yield self._clocks.made(
                self._facts.moved,
                case_id,
                old_due_at=was.due_at,
                due_at=due_at,
                remind_at=reminder(rules, due_at),
                calendar=calendar,
                reason=reason,
            )

    def _retimed(self, command: Any, state: Any, clock: Clock, given: Given) -> Iterator[Event]:
        outer = self._clocks.outer
        if outer is not None and (working := outer.changed(clock, self._clocks.rules_of(clock, given))) is not None:
            yield outer.fact(command, state, working)

    def timers(self, place: str, state: Any) -> tuple[Timer, ...]:
        """As long as the clock runs; a deadline that is moved is watched anew."""
        clock = self._running(state)
        if clock is None:
            return ()
        case_id, due_at = UUID(place.partition(":")[2]), clock.due_at
        wanted: list[Timer] = []
        if _to_remind(clock):
            about = self._clocks.made(self._commands.remind, case_id, due_at=due_at)
            wanted.append(Timer("remind", clock.remind_at or due_at, about))
        if clock.flagged != due_at:
            wanted.append(Timer("overdue", due_at, self._clocks.made(self._commands.flag, case_id, due_at=due_at)))
        return tuple(wanted)

    def remind(self, command: Any, state: Any, given: Given) -> Decision:
        clock = self._running(state)
        if clock is None or clock.due_at != command.due_at or not _to_remind(clock):
            return Accept()
        if clock.remind_at is not None and given.now < clock.remind_at:
            return self._refuse("not-due", remind_at=clock.remind_at.isoformat())
        return self._told(self._facts.due_soon, self._clocks.case_of(command), clock)

    def flag(self, command: Any, state: Any, given: Given, **also: Any) -> Decision:
        """``also``: what the service's own fact says besides."""
        clock = self._running(state)
        if clock is None or clock.due_at != command.due_at or clock.flagged == clock.due_at:
            return Accept()
        if given.now < clock.due_at:
            return self._refuse("not-due", due_at=clock.due_at.isoformat())
        return self._told(self._facts.overdue, self._clocks.case_of(command), clock, **also)

    def _running(self, state: Any) -> Clock | None:
        clock = self._clocks.clock_of(state)
        return clock if clock is not None and clock.running else None

    def _told(self, cls: type[Any], case_id: UUID, clock: Clock, **also: Any) -> Decision:
        said = self._clocks.made(cls, case_id, due_at=clock.due_at, told=clock.told, number=clock.number, **also)
        return self._stated(case_id, said)

    def _stated(self, case_id: UUID, *facts: Event) -> Accept:
        return accept(self._clocks.stream_of(case_id), *facts)


def _to_remind(clock: Clock) -> bool:
    """Not once it is too late for a reminder."""
    said = clock.due_at in {clock.reminded, clock.flagged}
    return clock.remind_at is not None and not said


def _title(rules: dict[str, Any], reason: str) -> str:
    return str(next((row["title"] for row in rules.get("pauses", ()) if row["reason"] == reason), reason))
