"""The end of the log as this process wrote it: who copies or watches it need not read back what was just committed."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

MOST_ROWS = 4_096
MOST_BYTES = 8 * 1024 * 1024


class LogRow(NamedTuple):
    """A stored event: ``data`` is the CloudEvent as it was written; ``previous`` the position before (0: none)."""

    position: int
    previous: int
    originator_id: str
    version: int
    kind: str
    data: bytes


class Recent:
    """Committed rows without a gap between them; bounded. What is before them, or not of this process, is not here."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: deque[LogRow] = deque()
        self._bytes = 0

    def add(self, rows: Sequence[LogRow]) -> None:
        """What a commit has appended. Where others have written between the last ones and these, it begins anew."""
        if not rows:
            return
        with self._lock:
            if self._rows and self._rows[-1].position != rows[0].previous:
                self._clear()
            self._rows.extend(rows)
            self._bytes += sum(len(row.data) for row in rows)
            while len(self._rows) > MOST_ROWS or self._bytes > MOST_BYTES:
                self._bytes -= len(self._rows.popleft().data)

    def after(self, position: int, limit: int) -> Sequence[LogRow]:
        """Rows directly behind a position; none where they are not at hand: then the log itself is read."""
        with self._lock:
            if not self._rows or not self._rows[0].previous <= position < self._rows[-1].position:
                return ()
            found = list(takewhile(lambda row: row.position > position, reversed(self._rows)))[::-1]
        return found[:limit] if found[0].previous == position else ()

    def clear(self) -> None:
        """A commit whose end is not known: whatever it was, the log tells."""
        with self._lock:
            self._clear()

    def _clear(self) -> None:
        self._rows.clear()
        self._bytes = 0
