"""A case's clock as its facts leave it, and when it is due. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from contracts.words import StandardRef, WorkingTime
from services.kit.deadlines.standards import Rules, once_each, zone
from services.kit.worktime import Calendar, Pause, due, minutes_before

REMINDERS_KNOWN = 500
STOPPED = "stopped"
"""Why a clock stood still that had ended and went on."""


@dataclass(frozen=True, slots=True)
class Paused:
    """``until_at`` is None while the clock stands still."""

    from_at: datetime
    until_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Clock:
    """``row``: which of the standard's limits it keeps; empty: its only one. ``told``: the position that hears of it.
    ``number``: what people call the case, for whoever is told.

    ``reminded``, ``flagged``: the deadlines of which it has been said that they draw near, that they are over.
    ``working_time``: what limits of the case that other services keep are computed from, as it was told last.
    """

    standard: StandardRef
    received_at: datetime
    due_at: datetime
    remind_at: datetime | None = None
    told: str | None = None
    row: str = ""
    reminded: datetime | None = None
    flagged: datetime | None = None
    pauses: tuple[Paused, ...] = ()
    stopped_at: datetime | None = None
    working_time: WorkingTime | None = None
    number: str = ""

    @property
    def paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].until_at is None

    @property
    def stopped(self) -> bool:
        return self.stopped_at is not None

    @property
    def running(self) -> bool:
        return not self.paused and not self.stopped

    def resumed(self, at: datetime) -> Clock:
        """Goes on after its pause; a clock that had ended goes on as if it had been paused since."""
        if self.paused:
            return replace(self, pauses=(*self.pauses[:-1], replace(self.pauses[-1], until_at=at)))
        if self.stopped_at is None:
            return self
        return replace(self, pauses=(*self.pauses, Paused(self.stopped_at, at, STOPPED)), stopped_at=None)

    def pauses_until(self, now: datetime) -> tuple[Pause, ...]:
        """For the calendar: a pause that lasts ends, for a calculation, now."""
        return tuple(Pause(each.from_at, each.until_at or max(now, each.from_at), each.reason) for each in self.pauses)


@dataclass(frozen=True, slots=True)
class Due:
    """When it is due (aware UTC), when somebody is reminded before, and the calendar that says so."""

    due_at: datetime
    remind_at: datetime | None
    calendar: str


def due_of(
    rules: Rules, limit: Mapping[str, Any], received_at: datetime, pauses: tuple[Pause, ...] = ()
) -> tuple[datetime, str]:
    """The moment and the calendar. What came outside service hours counts as received at the next opening."""
    calendar = Calendar.from_rules(rules)
    return due(calendar, received_at, limit, pauses), calendar.version


def reminder(rules: Rules, due_at: datetime) -> datetime | None:
    """When somebody is reminded of a deadline: so many service minutes before it, where the standard says so."""
    minutes = rules.get("remind_before")
    if not minutes:
        return None
    known = _reminders(rules)
    if due_at not in known:
        if len(known) >= REMINDERS_KNOWN:
            known.clear()
        known[due_at] = minutes_before(Calendar.from_rules(rules), due_at, minutes)
    return known[due_at]


@once_each
def _reminders(_rules: Rules) -> dict[datetime, datetime]:
    """Deadline to reminder, as they have been reckoned: the cases of a day are often due at the same moment."""
    return {}


def working_time(rules: Rules, since: datetime) -> WorkingTime:
    """The working time in a form that travels: closed days from the civil year of ``since`` on."""
    calendar = Calendar.from_rules(rules)
    year = since.astimezone(zone(rules)).year
    closed = sorted(day for day in calendar.closed if day.year >= year and calendar.closing(day))
    return WorkingTime(
        calendar=calendar.version,
        zone=calendar.zone,
        hours=tuple(rules["hours"]),
        closed=tuple(day.isoformat() for day in closed),
        seasons=tuple(rules.get("seasons", ())),
    )
