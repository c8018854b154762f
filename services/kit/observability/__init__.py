"""Logs, traces, and the table of metrics."""

from services.kit.observability.causes import cause_of
from services.kit.observability.errors import named
from services.kit.observability.metrics import FAMILIES, SECONDS, Family, Histogram, Samples, Snapshot, merged
from services.kit.observability.tracing import Tracing, valid

__all__ = [
    "FAMILIES",
    "SECONDS",
    "Family",
    "Histogram",
    "Samples",
    "Snapshot",
    "Tracing",
    "cause_of",
    "merged",
    "named",
    "valid",
]
