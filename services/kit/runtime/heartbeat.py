"""A sign of life that costs nothing to read: a file that the event loop touches, for container health checks.

A check that had to speak on the bus would import half of the product, every few seconds, in every container.
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path

from services.kit.runtime.aligned_timers import until_aligned

EVERY_SECONDS = 5.0
STALE_SECONDS = 20.0


def place(name: str) -> Path:
    """One file per user and service; several processes of one service on one machine share it."""
    return Path(tempfile.gettempdir()) / f"caraka-{os.getuid()}-{name}.alive"


async def beat(name: str) -> None:
    """Until cancelled; a loop that hangs does not beat."""
    path = place(name)
    try:
        while True:
            path.touch(mode=0o600)
            os.utime(path)
            await asyncio.sleep(until_aligned(EVERY_SECONDS))
    finally:
        path.unlink(missing_ok=True)


def alive(name: str) -> bool:
    """A beat from the future is none either: the clock was set back, and whoever lives beats again within seconds."""
    try:
        return abs(time.time() - place(name).stat().st_mtime) < STALE_SECONDS
    except OSError:
        return False
