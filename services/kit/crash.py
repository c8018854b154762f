"""Named crash points: places where a test may kill the process as hard as a power cut would.

``CARAKA_CRASH="relay.before-publish:3"`` ends the process with SIGKILL at the third pass of that point. Unset, a pass
costs one comparison.
"""

import os
import signal
from collections import Counter

_POINT, _, _PASS = os.environ.get("CARAKA_CRASH", "").partition(":")
_PASSES: Counter[str] = Counter()


def crash_point(name: str) -> None:
    """Kills this process if ``CARAKA_CRASH`` names this point and it is the pass meant (the first if none is given)."""
    if not _POINT or name != _POINT:
        return
    _PASSES[name] += 1
    if _PASSES[name] == int(_PASS or 1):
        os.kill(os.getpid(), signal.SIGKILL)
