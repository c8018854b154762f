"""Lookup a service's event log: by the relay, by rebuild, verify and audit. Read-only."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from uuid import UUID

from eventsourcing.persistence import PersistenceError

from services.kit.settings import Settings
from services.kit.store import schema
from services.kit.store.identity import StoreId
from services.kit.store.opening import Adoption, Store, open_store
from services.kit.store.recent import LogRow

WORTH_REMEMBERING = 10_000


class Log:
    """Positions rise, gaps are allowed. Calls block: leave the event loop with `asyncio.to_thread`."""

    def __init__(self, store: Store, *, follows: bool = False) -> None:
        """``follows``: the reader comes again for more (relay, watches). Then what this process has just committed is
        given from memory, and what others have appended behind it comes with a later read.
        """
        self._store = store
        self._follows = follows
        self._last = 0

    @property
    def store_id(self) -> StoreId:
        return self._store.identity()

    def store_id_now(self) -> StoreId:
        """Asked anew: a person may have gone on from a restored store meanwhile."""
        return self._store.identity(again=True)

    def adopted(self) -> Sequence[Adoption]:
        """Who went on from this store although others had heard more of it, in order."""
        return self._store.adopted()

    def at_hand(self, after: int, limit: int) -> Sequence[LogRow]:
        """What this process has just committed, from memory: the only call that does not block. Often nothing."""
        return self._store.recent.after(after, limit) if self._follows else ()

    def read(self, after: int, limit: int) -> Sequence[LogRow]:
        """At most ``limit`` rows beyond a position, in order."""
        if at_hand := self.at_hand(after, limit):
            return at_hand
        rows: list[LogRow] = []
        previous = -1
        for position, stream, version, kind, data in self._store.recorder.beyond(after, limit):
            if previous < 0:
                previous = self._before(after)
            whole = data if isinstance(data, bytes) else str(data).encode()  # SQLite: somebody has put text there
            rows.append(LogRow(position, previous, stream, version, kind, whole))
            previous = self._last = position
        return rows

    def at(self, positions: Sequence[int]) -> Sequence[LogRow]:
        """The rows at these positions, in order; ``previous`` is 0. Those that do not exist are left out."""
        if not positions:
            return []
        column = "notification_id" if self._store.shared else "rowid"
        what = f"{column}, originator_id, originator_version, topic, state"
        among = ", ".join(str(int(position)) for position in positions)
        which = f"{column} IN ({among}) ORDER BY {column}"
        found = self._store.read(f"SELECT {what} FROM {{s}}stored_events WHERE {which}")  # noqa: S608 - numbers of ours
        return [LogRow(row[0], 0, str(UUID(str(row[1]))), row[2], row[3], bytes(row[4])) for row in found]

    def head(self) -> int:
        """The last position; 0 when the log is empty."""
        return self._store.recorder.max_notification_id() or 0

    def count(self, until: int) -> int:
        """How many rows there are up to a position; for who owns the store: it remembers what it has counted.

        So a start counts what was written since, not years. It stays true, since nothing is inserted before or removed
        from what stands in the log; who does so by force is found by the chains, whatever was counted here.
        """
        known = self._store.read(schema.READ_COUNTED)
        position, counted = known[0] if known and known[0][0] <= until else (0, 0)
        column = "notification_id" if self._store.shared else "rowid"
        which = f"{column} > {int(position)} AND {column} <= {int(until)}"
        more = int(self._store.read(f"SELECT COUNT(*) FROM {{s}}stored_events WHERE {which}")[0][0])  # noqa: S608 - same
        if more >= WORTH_REMEMBERING:
            # Where the disk takes nothing, it is counted again next time.
            with contextlib.suppress(PersistenceError), self._store.locked() as transaction:
                transaction.execute(schema.REMEMBER_COUNTED, (until, counted + more))
        return counted + more

    def count_anew(self, until: int) -> int:
        """The same for a reader: counted, and nothing remembered."""
        return self._store.counted(until)

    def close(self) -> None:
        self._store.close()

    def _before(self, after: int) -> int:
        if after <= 0 or after == self._last:  # read on from where this one has read to: that row is there
            return max(after, 0)
        return self._store.last_until(after)


def open_log(settings: Settings, service: str) -> Log:
    return Log(open_store(settings, service, reader=True))
