"""The relay: copies a service's event log into its stream, once, in order, in atomic batches.

The stream itself is the checkpoint: the last message says how far the copy goes. Every batch is fenced by the sequence
that the relay expects, so a second relay (or a late packet of a dead one) can never put anything between. A stream that
does not belong to this store stops the relay; an older epoch of the same store is deleted and fed again. Deleting and
making are not the relay's to do: it asks (`services/kit/operations/stream_keeper.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import nats.errors
import nats.js.errors
import structlog

from contracts import subjects
from services.kit.bus import streams
from services.kit.bus.connection import Bus, BusError
from services.kit.codec.position import Checkpoint, checkpoint_of
from services.kit.crash import crash_point
from services.kit.operations.stream_keeper import renew_stream
from services.kit.outbox.lacking import lost
from services.kit.outbox.publisher import Duplicate, Publisher, WrongSequence
from services.kit.store.identity import StoreId
from services.kit.store.notifier import Notifier
from services.kit.store.recent import LogRow

INFRASTRUCTURE = (nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError, BusError)
BATCH_BYTES = 4 * 1024 * 1024
STOPPED_SECONDS = 2.0
COUNT_EVERY = 100_000  # events copied: a start has so many to count at most, however long the log is
REST, REST_SECONDS = 3.0, 0.03
"""A busy log is copied in few batches, for each costs every subscriber a transaction: the relay rests so many times as
long as the last copy took, and so long at most. On a busy machine a copy takes longer, and batches grow by themselves.
"""

log = structlog.get_logger()


class Readable(Protocol):
    """The part of `Log` that the relay reads."""

    @property
    def store_id(self) -> StoreId: ...

    def at_hand(self, after: int, limit: int, /) -> Sequence[LogRow]: ...

    def read(self, after: int, limit: int) -> Sequence[LogRow]: ...

    def head(self) -> int: ...

    def count(self, until: int) -> int: ...


@dataclass(slots=True)
class Spot:
    """How far the copy goes: the stream's last sequence, and the position in the store that it holds."""

    sequence: int
    position: int


class WrongStream(Exception):
    """The stream is no copy of this store's beginning; only `Relay.refeed` helps."""


