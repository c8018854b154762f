"""What a page must know of its agency, read from the standards in force: zone, calendar, letterhead, assigner."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from contracts.offices import AgenciesAnswer, AgencyRow
from contracts.organisation import Agencies as AgenciesAsked
from contracts.organisation import Standards, StandardsAnswer
from contracts.words import DEPLOYMENT
from gateway.edge.client import ServiceClient
from gateway.edge.problems import Problem
from gateway.web.moments import Moments
from services.kit.worktime import Calendar

KEPT_SECONDS = 30.0
MISSED_SECONDS = 2.0
DEFAULT_ZONE = "Asia/Jakarta"


@dataclass(frozen=True)
class Office:
    agency: str
    zone: str = DEFAULT_ZONE
    calendar: Calendar | None = None
    letterhead: Mapping[str, Any] = field(default_factory=dict)
    assigner: str = ""
    pauses: bool = False
    """Whether the standard in force lets a letter's clock stand still for any reason."""
    rules: frozenset[str] = frozenset()
    """What its standards in force have rules for, by their names in the files; empty: not known."""
    standards: Mapping[str, str] = field(default_factory=dict)
    """How the standards in force are called, by their names in the files and by their decrees."""

    def called(self, said: str) -> tuple[str, str, str]:
        """Of what a case says of its standard, ``<decree or file> v<version>``: name, decree if it has one, version."""
        known, _v, version = said.rpartition(" v")
        name = self.standards.get(known, "")
        slug = not any(each.isspace() or each == "/" for each in known)
        return name or known, "" if slug or not name else known, version

    books: tuple[str, ...] = ()
    """The agenda books of its standards in force."""

    def does(self, what: str) -> bool:
        """Also where nothing is known of it, and for "" always."""
        return not what or not self.rules or what in self.rules

    @property
    def name(self) -> str:
        return str(self.letterhead.get("agency") or self.agency.replace("-", " ").title())

    @property
    def office(self) -> str:
        return str(self.letterhead.get("office") or "")

    def moments(self, language: str) -> Moments:
        return Moments(datetime.now(UTC), self.zone, language, self.calendar)


class Offices:
    """Remembers each agency's office for half a minute. Without an answer: WIB, and working time is not told."""

    def __init__(self, client: ServiceClient) -> None:
        self._desk = client
        self._kept: dict[str, tuple[float, Office]] = {}

    async def of(self, agency: str) -> Office:
        kept = self._kept.get(agency)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        try:
            answer = await self._desk.ask_for(agency, Standards(), StandardsAnswer, seconds=3.0)
        except Problem:
            return kept[1] if kept is not None else Office(agency)
        office = _read(agency, answer)
        self._kept[agency] = (time.monotonic() + KEPT_SECONDS, office)
        return office


class Agencies:
    """Who publishes standards here, remembered for half a minute. Raises Problem where nobody has ever answered."""

    def __init__(self, client: ServiceClient) -> None:
        self._desk = client
        self._until = 0.0
        self._asked_at = 0.0
        self._rows: tuple[AgencyRow, ...] | None = None

    async def rows(self) -> tuple[AgencyRow, ...]:
        if self._rows is None or self._until <= time.monotonic():
            self._asked_at = time.monotonic()
            try:
                answer = await self._desk.ask_for(DEPLOYMENT, AgenciesAsked(), AgenciesAnswer, seconds=3.0)
            except Problem:
                if self._rows is None:
                    raise
                return self._rows
            self._rows = answer.agencies
            self._until = time.monotonic() + (KEPT_SECONDS if self._rows else 0.0)
        return self._rows

    async def row(self, agency: str) -> AgencyRow:
        """Raises Problem 404. One that was not there is looked for again: it may just have begun."""
        found = _named(agency, await self.rows())
        if found is None and self._asked_at + MISSED_SECONDS < time.monotonic():
            self._until = 0.0
            found = _named(agency, await self.rows())
        if found is None:
            raise Problem("gateway.not-found", 404)
        return found


def _named(agency: str, rows: tuple[AgencyRow, ...]) -> AgencyRow | None:
    return next((row for row in rows if row.agency == agency), None)


def _read(agency: str, answer: StandardsAnswer) -> Office:
    """The standard that letters run under is the one with books; others may have a calendar of their own."""
    rules = max((row.rules for row in answer.standards), key=lambda each: bool(each.get("books")), default={})
    try:
        calendar = Calendar.from_rules(rules)
    except ValueError:
        calendar = None
    return Office(
        agency,
        str(rules.get("zone") or DEFAULT_ZONE),
        calendar,
        rules.get("letterhead") or {},
        str(rules.get("assigner") or ""),
        bool(rules.get("pauses")),
        frozenset(name for row in answer.standards for name, each in row.rules.items() if each),
        {key: row.name for row in answer.standards for key in (row.standard.standard, row.standard.decree) if key},
        tuple(sorted({str(book) for row in answer.standards for book in row.rules.get("books") or ()})),
    )
