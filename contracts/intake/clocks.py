"""The clock of a letter: calendars that it runs by, pauses, moves of its deadline, reminders, and why it is due."""

from uuid import UUID

from contracts.base import Command, Event, Query, Slug
from contracts.clocks import (
    AtFields,
    CalendarFields,
    DeadlineAnswer,
    DueFields,
    MovedFields,
    MovingFields,
    PausedFields,
    PausingFields,
    ResumedFields,
    RetimedFields,
    SeasonsFields,
    StandardFields,
    ToldFields,
)
from contracts.words import LetterEvent


class LetterCommand(Command):
    """About the clock of one letter."""

    letter_id: UUID


class AdoptStandard(StandardFields, Command):
    """A published version of a service standard, as this service needs it (reaction to `StandardPublished`)."""


class AdoptCalendar(CalendarFields, Command):
    """Every closed day of a year from now on (reaction to a confirmed decree, or to the agency's own closed day)."""


class AdoptSeasons(SeasonsFields, Command):
    """All seasons with hours of their own from now on (reaction to one that was confirmed or withdrawn)."""


class MoveDeadline(MovingFields, LetterCommand):
    """The service's own, for each open letter whose deadline or working time the calendar has changed."""


class PauseClock(PausingFields, LetterCommand):
    """The clock stands still while the office waits for somebody else; only for a reason that the standard allows."""


class ResumeClock(LetterCommand):
    pass


class StopClock(AtFields, LetterCommand):
    """The last copy is proven (reaction to `DispatchProven`): the deadline of this letter moves no more."""


class RemindDeadline(DueFields, LetterCommand):
    """Timer: the letter's deadline draws near."""


class FlagOverdue(DueFields, LetterCommand):
    """Timer: the letter's deadline is over."""


class StandardAdopted(StandardFields, Event):
    pass


class CalendarAdopted(CalendarFields, Event):
    pass


class SeasonsAdopted(SeasonsFields, Event):
    pass


class DeadlineMoved(MovedFields, LetterEvent):
    pass


class WorkingTimeChanged(RetimedFields, LetterEvent):
    """The working time that the limits of a forwarded letter's tiers and couriers are computed from, from now on."""


class ClockPaused(PausedFields, LetterEvent):
    pass


class ClockResumed(ResumedFields, LetterEvent):
    pass


class ClockStopped(AtFields, LetterEvent):
    pass


class LetterDueSoon(ToldFields, LetterEvent):
    """The clock still runs and the deadline draws near; ``told`` is the assigner."""


class LetterOverdue(ToldFields, LetterEvent):
    """The deadline is over and no last proof has been heard of. `ClockStopped` may say later that it was in time.

    ``superior``: the position above ``told`` by the standard's tiers, who hears of it, too.
    """

    superior: Slug | None = None


class LetterDeadline(Query):
    """Why this letter is due when it is due, and what has moved it."""

    letter_id: UUID


class LetterDeadlineAnswer(DeadlineAnswer):
    """``deadline`` is None before registration."""
