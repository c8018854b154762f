"""Supervision: named loops that are started again with backoff when they fail, and stopped in order in good time."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import structlog

from services.kit.observability.errors import named

FIRST_WAIT = 0.1
LONGEST_WAIT = 10.0
CALM_SECONDS = 30.0
STOP_SECONDS = 10.0

log = structlog.get_logger()


class _Watched:
    """One loop and what happened to it."""

    def __init__(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self.loop = loop
        self.task: asyncio.Task[None] | None = None
        self.state = "starting"
        self.stopping = False
        self.restarts = 0
        self.error = ""
        self.failed_at: datetime | None = None

    async def run(self) -> None:
        wait = FIRST_WAIT
        while True:
            self.state = "running"
            began = time.monotonic()
            try:
                await self.loop()
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is None or task.cancelling():
                    raise
                self._failed("cancelled from within")  # something that the loop waited for was cancelled
            except Exception as failed:
                self._failed(named(failed), failed)
                if self.stopping:
                    raise asyncio.CancelledError from failed
                _forget_cancelling()
            else:
                self.state = "ended"
                return
            if time.monotonic() - began > CALM_SECONDS:
                wait = FIRST_WAIT
            self.state = "waiting"
            await asyncio.sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311 - spreads restarts, hides nothing
            wait = min(wait * 2, LONGEST_WAIT)
            self.restarts += 1

    def health(self) -> dict[str, Any]:
        return {"state": self.state, "restarts": self.restarts, "error": self.error, "failed_at": self.failed_at}

    def _failed(self, error: str, cause: Exception | None = None) -> None:
        self.error = error
        self.failed_at = datetime.now(UTC)
        log.error("loop.failed", loop=self.name, restarts=self.restarts, error=error, exc_info=cause)


def _forget_cancelling() -> None:
    """Python 3.11's TaskGroup leaves its parent counted as being cancelled when a child has failed."""
    task = asyncio.current_task()
    while task is not None and task.cancelling():
        task.uncancel()


class Supervisor:
    """`add` starts a loop at once; `stop` ends all, the last one added first, each awaited before the next."""

    def __init__(self) -> None:
        self._watched: dict[str, _Watched] = {}
        self._stopping = False

    def add(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        """A loop that returns has ended; one that raises is started again. ValueError: the name is taken."""
        if name in self._watched:
            raise ValueError(f"there is a loop {name} already")
        if self._stopping:
            raise ValueError("the supervisor is stopping")
        watched = self._watched[name] = _Watched(name, loop)
        watched.task = asyncio.create_task(watched.run(), name=name)

    async def stop(self, *, seconds: float = STOP_SECONDS) -> list[str]:
        """Returns the names of the loops that did not end in time (cancelled, but not awaited any longer)."""
        self._stopping = True
        late: list[str] = []
        deadline = time.monotonic() + seconds
        for watched in reversed(self._watched.values()):
            if watched.task is None:
                continue
            watched.stopping = True
            watched.task.cancel()
            left = max(deadline - time.monotonic(), 0.05)
            _, pending = await asyncio.wait([watched.task], timeout=left)
            if not pending:
                watched.state = "ended" if watched.state == "ended" else "stopped"
            else:
                late.append(watched.name)
                log.error("loop.would-not-stop", loop=watched.name)
        return late

    def health(self) -> dict[str, dict[str, Any]]:
        """By name: ``state`` (running, waiting, ended, stopped), ``restarts``, the last ``error`` and when."""
        return {watched.name: watched.health() for watched in self._watched.values()}


@contextlib.contextmanager
def asked_to_stop() -> Iterator[asyncio.Event]:
    """An event that SIGTERM or SIGINT sets; a second signal ends the process at once."""
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()

    def stop(number: signal.Signals) -> None:
        log.info("stop.asked", signal=number.name)
        asked.set()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(each)  # the default again

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    try:
        yield asked
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
