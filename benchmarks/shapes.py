"""What a load run is asked for and what it saw."""

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Request(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


Factory = Callable[[int], Request]
"""The n-th request of a run, from 0; for `drive_apart` picklable: a function of a module or a partial of one."""


@dataclass(frozen=True)
class Plan:
    """A run ends after `count` requests or after `seconds` (warm-up not included), whichever comes first."""

    port: int
    factory: Factory
    connections: int = 64
    count: int | None = None
    seconds: float | None = None
    rate: float | None = None
    warm_seconds: float = 0.0
    patience: float = 30.0
    """Seconds granted to the last answers; what is still out then is an error."""
    pids: tuple[int, ...] = ()
    """Server processes (with all their children) whose CPU time is read over the counted window."""
    keep_bodies: bool = False
    host: str = "127.0.0.1"

    def __post_init__(self) -> None:
        if self.count is None and self.seconds is None:
            raise ValueError("a run needs a bound: count, seconds or both")
        if self.count is not None and self.warm_seconds:
            raise ValueError("a warm-up would eat from the count: run it apart")


@dataclass(frozen=True)
class LoadResult:
    """What a run saw in its counted window (after the warm-up)."""

    connections: int
    rate: float | None
    seconds: float
    answered: int
    """2xx answers that came inside the window: what `per_second` counts."""
    latencies: "array[float]"
    """Seconds, ascending, of every answer to a request sent in the window."""
    statuses: dict[int, int]
    errors: dict[str, int]
    cpu_seconds: float
    driver_busy: float
    """Share of one core that the driver burnt; near 1 the driver is what was measured."""
    late_ms: float
    """Open loop: p99 of how late the driver itself noticed that a request was due (not part of the latency)."""
    refusals: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def at(self, share: float) -> float:
        """The latency in ms that `share` (0..1) of the answers did not exceed; nan without answers."""
        if not self.latencies:
            return float("nan")
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))] * 1000

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds if self.seconds else 0.0

    @property
    def cpu_per_1000(self) -> float:
        """CPU seconds of the watched processes per 1,000 answers; nan without answers."""
        return self.cpu_seconds / self.answered * 1000 if self.answered else float("nan")

    @property
    def clean(self) -> bool:
        return not self.errors and all(200 <= status < 300 for status in self.statuses)

    def summary(self) -> dict[str, object]:
        """For JSON: everything but the single latencies and bodies."""
        return {
            "connections": self.connections,
            "rate": self.rate,
            "seconds": round(self.seconds, 3),
            "answered": self.answered,
            "per_second": round(self.per_second, 1),
            "p50_ms": round(self.at(0.5), 2),
            "p90_ms": round(self.at(0.9), 2),
            "p99_ms": round(self.at(0.99), 2),
            "max_ms": round(self.at(1.0), 2),
            "statuses": self.statuses,
            "errors": self.errors,
            "cpu_seconds": round(self.cpu_seconds, 2),
            "cpu_per_1000": round(self.cpu_per_1000, 3),
            "driver_busy": round(self.driver_busy, 2),
            "late_ms": round(self.late_ms, 2),
        }
