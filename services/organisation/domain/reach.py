"""By which ways a person can be told, and which of these he has proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from contracts.base import Event, Sealed
from contracts.organisation.contacts import (
    ContactCodeFailed,
    ContactCodeIssued,
    ContactStated,
    ContactVerified,
    ContactWay,
)

WAYS: tuple[ContactWay, ...] = ("email", "phone")
MOST_TRIES = 5
MOST_CODES = 5
"""To one person in a day: what is sent where nobody has asked for it is a nuisance."""


@dataclass(frozen=True, slots=True)
class Code:
    mac: str
    ends_at: datetime
    left: int = MOST_TRIES


@dataclass(frozen=True, slots=True)
class Reach:
    """``stated``: the ways that hold something; ``codes``: those that are good, by way; ``asked``: when each was."""

    stated: frozenset[str] = frozenset()
    to_verify: frozenset[str] = frozenset()
    codes: Mapping[str, Code] = field(default_factory=dict)
    asked: tuple[datetime, ...] = ()

    def room(self, now: datetime) -> int:
        """How many codes he may be sent still."""
        return MOST_CODES - sum(now - each < timedelta(days=1) for each in self.asked)


def evolve_reach(reach: Reach, event: Event) -> Reach:
    match event:
        case ContactStated():
            stated = frozenset(way for way in WAYS if not _empty(getattr(event, way)))
            return Reach(stated, frozenset(event.to_verify), {}, reach.asked)
        case ContactCodeIssued():
            fresh = Code(event.code_mac, event.ends_at)
            since = tuple(each for each in reach.asked if event.at - each < timedelta(days=1))
            return replace(reach, codes={**reach.codes, event.way: fresh}, asked=(*since, event.at))
        case ContactCodeFailed():
            return replace(reach, codes={**reach.codes, event.way: replace(reach.codes[event.way], left=event.left)})
        case ContactVerified():
            left = {way: code for way, code in reach.codes.items() if way != event.way}
            return replace(reach, to_verify=reach.to_verify - {event.way}, codes=left)
    return reach


def _empty(field: Sealed) -> bool:
    """Nothing is not sealed."""
    return not field.key_id and not field.plain
