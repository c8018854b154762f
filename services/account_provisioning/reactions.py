"""What account provisioning is told: its standard, the calendar, and that an applicant has been told."""

from uuid import UUID

from contracts.account_provisioning import AdoptCalendar, AdoptSeasons, AdoptStandard, StopClock
from contracts.base import Command, Event, Recorded
from contracts.notifications import NoticeAccepted
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


def stop_clock(recorded: Recorded) -> Command | None:
    """Whoever told him: a channel's provider, or a person who ticked it off."""
    match recorded.event:
        case NoticeAccepted(purpose="reply", case_kind="requests", case_id=UUID() as request_id) as event:
            return StopClock(request_id=request_id, at=event.accepted_at, how=event.how or event.channel)
    return None


REACTIONS: dict[type[Event], Reaction] = {
    StandardPublished: adopt_standard,
    NoticeAccepted: stop_clock,
    **dict.fromkeys(CALENDARS, adopt_calendar),
    **dict.fromkeys(SEASONS, adopt_seasons),
}
