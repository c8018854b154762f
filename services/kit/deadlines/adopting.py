"""What organisation states of calendars, as the fields of a service's own commands that adopt it. Pure."""

from __future__ import annotations

from typing import Any

from contracts.base import Event
from contracts.organisation import CalendarConfirmed, OfficeClosed, OfficeReopened, SeasonConfirmed, SeasonWithdrawn

CALENDARS: tuple[type[Event], ...] = (CalendarConfirmed, OfficeClosed, OfficeReopened)
SEASONS: tuple[type[Event], ...] = (SeasonConfirmed, SeasonWithdrawn)


def calendar_fields(event: Event) -> dict[str, Any] | None:
    """Of a `contracts.clocks.CalendarFields`; None: it is no such fact."""
    match event:
        case CalendarConfirmed():
            number, told = event.number, f"kalender {event.year} menurut {event.number}"
        case OfficeClosed():
            number, told = "", f"libur setempat {event.on}: {event.reason}"
        case OfficeReopened():
            number, told = "", f"libur setempat {event.on} dibatalkan: {event.reason}"
        case _:
            return None
    return {"year": event.year, "number": number, "revision": event.revision, "closed": event.closed, "reason": told}


def seasons_fields(event: Event) -> dict[str, Any] | None:
    """Of a `contracts.clocks.SeasonsFields`; None: it is no such fact."""
    match event:
        case SeasonConfirmed():
            season = event.season
            told = f"jam {season.name} {season.from_on} sampai {season.until_on} menurut {season.number}"
        case SeasonWithdrawn():
            told = f"jam musiman dicabut: {event.reason}"
        case _:
            return None
    return {"revision": event.revision, "seasons": event.seasons, "reason": told}
