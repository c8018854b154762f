"""The ordered fetch loop: every event of one stream, once, in order, without a gap, from its checkpoint on.

Nothing is kept on the broker: the subscriber's own checkpoint says where to begin, found by binary search over
the position headers. So a broker that has lost its consumers, or everything, costs a moment and no event.

What lies in a stream under another service's name was put there by neither (a broker can be made to store its own
answers): it says nothing about the source's store, and the source's relay has the stream made anew.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import nats.errors
import nats.js.errors
import structlog

from contracts import subjects
from services.kit.bus import streams
from services.kit.bus.connection import Bus, NoResponder
from services.kit.bus.wire import Arrival
from services.kit.codec.position import Checkpoint, Delivery, checkpoint_in, checkpoint_of, header_prefix, numbers_in
from services.kit.subscriptions.pull_consumer import LookAgain, Pull

INFRASTRUCTURE = (nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError, NoResponder)
HEAD_SECONDS = 2.0
IDLE_HEAD_SECONDS = 10.0  # of a stream that stood still at the last look

log = structlog.get_logger()

__all__ = ["Checkpoint", "Delivery", "ForeignEpoch", "Subscriber"]


class ForeignEpoch(Exception):
    """The stream now belongs to another store or epoch: the subscriber's rows must be built anew."""

    def __init__(self, source: str, ours: Checkpoint, theirs: Checkpoint) -> None:
        super().__init__(f"{source}: we stand at {ours}, the stream is {theirs.store}.{theirs.epoch}")
        self.source = source
        self.ours = ours
        self.theirs = theirs


