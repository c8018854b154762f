"""Grants that widen who sees letters, folded from their facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from contracts.base import Officer, Recorded
from contracts.offices import AccessGrant
from contracts.organisation import (
    AccessAsked,
    AccessConfirmed,
    AccessGiven,
    AccessLapsed,
    AccessRefused,
    AccessReleased,
    AccessUsed,
)


@dataclass(frozen=True, slots=True)
class Told:
    """A grant as its facts tell it; ``until_at``: of the wait, or of the handing over."""

    grant_id: UUID
    grant: AccessGrant
    state: str
    asked_at: datetime
    by: Officer | None
    until_at: datetime | None = None
    ready: bool = False
    seen: bool = False
    decided_at: datetime | None = None
    decided_by: Officer | None = None
    reason: str = ""


def told_next(told: Told | None, recorded: Recorded) -> Told | None:  # noqa: PLR0911 - a table: one row per fact
    """``None``: a fact of a grant that nobody has asked for."""
    event, at = recorded.event, recorded.at
    match event:
        case AccessAsked():
            return Told(event.grant_id, event.grant, "waiting", at, event.by, event.until_at)
        case AccessGiven():
            return Told(event.grant_id, event.grant, "console", at, event.by)
    if told is None:
        return None
    match event:
        case AccessConfirmed():
            state = "confirmed" if told.state == "waiting" else told.state
            until = event.hand_over_until
            ready = until is not None and (told.ready or told.state == "waiting")
            return replace(
                told, state=state, seen=True, ready=ready, until_at=until, decided_at=at, decided_by=event.by
            )
        case AccessReleased():
            until = event.hand_over_until
            return replace(told, state="released", ready=until is not None, until_at=until, decided_at=at)
        case AccessRefused():
            return replace(
                told, state="refused", seen=True, until_at=None, decided_at=at, decided_by=event.by, reason=event.reason
            )
        case AccessLapsed():
            return replace(told, state="lapsed", seen=True, until_at=None, decided_at=at, reason=event.reason)
        case AccessUsed():
            return replace(told, ready=False, until_at=None)
    return told
