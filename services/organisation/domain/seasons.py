"""Seasons with hours of their own (Ramadan): confirmed with a decree, superseded by a later one, withdrawn."""

from __future__ import annotations

from dataclasses import dataclass

from contracts import bounds
from contracts.base import Event
from contracts.organisation import ConfirmSeason, SeasonConfirmed, SeasonWithdrawn, WithdrawSeason
from contracts.words import Season
from services.kit.deciding import Accept, Decision, Given, accept
from services.kit.worktime import hours_faults, with_seasons
from services.organisation.domain.agency import STREAM as AGENCY
from services.organisation.domain.agency import Agency
from services.organisation.policy import bad_dates, not_decreed_yet, refused

STREAM = "seasons:agency"
ANY_HOURS = [{"days": ["mon"], "open": "08:00", "close": "16:00"}]


@dataclass(frozen=True, slots=True)
class Seasons:
    """All that hold, in order of their beginning. ``revision`` counts changes."""

    known: tuple[Season, ...] = ()
    revision: int = 0

    def one(self, slug: str) -> Season | None:
        return next((each for each in self.known if each.season == slug), None)


def confirm_season(command: ConfirmSeason, seasons: Seasons, given: Given) -> Decision:  # noqa: PLR0911 - one row per reason to refuse
    """Its frames must be hours that the engine can read and may not lie over those of another season."""
    wanted = command.season
    if no := bad_dates(wanted.decreed_on, "", first_needed=True):
        return no
    if no := not_decreed_yet(wanted.decreed_on, given.now):
        return no
    if no := bad_dates(wanted.from_on, wanted.until_on, first_needed=True, last_needed=True):
        return no
    before = seasons.one(wanted.season)
    if before == wanted:
        return Accept()
    if before is not None and before.number == wanted.number:
        return refused("decree-known", number=wanted.number)
    if before is not None and wanted.decreed_on <= before.decreed_on:
        return refused("decree-older", newest=before.number, newest_on=before.decreed_on)
    others = (each for each in seasons.known if each.season != wanted.season)
    all_of_them = tuple(sorted((*others, wanted), key=lambda each: each.from_on))
    if (reason := _unreadable(all_of_them, given)) is not None:
        return refused("season-wrong", 422, reason=reason)
    fact = SeasonConfirmed(season=wanted, seasons=all_of_them, revision=seasons.revision + 1, by=given.officer())
    return accept(STREAM, fact)


def withdraw_season(command: WithdrawSeason, seasons: Seasons, given: Given) -> Decision:
    if seasons.one(command.season) is None:
        return Accept()
    fact = SeasonWithdrawn(
        season=command.season,
        reason=command.reason,
        seasons=tuple(each for each in seasons.known if each.season != command.season),
        revision=seasons.revision + 1,
        by=given.officer(),
    )
    return accept(STREAM, fact)


def evolve_seasons(seasons: Seasons, event: Event) -> Seasons:
    match event:
        case SeasonConfirmed() | SeasonWithdrawn():
            return Seasons(event.seasons, event.revision)
    return seasons


def _unreadable(seasons: tuple[Season, ...], given: Given) -> str | None:
    agency: Agency = given.load(AGENCY)
    zone = agency.facts.zone if agency.facts is not None else "Asia/Jakarta"
    told = [each.model_dump(mode="json") for each in seasons]
    if len(seasons) > bounds.MOST_SEASONS:
        return f"paling banyak {bounds.MOST_SEASONS} musim"
    try:
        rules = with_seasons({"zone": zone, "hours": ANY_HOURS, "holidays": []}, told)
        return next((fault.reason for fault in hours_faults(rules)), None)
    except ValueError as error:
        place, _, reason = str(error).partition(": ")
        return reason or place
