"""A year's closed days: proposed, confirmed with the decree's number, superseded by a later decree, closed locally."""

from __future__ import annotations

from dataclasses import dataclass, replace

from contracts.base import Event, Refusal
from contracts.organisation import (
    CalendarConfirmed,
    CalendarDrafted,
    CloseOffice,
    ConfirmCalendar,
    DraftCalendar,
    OfficeClosed,
    OfficeReopened,
    ReopenOffice,
)
from contracts.words import ClosedDay
from services.kit.deciding import Accept, Decision, Given, accept
from services.kit.worktime import closed_fault
from services.organisation.domain.agency import STREAM as AGENCY
from services.organisation.domain.agency import Agency
from services.organisation.policy import bad_dates, civil_date, not_decreed_yet, refused

LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Year:
    """``closed`` is None while the agency's files alone say which days are closed. ``revision`` counts changes."""

    draft: tuple[ClosedDay, ...] = ()
    number: str = ""
    decreed_on: str = ""
    revision: int = 0
    closed: tuple[ClosedDay, ...] | None = None


def draft_calendar(command: DraftCalendar, year: Year, given: Given) -> Decision:
    if no := _odd_days(command.year, command.closed):
        return no
    if year.draft == command.closed:
        return Accept()
    fact = CalendarDrafted(year=command.year, closed=command.closed, by=given.officer())
    return accept(stream(command.year), fact)


def confirm_calendar(command: ConfirmCalendar, year: Year, given: Given) -> Decision:  # noqa: PLR0911 - one row per reason to refuse
    """A decree is confirmed once; a later one supersedes it, an older one never does. Local closed days stay."""
    if no := bad_dates(command.decreed_on, "", first_needed=True):
        return no
    if no := not_decreed_yet(command.decreed_on, given.now):
        return no
    decreed = _in_order(command.closed or year.draft)
    if not decreed:
        return refused("calendar-empty", 422, year=command.year)
    if no := _odd_days(command.year, decreed):
        return no
    taken = {day.on for day in decreed}
    local = [day for day in _in_use(year, command.year, given) if day.kind == LOCAL and day.on not in taken]
    closed = _in_order((*decreed, *local))
    if no := _too_closed(closed):
        return no
    if year.number:
        if (year.number, year.decreed_on, year.closed) == (command.number, command.decreed_on, closed):
            return Accept()
        if year.number == command.number:
            return refused("decree-known", number=command.number)
        if command.decreed_on <= year.decreed_on:
            return refused("decree-older", newest=year.number, newest_on=year.decreed_on)
    fact = CalendarConfirmed(
        year=command.year,
        number=command.number,
        decreed_on=command.decreed_on,
        revision=year.revision + 1,
        closed=closed,
        by=given.officer(),
    )
    return accept(stream(command.year), fact)


def close_office(command: CloseOffice, year: Year, given: Given) -> Decision:
    if no := bad_dates(command.on, "", first_needed=True):
        return no
    closed = _in_use(year, year_of(command.on), given)
    known = next((day for day in closed if day.on == command.on), None)
    if known is not None:
        return Accept() if known.reason == command.reason else refused("day-closed", on=known.on, because=known.reason)
    day = ClosedDay(on=command.on, kind=LOCAL, reason=command.reason)
    if no := _too_closed((*closed, day)):
        return no
    fact = OfficeClosed(
        year=year_of(command.on),
        on=command.on,
        reason=command.reason,
        revision=year.revision + 1,
        closed=_in_order((*closed, day)),
        by=given.officer(),
    )
    return accept(stream(fact.year), fact)


def reopen_office(command: ReopenOffice, year: Year, given: Given) -> Decision:
    """Only the agency's own closed days: what is decreed stays closed."""
    if no := bad_dates(command.on, "", first_needed=True):
        return no
    closed = _in_use(year, year_of(command.on), given)
    known = next((day for day in closed if day.on == command.on), None)
    if known is None:
        return Accept()
    if known.kind != LOCAL:
        return refused("day-decreed", on=known.on, because=known.reason)
    fact = OfficeReopened(
        year=year_of(command.on),
        on=command.on,
        reason=command.reason,
        revision=year.revision + 1,
        closed=tuple(day for day in closed if day.on != command.on),
        by=given.officer(),
    )
    return accept(stream(fact.year), fact)


def evolve_year(year: Year, event: Event) -> Year:
    match event:
        case CalendarDrafted():
            return replace(year, draft=event.closed)
        case CalendarConfirmed():
            return Year((), event.number, event.decreed_on, event.revision, event.closed)
        case OfficeClosed() | OfficeReopened():
            return replace(year, revision=event.revision, closed=event.closed)
    return year


def _in_use(year: Year, number: int, given: Given) -> tuple[ClosedDay, ...]:
    agency: Agency = given.load(AGENCY)
    return agency.days(number) if year.closed is None else year.closed


def _in_order(days: tuple[ClosedDay, ...]) -> tuple[ClosedDay, ...]:
    return tuple(sorted(days, key=lambda day: day.on))


def _odd_days(year: int, days: tuple[ClosedDay, ...]) -> Refusal | None:
    seen = set()
    for day in days:
        if civil_date(day.on) is None:
            return refused("date-unreadable", 422, on=day.on)
        if year_of(day.on) != year:
            return refused("day-of-another-year", 422, on=day.on, year=year)
        if day.on in seen:
            return refused("day-twice", 422, on=day.on)
        seen.add(day.on)
    return _too_closed(days)


def _too_closed(days: tuple[ClosedDay, ...]) -> Refusal | None:
    """Somebody must be able to keep a deadline in what is left of the year."""
    reason = closed_fault(day.on for day in days)
    return refused("calendar-too-closed", 422, reason=reason) if reason else None


def year_of(on: str) -> int:
    return int(on[:4]) if on[:4].isdigit() else 0


def stream(year: int) -> str:
    return f"calendar:{year}"
