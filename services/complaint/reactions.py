"""What the complaint service is told: the standards that complaints run under, the calendar, and what came by mail."""

from contracts.base import Command, Event, Recorded
from contracts.complaint import AdoptCalendar, AdoptSeasons, AdoptStandard, LeaveMessage, TakeInMessage
from contracts.intake import PostReceived
from contracts.organisation import StandardPublished
from services.complaint.policy import MAILBOX
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


def take_in(recorded: Recorded) -> Command | None:
    """Every message of its mailboxes, also what becomes nothing: who counts them finds none missing."""
    event = recorded.event
    if not isinstance(event, PostReceived) or event.purpose != MAILBOX:
        return None
    if event.withheld is not None:
        return LeaveMessage(
            message_id=event.message_id,
            why=event.withheld,
            received_at=event.received_at,
            mailbox=event.source.mailbox,
            thread=event.thread,
        )
    return TakeInMessage(
        message_id=event.message_id,
        received_at=event.received_at,
        mailbox=event.source.mailbox,
        from_name=event.from_name,
        from_address=event.from_address,
        subject=event.subject,
        text=event.text,
        attachments=event.attachments,
        thread=event.thread,
    )


REACTIONS: dict[type[Event], Reaction] = {
    StandardPublished: adopt_standard,
    PostReceived: take_in,
    **dict.fromkeys(CALENDARS, adopt_calendar),
    **dict.fromkeys(SEASONS, adopt_seasons),
}
