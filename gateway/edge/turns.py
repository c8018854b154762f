"""What is tried at one thing too often is tried in turns: one after the other, with a pause between them.

Nobody locks anybody out (decision 0044): who is right is let in when his turn comes. What the thing is called stands in
memory under the budgets' key of the day, and only while somebody waits.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gateway.edge.budgets import Budget, Budgets
from gateway.edge.problems import Problem

PAUSE_SECONDS = 3.0
MOST_AT_ONE = 4
MOST = 24
PAUSE: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(slots=True)
class _Line:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class Turns:
    """``pause``: how it waits, where it is not by the clock."""

    def __init__(self, budgets: Budgets, pause: Callable[[float], Awaitable[None]] | None = None) -> None:
        self._budgets = budgets
        self._pause = pause or PAUSE
        self._lines: dict[bytes, _Line] = {}

    @asynccontextmanager
    async def turn(self, budget: Budget, what: str) -> AsyncIterator[list[object]]:
        """Costs one of the budget until something right is put into the list; where there is none left it waits.

        Raises Problem 429 where too many wait already.
        """
        right: list[object] = []
        if self._budgets.left(budget, what):
            self._budgets.spend(budget, what)
            try:
                yield right
            finally:
                if right:
                    self._budgets.give_back(budget, what)
            return
        async with self._in_line(self._budgets.name(budget, what)):
            yield right

    @asynccontextmanager
    async def _in_line(self, name: bytes) -> AsyncIterator[None]:
        line = self._lines.setdefault(name, _Line())
        if line.waiting >= MOST_AT_ONE or sum(each.waiting for each in self._lines.values()) >= MOST:
            seconds = round(PAUSE_SECONDS * (line.waiting + 1))
            if not line.waiting:
                del self._lines[name]
            raise Problem("gateway.too-many", 429, seconds=seconds)
        line.waiting += 1
        try:
            async with line.lock:
                await self._pause(PAUSE_SECONDS)
                yield
        finally:
            line.waiting -= 1
            if not line.waiting:
                self._lines.pop(name, None)
