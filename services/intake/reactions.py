"""What intake is told: standards and calendars that letters run under, where a clock ends, what is archived."""

from contracts.base import Command, Event, Recorded
from contracts.dispatch import DispatchProven, LetterArchived
from contracts.intake import AdoptCalendar, AdoptSeasons, AdoptStandard, ShutLetter, StopClock
from contracts.organisation import (
    CalendarConfirmed,
    OfficeClosed,
    OfficeReopened,
    SeasonConfirmed,
    SeasonWithdrawn,
    StandardPublished,
)
from services.kit.deadlines import calendar_fields, seasons_fields
from services.kit.service import Reaction


def adopt_standard(recorded: Recorded) -> Command | None:
    """Standards of other services (accounts, complaints) keep no agenda book and ask nothing of intake."""
    event = recorded.event
    if not isinstance(event, StandardPublished) or not event.rules.get("books"):
        return None
    return AdoptStandard(standard=event.standard, valid_from=event.valid_from, rules=event.rules)


def adopt_calendar(recorded: Recorded) -> Command | None:
    fields = calendar_fields(recorded.event)
    return None if fields is None else AdoptCalendar(**fields)


def adopt_seasons(recorded: Recorded) -> Command | None:
    fields = seasons_fields(recorded.event)
    return None if fields is None else AdoptSeasons(**fields)


def stop_clock(recorded: Recorded) -> Command | None:
    match recorded.event:
        case DispatchProven() as event:
            return StopClock(letter_id=event.letter_id, at=event.completed_at)
        case _:
            return None


def shut_letter(recorded: Recorded) -> Command | None:
    match recorded.event:
        case LetterArchived() as event:
            return ShutLetter(letter_id=event.letter_id)
        case _:
            return None


REACTIONS: dict[type[Event], Reaction] = {
    StandardPublished: adopt_standard,
    CalendarConfirmed: adopt_calendar,
    OfficeClosed: adopt_calendar,
    OfficeReopened: adopt_calendar,
    SeasonConfirmed: adopt_seasons,
    SeasonWithdrawn: adopt_seasons,
    DispatchProven: stop_clock,
    LetterArchived: shut_letter,
}
