"""The agency's words, its calendar, and persons' ways of being told."""

from contracts.base import Command, Event, Recorded
from contracts.notifications import AdoptCalendar, AdoptOffice, AdoptSeasons, RenewContact
from contracts.notifications.contacts import SendContactCode
from contracts.organisation import (
    AgencyDescribed,
    CalendarConfirmed,
    ContactCodeIssued,
    ContactStated,
    OfficeClosed,
    OfficeReopened,
    SeasonConfirmed,
    SeasonWithdrawn,
)
from services.kit.service import Reaction


def adopt_office(recorded: Recorded) -> Command | None:
    match recorded.event:
        case AgencyDescribed() as event:
            facts = event.facts
            decreed = tuple(day for decree in facts.decrees for day in decree.closed)
            closed = tuple(sorted((*decreed, *facts.closed), key=lambda day: day.on))
            return AdoptOffice(zone=facts.zone, hours=facts.hours, closed=closed, rules=facts.notify)
    return None


def adopt_calendar(recorded: Recorded) -> Command | None:
    match recorded.event:
        case CalendarConfirmed() | OfficeClosed() | OfficeReopened() as event:
            return AdoptCalendar(year=event.year, revision=event.revision, closed=event.closed)
    return None


def adopt_seasons(recorded: Recorded) -> Command | None:
    match recorded.event:
        case SeasonConfirmed() | SeasonWithdrawn() as event:
            return AdoptSeasons(revision=event.revision, seasons=event.seasons)
    return None


def renew_contact(recorded: Recorded) -> Command | None:
    match recorded.event:
        case ContactStated() as event:
            return RenewContact(person_id=event.person_id)
    return None


def send_code(recorded: Recorded) -> Command | None:
    match recorded.event:
        case ContactCodeIssued() as event:
            return SendContactCode(
                event_id=recorded.event_id, person_id=event.person_id, way=event.way, seed=recorded.command_id,
                ends_at=event.ends_at,
            )  # fmt: skip
    return None


REACTIONS: dict[type[Event], Reaction] = {
    AgencyDescribed: adopt_office,
    CalendarConfirmed: adopt_calendar,
    OfficeClosed: adopt_calendar,
    OfficeReopened: adopt_calendar,
    SeasonConfirmed: adopt_seasons,
    SeasonWithdrawn: adopt_seasons,
    ContactStated: renew_contact,
    ContactCodeIssued: send_code,
}
