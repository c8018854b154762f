"""A small event log in memory with the interface of the store's `Log`, for tests of what reads it."""

from collections.abc import Sequence
from uuid import NAMESPACE_OID, uuid5

import orjson

from services.kit.store.identity import StoreId
from services.kit.store.log import LogRow
from services.kit.store.notifier import Notifier


class FakeLog:
    """`append` writes events of one kind; positions may jump (``step``)."""

    def __init__(self, store: str = "0a1b2c", epoch: int = 1) -> None:
        self.store_id = StoreId(store, epoch)
        self.rows: list[LogRow] = []
        self.notifier = Notifier()

    def append(
        self, count: int = 1, *, step: int = 1, padding: int = 500, kind: str = "intake.LetterArchived.v1"
    ) -> None:
        for _ in range(count):
            previous = self.rows[-1].position if self.rows else 0
            position = previous + step
            identity = str(uuid5(NAMESPACE_OID, f"{self.store_id.store}/{position}"))
            event = {"id": identity, "agency": "demo", "type": kind, "data": {"n": position, "padding": "x" * padding}}
            self.rows.append(LogRow(position, previous, identity, 1, kind, orjson.dumps(event)))
        self.notifier.notify()

    def at_hand(self, _after: int, _limit: int, /) -> Sequence[LogRow]:
        return ()

    def read(self, after: int, limit: int) -> Sequence[LogRow]:
        return self.rows[self._index(after) : self._index(after) + limit]

    def head(self) -> int:
        return self.rows[-1].position if self.rows else 0

    def count(self, until: int) -> int:
        return self._index(until)

    def _index(self, after: int) -> int:
        low, high = 0, len(self.rows)
        while low < high:
            middle = (low + high) // 2
            if self.rows[middle].position > after:
                high = middle
            else:
                low = middle + 1
        return low