class Relay:
    """`run` under a lease (two are harmless, but one works in vain); `refeed` deletes the stream and feeds it anew."""

    def __init__(  # noqa: PLR0913 - each figure is the caller's to choose
        self,
        bus: Bus,
        source: Readable,
        service: str,
        notifier: Notifier | None = None,
        *,
        batch: int = 500,
        poll: float = 0.05,
        look_every: float = 2.0,
    ) -> None:
        """Looks at the log when the notifier says so and every ``poll`` seconds, at the stream every ``look_every``."""
        self._bus = bus
        self._log = source
        self._service = service
        self._notifier = notifier or Notifier()
        self._batch = batch
        self._poll = poll
        self._look_every = look_every
        self._publisher = Publisher(bus, service)
        self._refeed = asyncio.Event()
        self._refed: asyncio.Future[None] | None = None
        self._twins_at = 0
        self._spot = Spot(0, 0)
        self._head = 0
        self._state, self._reason = "starting", ""
        self._moved_at: datetime | None = None

    async def run(self) -> None:
        """Until cancelled. A broker that is away is waited for; errors of the store are the caller's."""
        wait = 0.1
        while True:
            try:
                await self._follow_log()
            except asyncio.CancelledError:
                self._become("starting")  # another process relays now, or nobody: this one's figures are old
                raise
            except WrongStream as wrong:
                self._become("stopped", str(wrong))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(STOPPED_SECONDS):
                        await self._refeed.wait()
            except WrongSequence:
                self._become("waiting", "another relay writes to the stream")
                await asyncio.sleep(random.uniform(0.1, 0.5))  # noqa: S311 - spreads two relays, hides nothing
            except INFRASTRUCTURE as failed:
                self._become("waiting", str(failed) or type(failed).__name__)
                await self._bus.pause(wait)
                wait = min(wait * 2, 2.0)
                continue
            wait = 0.1

    async def refeed(self) -> None:
        """Deletes the stream and feeds it again from the beginning; returns when it is deleted. Needs `run`."""
        if self._refed is None:
            self._refed = asyncio.get_running_loop().create_future()
        self._refeed.set()
        await asyncio.shield(self._refed)

    def health(self) -> dict[str, Any]:
        """``state``: starting, feeding, idle, waiting (broker away), stopped (wrong stream, ``reason``)."""
        return {
            "state": self._state,
            "reason": self._reason,
            "position": self._spot.position,
            "head": self._head,
            "behind": max(0, self._head - self._spot.position),
            "moved_at": self._moved_at,
            "singly": self._publisher.singly,
        }

    async def _follow_log(self) -> None:
        """Runs until the stream is found to be other than we left it; then the caller begins again."""
        reconnected = self._bus.reconnected
        with self._notifier.listen() as listener, self._bus.on_break(self._notifier.notify):
            self._spot = await self._bus.unbroken(self._start_over() if self._refeed.is_set() else self._resume())
            clock = asyncio.get_running_loop().time
            looked, copied, rests = clock(), 0.0, 0.0
            counted = self._spot.sequence
            while not self._refeed.is_set() and not reconnected.is_set():
                rows = self._log.at_hand(self._spot.position, self._batch)
                if not rows:
                    rows = await asyncio.to_thread(self._log.read, self._spot.position, self._batch)
                if rows:
                    part, began = _within(rows, BATCH_BYTES), clock()
                    await self._copy(part)
                    copied = clock()
                    rests = min(REST * (copied - began), REST_SECONDS)
                    if len(part) == self._batch or len(part) < len(rows):
                        continue  # else what came meanwhile has rung the notifier
                self._head = self._spot.position
                self._become("idle")
                await listener.wait(self._poll)
                now = clock()
                if now < copied + rests:
                    await asyncio.sleep(copied + rests - now)
                if now - looked > 0.9 * self._look_every:  # a timer may ring a moment early
                    looked = now
                    found = await self._bus.unbroken(streams.tail(self._bus.js, self._service))
                    if found is None or found.last != self._spot.sequence:
                        log.warning("relay.stream-changed", service=self._service, found=found and found.last)
                        return
                    if found.last - counted >= COUNT_EVERY:
                        counted = found.last
                        if await self._miscounted(found, self._spot.position):
                            return

    async def _copy(self, rows: Sequence[LogRow]) -> None:
        self._become("feeding")
        self._head = max(self._head, rows[-1].position)
        began = time.time_ns()
        crash_point("relay.before-publish")
        try:
            sequence = await self._publisher.batch(self._log.store_id, rows, self._spot.sequence)
        except Duplicate:
            sequence = await self._copy_singly(rows)
        crash_point("relay.after-publish")
        self._spot = Spot(sequence, rows[-1].position)
        self._moved_at = datetime.now(UTC)
        if self._bus.tracing.on:
            self._bus.tracing.carried(f"relay {self._service}", (row.data for row in rows), began)

    async def _copy_singly(self, rows: Sequence[LogRow]) -> int:
        """The broker knows an id of this batch: either we stood further than we thought, or its memory is wrong."""
        spot = await self._resume()
        sequence = spot.sequence
        for row in rows:
            if row.position <= spot.position:
                continue
            try:
                sequence = await self._publisher.single(self._log.store_id, row, sequence)
            except Duplicate:
                if self._twins_at == row.position:
                    raise WrongStream(f"the event at position {row.position} has the id of an earlier one") from None
                self._twins_at = row.position
                log.warning("relay.remembered-but-absent", service=self._service, position=row.position)
                await self._start_over()
                raise WrongSequence from None  # begin again, on the new stream
        return sequence

    async def _resume(self) -> Spot:
        """Finds where the stream ends and proves that this end is ours. Raises `WrongStream`."""
        own = await asyncio.to_thread(lambda: self._log.store_id)
        self._head = await asyncio.to_thread(self._log.head)
        end = await streams.tail(self._bus.js, self._service)
        if end is None or (end.messages == 0 and end.last > 0):
            return await self._start_over()  # gone, or emptied by hand: nothing in it to lose
        if end.messages == 0:
            return Spot(0, 0)
        last = await self._bus.js.get_msg(subjects.stream_of(self._service), seq=end.last)
        place = checkpoint_of(last.headers)
        if place is None or subjects.service_of(last.subject or "") != self._service:
            # A stranger's: it says nothing about our store, and the store has everything.
            log.warning("relay.foreign-message", service=self._service, subject=last.subject)
            return await self._start_over()
        checkpoint = place[0]
        if checkpoint.store == own.store and checkpoint.epoch < own.epoch:
            log.warning("relay.older-epoch", service=self._service, stream=checkpoint.epoch, store=own.epoch)
            return await self._start_over()
        if (checkpoint.store, checkpoint.epoch) != (own.store, own.epoch):
            raise WrongStream(
                f"it belongs to store {checkpoint.store}.{checkpoint.epoch}, ours is {own.store}.{own.epoch}"
            )
        if checkpoint.position > self._head:
            raise WrongStream(f"it is ahead of its store: {checkpoint.position} > {self._head}")
        await self._prove(checkpoint, last.data or b"")
        if await self._miscounted(end, checkpoint.position):
            if end.messages == end.last and (gone := await lost(self._bus, self._service, self._log, end)) is not None:
                raise WrongStream(f"the store no longer has its event at {gone.position}, which the stream still holds")
            return await self._start_over()
        return Spot(end.last, checkpoint.position)

    async def _miscounted(self, end: streams.Tail, position: int) -> bool:
        """One message per event, or subscribers meet a gap for ever.

        The stream's count is its own and whole each time; of the store's only what is new is counted (see `Log.count`:
        the log behind a position never changes), so a message too few or too many anywhere in the stream is found.
        """
        held = await asyncio.to_thread(self._log.count, position)
        if (end.messages, end.last) == (held, held):
            return False
        log.warning("relay.miscounted", service=self._service, store=held, stream=end.messages, last=end.last)
        return True

    async def _prove(self, checkpoint: Checkpoint, data: bytes) -> None:
        rows = await asyncio.to_thread(self._log.read, checkpoint.position - 1, 1)
        if not rows or rows[0].position != checkpoint.position or bytes(rows[0].data) != data:
            raise WrongStream(f"its last message differs from the store's event at position {checkpoint.position}")

    async def _start_over(self) -> Spot:
        await renew_stream(self._bus, self._service)
        log.warning("relay.feeds-again", service=self._service)
        self._refeed.clear()
        if self._refed is not None and not self._refed.done():
            self._refed.set_result(None)
        self._refed = None
        return Spot(0, 0)

    def _become(self, state: str, reason: str = "") -> None:
        hung_up = state == "waiting" and self._bus.leaving  # by ourselves: that is no news
        if (state, reason) != (self._state, self._reason) and state in {"waiting", "stopped"} and not hung_up:
            log.warning("relay.halted", service=self._service, state=state, reason=reason)
        self._state, self._reason = state, reason


def _within(rows: Sequence[LogRow], room: int) -> Sequence[LogRow]:
    """As many rows as fit into so many bytes, at least one."""
    for count, row in enumerate(rows):
        room -= len(row.data)
        if room < 0 and count > 0:
            return rows[:count]
    return rows
