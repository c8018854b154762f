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
from services.kit.service import Reaction


def adopt_standard(recorded: Recorded) -> Command | None:
    """Standards of other services (accounts, complaints) keep no agenda book and ask nothing of intake."""
    event = recorded.event
    if not isinstance(event, StandardPublished) or not event.rules.get("books"):
        return None
    return AdoptStandard(standard=event.standard, valid_from=event.valid_from, rules=event.rules)


def adopt_calendar(recorded: Recorded) -> Command | None:
    match recorded.event:
        case CalendarConfirmed() as event:
            number, told = event.number, f"kalender {event.year} menurut {event.number}"
        case OfficeClosed() as event:
            number, told = "", f"libur setempat {event.on}: {event.reason}"
        case OfficeReopened() as event:
            number, told = "", f"libur setempat {event.on} dibatalkan: {event.reason}"
        case _:
            return None
    return AdoptCalendar(year=event.year, number=number, revision=event.revision, closed=event.closed, reason=told)


def adopt_seasons(recorded: Recorded) -> Command | None:
    match recorded.event:
        case SeasonConfirmed() as event:
            season = event.season
            told = f"jam {season.name} {season.from_on} sampai {season.until_on} menurut {season.number}"
        case SeasonWithdrawn() as event:
            told = f"jam musiman dicabut: {event.reason}"
        case _:
            return None
    return AdoptSeasons(revision=event.revision, seasons=event.seasons, reason=told)


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
