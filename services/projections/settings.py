"""What may be set about projections, and the zone of an agency whose standard names none."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """``wait_seconds``: how long an answer waits for the asker's own write. ``tasks``: at most so many per action."""

    wait_seconds: float = 2.0
    tasks: int = 100
    batch: int = 1000
    zone: str = "Asia/Jakarta"
