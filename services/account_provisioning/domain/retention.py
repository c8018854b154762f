"""How long the papers of a request are kept: its letter, the NIP, and what the applicant wrote. The account stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from contracts.account_provisioning import ApplicantRetentionEnded, EndRetention
from services.account_provisioning.domain import clock
from services.account_provisioning.domain.state import (
    Closed,
    Notified,
    Received,
    Request,
    Wish,
    request_stream,
)
from services.account_provisioning.policy import refuse
from services.kit.deciding import Accept, Decision, Given, Timer, accept

Over = Notified | Received | Closed


def until(wish: Wish, over_at: datetime, given: Given) -> datetime | None:
    """None: they lie under the key that the account's name has, too, and go with the person alone."""
    if wish.papers_id == wish.subject_id:
        return None
    return over_at + timedelta(days=clock.accounts_of(wish.standard, given).retention_days)


def timers(place: str, state: Request) -> tuple[Timer, ...]:
    at = state.retain_until if isinstance(state, Over) else None
    if at is None:
        return ()
    about = EndRetention(request_id=UUID(place.partition(":")[2]), due_at=at)
    return (Timer("retention", at, about),)


def end(command: EndRetention, state: Request, given: Given) -> Decision:
    """Timer: the key is destroyed by whoever has the keys; a repetition changes nothing."""
    if not isinstance(state, Over) or state.retain_until != command.due_at:
        return Accept()
    if given.now < command.due_at:
        return refuse("not-due", due_at=command.due_at.isoformat())
    fact = ApplicantRetentionEnded(request_id=command.request_id, subject_id=state.wish.papers_id)
    return accept(request_stream(command.request_id), fact)
