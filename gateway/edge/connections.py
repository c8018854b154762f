"""What connections may cost before anybody knows who is behind them: bytes of a head, seconds, places.

`Connections` knows all of them; who calls `sweep` once a second ends those that take too long (record 0043).
"""

from __future__ import annotations

import asyncio
import resource
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.edge.addresses import networks

RESERVED_AT_LEAST = 256
"""Descriptors for everything else in this process: stores, the bus, sandboxes, mailboxes, files that come in."""


REASONS = ("full", "head", "stalled", "idle", "slow-head", "slow-body", "crowded")
"""Why a connection is ended; each is counted from the start on, so that an alert has its zero."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes and seconds; ``total``: connections at once."""

    total: int
    per_address: int
    head_bytes: int = 16 * 1024
    head_seconds: float = 10.0
    """For a head; also how long a connection may say nothing between two requests."""
    body_seconds: float = 20.0
    """Before a body has to have come on at ``body_rate`` (a slow phone's)."""
    body_rate: float = 2 * 1024.0
    drain_seconds: float = 10.0
    """How long the rest of a body is thrown away that was answered before it had come."""
    stalled_seconds: float = 30.0
    """How long an answer may wait for a reader who does not read."""
    closing_seconds: float = 5.0
    pipelined: int = 8


def limits_here() -> Limits:
    """By what this process may open: a full table of connections leaves the rest of the process its descriptors."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    total = max(16, min(2048, soft - max(RESERVED_AT_LEAST, soft // 3)))
    return Limits(total=total, per_address=max(8, total // 2))


class Connection(Protocol):
    """``address``: as `address_of` writes it."""

    address: str

    def look_at_the_clock(self, now: float) -> None:
        """Ends itself where something takes too long."""

    def end(self, reason: str) -> None:
        """Closes."""


class Connections:
    """All open ones. Where there is no room, the one makes room that has owed us the rest of a request the longest."""

    def __init__(self, limits: Limits, trusted_proxies: Sequence[str] = ()) -> None:
        """``trusted_proxies``: addresses or networks that speak for many; for them only the total holds."""
        self.limits = limits
        self._trusted = networks(trusted_proxies)
        self._open: set[Connection] = set()
        self._closing: set[Connection] = set()
        self._owing: OrderedDict[Connection, None] = OrderedDict()
        self._by_address: Counter[str] = Counter()
        self._ended: Counter[str] = Counter(dict.fromkeys(REASONS, 0))

    def admit(self, newcomer: Connection, peer: str) -> bool:
        """Whether there is a place for it."""
        address = newcomer.address
        if self._by_address[address] >= self.limits.per_address and peer not in self._trusted:
            if not self._make_room(lambda each: each.address == address):
                return False
        elif len(self._open) >= self.limits.total and not self._make_room(lambda _: True):
            return False
        self._open.add(newcomer)
        self._by_address[address] += 1
        return True

    def leave(self, one: Connection) -> None:
        """Its place is free; it is looked after until its line is gone."""
        self._closing.add(one)
        self._owing.pop(one, None)
        if one not in self._open:
            return
        self._open.discard(one)
        self._by_address[one.address] -= 1
        if not self._by_address[one.address]:
            del self._by_address[one.address]

    def gone(self, one: Connection) -> None:
        self.leave(one)
        self._closing.discard(one)

    def owes(self, one: Connection) -> None:
        """It is its turn: to say what it wants, to send the rest of it, or to read the answer."""
        if one in self._open:
            self._owing[one] = None
            self._owing.move_to_end(one)

    def is_owed(self, one: Connection) -> None:
        self._owing.pop(one, None)

    def ended(self, reason: str) -> None:
        self._ended[reason] += 1

    def sweep(self) -> None:
        """Ends what takes too long."""
        now = asyncio.get_running_loop().time()
        for one in (*self._open, *self._closing):
            one.look_at_the_clock(now)

    def rows(self) -> dict[str, list[tuple[tuple[str, ...], Any]]]:
        """For the metrics."""
        return {
            "caraka_http_connections": [((), len(self._open))],
            "caraka_http_connections_ended": [((reason,), count) for reason, count in self._ended.items()],
        }

    def _make_room(self, fits: Callable[[Connection], bool]) -> bool:
        oldest = next((each for each in self._owing if fits(each)), None)
        if oldest is None:
            return False
        oldest.end("crowded")
        return True
