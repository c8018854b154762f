"""A cut: how all stores of a product stand at one moment, while it goes on working."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from services.kit.backup.manifest import Head

KEYS_PLACE = "keys"
Tell = Callable[[str, int, int], None]
"""``(stage, done, total)`` in bytes or things; total 0: nobody knows."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody watches."""


class Cut(Protocol):
    """``heads``: of the stores that state events."""

    @property
    def heads(self) -> Mapping[str, Head]: ...

    @property
    def destroyed(self) -> Sequence[str]:
        """Ids of the keys of persons that are gone for good."""

    def parts(self, place: str, tell: Tell) -> Iterator[bytes]:
        """One place's bytes as they stood at the cut: a service's, or ``keys``."""
