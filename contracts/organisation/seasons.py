"""Hours of a season (Ramadan): confirmed with a decree, withdrawn with a reason. Stream ``seasons:agency``."""

from contracts.base import Command, Event, Line, Officer, Slug
from contracts.words import Season


class ConfirmSeason(Command):
    """An officer confirms other hours for a time (Ramadan) with the decree's number. A later decree supersedes."""

    season: Season


class WithdrawSeason(Command):
    season: Slug
    reason: Line


class SeasonConfirmed(Event):
    """``seasons``: all of the agency from now on."""

    season: Season
    seasons: tuple[Season, ...]
    revision: int
    by: Officer | None = None


class SeasonWithdrawn(Event):
    season: Slug
    reason: str
    seasons: tuple[Season, ...]
    revision: int
    by: Officer | None = None
