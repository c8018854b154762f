"""A sign of life that costs nothing to read: a file that the event loop touches, for container health checks.

A check that had to speak on the bus would import half of the product, every few seconds, in every container. The file
lies where every user may write: a link that somebody else has laid there is not followed, nor his file believed.
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
            beating = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            os.utime(beating)
            os.close(beating)
            await asyncio.sleep(until_aligned(EVERY_SECONDS))
    finally:
        path.unlink(missing_ok=True)


def alive(name: str) -> bool:
    """A beat from the future is none either: the clock was set back, and whoever lives beats again within seconds."""
    try:
        seen = place(name).lstat()
        return seen.st_uid == os.getuid() and abs(time.time() - seen.st_mtime) < STALE_SECONDS
    except OSError:
        return False
