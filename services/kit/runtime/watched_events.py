"""What the deadline watch has read, kept: so that a start goes on where the last one stood, and reads no years again.

Kept are places in the own log, not facts: of every calendar and standard, and of the events that each case whose
clock runs is made of. They are true because nothing in the log ever changes; where they are lost, or are of another
store, the watch reads from the beginning and writes them anew.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Engine, Integer, MetaData, String, Table, select

from services.kit.database import transaction
from services.kit.store import StoreId

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
EVENT = {"position": "bigint", "stream": "text", "kind": "text"}
STANDING = {"id": "integer", "store": "text", "epoch": "integer", "position": "bigint"}


@dataclass(frozen=True, slots=True)
class EventPlace:
    """Where an event stands in the own log, and what it is."""

    position: int
    stream: str
    kind: str


class WatchedEvents:
    """One row per place, in the service's own database. Calls block; they raise SQLAlchemyError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self, of: StoreId) -> tuple[int, Sequence[EventPlace]]:
        """The position up to which all was read, and the places, in order; ``0, ()`` when there is nothing of it."""
        with self._engine.connect() as connection:
            stood = connection.execute(select(STOOD)).first()
            if stood is None or (stood.store, stood.epoch) != (of.store, of.epoch):
                return 0, ()
            known = select(EVENTS).where(EVENTS.c.position <= stood.position).order_by(EVENTS.c.position)
            rows = connection.execute(known).all()
        return stood.position, [EventPlace(row.position, row.stream, row.kind) for row in rows]

    def save(self, of: StoreId, position: int, more: Sequence[EventPlace], ended: Collection[str]) -> None:
        """One transaction: further places, none of the streams that have ended, and where the watch stands now."""
        added = [(place.position, place.stream, place.kind) for place in more if place.stream not in ended]
        with transaction(self._engine) as (_, statements):
            stood = statements.ask("SELECT store, epoch FROM watch_stood")()
            if stood and tuple(stood[0]) != (of.store, of.epoch):
                statements.tell("DELETE FROM watched_events")
            statements.delete("watched_events", {"stream": "text"}, [(stream,) for stream in sorted(ended)])
            # Two watches may have read the same for a moment (a lease that was lost late): what is there already stays.
            statements.insert("watched_events", EVENT, added, "ON CONFLICT DO NOTHING")
            statements.tell("DELETE FROM watch_stood")
            statements.insert("watch_stood", STANDING, [(1, of.store, of.epoch, position)])
