"""A pull consumer that answers at once: the broker holds our credit and sends as soon as it has something.

It is made anew each time and has a fixed name, because the right to make it and to draw from it is by name.

`PullSubscription.fetch` of the library makes a task and an id per message and waits where nothing is to be waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Self

import nats.errors
import nats.js.errors
import orjson
from nats.aio.subscription import Subscription
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from contracts import subjects
from services.kit.bus.connection import Bus
from services.kit.bus.wire import Arrival

HEARTBEAT_SECONDS = 3.0  # the only wake-up of a house in which nothing happens, for each subscription
SILENCE_SECONDS = 7.0
EXPIRES_SECONDS = 30.0
FORGET_SECONDS = 30.0
PULL_BYTES = 32 * 1024 * 1024
_NANO = 1_000_000_000
_HARMLESS = ("Message Size Exceeds MaxBytes", "Batch Completed")


class LookAgain(Exception):
    """The consumer is gone, or does not give what is next: begin again from the checkpoint."""


class Pull:
    """``async with Pull(...) as pull: messages = await pull.take()``: one or more messages, at most ``batch``."""

    def __init__(self, bus: Bus, source: str, name: str, start: int, batch: int) -> None:
        self._bus = bus
        self._stream = subjects.stream_of(source)
        self._consumer = name
        self._source = source
        self._start = start
        self._batch = batch
        self._credit = 0
        self._waiting: list[Arrival] = []
        self._sleeper: asyncio.Future[None] | None = None
        self._lost = ""
        self._inbox = ""
        self._heard_at = 0.0
        self._listening: asyncio.TimerHandle | None = None
        self._subscription: Subscription | None = None
        self._stack = contextlib.ExitStack()

    async def __aenter__(self) -> Self:
        self._inbox = self._bus.new_inbox()
        self._subscription = await self._bus.dispatch.subscribe(self._inbox, self._receive)
        self._stack.enter_context(self._bus.on_break(lambda: self.give_up("the connection was lost")))
        try:
            await self._bus.unbroken(self._make())
            await self._ask()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        if self._listening is not None:
            self._listening.cancel()
        with contextlib.suppress(nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError):
            if self._subscription is not None:
                await self._bus.dispatch.unsubscribe(self._subscription)
            if self._bus.connected and not self._lost:
                async with asyncio.timeout(1):  # it forgets itself anyway
                    await self._forget()

    async def _make(self) -> None:
        await self._forget()  # what an earlier one left stands where that one stood
        wanted = ConsumerConfig(
            name=self._consumer,
            ack_policy=AckPolicy.NONE,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=self._start,
            mem_storage=True,
            num_replicas=1,
            inactive_threshold=FORGET_SECONDS,
        )
        await self._bus.js.add_consumer(self._stream, wanted)

    async def _forget(self) -> None:
        with contextlib.suppress(NotFoundError):
            await self._bus.js.delete_consumer(self._stream, self._consumer)

    async def take(self) -> list[Arrival]:
        """What has arrived, as soon as something has. Raises `LookAgain`."""
        while not self._waiting:
            if self._lost:
                raise LookAgain(self._lost)
            if self._credit > 0:
                await self._sleep()
            else:
                await self._ask()
        taken = self._waiting[: self._batch]
        del self._waiting[: self._batch]
        if self._credit <= self._batch // 2 and not self._lost:
            await self._ask()
        return taken

    @property
    def sleeps(self) -> bool:
        """Nothing has arrived that is not taken."""
        return self._sleeper is not None and not self._waiting

    def give_up(self, reason: str) -> None:
        """`take` raises `LookAgain` from now on."""
        self._lost = reason
        self._wake()

    async def _sleep(self) -> None:
        """Until something has arrived, or all is lost; that also is when not even a heartbeat came for so long."""
        loop = asyncio.get_running_loop()
        self._heard_at = loop.time()
        if self._listening is None:
            self._listening = loop.call_later(SILENCE_SECONDS, self._listen, loop)
        self._sleeper = loop.create_future()
        try:
            await self._sleeper
        finally:
            self._sleeper = None

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """One timer that looks again, instead of one for each sleep: nearly all of them are short."""
        self._listening = None
        if self._sleeper is None:
            return
        left = self._heard_at + SILENCE_SECONDS - loop.time()
        if left > 0:
            self._listening = loop.call_later(left, self._listen, loop)
        else:
            self.give_up("the consumer is silent")

    async def _ask(self) -> None:
        count = self._batch - max(self._credit, 0)
        self._credit = max(self._credit, 0) + count
        order = {
            "batch": count,
            "expires": int(EXPIRES_SECONDS * _NANO),
            "idle_heartbeat": int(HEARTBEAT_SECONDS * _NANO),
            "max_bytes": PULL_BYTES,
        }
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer}"
        await self._bus.client.publish(subject, orjson.dumps(order), reply=self._inbox)

    def _receive(self, message: Arrival) -> None:
        status, description = ("", "") if message.data else message.status
        if not status:
            if subjects.service_of(message.subject) != self._source:
                self.give_up(f"a message on {message.subject}")  # the broker was made to send it here, or to store it
                return
            self._credit -= 1
            self._waiting.append(message)
        elif status in {"408", "404"} or description in _HARMLESS:
            self._credit -= int(message.header(b"Nats-Pending-Messages") or b"0") or self._credit
        elif status == "100":
            self._heard_at = asyncio.get_running_loop().time()
            return
        else:
            self.give_up(f"{status} {description}".strip())
        self._wake()

    def _wake(self) -> None:
        if self._sleeper is not None and not self._sleeper.done():
            self._sleeper.set_result(None)
