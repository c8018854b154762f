"""What holds for the whole agency: its name, zone, letterhead, books, hours, and the closed days of its files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from zoneinfo import ZoneInfo

from contracts.base import Event
from contracts.offices import AgencyWords
from contracts.organisation import AgencyDescribed, DescribeAgency
from contracts.words import ClosedDay
from services.kit.deciding import Accept, Decision, Given, accept
from services.organisation.policy import refused, reserved_agency
from services.organisation.policy.reach import agency_faults

STREAM = "agency:facts"


@dataclass(frozen=True, slots=True)
class Agency:
    """Unknown until it is described."""

    facts: AgencyWords | None = None

    def days(self, year: int) -> tuple[ClosedDay, ...]:
        """The closed days of a year as the files state them."""
        if self.facts is None:
            return ()
        decreed = (day for decree in self.facts.decrees for day in decree.closed)
        found = [day for day in (*decreed, *self.facts.closed) if day.on.startswith(f"{year}-")]
        return tuple(sorted(found, key=lambda day: day.on))

    def decree(self, year: int) -> str:
        """The number of the year's decree; "" when the files name none."""
        decrees = self.facts.decrees if self.facts else ()
        return next((decree.number for decree in decrees if decree.year == year), "")


def today(given: Given) -> str:
    """The civil day in the agency's zone; where nobody has stated one, in UTC."""
    facts = given.load(STREAM).facts
    return given.now.astimezone(ZoneInfo(facts.zone) if facts else UTC).date().isoformat()


def describe_agency(command: DescribeAgency, agency: Agency, given: Given) -> Decision:
    if no := reserved_agency(given.agency):
        return no
    if agency.facts == command.facts:
        return Accept()
    if reason := agency_faults(command.facts):
        return refused("calendar-too-closed", 422, reason=reason)
    return accept(STREAM, AgencyDescribed(facts=command.facts))


def evolve_agency(agency: Agency, event: Event) -> Agency:
    match event:
        case AgencyDescribed():
            return Agency(event.facts)
    return agency
