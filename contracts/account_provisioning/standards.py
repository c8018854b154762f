"""The standard that requests run under, their clock, and the books that number them."""

from typing import Literal
from uuid import UUID

from contracts.account_provisioning.provisioning import RequestEvent
from contracts.base import Command, Event
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


class RequestCommand(Command):
    """About the clock of one request."""

    request_id: UUID


class AdoptStandard(StandardFields, Command):
    """A published version of a service standard with rules of accounts (reaction to `StandardPublished`)."""


class AdoptCalendar(CalendarFields, Command):
    """Every closed day of a year from now on."""


class AdoptSeasons(SeasonsFields, Command):
    """All seasons with hours of their own from now on."""


class MoveDeadline(MovingFields, RequestCommand):
    """The service's own, for each open request whose deadline the calendar has changed."""


class RemindDeadline(DueFields, RequestCommand):
    """Timer: the request's deadline draws near."""


class FlagOverdue(DueFields, RequestCommand):
    """Timer: the request's deadline is over."""


class StandardAdopted(StandardFields, Event):
    pass


class CalendarAdopted(CalendarFields, Event):
    pass


class SeasonsAdopted(SeasonsFields, Event):
    pass


class DeadlineMoved(MovedFields, RequestEvent):
    pass


class ClockPaused(PausedFields, RequestEvent):
    pass


class ClockResumed(ResumedFields, RequestEvent):
    pass


class ClockStopped(AtFields, RequestEvent):
    """``at``: where the standard says that the clock ends: the applicant was told, or the directory had it."""


class RequestDueSoon(ToldFields, RequestEvent):
    """The clock still runs and the deadline draws near; ``told`` is the first reviewer's position."""


class RequestOverdue(ToldFields, RequestEvent):
    """The deadline is over and nobody has been told. `ClockStopped` may say later that it was in time."""


class LetterbookNumberTaken(Event):
    """Gapless per book and civil year. ``book``: requests that came in, replies that went out."""

    book: Literal["requests", "replies"]
    year: int
    number: int
    request_id: UUID
