"""The fields of what is said about a case's clock. Each service declares classes of its own with them, so that every
kind says whose case it is: ``class ClockPaused(PausedFields, LetterEvent)``. The fields of the case stand first.

What these facts do to a clock: `services/kit/deadlines`.
"""

from typing import Any

from pydantic import AwareDatetime, BaseModel, Field

from contracts.base import Officer, Shape, Slug
from contracts.words import ClosedDay, DeadlineAccount, Season, StandardRef, WorkingTime


class StandardFields(BaseModel):
    """A published version of a service standard, as the service of the case needs it."""

    standard: StandardRef
    valid_from: str
    rules: dict[str, Any]


class CalendarFields(BaseModel):
    """Every closed day of a year from now on. ``number``: the decree's, where there is one."""

    year: int
    number: str
    revision: int
    closed: tuple[ClosedDay, ...]
    reason: str = ""


class SeasonsFields(BaseModel):
    """All seasons with hours of their own from now on."""

    revision: int
    seasons: tuple[Season, ...]
    reason: str = ""


class MovingFields(BaseModel):
    """Of the command: look whether the calendar moves this case. ``reason``: Indonesian, what changed it."""

    reason: str = ""


class PausingFields(BaseModel):
    """Of the command; only for a reason that the standard allows."""

    reason: Slug
    note: str = Field(default="", max_length=500)


class AtFields(BaseModel):
    """Something happened to the clock at this moment, which is the case's, and may be earlier than the fact."""

    at: AwareDatetime


class DueFields(BaseModel):
    """Of a timer: about the deadline as it stood when it was set."""

    due_at: AwareDatetime


class MovedFields(BaseModel):
    """``calendar``: the one that says so now. ``reason``: Indonesian, the decree, the closed day, or the pause."""

    old_due_at: AwareDatetime
    due_at: AwareDatetime
    remind_at: AwareDatetime | None = None
    calendar: str
    reason: str = ""


class RetimedFields(BaseModel):
    """The working time that limits kept by other services are computed from, from now on.

    ``reason``: Indonesian, the decree or the closed day that changed it.
    """

    revision: int
    working_time: WorkingTime
    reason: str = ""


class PausedFields(AtFields):
    """The clock stands still while the office waits for somebody else."""

    reason: Slug
    note: str = ""
    by: Officer


class ResumedFields(AtFields):
    """It goes on; what lies between does not count."""

    by: Officer


class ToldFields(BaseModel):
    """The deadline draws near, or is over. ``told``: the position that hears of it.

    ``number``: what people call the case; empty in facts from before it was said here.
    """

    due_at: AwareDatetime
    told: Slug | None = None
    number: str = ""


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


class DeadlineAnswer(Shape):
    """``deadline`` is None before the clock has begun. ``stopped_at``: where it has ended.

    ``paused_reason``: the title that the standard gives it. ``pauses``: for what the clock may be paused.
    """

    deadline: DeadlineAccount | None = None
    moves: tuple[DeadlineMove, ...] = ()
    paused_since: AwareDatetime | None = None
    paused_reason: str = ""
    stopped_at: AwareDatetime | None = None
    pauses: tuple[PauseReason, ...] = ()
