"""What the deadline watch has read, kept: so that a start goes on where the last one stood, and reads no years again.

Kept are places in the own log, not facts: of every calendar and standard, and of the events that each letter whose
clock runs is made of. They are true because nothing in the log ever changes; where they are lost, or are of another
store, the watch reads from the beginning and writes them anew.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import BigInteger, Column, Engine, Integer, MetaData, String, Table, delete, insert, select, text

METADATA = MetaData()
EVENTS = Table(
    "watched_events",
    METADATA,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", String(36), nullable=False, index=True),
    Column("kind", String(100), nullable=False),
)
STOOD = Table(
    "watch_stood",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("store", String(64), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
)
# Two watches may have read the same for a moment (a lease that was lost late): what is there already stays.
ADD = text(
    "INSERT INTO watched_events (position, stream, kind) VALUES (:position, :stream, :kind) ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event stands in the own log, and what it is."""

    position: int
    stream: str
    kind: str


class StoreId(Protocol):
    """Which store a position belongs to."""

    @property
    def store(self) -> str: ...

    @property
    def epoch(self) -> int: ...


class WatchedEvents:
    """One row per place, in the service's own database. Calls block; they raise SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self, of: StoreId) -> tuple[int, Sequence[Place]]:
        """The position up to which all was read, and the places, in order; ``0, ()`` when there is nothing of it."""
        with self._engine.connect() as connection:
            stood = connection.execute(select(STOOD)).first()
            if stood is None or (stood.store, stood.epoch) != (of.store, of.epoch):
                return 0, ()
            known = select(EVENTS).where(EVENTS.c.position <= stood.position).order_by(EVENTS.c.position)
            rows = connection.execute(known).all()
        return stood.position, [Place(row.position, row.stream, row.kind) for row in rows]

    def save(self, of: StoreId, position: int, more: Sequence[Place], ended: Collection[str]) -> None:
        """One transaction: further places, none of the streams that have ended, and where the watch stands now."""
        added = [_row(place) for place in more if place.stream not in ended]
        with self._engine.begin() as connection:
            stood = connection.execute(select(STOOD)).first()
            if stood is not None and (stood.store, stood.epoch) != (of.store, of.epoch):
                connection.execute(delete(EVENTS))
            if ended:
                connection.execute(text("DELETE FROM watched_events WHERE stream = :stream"), [
                    {"stream": stream} for stream in sorted(ended)
                ])  # fmt: skip
            if added:
                connection.execute(ADD, added)
            connection.execute(delete(STOOD))
            connection.execute(insert(STOOD).values(id=1, store=of.store, epoch=of.epoch, position=position))


def _row(place: Place) -> dict[str, Any]:
    return {"position": place.position, "stream": place.stream, "kind": place.kind}
