"""Asking over the bus: one subscription for all answers, a word for each question, nothing else per question.

The word cannot be guessed. A number that counts could: whoever is asked one question could have the broker answer the
next, which was put to another.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from uuid import uuid4

import nats.errors

from services.kit.bus.wire import Arrival, Dispatch, Publication

NO_RESPONDERS = "503"
WORD_BYTES = 12


class Questions:
    """The questions of one connection that wait for their answer."""

    def __init__(self, dispatch: Dispatch, inbox: str) -> None:
        """``inbox``: the prefix that this user may listen on."""
        self._dispatch = dispatch
        self._place = f"{inbox}.{uuid4().hex}"
        self._open: dict[str, asyncio.Future[Arrival]] = {}

    async def listen(self) -> None:
        """Once, before the first question."""
        await self._dispatch.subscribe(f"{self._place}.*", self._take)

    async def ask(self, subject: str, payload: bytes, header: bytes, seconds: float) -> Arrival:
        """The answer. Raises nats.errors.NoRespondersError at once, TimeoutError, ConnectionClosedError.

        ``header``: one or more lines ``Name: value``.
        """
        (arrived,) = await self.ask_together(((subject, payload, header),), seconds)
        return arrived

    async def ask_together(self, asked: Sequence[tuple[str, bytes, bytes]], seconds: float) -> list[Arrival]:
        """The same for several, written at once and in order; the answers in that order."""
        loop = asyncio.get_running_loop()
        answers: dict[str, asyncio.Future[Arrival]] = {}
        publications = []
        for subject, payload, header in asked:
            word = secrets.token_hex(WORD_BYTES)
            self._open[word] = answers[word] = loop.create_future()
            publications.append(Publication(subject, payload, header, f"{self._place}.{word}"))
        too_late = loop.call_later(seconds, self._expire, answers.values())
        try:
            await self._dispatch.send(publications)
            arrived = [await answer for answer in answers.values()]
        finally:
            too_late.cancel()
            for word, answer in answers.items():
                del self._open[word]
                answer.cancel()
        if any(not each.data and each.status[0] == NO_RESPONDERS for each in arrived):
            raise nats.errors.NoRespondersError
        return arrived

    def give_up(self) -> None:
        """The connection broke: an answer goes down with it. Whoever waits gets the TimeoutError of the end now."""
        for answer in self._open.values():
            if not answer.done():
                answer.set_exception(nats.errors.TimeoutError())
                answer.exception()  # of several asked together only the first is looked at

    def _take(self, message: Arrival) -> None:
        answer = self._open.get(message.subject.rpartition(".")[2])
        if answer is not None and not answer.done():
            answer.set_result(message)

    @staticmethod
    def _expire(answers: Iterable[asyncio.Future[Arrival]]) -> None:
        """Whoever waits waits for the first of them that is missing."""
        missing = next((answer for answer in answers if not answer.done()), None)
        if missing is not None:
            missing.set_exception(nats.errors.TimeoutError())
