"""Asking over the bus: one subscription for all answers, a number for each question, nothing else per question."""

from __future__ import annotations

import asyncio
from itertools import count
from uuid import uuid4

import nats.errors

from services.kit.bus_feed import Arrival, Feeds

NO_RESPONDERS = "503"


class Questions:
    """The questions of one connection that wait for their answer."""

    def __init__(self, feeds: Feeds, inbox: str) -> None:
        """``inbox``: the prefix that this user may listen on."""
        self._feeds = feeds
        self._place = f"{inbox}.{uuid4().hex}"
        self._open: dict[str, asyncio.Future[Arrival]] = {}
        self._numbers = count(1)

    async def listen(self) -> None:
        """Once, before the first question."""
        await self._feeds.subscribe(f"{self._place}.*", self._take)

    async def ask(self, subject: str, payload: bytes, header: bytes, seconds: float) -> Arrival:
        """The answer. Raises nats.errors.NoRespondersError at once, TimeoutError, ConnectionClosedError.

        ``header``: a line ``Name: value``.
        """
        number = str(next(self._numbers))
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Arrival] = loop.create_future()
        self._open[number] = answer
        too_late = loop.call_later(seconds, self._give_up, number)
        head = b"NATS/1.0\r\n%b\r\n\r\n" % header
        wire = b"HPUB %b %b.%b %d %d\r\n%b%b\r\n" % (
            subject.encode(), self._place.encode(), number.encode(), len(head), len(head) + len(payload), head, payload,
        )  # fmt: skip
        try:
            await self._feeds.send((wire,))
            arrived = await answer
        finally:
            too_late.cancel()
            self._open.pop(number, None)
        if not arrived.data and arrived.status[0] == NO_RESPONDERS:
            raise nats.errors.NoRespondersError
        return arrived

    def _take(self, message: Arrival) -> None:
        answer = self._open.get(message.subject.rpartition(".")[2])
        if answer is not None and not answer.done():
            answer.set_result(message)

    def _give_up(self, number: str) -> None:
        answer = self._open.get(number)
        if answer is not None and not answer.done():
            answer.set_exception(nats.errors.TimeoutError())
