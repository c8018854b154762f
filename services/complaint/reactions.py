"""What the complaint service is told: the standards that complaints run under, and the calendar."""

from contracts.base import Command, Event, Recorded
from contracts.complaint import AdoptCalendar, AdoptSeasons, AdoptStandard
from contracts.organisation import StandardPublished
from services.complaint.policy.rules import of_complaints, taken
from services.kit.deadlines import CALENDARS, SEASONS, calendar_fields, seasons_fields
from services.kit.service import Reaction


def adopt_standard(recorded: Recorded) -> Command | None:
    """A standard that names nobody who receives complaints publishes its classes and asks nothing of this service."""
    event = recorded.event
    if not isinstance(event, StandardPublished) or not taken(event.rules):
        return None
    return AdoptStandard(standard=event.standard, valid_from=event.valid_from, rules=of_complaints(event.rules))


def adopt_calendar(recorded: Recorded) -> Command | None:
    fields = calendar_fields(recorded.event)
    return None if fields is None else AdoptCalendar(**fields)


def adopt_seasons(recorded: Recorded) -> Command | None:
    fields = seasons_fields(recorded.event)
    return None if fields is None else AdoptSeasons(**fields)


REACTIONS: dict[type[Event], Reaction] = {
    StandardPublished: adopt_standard,
    **dict.fromkeys(CALENDARS, adopt_calendar),
    **dict.fromkeys(SEASONS, adopt_seasons),
}
