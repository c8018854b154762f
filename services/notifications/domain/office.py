"""What an agency says of notices, and when its doors are open: nobody is disturbed outside working time."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from contracts.base import Event
from contracts.notices import NoticeRules, NoticeTemplate, NotifyRoute
from contracts.notifications import (
    AdoptCalendar,
    AdoptOffice,
    AdoptSeasons,
    CalendarAdopted,
    OfficeAdopted,
    PublishRoutes,
    RoutesPublished,
    SeasonsAdopted,
)
from services.kit.deciding import Accept, Decision, Given, accept
from services.kit.worktime import Calendar, next_opening, service_minutes_due, with_seasons, with_years
from services.notifications.domain.doers import doer
from services.notifications.policy import faults, refuse

STREAM = "office:agency"
UNTIL_THE_AGENCY_SAYS = "Asia/Jakarta"


@dataclass(frozen=True, slots=True)
class Office:
    """``number`` 0: nothing has been said yet. ``rules`` hold: what the files say (``filed``), or what an officer has
    ``published`` since. ``calendar``: rules of working time, as `Calendar.from_rules` reads.
    """

    number: int = 0
    zone: str = UNTIL_THE_AGENCY_SAYS
    said: Mapping[str, Any] = field(default_factory=dict)
    rules: NoticeRules = field(default_factory=NoticeRules)
    filed: NoticeRules = field(default_factory=NoticeRules)
    published: RoutesPublished | None = None
    years: Mapping[int, tuple[dict[str, Any], ...]] = field(default_factory=dict)
    revisions: Mapping[int, int] = field(default_factory=dict)
    seasons: tuple[dict[str, Any], ...] = ()
    seasons_revision: int = 0
    calendar: Mapping[str, Any] = field(default_factory=dict)

    def routes(self, kind: str) -> tuple[NotifyRoute, ...]:
        return tuple(route for route in self.rules.routes if route.kind == kind)

    def template(self, name: str, language: str = "id") -> NoticeTemplate | None:
        """In this language, else in the first that there is."""
        found = [each for each in self.rules.templates if each.template == name]
        return next((each for each in found if each.language == language), found[0] if found else None)

    def seats(self, recipient_class: str) -> tuple[str, ...]:
        return tuple(each.position for each in self.rules.units if each.recipient_class == recipient_class)

    def later(self, moment: datetime, minutes: int) -> datetime:
        """So many minutes of working time behind this moment; where nobody said when the office works, of any."""
        if self.said.get("hours"):
            with suppress(ValueError):  # beyond what a calendar of ours reaches
                return service_minutes_due(Calendar.from_rules(self.calendar), moment, minutes)
        return moment + timedelta(minutes=minutes)

    def opens(self, moment: datetime) -> datetime:
        """This moment where the office works, else when it works next; where nobody said when, it always does."""
        if not self.said.get("hours"):
            return moment
        try:
            return next_opening(Calendar.from_rules(self.calendar), moment)
        except ValueError:  # beyond what a calendar of ours reaches
            return moment


def adopt_office(command: AdoptOffice, office: Office, _given: Given) -> Decision:
    for place, reason in faults(command.rules):
        return refuse(reason, place=place)
    same = (office.zone, office.said, office.filed) == (command.zone, _said(command), command.rules)
    if office.number and same:
        return Accept()
    adds = office.published is not None and only_adds(office.filed, command.rules)
    return accept(STREAM, OfficeAdopted(number=office.number + 1, adds=adds, **dict(command)))


def publish_routes(command: PublishRoutes, office: Office, given: Given) -> Decision:
    for place, reason in faults(command.rules):
        return refuse(reason, place=place)
    if command.rules == office.rules:
        return Accept()
    said = {"rules": command.rules, "label": command.label, "at": given.now, "by": doer(given)}
    return accept(STREAM, RoutesPublished(number=office.number + 1, **said), number=office.number + 1)


def adopt_calendar(command: AdoptCalendar, office: Office, _given: Given) -> Decision:
    """An older revision that comes late changes nothing."""
    if command.revision <= office.revisions.get(command.year, 0):
        return Accept()
    return accept(STREAM, CalendarAdopted(**dict(command)))


def adopt_seasons(command: AdoptSeasons, office: Office, _given: Given) -> Decision:
    if command.revision <= office.seasons_revision:
        return Accept()
    return accept(STREAM, SeasonsAdopted(**dict(command)))


def evolve(office: Office, event: Event) -> Office:
    match event:
        case OfficeAdopted():
            office = replace(office, number=event.number, zone=event.zone, said=_said(event))
            if event.adds:
                office = replace(office, rules=beside(office.rules, office.filed, event.rules), filed=event.rules)
            elif event.rules != office.filed:  # an officer's hold until the files say something else
                office = replace(office, rules=event.rules, filed=event.rules, published=None)
        case RoutesPublished():
            return replace(office, number=event.number, rules=event.rules, published=event)
        case CalendarAdopted():
            office = replace(
                office,
                years={**office.years, event.year: tuple(day.model_dump() for day in event.closed)},
                revisions={**office.revisions, event.year: event.revision},
            )
        case SeasonsAdopted():
            seasons = tuple(each.model_dump(mode="json") for each in event.seasons)
            office = replace(office, seasons=seasons, seasons_revision=event.revision)
    return replace(office, calendar=with_seasons(with_years(office.said, office.years), office.seasons))


def only_adds(was: NoticeRules, now: NoticeRules) -> bool:
    """Whether all that was said is said as it was."""
    pairs = ((was.routes, now.routes), (was.templates, now.templates), (was.units, now.units))
    return all(each in later for before, later in pairs for each in before)


def beside(published: NoticeRules, was: NoticeRules, now: NoticeRules) -> NoticeRules:
    """What an officer has published, and what the files say now and did not before, where he says nothing of it."""
    routes = {(each.kind, each.audience) for each in (*published.routes, *was.routes)}
    words = {(each.template, each.language) for each in published.templates}
    seats = (*published.units, *was.units)
    return NoticeRules(
        routes=(*published.routes, *(each for each in now.routes if (each.kind, each.audience) not in routes)),
        templates=(
            *published.templates,
            *(each for each in now.templates if (each.template, each.language) not in words),
        ),
        units=(*published.units, *(each for each in now.units if each not in seats)),
    )


def _said(told: AdoptOffice | OfficeAdopted) -> dict[str, Any]:
    days = [day.model_dump() for day in told.closed]
    return {"zone": told.zone, "hours": [dict(each) for each in told.hours], "holidays": days}
