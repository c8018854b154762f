"""The writer's memory of claims: an owner once found stays the owner, so he is asked for once; absences in bulk."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping

from services.kit.store import schema
from services.kit.store.recorders import Transaction

KEPT = 20_000
ClaimKey = tuple[str, str, str]
"""Agency, kind, key."""


class Claims:
    """Of one writer; exact, because a claim is never given up."""

    def __init__(self) -> None:
        self._kept: OrderedDict[ClaimKey, str] = OrderedDict()

    def get(self, key: ClaimKey) -> str | None:
        return self._kept.get(key)

    def keep(self, found: Mapping[ClaimKey, str]) -> None:
        """Owners that are committed."""
        self._kept.update(found)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        self._kept.clear()

    def ask(self, transaction: Transaction, wanted: Iterable[ClaimKey]) -> Callable[[], set[ClaimKey]]:
        """Asks for many at once; called, the answer is kept, and those that nobody owns come back."""
        missing = {key for key in wanted if key not in self._kept}
        if not missing:
            return set
        answer = transaction.ask_rows(schema.CLAIM, list(missing))

        def absent() -> set[ClaimKey]:
            found = {(agency, kind, key): owner for agency, kind, key, owner in answer()}
            self.keep(found)
            return missing - found.keys()

        return absent
