"""Names that one may hold and give back: a stream named by the key, ``<kind>:<key>``. Pure.

A claim (`services.kit.deciding.Claim`) is taken for ever; what must be unique *and* can be released is a stream of its
own: reserved, bound, released, or in quarantine until a day. Its facts are stated in the commit that decides the case,
beside the case's own, and the one writer sees every name as it is.

    free ─ reserved ─ bound ─ quarantined ─ free
      ╰──────┴─ released ┘        ╰ until a moment, or for ever
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.base import Event, Refusal
from services.kit.deciding import Accept, Decision, Given, Timer, accept
from services.kit.policy import Refusals


@dataclass(frozen=True, slots=True)
class Free:
    """Nobody has it."""


@dataclass(frozen=True, slots=True)
class Reserved:
    """Promised to its owner, who does not have it yet."""

    owner: str


@dataclass(frozen=True, slots=True)
class Bound:
    owner: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """``until``: None: for ever. ``owner``: who had it last."""

    owner: str
    until: datetime | None


Holding = Free | Reserved | Bound | Quarantined
FREE = Free()


@dataclass(frozen=True, slots=True)
class ReservationFacts:
    """The service's events, with the fields of `contracts.reservations`. ``free``: its command for the end of a
    quarantine, asked by a timer.
    """

    reserved: type[Any]
    bound: type[Any]
    released: type[Any]
    quarantined: type[Any]
    freed: type[Any]
    free: type[Any]


Stated = tuple[tuple[str, Event], ...]
"""Facts with their streams, for `Accept`; none: it is so already."""


class Reservations:
    """The names of one kind. ``taken``: the reason of its refusal in the service's table."""

    def __init__(self, kind: str, facts: ReservationFacts, refuse: Refusals, taken: str) -> None:
        self._kind, self._facts, self._refuse, self._reason = kind, facts, refuse, taken

    def stream(self, key: str) -> str:
        return f"{self._kind}:{key}"

    def evolve(self, holding: Holding, event: Event) -> Holding:
        told: Any = event
        kind, facts = type(event), self._facts
        if kind is facts.reserved:
            return Reserved(told.owner)
        if kind is facts.bound:
            return Bound(told.owner)
        if kind is facts.quarantined:
            return Quarantined(told.owner, told.until)
        return FREE if kind in {facts.released, facts.freed} else holding

    def taken(self, key: str, owner: str, given: Given) -> Refusal | None:
        """Why this owner may not have it; whose it is, the refusal does not say."""
        held = self._at(key, given)
        match held:
            case Reserved(owner=other) | Bound(owner=other) if other != owner:
                return self._refuse(self._reason, key=key, state=type(held).__name__.lower())
            case Quarantined(until=until):
                ends = {} if until is None else {"until": until.isoformat()}
                return self._refuse(self._reason, key=key, state="quarantined", **ends)
            case _:
                return None

    def reserve(self, key: str, owner: str, given: Given) -> Stated | Refusal:
        """Promises it; nothing to say where the owner has it already."""
        if (no := self.taken(key, owner, given)) is not None:
            return no
        if isinstance(self._at(key, given), Reserved | Bound):
            return ()
        return self._stated(key, self._facts.reserved(key=key, owner=owner))

    def bind(self, key: str, owner: str, given: Given) -> Stated | Refusal:
        """Its owner has it now, reserved before or not."""
        if (no := self.taken(key, owner, given)) is not None:
            return no
        if isinstance(self._at(key, given), Bound):
            return ()
        return self._stated(key, self._facts.bound(key=key, owner=owner))

    def release(self, key: str, owner: str, given: Given) -> Stated:
        """Gives it back at once. What another holds stays as it is: a late repetition takes nothing away."""
        if not self._has(key, owner, given):
            return ()
        return self._stated(key, self._facts.released(key=key, owner=owner))

    def quarantine(self, key: str, owner: str, until: datetime | None, given: Given) -> Stated:
        """Gives it back, to be had by nobody until then (None: ever)."""
        if not self._has(key, owner, given):
            return ()
        return self._stated(key, self._facts.quarantined(key=key, owner=owner, until=until))

    def timers(self, place: str, holding: Holding) -> tuple[Timer, ...]:
        """The end of a quarantine."""
        if not isinstance(holding, Quarantined) or holding.until is None:
            return ()
        return (Timer("quarantine", holding.until, self._facts.free(key=place.partition(":")[2])),)

    def free(self, command: Any, holding: Holding, given: Given) -> Decision:
        """The decision for the timer's command. Before its moment nothing is freed."""
        if not isinstance(holding, Quarantined) or holding.until is None or given.now < holding.until:
            return Accept()
        return accept(self.stream(command.key), self._facts.freed(key=command.key))

    def _at(self, key: str, given: Given) -> Holding:
        """A quarantine that is over holds nobody off, whether its timer has come or not."""
        held: Holding = given.load(self.stream(key))
        ended = isinstance(held, Quarantined) and held.until is not None and held.until <= given.now
        return FREE if ended else held

    def _has(self, key: str, owner: str, given: Given) -> bool:
        held = self._at(key, given)
        return isinstance(held, Reserved | Bound) and held.owner == owner

    def _stated(self, key: str, fact: Event) -> Stated:
        return ((self.stream(key), fact),)
