"""I6: the chains recomputed from the stored bytes are the hashes that the audit has kept."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import Engine, func, inspect, select

from services.audit.policy import since, told
from services.audit.views import Chains
from services.audit.views.beginnings import beginnings
from services.audit.views.tables import BEGINNINGS, HEADS, LINKS
from services.cli.invariants.ground import Breaches, Finding, Seen, Source
from services.kit.chain import Comparison, Difference
from services.kit.codec.position import Checkpoint

CATCH_UP_SECONDS = 5.0


class KeptChains:
    """``running``: the audit should have caught up; else what it has not chained yet is only counted."""

    def __init__(self, engine: Engine, chains: Chains, *, running: bool) -> None:
        self._engine = engine
        self._chains = chains
        self._running = running
        self._breaches = Breaches()
        self._differences: dict[int, Difference] = {}
        self._comparison: Comparison | None = None
        self._checkpoint: Checkpoint | None = None
        self._compared = self._unchained = self._after = 0
        self._begun = ""
        self._unread: dict[str, int] = {}
        self._ready = inspect(engine).has_table(LINKS.name)
        self._began = beginnings(engine) if self._ready and inspect(engine).has_table(BEGINNINGS.name) else None
        self._left: list[str] = []

    def part(self, source: Source, seen: Sequence[Seen]) -> None:
        if self._comparison is None:
            self._begin(source)
        if self._comparison is None or self._checkpoint is None:
            self._unchained += len(seen)
            self._unread[source.service] = seen[-1].row.position
            return
        until = min(seen[-1].row.position, self._checkpoint.position)
        rows = [each.row for each in seen if each.row.position <= until]
        if len(rows) < len(seen):
            self._unchained += len(seen) - len(rows)
            self._unread[source.service] = seen[-1].row.position
        self._compare(source, rows, self._after, until)
        self._after = seen[-1].row.position

    def end(self, source: Source) -> None:
        if self._comparison is None:
            self._begin(source)
        if self._comparison is not None and self._checkpoint is not None:
            if self._checkpoint.position > source.head:  # the newest rows may be gone, unless they came meanwhile
                rows = source.log.read(source.head, 10_000)
                self._compare(
                    source,
                    [r for r in rows if r.position <= self._checkpoint.position],
                    source.head,
                    self._checkpoint.position,
                )
            self._compared += self._comparison.compared
            self._heads(source)
        for difference in self._differences.values():
            where, _, what = told(source.service, difference).partition(": ")
            self._breaches.add(where, what)
        self._differences.clear()
        self._comparison, self._after = None, 0

    def finding(self) -> Finding:
        if not self._ready:
            sentence = "audit tidak punya tabel: buktinya hilang, atau `caraka migrate` belum dijalankan"
            return Finding("I6", ok=False, sentence=sentence)
        if self._running and self._late():
            self._breaches.add("audit", f"{self._unchained} peristiwa belum dirantai padahal Caraka berjalan")
        elif self._unchained:
            self._left.append(f"{self._unchained} peristiwa yang belum dirantai")
        began = (self._began or {}).values()
        figures: dict[str, int | str] = {
            "links": self._compared, "not yet chained": self._unchained,
            "older than their chain": sum(each.older for each in began),
        }  # fmt: skip
        self._left += [
            f"peristiwa yang lebih tua daripada rantainya: {since(each)}" for each in began if each.older and each.by
        ]
        return self._breaches.finding("I6", "riwayatnya adalah yang dirantai", figures, self._left)

    def _late(self) -> bool:
        """Whether the audit stays behind what was read: what came while we read is chained a moment later."""
        ends = time.monotonic() + CATCH_UP_SECONDS
        while True:
            marks = {service: self._chains.checkpoint(service) for service in self._unread}
            if all(
                checkpoint is not None and checkpoint.position >= self._unread[service]
                for service, checkpoint in marks.items()
            ):
                return False
            if time.monotonic() > ends:
                return True
            time.sleep(0.1)

    def _begin(self, source: Source) -> None:
        if not self._ready or self._begun == source.service:
            return
        self._begun = source.service
        self._checkpoint = self._chains.checkpoint(source.service)
        self._look_at_beginning(source)
        if self._checkpoint is None:
            return
        if (self._checkpoint.store, self._checkpoint.epoch) != (source.store_id.store, source.store_id.epoch):
            what = f"catatannya {source.store_id.store}.{source.store_id.epoch}, yang dirantai {self._checkpoint}"
            self._breaches.add(source.service, f"{what}: dipulihkan? `caraka audit adopt {source.service}`")
        self._comparison = Comparison(source.service, {})

    def _look_at_beginning(self, source: Source) -> None:
        """A log whose chain is gone, or began when there were events already, is not whole because it agrees."""
        if self._began is None:  # tables of an earlier version: since when is not written down
            return
        began = self._began.get(source.service)
        if began is not None and began.breach:
            self._breaches.add(source.service, began.breach)
        elif self._checkpoint is None and source.head and (began is None or began.linked):
            self._breaches.add(source.service, f"rantainya hilang: tidak ada bukti untuk {source.head} posisinya")

    def _compare(self, source: Source, rows: Sequence[object], after: int, until: int) -> None:
        assert self._comparison is not None  # noqa: S101 - the callers looked
        links = self._chains.links(source.service, after, until)
        for difference in self._comparison.part(rows, links):  # type: ignore[arg-type]  # rows of a log
            self._differences[difference.position] = difference
            if difference.what == "swapped":  # the first of the two could not be told from an edit before
                self._differences.pop(difference.other, None)

    def _heads(self, source: Source) -> None:
        """The kept heads are those of the kept links: position, count and hash."""
        with self._engine.connect() as connection:
            heads = connection.execute(select(HEADS).where(HEADS.c.service == source.service)).all()
            for head in heads:
                mine = (
                    (LINKS.c.service == source.service)
                    & (LINKS.c.agency == head.agency)
                    & (LINKS.c.position <= head.position)
                )
                count, last = connection.execute(select(func.count(), func.max(LINKS.c.position)).where(mine)).one()
                kept = connection.scalar(select(LINKS.c.hash).where(mine, LINKS.c.position == last))
                if (count, last) != (head.count, head.position) or kept is None or bytes(kept) != bytes(head.head):
                    where = f"audit, ujung rantai {source.service}/{head.agency}"
                    self._breaches.add(
                        where, f"ujung rantai di posisi {head.position} tidak cocok dengan mata rantai yang tersimpan"
                    )
