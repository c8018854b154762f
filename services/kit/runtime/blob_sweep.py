"""Takes away bytes of persons that no fact names, a day after they were written, and those whose key was destroyed.

Bytes are stored before the command that names them: where that never came (the form was left, the process was killed),
nobody will ask for them. Which names stand in facts is read along from the own log and kept; a log that cannot be read
to its end takes nothing away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import BigInteger, Column, Engine, Integer, MetaData, String, Table, select

from services.kit.blobs import PersonBlobs
from services.kit.database import transaction
from services.kit.sealing.keys import Keys
from services.kit.store import Log

AGE = timedelta(days=1)
EVERY_SECONDS = 3600.0
BATCH = 500
NAMES = {"name", "size", "media_type", "key_id", "sha256", "file_name"}
"""Of a `contracts.words.PersonBlob` as it is stored."""
MARK = b'"file_name"'
"""In the bytes of every event that has one."""

METADATA = MetaData()
NAMED = Table("blobs_named", METADATA, Column("name", String(64), primary_key=True))
STOOD = Table(
    "blobs_read",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("store", String(64), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
)
STANDING = {"id": "integer", "store": "text", "epoch": "integer", "position": "bigint"}

log = structlog.get_logger(__name__)


class BlobSweep:
    """The loop of one service; run it under a lease."""

    def __init__(  # noqa: PLR0913 - what a sweep is made of
        self,
        service: str,
        *,
        blobs: PersonBlobs,
        keys: Keys,
        events: Log,
        engine: Engine,
        clock: Callable[[], datetime],
    ) -> None:
        self._service, self._blobs, self._keys, self._events = service, blobs, keys, events
        self._engine, self._clock = engine, clock
        self._swept = 0
        self._position = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.to_thread(self.sweep)
            await asyncio.sleep(EVERY_SECONDS)

    def sweep(self) -> int:
        """How many it took away."""
        unless_after = self._clock() - AGE
        lying = list(self._blobs.stored())
        if not lying:
            return 0
        self._read_on()  # after the list: what was named meanwhile is known
        gone = self._keys.destroyed({each.key_id for each in lying})
        old = [each for each in lying if each.key_id not in gone and each.written_at <= unless_after]
        named = self._named({each.name for each in old})
        orphans = [each for each in old if each.name not in named]
        erased = [each for each in lying if each.key_id in gone]
        swept = sum(self._blobs.sweep(each) for each in erased)
        swept += sum(self._blobs.sweep(each, unless_after) for each in orphans)
        if swept:
            log.info("blobs.swept", service=self._service, orphans=len(orphans), erased=len(erased))
        self._swept += swept
        return swept

    def health(self) -> Mapping[str, Any]:
        return {"state": "sweeping", "swept": self._swept, "position": self._position}

    def _read_on(self) -> None:
        of = self._events.store_id
        with self._engine.connect() as connection:
            stood = connection.execute(select(STOOD)).first()
        known = stood is not None and (stood.store, stood.epoch) == (of.store, of.epoch)
        if stood is None or not known or stood.position > self._events.head():  # another log than was read
            self._position = 0
            self._keep((), forget=True)
        else:
            self._position = stood.position
        while rows := self._events.read(self._position, BATCH):
            told = (orjson.loads(row.data) for row in rows if MARK in row.data)
            names = {str(found["name"]) for said in told for found in references(said.get("data"))}
            self._position = rows[-1].position
            self._keep(tuple(sorted(names)))

    def _keep(self, names: tuple[str, ...], *, forget: bool = False) -> None:
        of = self._events.store_id
        with transaction(self._engine) as (_, statements):
            if forget:
                statements.tell("DELETE FROM blobs_named")
            statements.insert("blobs_named", {"name": "text"}, [(name,) for name in names], "ON CONFLICT DO NOTHING")
            statements.tell("DELETE FROM blobs_read")
            statements.insert("blobs_read", STANDING, [(1, of.store, of.epoch, self._position)])

    def _named(self, names: set[str]) -> set[str]:
        wanted, found = sorted(names - {""}), set[str]()
        with self._engine.connect() as connection:
            for start in range(0, len(wanted), BATCH):
                some = select(NAMED.c.name).where(NAMED.c.name.in_(wanted[start : start + BATCH]))
                found.update(connection.scalars(some))
        return found


def references(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every `contracts.words.PersonBlob` in it, as it is stored."""
    if isinstance(value, dict):
        if value.keys() >= NAMES:
            yield value
        else:
            for inner in value.values():
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)
