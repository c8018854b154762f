"""Grants by which more people would see letters: each waits in a stream of its own, a slot per what is granted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from contracts.base import Event, Refusal
from contracts.offices import AccessGrant
from contracts.organisation import (
    AccessAsked,
    AccessConfirmed,
    AccessGiven,
    AccessLapsed,
    AccessRefused,
    AccessReleased,
    AccessUsed,
    ReleaseAccess,
)
from contracts.words import DEPLOYMENT
from services.kit.deciding import Accept, Decision, Given, Timer
from services.kit.ids import named
from services.organisation.policy import refused
from services.organisation.policy.letters import TIME_TO_HAND_OVER, TIME_TO_OBJECT, at_once, shown

CREDENTIALS = frozenset({"token", "renewal", "first-password"})
"""Grants that end in a secret: it is made when it is handed over, and not before."""

Facts = tuple[tuple[str, Event], ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A leader may confirm or refuse it; at ``until_at`` it takes effect."""

    grant_id: UUID
    grant: AccessGrant
    until_at: datetime


@dataclass(frozen=True, slots=True)
class InForce:
    """``seen``: a leader has confirmed it. ``hand_over_until``: a credential may be handed over once, so long."""

    grant: AccessGrant
    seen: bool = False
    hand_over_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """Refused, or it could not take effect any more."""

    grant: AccessGrant


Access = Waiting | InForce | Ended | None


def identity(agency: str, grant: AccessGrant) -> UUID:
    """The slot: the same thing for the same one waits once."""
    of_position = [grant.position or "", grant.person_id or "", grant.capacity]
    parts = {
        "role": [grant.person_id or "", grant.role or ""],
        "seat": of_position,
        "position": of_position[:1],
        "substitute": of_position[:1],
        "first-password": [grant.person_id or ""],
    }
    return named("access", agency, grant.what, *parts.get(grant.what, [grant.token_id or ""]))


def stream(grant_id: UUID) -> str:
    return f"access:{grant_id}"


def hold(grants: Iterable[AccessGrant], given: Given, now: Facts = ()) -> Decision:
    """The grants wait, each in its slot; ``now``: what takes effect all the same. Asked again, nothing new."""
    facts, waits = list(now), []
    for grant in grants:
        grant_id = identity(given.agency, grant)
        waiting = given.load(stream(grant_id))
        if isinstance(waiting, Waiting) and waiting.grant == grant:
            waits.append((grant_id, waiting.until_at))
            continue
        until = given.now + TIME_TO_OBJECT
        asked = AccessAsked(grant_id=grant_id, grant=grant, until_at=until, by=given.officer())
        facts.append((stream(grant_id), asked))
        waits.append((grant_id, until))
    result = {"waits_until": max(until for _, until in waits).isoformat(), "grants": [str(each) for each, _ in waits]}
    return Accept(tuple(facts), result=result)


def give(grants: Iterable[AccessGrant], given: Given, now: Facts) -> Accept:
    """In one step; what the console gives, the leaders are shown. Where the same waited, a leader has now agreed."""
    facts = list(now)
    for grant in grants:
        grant_id = identity(given.agency, grant)
        if shown(given.actor):
            facts.append((stream(grant_id), AccessGiven(grant_id=grant_id, grant=grant, by=given.officer())))
        elif isinstance(given.load(stream(grant_id)), Waiting):
            facts.append((stream(grant_id), AccessConfirmed(grant_id=grant_id, by=given.officer())))
    return Accept(tuple(facts))


def widen(grants: Iterable[AccessGrant], given: Given, *, now: Facts, held: Facts = ()) -> Decision:
    """``now`` takes effect where nothing is widened or the asker's word is enough; else the grants wait.

    ``held``: what takes effect while they wait.
    """
    grants = tuple(grants) if given.agency != DEPLOYMENT else ()  # where there are no letters, nobody comes to see any
    if not grants or at_once(given.actor):
        return give(grants, given, now)
    return hold(grants, given, held)


def hand_over(grant: AccessGrant | None, given: Given, fact: tuple[str, Event]) -> Decision:
    """A credential: made now (``issued``) where it widens nothing (None), where it was agreed to, or at the asker's
    own word; else it waits. What was agreed to is handed over once.
    """
    issued = {"issued": True}
    grant = grant if given.agency != DEPLOYMENT else None
    if grant is None or at_once(given.actor):
        return replace(give([grant] if grant else [], given, (fact,)), result=issued)
    grant_id = identity(given.agency, grant)
    agreed = given.load(stream(grant_id))
    if isinstance(agreed, InForce) and agreed.grant == grant and _lasts(agreed, given.now):
        used = AccessUsed(grant_id=grant_id, by=given.officer())
        return Accept((fact, (stream(grant_id), used)), result=issued)
    return hold([grant], given)


def until_handed_over(grant: AccessGrant, now: datetime) -> datetime | None:
    return now + TIME_TO_HAND_OVER if grant.what in CREDENTIALS else None


def _lasts(agreed: InForce, now: datetime) -> bool:
    return agreed.hand_over_until is not None and now <= agreed.hand_over_until


def unfit(state: Access) -> Refusal:
    return refused("access-over") if isinstance(state, Ended | InForce) else refused("access-unknown", 404)


def timers(_stream: str, state: Access) -> tuple[Timer, ...]:
    if not isinstance(state, Waiting):
        return ()
    return (Timer("release", state.until_at, ReleaseAccess(grant_id=state.grant_id)),)


def evolve_access(state: Access, event: Event) -> Access:  # noqa: PLR0911 - a table: one row per fact
    match event, state:
        case AccessAsked(), _:
            return Waiting(event.grant_id, event.grant, event.until_at)
        case AccessGiven(), _:
            return InForce(event.grant)
        case AccessConfirmed(), Waiting():
            return InForce(state.grant, seen=True, hand_over_until=event.hand_over_until)
        case AccessConfirmed(), InForce():
            return replace(state, seen=True)
        case AccessReleased(), Waiting():
            return InForce(state.grant, hand_over_until=event.hand_over_until)
        case AccessUsed(), InForce():
            return replace(state, hand_over_until=None)
        case ((AccessRefused() | AccessLapsed()), Waiting()):
            return Ended(state.grant)
    return state
