"""The name of a store."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreId:
    """Which store a position belongs to; a restore raises ``epoch``."""

    store: str
    epoch: int
