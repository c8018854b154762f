"""The clock of a letter: calendars that it runs by, pauses, moves of its deadline, reminders, and why it is due."""

from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, Officer, Query, Shape, Slug
from contracts.words import (
    ClosedDay,
    DeadlineAccount,
    LetterEvent,
    Season,
    WorkingTime,
)


class AdoptCalendar(Command):
    """Every closed day of a year from now on (reaction to a confirmed decree, or to the agency's own closed day)."""

    year: int
    number: str
    revision: int
    closed: tuple[ClosedDay, ...]
    reason: str = ""


class AdoptSeasons(Command):
    """All seasons with hours of their own from now on (reaction to one that was confirmed or withdrawn)."""

    revision: int
    seasons: tuple[Season, ...]
    reason: str = ""


class MoveDeadline(Command):
    """The service's own, for each open letter whose deadline or working time the calendar has changed."""

    letter_id: UUID
    reason: str = ""


class PauseClock(Command):
    """The clock stands still while the office waits for somebody else; only for a reason that the standard allows."""

    letter_id: UUID
    reason: Slug
    note: str = Field(default="", max_length=500)


class ResumeClock(Command):
    letter_id: UUID


class StopClock(Command):
    """The last copy is proven (reaction to `DispatchProven`): the deadline of this letter moves no more."""

    letter_id: UUID
    at: AwareDatetime


class RemindDeadline(Command):
    """Timer: the letter's deadline draws near."""

    letter_id: UUID
    due_at: AwareDatetime


class FlagOverdue(Command):
    """Timer: the letter's deadline is over."""

    letter_id: UUID
    due_at: AwareDatetime


class CalendarAdopted(Event):
    year: int
    number: str
    revision: int
    closed: tuple[ClosedDay, ...]
    reason: str = ""


class SeasonsAdopted(Event):
    revision: int
    seasons: tuple[Season, ...]
    reason: str = ""


class DeadlineMoved(LetterEvent):
    """``calendar``: the one that says so now. ``reason``: Indonesian, the decree, the closed day, or the pause."""

    old_due_at: AwareDatetime
    due_at: AwareDatetime
    remind_at: AwareDatetime | None = None
    calendar: str
    reason: str = ""


class WorkingTimeChanged(LetterEvent):
    """The working time that the limits of a forwarded letter's tiers and couriers are computed from, from now on.

    ``reason``: Indonesian, the decree or the closed day that changed it.
    """

    revision: int
    working_time: WorkingTime
    reason: str = ""


class ClockPaused(LetterEvent):
    at: AwareDatetime
    reason: Slug
    note: str = ""
    by: Officer


class ClockResumed(LetterEvent):
    at: AwareDatetime
    by: Officer


class ClockStopped(LetterEvent):
    at: AwareDatetime


class LetterDueSoon(LetterEvent):
    """The clock still runs and the deadline draws near; ``told`` is the position that hears of it (the assigner)."""

    due_at: AwareDatetime
    told: Slug | None = None


class LetterOverdue(LetterEvent):
    """The deadline is over and no last proof has been heard of. `ClockStopped` may say later that it was in time."""

    due_at: AwareDatetime
    told: Slug | None = None


class LetterDeadline(Query):
    """Why this letter is due when it is due, and what has moved it."""

    letter_id: UUID


class PauseReason(Shape):
    """A reason for which the clock may stand still, as the standard of the case names it; ``title`` is for people."""

    reason: Slug
    title: str


class DeadlineMove(Shape):
    at: AwareDatetime
    old_due_at: AwareDatetime
    new_due_at: AwareDatetime
    calendar: str
    reason: str = ""


class LetterDeadlineAnswer(Shape):
    """``deadline`` is None before registration. ``stopped_at``: where the clock has ended.

    ``paused_reason``: the title that the standard gives it. ``pauses``: for what the clock may be paused.
    """

    deadline: DeadlineAccount | None = None
    moves: tuple[DeadlineMove, ...] = ()
    paused_since: AwareDatetime | None = None
    paused_reason: str = ""
    stopped_at: AwareDatetime | None = None
    pauses: tuple[PauseReason, ...] = ()
