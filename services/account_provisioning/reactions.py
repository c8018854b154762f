"""What account provisioning is told: the standard that its requests run under, and the calendar."""

from contracts.account_provisioning import AdoptCalendar, AdoptSeasons, AdoptStandard
from contracts.base import Command, Event, Recorded
from contracts.organisation import StandardPublished
from services.kit.deadlines import CALENDARS, SEASONS, calendar_fields, seasons_fields
from services.kit.service import Reaction


def adopt_standard(recorded: Recorded) -> Command | None:
    """Standards of letters and complaints have no rules of accounts and ask nothing of this service."""
    event = recorded.event
    if not isinstance(event, StandardPublished) or not event.rules.get("accounts"):
        return None
    return AdoptStandard(standard=event.standard, valid_from=event.valid_from, rules=event.rules)


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
