"""What an agency says of notices and of its working time, as this service keeps it. Stream ``office:agency``."""

from typing import Any

from pydantic import Field

from contracts.base import Command, Event, Line
from contracts.notices import NoticeRules
from contracts.words import ClosedDay, Season


class AdoptOffice(Command):
    """Reaction to `AgencyDescribed`."""

    zone: Line
    hours: tuple[dict[str, Any], ...] = ()
    closed: tuple[ClosedDay, ...] = ()
    rules: NoticeRules = Field(default_factory=NoticeRules)


class AdoptCalendar(Command):
    """Reaction to a confirmed decree, or to the agency's own closed day."""

    year: int
    revision: int
    closed: tuple[ClosedDay, ...]


class AdoptSeasons(Command):
    """Reaction to a season that was confirmed or withdrawn."""

    revision: int
    seasons: tuple[Season, ...]


class OfficeAdopted(Event):
    """``number`` counts them; notices are planned by the newest."""

    number: int
    zone: str
    hours: tuple[dict[str, Any], ...] = ()
    closed: tuple[ClosedDay, ...] = ()
    rules: NoticeRules


class CalendarAdopted(Event):
    year: int
    revision: int
    closed: tuple[ClosedDay, ...]


class SeasonsAdopted(Event):
    revision: int
    seasons: tuple[Season, ...]


COMMANDS: tuple[type[Command], ...] = (AdoptOffice, AdoptCalendar, AdoptSeasons)
EVENTS: tuple[type[Event], ...] = (OfficeAdopted, CalendarAdopted, SeasonsAdopted)
