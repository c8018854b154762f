"""A snapshot of everything that the organisation's log says, agency by agency."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from contracts.base import Event, Officer, Recorded
from contracts.organisation import (
    AbsenceEntered,
    AbsenceWithdrawn,
    AccessAsked,
    AccessConfirmed,
    AccessEnded,
    AccessGiven,
    AccessLapsed,
    AccessRefused,
    AccessReleased,
    AccessUsed,
    AgencyDescribed,
    CalendarConfirmed,
    CalendarDrafted,
    ContactCodeIssued,
    ContactStated,
    HolderAppointed,
    HoldingEnded,
    OfficeClosed,
    OfficeReopened,
    PositionEstablished,
    QualificationGranted,
    QualificationWithdrawn,
    RolesGranted,
    SeasonConfirmed,
    SeasonWithdrawn,
    StandardPublished,
    SubstituteNamed,
    TokenIssued,
    TokenRenewed,
    TokenRevoked,
    UserAdded,
)
from contracts.organisation.contacts import ContactCodeFailed, ContactVerified
from services.kit.worktime import with_seasons, with_years
from services.organisation.domain.agency import Agency, evolve_agency
from services.organisation.domain.calendars import Year, evolve_year
from services.organisation.domain.people import Person, evolve_person
from services.organisation.domain.positions import Position, evolve_position
from services.organisation.domain.seasons import Seasons, evolve_seasons
from services.organisation.domain.tokens import Token, evolve_token
from services.organisation.views.grants import Told, told_next

UNTIL_THE_AGENCY_SAYS = "Asia/Jakarta"  # only decides on which civil day an appointment begins

PERSON = (
    UserAdded, AccessEnded, RolesGranted, QualificationGranted, QualificationWithdrawn, AbsenceEntered,
    AbsenceWithdrawn, ContactCodeIssued, ContactCodeFailed, ContactVerified,
)  # fmt: skip
POSITION = (PositionEstablished, HolderAppointed, HoldingEnded, SubstituteNamed)
TOKEN = (TokenIssued, TokenRenewed, TokenRevoked)
ACCESS = (AccessAsked, AccessGiven, AccessConfirmed, AccessReleased, AccessRefused, AccessLapsed, AccessUsed)
YEAR = (CalendarDrafted, CalendarConfirmed, OfficeClosed, OfficeReopened)

TokenEvent = TokenIssued | TokenRenewed | TokenRevoked
Key = tuple[str, str]
"""(agency, id)."""
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Published:
    event: StandardPublished
    at: datetime


@dataclass(frozen=True, slots=True)
class Confirmed:
    """When something was last changed, and by whom: a year's calendar, a token's secret."""

    at: datetime
    by: Officer | None


@dataclass(frozen=True, slots=True)
class Directory:
    """A batch of events gives the next one; nothing in it is ever changed in place."""

    position: int = 0
    named: Mapping[Key, UserAdded] = field(default_factory=dict)
    people: Mapping[Key, Person] = field(default_factory=dict)
    positions: Mapping[Key, Position] = field(default_factory=dict)
    tokens: Mapping[Key, Token] = field(default_factory=dict)
    issued: Mapping[Key, Confirmed] = field(default_factory=dict)
    renewed: Mapping[Key, Confirmed] = field(default_factory=dict)
    revoked: Mapping[Key, str] = field(default_factory=dict)
    grants: Mapping[Key, Told] = field(default_factory=dict)
    standards: Mapping[Key, tuple[Published, ...]] = field(default_factory=dict)
    years: Mapping[tuple[str, int], Year] = field(default_factory=dict)
    confirmed: Mapping[tuple[str, int], Confirmed] = field(default_factory=dict)
    contacts: Mapping[Key, ContactStated] = field(default_factory=dict)
    agencies: Mapping[str, Agency] = field(default_factory=dict)
    seasons: Mapping[str, Seasons] = field(default_factory=dict)

    def zone(self, agency: str) -> ZoneInfo:
        facts = self.agencies.get(agency, Agency()).facts
        if facts is not None:
            return ZoneInfo(facts.zone)
        told = [versions[-1] for (owner, _), versions in self.standards.items() if owner == agency]
        return ZoneInfo(told[-1].event.rules["zone"] if told else UNTIL_THE_AGENCY_SAYS)

    def today(self, agency: str, at: datetime) -> date:
        return at.astimezone(UTC).astimezone(self.zone(agency)).date()

    def of(self, table: Mapping[tuple[str, Any], V], agency: str) -> Iterator[tuple[Any, V]]:
        """The rows of one agency, by their ids."""
        return ((name, row) for (owner, name), row in sorted(table.items()) if owner == agency)

    def rules(self, agency: str, event: StandardPublished) -> dict[str, Any]:
        """A standard's rules under the calendar of today: the agency's facts, years and seasons confirmed since."""
        years = {
            year: [day.model_dump() for day in row.closed]
            for year, row in self.of(self.years, agency)
            if row.closed is not None
        }
        return with_seasons(with_years(event.rules, years), self.seasons_of(agency))

    def seasons_of(self, agency: str) -> list[dict[str, Any]]:
        return [each.model_dump(mode="json") for each in self.seasons.get(agency, Seasons()).known]


def folded(directory: Directory, batch: Iterable[Recorded]) -> Directory:
    tables: dict[str, dict[Any, Any]] = {
        name: dict(getattr(directory, name)) for name in Directory.__dataclass_fields__ if name != "position"
    }
    position = directory.position
    for recorded in batch:
        position = recorded.position
        _fold(tables, recorded)
    return Directory(position, **tables)


def _fold(tables: dict[str, dict[Any, Any]], recorded: Recorded) -> None:  # noqa: C901 - a table: one row per fact
    agency, event = recorded.agency, recorded.event
    match event:
        case UserAdded():
            tables["named"][agency, event.person_id] = event
            _next(tables["people"], (agency, event.person_id), None, evolve_person, event)
        case ContactStated():
            tables["contacts"][agency, event.person_id] = event
            _next(tables["people"], (agency, event.person_id), None, evolve_person, event)
        case _ if isinstance(event, PERSON):
            _next(tables["people"], (agency, event.person_id), None, evolve_person, event)
        case _ if isinstance(event, POSITION):
            _next(tables["positions"], (agency, event.position), Position(), evolve_position, event)
        case _ if isinstance(event, YEAR):
            _next(tables["years"], (agency, event.year), Year(), evolve_year, event)
            if not isinstance(event, CalendarDrafted):
                tables["confirmed"][agency, event.year] = Confirmed(recorded.at, event.by)
        case SeasonConfirmed() | SeasonWithdrawn():
            tables["seasons"][agency] = evolve_seasons(tables["seasons"].get(agency, Seasons()), event)
        case AgencyDescribed():
            tables["agencies"][agency] = evolve_agency(Agency(), event)
        case _ if isinstance(event, TOKEN):
            _fold_token(tables, recorded, event)
        case _ if isinstance(event, ACCESS):
            key = (agency, str(event.grant_id))
            found = told_next(tables["grants"].get(key), recorded)
            if found is not None:
                tables["grants"][key] = found
        case StandardPublished():
            key = (agency, event.standard.standard)
            earlier = (each for each in tables["standards"].get(key, ()) if not _same(each.event, event))
            tables["standards"][key] = (*earlier, Published(event, recorded.at))


def _fold_token(tables: dict[str, dict[Any, Any]], recorded: Recorded, event: TokenEvent) -> None:
    key = (recorded.agency, event.token_id)
    _next(tables["tokens"], key, None, evolve_token, event)
    match event:
        case TokenIssued():
            tables["issued"][key] = Confirmed(recorded.at, event.by)
        case TokenRenewed():
            tables["renewed"][key] = Confirmed(recorded.at, event.by)
        case TokenRevoked():
            tables["revoked"][key] = event.reason


def _same(one: StandardPublished, other: StandardPublished) -> bool:
    """The newest version may be published again with another calendar: the later fact stands for it."""
    return one.standard.version == other.standard.version


def _next(table: dict[Any, Any], key: tuple[str, Any], initial: Any, evolve: Any, event: Event) -> None:
    table[key] = evolve(table.get(key, initial), event)
