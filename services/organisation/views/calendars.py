"""The years of an agency's calendar: what counts, what is only proposed, which decree says so."""

from __future__ import annotations

from contracts.offices import AgencyFactsAnswer, CalendarsAnswer, CalendarYear
from contracts.organisation import Calendars
from services.organisation.domain.agency import Agency
from services.organisation.domain.calendars import Year
from services.organisation.domain.seasons import Seasons
from services.organisation.ports import OpenField
from services.organisation.views.access import signer
from services.organisation.views.directory import Directory


def calendars(directory: Directory, opened: OpenField, agency: str, asked: Calendars) -> CalendarsAnswer:
    described = directory.agencies.get(agency, Agency())
    known = {year for year, _ in directory.of(directory.years, agency)}
    if described.facts is not None:
        known |= {decree.year for decree in described.facts.decrees}
        known |= {int(day.on[:4]) for day in described.facts.closed}
    years = tuple(_year(directory, opened, agency, described, year) for year in asked.years or sorted(known))
    hours = described.facts.hours if described.facts else ()
    seasons = directory.seasons.get(agency, Seasons()).known
    return CalendarsAnswer(zone=directory.zone(agency).key, hours=hours, calendars=years, seasons=seasons)


def facts(directory: Directory, agency: str) -> AgencyFactsAnswer:
    return AgencyFactsAnswer(facts=directory.agencies.get(agency, Agency()).facts)


def _year(directory: Directory, opened: OpenField, agency: str, described: Agency, number: int) -> CalendarYear:
    year = directory.years.get((agency, number), Year())
    confirmed = directory.confirmed.get((agency, number))
    days = described.days(number) if year.closed is None else year.closed
    return CalendarYear(
        year=number,
        state="confirmed" if year.number or _settled(described, number) else "draft",
        in_use=bool(days),
        number=year.number or described.decree(number),
        decreed_on=year.decreed_on,
        revision=year.revision,
        confirmed_at=confirmed.at if confirmed else None,
        by_name=signer(opened, confirmed.by) if confirmed else "",
        days=days,
        draft=year.draft,
    )


def _settled(described: Agency, number: int) -> bool:
    """The files state the decree without asking for its confirmation."""
    decrees = described.facts.decrees if described.facts else ()
    return any(decree.year == number and not decree.check for decree in decrees)
