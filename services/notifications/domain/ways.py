"""How a person wants to be told, and what stands in the way: preferences are his, blocks follow from what bounced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from contracts.base import Event
from contracts.notices import EMAIL
from contracts.notifications import (
    BlockContact,
    ContactBlocked,
    ContactUnblocked,
    NoticePlanned,
    PreferencesSet,
    RenewContact,
    SetPreferences,
    UnblockContact,
)
from services.kit.deciding import Accept, Decision, Given, accept
from services.notifications.domain.doers import doer
from services.notifications.policy import ANSWERING, refuse

MUTABLE = frozenset({EMAIL})
"""The channels that somebody may do without: the bell stays, and whoever rings him has a reason."""


@dataclass(frozen=True, slots=True)
class Ways:
    """``blocked``: channel → why."""

    muted: tuple[str, ...] = ()
    blocked: Mapping[str, str] = field(default_factory=dict)

    def barred(self, planned: NoticePlanned, channel: str) -> str:
        """Why this notice does not go to him by this channel; "": it does."""
        if channel in self.blocked:
            return "contact-blocked"
        wanted = planned.urgent or planned.purpose in ANSWERING
        return "muted" if channel in self.muted and not wanted else ""


def stream(person_id: str) -> str:
    return f"contact:{person_id}"


def prefer(command: SetPreferences, ways: Ways, given: Given) -> Decision:
    if given.actor.id != command.person_id:
        return refuse("not-for-you")
    muted = tuple(sorted(set(command.muted)))
    if set(muted) - MUTABLE:
        return refuse("channel-unknown")
    if muted == ways.muted:
        return Accept()
    fact = PreferencesSet(person_id=command.person_id, muted=muted, at=given.now)
    return accept(stream(command.person_id), fact)


def block(command: BlockContact, ways: Ways, given: Given) -> Decision:
    if command.channel not in MUTABLE:
        return refuse("channel-unknown")
    if command.channel in ways.blocked:
        return Accept()
    return accept(stream(command.person_id), ContactBlocked(**dict(command), at=given.now, by=doer(given)))


def unblock(command: UnblockContact, ways: Ways, given: Given) -> Decision:
    if command.channel not in ways.blocked:
        return Accept()
    if not command.reason.strip():
        return refuse("reason-missing")
    return accept(stream(command.person_id), ContactUnblocked(**dict(command), at=given.now, by=doer(given)))


def renew(command: RenewContact, ways: Ways, given: Given) -> Decision:
    facts = [ContactUnblocked(person_id=command.person_id, channel=each, at=given.now) for each in sorted(ways.blocked)]
    return accept(stream(command.person_id), *facts)


def evolve(ways: Ways, event: Event) -> Ways:
    match event:
        case PreferencesSet():
            return replace(ways, muted=event.muted)
        case ContactBlocked():
            return replace(ways, blocked={**ways.blocked, event.channel: event.reason})
        case ContactUnblocked():
            left = {channel: why for channel, why in ways.blocked.items() if channel != event.channel}
            return replace(ways, blocked=left)
    return ways
