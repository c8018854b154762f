"""Calls that may never come back: a network folder whose server is gone answers neither yes nor no."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

from services.kit.backup.faults import BackupFault


class Beside:
    """One call at a time, in a thread that nobody waits for: neither for longer than ``seconds``, nor at the end.

    A call that did not come back is waited for before the next one is made.
    """

    def __init__(self, name: str, seconds: float) -> None:
        """``name``: of the place, as people name it."""
        self._name, self._seconds = name, seconds
        self._thread: Thread | None = None

    async def call(self, function: Callable[[], None]) -> None:
        """Raises BackupFault where the place does not answer, and whatever the function raises."""
        if self._thread is not None and self._thread.is_alive():
            raise self._silent()
        loop = asyncio.get_running_loop()
        answer = loop.create_future()

        def settle(error: BaseException | None) -> None:
            if answer.done():
                return
            if error is None:
                answer.set_result(None)
            else:
                answer.set_exception(error)

        def work() -> None:
            error = None
            try:
                function()
            except BaseException as caught:  # noqa: BLE001 - it is raised again where it was called
                error = caught
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(settle, error)

        self._thread = Thread(target=work, name=f"place {self._name}", daemon=True)
        self._thread.start()
        try:
            async with asyncio.timeout(self._seconds):
                await answer
        except TimeoutError:
            raise self._silent() from None

    def _silent(self) -> BackupFault:
        return BackupFault("place-silent", f"Tempat cadangan {self._name} tidak menjawab: server berkasnya mati?")
