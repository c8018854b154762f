"""The standard that requests run under, their clock, and the books that number them."""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime

from contracts.account_provisioning.provisioning import RequestEvent
from contracts.base import Command, Event, Officer, Slug
from contracts.words import StandardRef


class AdoptStandard(Command):
    """A published version of a service standard with rules of accounts (reaction to `StandardPublished`)."""

    standard: StandardRef
    valid_from: str
    rules: dict[str, Any]


class StandardAdopted(Event):
    standard: StandardRef
    valid_from: str
    rules: dict[str, Any]


class RemindDeadline(Command):
    """Timer: the request's deadline draws near."""

    request_id: UUID
    due_at: AwareDatetime


class FlagOverdue(Command):
    """Timer: the request's deadline is over."""

    request_id: UUID
    due_at: AwareDatetime


class ClockPaused(RequestEvent):
    at: AwareDatetime
    reason: Slug
    by: Officer


class ClockResumed(RequestEvent):
    at: AwareDatetime


class ClockStopped(RequestEvent):
    at: AwareDatetime


class DeadlineMoved(RequestEvent):
    """``reason``: Indonesian: the pause, the decree, the closed day."""

    old_due_at: AwareDatetime
    due_at: AwareDatetime
    remind_at: AwareDatetime | None = None
    calendar: str
    reason: str = ""


class RequestDueSoon(RequestEvent):
    due_at: AwareDatetime
    told: Slug | None = None


class RequestOverdue(RequestEvent):
    due_at: AwareDatetime
    told: Slug | None = None


class LetterbookNumberTaken(Event):
    """Gapless per book and civil year. ``book``: requests that came in, replies that went out."""

    book: Literal["requests", "replies"]
    year: int
    number: int
    request_id: UUID
