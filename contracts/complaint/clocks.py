"""The standard that complaints run under, and their clock."""

from contracts.base import Command, Event, Slug
from contracts.clocks import (
    AtFields,
    CalendarFields,
    DueFields,
    MovedFields,
    MovingFields,
    PausedFields,
    ResumedFields,
    SeasonsFields,
    StandardFields,
    ToldFields,
)
from contracts.complaint.filing import ComplaintCommand, ComplaintEvent


class AdoptStandard(StandardFields, Command):
    """A published version of a service standard with classes of complaints (reaction to `StandardPublished`)."""


class AdoptCalendar(CalendarFields, Command):
    """Every closed day of a year from now on."""


class AdoptSeasons(SeasonsFields, Command):
    """All seasons with hours of their own from now on."""


class MoveDeadline(MovingFields, ComplaintCommand):
    """The service's own, for each open complaint whose deadline the calendar has changed."""


class RemindDeadline(DueFields, ComplaintCommand):
    """Timer: the deadline draws near."""


class FlagOverdue(DueFields, ComplaintCommand):
    """Timer: the deadline is over."""


class StandardAdopted(StandardFields, Event):
    pass


class CalendarAdopted(CalendarFields, Event):
    pass


class SeasonsAdopted(SeasonsFields, Event):
    pass


class DeadlineMoved(MovedFields, ComplaintEvent):
    pass


class ClockPaused(PausedFields, ComplaintEvent):
    pass


class ClockResumed(ResumedFields, ComplaintEvent):
    pass


class ClockStopped(AtFields, ComplaintEvent):
    """``at``: when the reporter had his answer; an objection lets the clock go on."""


class ComplaintDueSoon(ToldFields, ComplaintEvent):
    pass


class ComplaintOverdue(ToldFields, ComplaintEvent):
    """``rung``: the next position that the ladder leads to by time; ``leader``: the highest one. They hear of it, too;
    of a restricted one nobody but ``told`` does.
    """

    rung: Slug | None = None
    leader: Slug | None = None


COMMANDS: tuple[type[Command], ...] = (
    AdoptStandard, AdoptCalendar, AdoptSeasons, MoveDeadline, RemindDeadline, FlagOverdue,
)  # fmt: skip
EVENTS: tuple[type[Event], ...] = (
    StandardAdopted, CalendarAdopted, SeasonsAdopted, DeadlineMoved, ClockPaused, ClockResumed, ClockStopped,
    ComplaintDueSoon, ComplaintOverdue,
)  # fmt: skip
