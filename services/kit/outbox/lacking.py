"""Which event of a stream its store no longer has: what the bus still holds must not be fed over without a person."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from contracts import subjects
from services.kit.bus import streams
from services.kit.bus.connection import Bus
from services.kit.codec.position import Checkpoint, checkpoint_of
from services.kit.store.recent import LogRow

LOOK_BACK = 64


class Counted(Protocol):
    """The part of `Log` that is needed."""

    def read(self, after: int, limit: int) -> Sequence[LogRow]: ...

    def count(self, until: int) -> int: ...


async def at(bus: Bus, service: str, sequence: int) -> tuple[Checkpoint | None, bytes]:
    """Where a message says that it comes from, and its bytes; None: no relay has sent it."""
    message = await bus.js.get_msg(subjects.stream_of(service), seq=sequence)
    place = checkpoint_of(message.headers)
    return (place[0] if place else None), message.data or b""


async def last_fed(bus: Bus, service: str, end: streams.Tail) -> tuple[Checkpoint, bytes] | None:
    """The last message that a relay has sent: what a stranger has put behind it must not hide it."""
    for sequence in range(end.last, max(end.last - LOOK_BACK, 0), -1):
        heard, data = await at(bus, service, sequence)
        if heard is not None:
            return heard, data
    return None


async def lost(bus: Bus, service: str, log: Counted, end: streams.Tail) -> Checkpoint | None:
    """The first event of a stream with too many messages that the store lacks; None: a stranger's message is too many.

    Found by halves: up to each message there are as many before it as the store has events.
    """
    low, high = 1, end.last
    while low < high:
        middle = (low + high) // 2
        heard, _ = await at(bus, service, middle)
        if heard is None or await asyncio.to_thread(log.count, heard.position) < middle:
            high = middle
        else:
            low = middle + 1
    heard, _ = await at(bus, service, low)
    if heard is None:
        return None
    rows = await asyncio.to_thread(log.read, heard.position - 1, 1)
    return None if rows and rows[0].position == heard.position else heard
