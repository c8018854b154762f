"""What an open board reads: a bounded feed that forgets the oldest first, so that a reader who sleeps costs nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from types import TracebackType
from typing import Self

import nats.errors
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription


class LiveFeed:
    """An async iterator over the bytes of one subscription; ``lost`` counts what a slow reader missed."""

    def __init__(self, room: int) -> None:
        self.subscription: Subscription | None = None
        self.lost = 0
        self._waiting: deque[bytes] = deque(maxlen=room)
        self._rung = asyncio.Event()
        self._closed = False

    async def take(self, message: Msg) -> None:
        if len(self._waiting) == self._waiting.maxlen:
            self.lost += 1
        self._waiting.append(message.data)
        self._rung.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._rung.clear()
            await self._rung.wait()
        return self._waiting.popleft()

    async def aclose(self) -> None:
        self._closed = True
        self._rung.set()
        if self.subscription is not None:
            with contextlib.suppress(nats.errors.Error):
                await self.subscription.unsubscribe()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
