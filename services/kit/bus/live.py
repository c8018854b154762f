"""What an open board reads: a bounded feed that forgets the oldest first, so that a reader who sleeps costs nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from nats.aio.subscription import Subscription

from services.kit.bus.wire import Arrival


class LiveFeed:
    """An async iterator over the bytes of one subscription; ``lost`` counts what a slow reader missed."""

    def __init__(self, room: int, leave: Callable[[Subscription], Awaitable[None]]) -> None:
        """``leave`` ends the subscription, which is known when it stands."""
        self.subscription: Subscription | None = None
        self.lost = 0
        self._leave = leave
        self._waiting: deque[bytes] = deque(maxlen=room)
        self._rung = asyncio.Event()
        self._closed = False

    def take(self, message: Arrival) -> None:
        if len(self._waiting) == self._waiting.maxlen:
            self.lost += 1
        self._waiting.append(message.data)
        self._rung.set()

    async def some(self, seconds: float | None = None) -> list[bytes] | None:
        """All that has come, as soon as something has; nothing after so many seconds; None when it is closed."""
        if not self._waiting and not self._closed:
            self._rung.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._rung.wait()
        if self._closed and not self._waiting:
            return None
        some = list(self._waiting)
        self._waiting.clear()
        return some

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
            await self._leave(self.subscription)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
