"""What may be set about the audit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """``batch``: events chained in one transaction.

    The patrol first looks at the last ``recent`` events of each log, then goes over the whole log again and again,
    ``stretch`` events at a time with ``rest_seconds`` between.
    """

    batch: int = 4_000
    recent: int = 1_000
    stretch: int = 1_000
    rest_seconds: float = 10.0
