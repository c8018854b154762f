"""Waiting for what becomes true, without a figure for how long it should take."""

import asyncio
from collections.abc import Callable


async def until(true: Callable[[], bool], *, seconds: float = 60) -> None:
    """Looks every 5 ms; TimeoutError after so many seconds."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for is another process's doing
            await asyncio.sleep(0.005)
