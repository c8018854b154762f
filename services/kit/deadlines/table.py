"""The table by which a service says what its cases' clocks are called, and what follows from it. Pure.

A kind of case has one main clock: it begins with a fact, is paused, goes on, is moved by a decree, is said to draw near
and to be over, and ends. The service declares the classes (fields: `contracts.clocks`); the kit decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.base import Event
from contracts.words import StandardRef, WorkingTime
from services.kit.deadlines.clock import Clock, Due, Paused, due_of, reminder
from services.kit.deadlines.standards import AGENCY_RULES, YEARS, Rules, Standard, Years, rules_of, standard_stream
from services.kit.deciding import Given
from services.kit.policy import Refusals
from services.kit.worktime import Pause

KEPT = ("pauses", "reminded", "flagged", "stopped_at", "working_time")
"""Of a clock that begins anew."""

CLOCK_REFUSALS: Mapping[str, int] = {
    "pause-not-allowed": 422,
    "clock-paused": 409,
    "clock-stopped": 409,
    "not-due": 409,
}

Starts = Mapping[type[Event], Callable[[Any], Clock]]


def the_deadline(rules: Rules, _row: str) -> Mapping[str, Any]:
    """The limit of a standard that has one for all its cases."""
    limit: Mapping[str, Any] = rules["deadline"]
    return limit


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """The events, each with the fields of `contracts.clocks`."""

    standard_adopted: type[Any]
    calendar_adopted: type[Any]
    seasons_adopted: type[Any]
    moved: type[Any]
    paused: type[Any]
    resumed: type[Any]
    stopped: type[Any]
    due_soon: type[Any]
    overdue: type[Any]

    @property
    def adoptions(self) -> tuple[type[Any], ...]:
        return (self.standard_adopted, self.calendar_adopted, self.seasons_adopted)


@dataclass(frozen=True, slots=True)
class ClockCommands:
    """Those that the kit asks by itself: `move` by the watch, the others by timers."""

    move: type[Any]
    remind: type[Any]
    flag: type[Any]


@dataclass(frozen=True, slots=True)
class OuterLimits:
    """Where other services keep limits of the case, and compute them from a working time that this one tells.

    ``told``: facts that tell it. ``reckoned``: what it is now; None: the standard sets no such limits. ``fact``: that
    it has changed, from the command, the stream's state and the working time.
    """

    told: tuple[type[Event], ...]
    reckoned: Callable[[Rules, datetime], WorkingTime | None]
    fact: Callable[[Any, Any, WorkingTime], Event]

    def changed(self, clock: Clock, rules: Rules) -> WorkingTime | None:
        """None: nothing was told, or it is the same. The calendar's name alone is no difference."""
        told = clock.working_time
        now = self.reckoned(rules, clock.received_at) if told is not None else None
        if told is None or now is None or now.model_copy(update={"calendar": told.calendar}) == told:
            return None
        return now


@dataclass(frozen=True, slots=True)
class CaseClocks:
    """``stream``: the kind of the case's stream, before the colon. ``starts``: how a clock begins; one that
    begins anew (the case was reclassified) keeps its pauses. ``ends``: facts after which nothing more happens to it.

    ``clock_of``: of the stream's state; None: it has none (not yet, or no longer). ``limit``: the row of a standard's
    rules for `Clock.row`. ``refuse``: its table holds `CLOCK_REFUSALS`.
    ``restarts``: a clock that has ended may go on (an objection); else its end is the last that is heard of it.
    """

    stream: str
    facts: ClockFacts
    commands: ClockCommands
    starts: Starts
    ends: tuple[type[Event], ...]
    clock_of: Callable[[Any], Clock | None]
    refuse: Refusals
    limit: Callable[[Rules, str], Mapping[str, Any]] = the_deadline
    agency_rules: frozenset[str] = AGENCY_RULES
    outer: OuterLimits | None = None
    restarts: bool = False

    @property
    def case_field(self) -> str:
        """The field that names the case, for example ``letter_id``."""
        name: str = self.facts.moved.case
        return name

    @property
    def final(self) -> tuple[type[Event], ...]:
        """After which nothing more is heard of a clock."""
        return self.ends if self.restarts else (*self.ends, self.facts.stopped)

    def stream_of(self, case_id: UUID) -> str:
        return f"{self.stream}:{case_id}"

    def case_of(self, message: Any) -> UUID:
        found: UUID = getattr(message, self.case_field)
        return found

    def made(self, cls: type[Any], case_id: UUID, **fields: Any) -> Any:
        """A message of this class about the case."""
        return cls(**{self.case_field: case_id}, **fields)

    def fold(self, clock: Clock | None, event: Event) -> Clock | None:
        """The clock after this fact; None: there is none (not yet, or no longer)."""
        begins = self.starts.get(type(event))
        if begins is not None:
            begun = begins(event)
            if clock is None:
                return begun
            kept = {name: getattr(clock, name) for name in KEPT}
            return replace(begun, **kept)
        if clock is None or type(event) in self.ends:
            return None
        return self._changed(clock, event)

    def _changed(self, clock: Clock, event: Any) -> Clock:  # noqa: PLR0911 - a table: one row per fact
        """A row per fact; what says nothing to a clock changes nothing."""
        kind, facts = type(event), self.facts
        if kind is facts.moved:
            return replace(clock, due_at=event.due_at, remind_at=event.remind_at)
        if kind is facts.paused:
            return replace(clock, pauses=(*clock.pauses, Paused(event.at, None, event.reason)))
        if kind is facts.resumed:
            return clock.resumed(event.at)
        if kind is facts.stopped:
            return replace(clock, stopped_at=event.at)
        if kind is facts.due_soon:
            return replace(clock, reminded=event.due_at)
        if kind is facts.overdue:
            return replace(clock, flagged=event.due_at)
        if self.outer is not None and kind in self.outer.told:
            return replace(clock, working_time=event.working_time)
        return clock

    def rules_of(self, clock: Clock, given: Given) -> dict[str, Any]:
        """Of the version that the case runs under, for all its life, under the calendar that holds now."""
        return self.rules_under(clock.standard, given)

    def rules_under(self, ref: StandardRef, given: Given) -> dict[str, Any]:
        return rules_of(ref.version, given.load(standard_stream(ref.standard)), given.load(YEARS))

    def due(self, rules: Rules, received_at: datetime, row: str = "", pauses: tuple[Pause, ...] = ()) -> Due:
        """Raises ValueError with a sentence where no calendar reaches so far."""
        due_at, calendar = due_of(rules, self.limit(rules, row), received_at, pauses)
        return Due(due_at, reminder(rules, due_at), calendar)

    def due_now(self, clock: Clock, rules: Rules, now: datetime) -> tuple[datetime, str]:
        """When the case is due by these rules; an open pause ends now."""
        return due_of(rules, self.limit(rules, clock.row), clock.received_at, clock.pauses_until(now))

    def moves(self, clock: Clock, standard: Standard, years: Years, now: datetime) -> bool:
        """Whether the calendar that holds now makes the case due at another moment, or its outer limits."""
        rules = rules_of(clock.standard.version, standard, years)
        if not clock.paused and self.due_now(clock, rules, now)[0] != clock.due_at:
            return True
        return self.outer is not None and self.outer.changed(clock, rules) is not None
