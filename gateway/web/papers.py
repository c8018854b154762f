"""Papers that the gateway sets itself: one after the other, in a process of limits; nothing of them is kept."""

import json
from collections.abc import Mapping
from typing import Any

from gateway.edge.problems import Problem
from services.kit.sandbox import Sandbox, SandboxFailure


class PaperSandbox:
    """``module``: where the functions are that set them. ``waiting``: how many may wait; others hear 503 at once."""

    def __init__(self, module: str, *, memory_bytes: int, seconds: int, output_bytes: int, waiting: int) -> None:
        self._module = module
        self._most_waiting = waiting
        self._waiting = 0
        self._sandbox = Sandbox(
            preload=(module,),
            memory_bytes=memory_bytes,
            cpu_seconds=seconds,
            wall_seconds=seconds,
            output_bytes=output_bytes,
            at_once=1,
            threads=True,
        )

    async def made(self, function: str, words: Mapping[str, Any]) -> bytes:
        """What the function makes of the words, which it gets as JSON. Raises Problem 503."""
        if self._waiting >= self._most_waiting:
            raise Problem("gateway.busy", 503, seconds=5)
        self._waiting += 1
        try:
            return await self._sandbox.call(f"{self._module}:{function}", json.dumps(words).encode())
        except SandboxFailure:  # what it says may hold the words
            raise Problem("gateway.busy", 503, seconds=5) from None
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        await self._sandbox.close()


def named(head: Mapping[str, Any]) -> dict[str, str]:
    """Of a letterhead, what every paper says."""
    return {name: str(head.get(name) or "") for name in ("agency", "office", "place")}