class Subscriber:
    """``apply`` gets whole batches; when it returns, its checkpoint must be kept. What it raises ends `run`."""

    def __init__(  # noqa: PLR0913 - what a subscription is made of
        self,
        bus: Bus,
        source: str,
        *,
        name: str,
        checkpoint: Callable[[], Awaitable[Checkpoint | None]],
        apply: Callable[[list[Delivery]], Awaitable[None]],
        batch: int = 500,
        rest: float = 0.0,
    ) -> None:
        """``source`` is the service whose stream is followed; ``checkpoint``: where we stand (None: nowhere).

        ``rest``: seconds after each batch in which more gathers, for whom nobody waits.
        """
        self._bus = bus
        self._source = source
        self._stream = subjects.stream_of(source)
        self._name = name
        self._read_mark = checkpoint
        self._apply = apply
        self._batch = batch
        self._rest = rest
        self._checkpoint: Checkpoint | None = None
        self._head = 0
        self._moved_at: datetime | None = None
        self._state, self._reason = "starting", ""

    async def run(self) -> None:
        """Until cancelled. Raises `ForeignEpoch`, and whatever ``apply`` or ``checkpoint`` raise."""
        wait = 0.05
        while True:
            before = self._checkpoint
            try:
                await self._follow()
            except asyncio.CancelledError:
                self._head = 0  # another process follows now: a figure that stands still would look like a lag
                self._become("starting")
                raise
            except ForeignEpoch as foreign:
                self._become("stopped", str(foreign))
                raise
            except (LookAgain, *INFRASTRUCTURE) as failed:
                self._become("waiting", str(failed) or type(failed).__name__)
            wait = 0.05 if self._checkpoint != before else min(wait * 2, 2.0)
            await self._bus.pause(wait)

    def health(self) -> dict[str, Any]:
        """``state``: starting, following, waiting (``reason``), stopped. ``behind`` in positions, gaps included."""
        position = self._standing()
        return {
            "source": self._source,
            "position": position,
            "head": self._head,
            "behind": max(0, self._head - position),
            "moved_at": self._moved_at,
            "state": self._state,
            "reason": self._reason,
        }

    async def _follow(self) -> None:
        self._checkpoint = await self._read_mark()
        start = await self._bus.unbroken(self._find(self._checkpoint))
        async with Pull(self._bus, self._source, self._name, start, self._batch) as pull:
            self._become("following")
            watch = asyncio.create_task(self._watch_head(pull))
            try:
                while True:
                    fresh, gap = self._checked(await pull.take())
                    if fresh:
                        began = time.time_ns()
                        await self._apply(fresh)
                        if self._bus.tracing.on:
                            self._bus.tracing.carried(self._name, (each.data for each in fresh), began)
                        self._checkpoint = fresh[-1].checkpoint
                        self._head = max(self._head, self._checkpoint.position)
                        self._moved_at = datetime.now(UTC)
                    if gap:
                        raise LookAgain(gap)
                    if self._rest:
                        await asyncio.sleep(self._rest)
            finally:
                watch.cancel()

    def _checked(self, messages: Sequence[Arrival]) -> tuple[list[Delivery], str]:
        """What is new, each directly behind the one before, and the gap that ends it if any. Raises `ForeignEpoch`."""
        fresh: list[Delivery] = []
        checkpoint = self._checkpoint
        beginning = b"?" if checkpoint is None else header_prefix(checkpoint)
        for message in messages:
            subject, _, head, data = message
            numbers = numbers_in(head, beginning)
            if numbers is None or checkpoint is None:  # the first of all, or one that is to be looked at closely
                place = checkpoint_in(message)
                if place is None:
                    return fresh, f"a message on {subject} was not sent by a relay"
                here, previous = place
                if checkpoint is None:
                    checkpoint, beginning = Checkpoint(here.store, here.epoch, 0), header_prefix(here)
                elif not checkpoint.same_store(here):
                    raise ForeignEpoch(self._source, checkpoint, here)
                numbers = here.position, previous
            position, previous = numbers
            standing = checkpoint.position
            if position <= standing:
                continue
            if previous != standing:
                return fresh, f"gap: we stand at {standing}, {position} follows {previous}"
            checkpoint = Checkpoint(checkpoint.store, checkpoint.epoch, position)
            fresh.append(Delivery(checkpoint, previous, subject, data))
        return fresh, ""

    async def _find(self, checkpoint: Checkpoint | None) -> int:
        """The sequence from which to read: the first one beyond the checkpoint."""
        end = await streams.tail(self._bus.js, self._source)
        if end is None:
            raise LookAgain("there is no stream yet")
        if end.messages == 0:
            return end.last + 1
        last = await self._place(end.last)
        self._head = last.position
        if checkpoint is None:
            return 1
        if not checkpoint.same_store(last):
            raise ForeignEpoch(self._source, checkpoint, last)
        if last.position <= checkpoint.position:
            return end.last + 1
        dense = checkpoint.position + 1  # without gaps in the store, sequences are positions
        if dense <= end.last and (await self._place(dense)).position == dense:
            return dense
        low, high = 1, end.last
        while low < high:
            middle = (low + high) // 2
            if (await self._place(middle)).position > checkpoint.position:
                high = middle
            else:
                low = middle + 1
        return low

    async def _place(self, sequence: int) -> Checkpoint:
        message = await self._bus.js.get_msg(self._stream, seq=sequence)
        place = checkpoint_of(message.headers)
        if place is None or subjects.service_of(message.subject or "") != self._source:
            raise LookAgain(f"message {sequence} was not sent by a relay")
        return place[0]

    async def _watch_head(self, pull: Pull) -> None:
        """Keeps `head` true although nothing arrives: a subscription that is stuck must look stuck, and begins again.

        A consumer of our name that another process has made in between answers us, from where that one stands.
        """
        known: streams.Tail | None = None
        still, stuck_at = False, -1
        while True:
            await asyncio.sleep(IDLE_HEAD_SECONDS if still else HEAD_SECONDS)
            still = False
            try:
                end = await streams.tail(self._bus.js, self._source)
                still = end == known and self._head <= self._standing()
                if end != known or self._head < self._standing():  # an idle stream costs one question, not two
                    self._head = (await self._place(end.last)).position if end is not None and end.messages else 0
                known = end
                stuck = pull.sleeps and self._standing() < self._head
                if stuck and stuck_at == self._standing():
                    pull.give_up("nothing arrives although there is more")
                stuck_at = self._standing() if stuck else -1
            except (LookAgain, *INFRASTRUCTURE):
                known = None

    def _standing(self) -> int:
        return self._checkpoint.position if self._checkpoint else 0

    def _become(self, state: str, reason: str = "") -> None:
        if (state, reason) != (self._state, self._reason) and reason and not self._bus.leaving:
            log.info("follower.waits", name=self._name, source=self._source, state=state, reason=reason)
        self._state, self._reason = state, reason
