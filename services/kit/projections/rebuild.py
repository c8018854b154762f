"""Building all views anew from the logs, beside those that serve, and swapping the pointer at the end.

While it runs the old generation is followed and read as ever. The last stretch and the swap happen in one transaction
that holds the pointer, so that nothing is lost between them and the subscription finds its place in the new generation.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from services.kit.codec.position import Checkpoint, Delivery
from services.kit.database.statements import Statements
from services.kit.garbage import few_collections
from services.kit.projections.generations import POINTER, Generation, create, create_indexes, drop, generation_of
from services.kit.projections.projector import (
    Decode,
    Moved,
    Opened,
    Opening,
    Poison,
    checkpoints,
    erase,
    keep_poison,
    move,
    read_items,
    serving,
)
from services.kit.projections.views import ViewBatch, ViewSet, micros
from services.kit.projections.writing import Writing

CHUNK = 8_000
NEAR = 200
_TABLE = re.compile(r"g(\d+)_[a-z_]+")


class StoreName(Protocol):
    """``store`` and ``epoch`` of a log."""

    @property
    def store(self) -> str: ...

    @property
    def epoch(self) -> int: ...


class ReadableLog(Protocol):
    """What a rebuild needs of a service's event log."""

    @property
    def store_id(self) -> StoreName: ...

    def read(self, after: int, limit: int) -> Sequence[Any]: ...

    def head(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Progress:
    """``events`` of about ``total`` after ``seconds``; ``poison`` of them were skipped."""

    source: str
    events: int
    total: int
    seconds: float
    poison: int


@dataclass(frozen=True, slots=True)
class _Part:
    """Consecutive events of a source, folded: from where to where."""

    source: str
    was: Checkpoint | None
    now: Checkpoint
    at: int
    batch: ViewBatch
    poison: Sequence[Poison]

    def reached(self, writing: Writing) -> None:
        move(writing.said, writing.generation, self.source, self.was, self.now, self.at)()
        keep_poison(writing.said, writing.generation, self.source, self.poison, self.at)


@dataclass(frozen=True, slots=True)
class Rebuilder:
    """Builds a generation. Blocks: run it in a thread or in a process of its own."""

    engine: Engine
    views: ViewSet
    logs: Mapping[str, ReadableLog]
    keys: Opening
    decode: Decode
    clock: Callable[[], datetime]

    def build(self, tell: Callable[[Progress], None] = lambda _: None) -> Generation:
        """A new generation, complete but not serving; the caller swaps or drops it."""
        with self.engine.begin() as connection:
            newest = sa.update(POINTER).where(POINTER.c.id == 1).values(newest=POINTER.c.newest + 1)
            number = connection.scalar(newest.returning(POINTER.c.newest))
            if number is None:
                raise LookupError("no generation of views has been made: migrate first")
            generation = generation_of(self.views, int(number))
            create(connection, generation)
        try:
            self._fill(generation, tell)
            with self.engine.begin() as connection:
                writing = Writing(connection, Statements(connection), self.views, generation)
                writing.search_all()
                create_indexes(connection, self.views, generation.number)
                writing.sum_up(None, None)
                writing.count_all()
        except BaseException:
            drop(self.engine, generation)
            raise
        return generation

    def swap(self, generation: Generation) -> int:
        """Catches up and lets this generation serve; returns the number of the one before."""
        while self._behind(generation) > NEAR:
            with self.engine.begin() as connection:
                self._catch_up(connection, generation, CHUNK)
        with self.engine.begin() as connection:
            connection.execute(sa.update(POINTER).where(POINTER.c.id == 1).values(id=1))  # holds the pointer
            self._catch_up(connection, generation, None)
            old = serving(connection, self.views).number
            if old > generation.number:
                raise Moved(f"generation {old} serves already")
            connection.execute(
                sa.update(POINTER).where(POINTER.c.id == 1).values(current=generation.number, shape=self.views.shape())
            )
        return old

    def _fill(self, generation: Generation, tell: Callable[[Progress], None]) -> None:
        with few_collections(), _loosely(self.engine) as connection:
            self._fill_all(connection, generation, tell)

    def _fill_all(self, connection: Connection, generation: Generation, tell: Callable[[Progress], None]) -> None:
        started, events, poisoned = time.monotonic(), 0, 0
        total = sum(log.head() for log in self.logs.values())
        for source, log in self.logs.items():
            was: Checkpoint | None = None
            while items := self._items(log, was, CHUNK):
                part = self._part(source, was, items)
                with connection.begin():
                    if connection.dialect.name == "postgresql":
                        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                    writing = Writing(connection, Statements(connection), self.views, generation)
                    part.reached(writing)
                    writing.rows(part.batch)
                    erase(writing, part.batch, self.keys)
                was = part.now
                events, poisoned = events + len(items), poisoned + len(part.poison)
                tell(Progress(source, events, total, time.monotonic() - started, poisoned))

    def _catch_up(self, connection: Connection, generation: Generation, most: int | None) -> None:
        """Applies, as if live, what the logs hold beyond; ``most`` events of each source, or all."""
        for source, log in self.logs.items():
            was = checkpoints(connection, generation).get(source)
            left = most
            while (left is None or left > 0) and (items := self._items(log, was, min(CHUNK, left or CHUNK))):
                part = self._part(source, was, items)
                writing = Writing(connection, Statements(connection), self.views, generation)
                part.reached(writing)
                writing.write(part.batch)
                erase(writing, part.batch, self.keys)
                was = part.now
                left = None if left is None else left - len(items)

    def _behind(self, generation: Generation) -> int:
        with self.engine.connect() as connection:
            found = checkpoints(connection, generation)
        return sum(log.head() - (found[source].position if source in found else 0) for source, log in self.logs.items())

    def _items(self, log: ReadableLog, was: Checkpoint | None, limit: int) -> list[Delivery]:
        name = log.store_id
        rows = log.read(was.position if was else 0, limit)
        return [Delivery(Checkpoint(name.store, name.epoch, row.position), row.previous, "", row.data) for row in rows]

    def _part(self, source: str, was: Checkpoint | None, items: Sequence[Delivery]) -> _Part:
        sealed = items if any(view.sealed for view in self.views.views) else ()
        batch = ViewBatch(self.views, Opened(self.keys, items=sealed))
        poison = read_items(items, self.decode, batch)
        return _Part(source, was, items[-1].checkpoint, micros(self.clock()) or 0, batch, poison)


@contextmanager
def _loosely(engine: Engine) -> Iterator[Connection]:
    """A connection whose commits need not be synced one by one: nobody reads what it fills before the swap, which is
    synced with all that came before it. On SQLite the file stays whole whenever the power goes (never ``OFF``).
    """
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            yield connection
            return
        driver: Any = connection.connection.driver_connection
        _tell(driver, synchronous="NORMAL", wal_autocheckpoint=16_000, cache_size=-65_536)
        try:
            yield connection
        finally:
            _tell(driver, synchronous="FULL", wal_autocheckpoint=1_000, cache_size=-2_000)


def _tell(driver: Any, **pragmas: object) -> None:
    for name, value in pragmas.items():
        driver.execute(f"PRAGMA {name}={value}").close()


def drop_old(engine: Engine, views: ViewSet, *, keep: int = 0) -> list[int]:
    """Drops the generations before the serving one, but not ``keep``: late readers may still hold it. Their numbers."""
    with engine.begin() as connection:
        current = serving(connection, views).number
        names = sa.inspect(connection).get_table_names()
        searches = tuple(f"{name}_" for name in names if name.endswith("_search"))  # their own tables go with them
        tables = [(found, name) for name in names if (found := _TABLE.match(name)) and not name.startswith(searches)]
        old = [(int(found[1]), name) for found, name in tables if int(found[1]) < current and int(found[1]) != keep]
        for _, name in old:
            connection.exec_driver_sql(f"DROP TABLE {name}")
    return sorted({number for number, _ in old})
