"""Aligned timers: what a process does again and again it does at the same moments, so that it wakes once for all."""

from __future__ import annotations

import time


def until_aligned(seconds: float) -> float:
    """How long to sleep until the clock has the next multiple of ``seconds``: never less than a tenth of it.

    A timer may ring a moment early; that tick is not slept towards again.
    """
    left = seconds - time.monotonic() % seconds
    return left if left > seconds / 10 else left + seconds
