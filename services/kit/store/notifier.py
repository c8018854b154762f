"""A notifier between the writer's thread and the event loops that wait for new facts (no polling within a process)."""

import asyncio
import contextlib
import math
import threading
from datetime import datetime
from typing import Self


class Notifier:
    """Wake-ups are not counted: a waiter that was away finds out at its next look."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiters: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def notify(self) -> None:
        with self._lock:
            waiters = list(self._waiters.items())
        for event, loop in waiters:
            with contextlib.suppress(RuntimeError):  # that loop has just been closed
                loop.call_soon_threadsafe(event.set)

    def add(self, waiter: asyncio.Event) -> None:
        """Set at each wake-up, in the loop that runs now."""
        with self._lock:
            self._waiters[waiter] = asyncio.get_running_loop()

    def remove(self, waiter: asyncio.Event) -> None:
        with self._lock:
            self._waiters.pop(waiter, None)

    def listen(self) -> "Listener":
        return Listener(self)

    async def wait(self, seconds: float) -> None:
        """Returns at the next wake-up, or after so many seconds."""
        with self.listen() as listener:
            await listener.wait(seconds)


class Listener:
    """Keeps listening between waits, so that a wake-up during the work in between is not missed."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._event = asyncio.Event()

    def __enter__(self) -> Self:
        self._notifier.add(self._event)
        return self

    def __exit__(self, *_: object) -> None:
        self._notifier.remove(self._event)

    async def wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # `wait_for` would swallow a cancellation that comes with the wake-up
                await self._event.wait()
        self._event.clear()


class TimerWakeup:
    """Wakes the timekeeper when a timer is set for an earlier moment than the one it sleeps towards."""

    def __init__(self) -> None:
        self._notifier = Notifier()
        self._lock = threading.Lock()
        self._towards = math.inf

    def hear(self, moment: datetime | None) -> None:
        """From the writer's thread: the earliest moment that a commit has set; None: it has set no timer."""
        if moment is None:
            return
        with self._lock:
            wake = moment.timestamp() < self._towards
        if wake:
            self._notifier.notify()

    def listen(self) -> Listener:
        return self._notifier.listen()

    def sleep_towards(self, moment: datetime | None) -> None:
        """None: awake; then every new timer wakes it, so that none is missed between a look and a sleep."""
        with self._lock:
            self._towards = math.inf if moment is None else moment.timestamp()
