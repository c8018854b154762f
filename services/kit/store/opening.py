"""Opening a service's store: where it is, who it is, and (once) its tables."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from eventsourcing.sqlite import SQLiteDatastore

from services.kit.database.place import Place, make_schema, place_of
from services.kit.settings import Settings
from services.kit.store import schema
from services.kit.store.identity import StoreId
from services.kit.store.recent import Recent
from services.kit.store.recorders import (
    BoundedDatastore,
    PostgresRecorder,
    SqliteRecorder,
    Transaction,
    WritingDatastore,
)

Datastore = TypeVar("Datastore", bound=BoundedDatastore)


class AlreadyRunning(Exception):
    """SQLite: one process per service. Another one holds this store."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """``head``: where the log ended then. ``lacked``: the checkpoints that others had heard of and it had not."""

    at: str
    by: str
    reason: str
    head: int
    lacked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """``cut_at``: up to when it knows anything. ``admitted_at``: since when it may run; empty: nobody has looked."""

    archive: str
    cut_at: str
    restored_at: str
    admitted_at: str


class Store:
    """Event table, commands, claims, snapshots of one service."""

    def __init__(self, place: Place, recorder: SqliteRecorder | PostgresRecorder) -> None:
        self.place = place
        self.recorder = recorder
        self._identity: StoreId | None = None
        self.recent = Recent()
        self._lock_file: int | None = None

    @property
    def shared(self) -> bool:
        """Several processes may write to it (PostgreSQL)."""
        return self.place.on_postgres

    @contextmanager
    def locked(self) -> Iterator[Transaction]:
        with self.recorder.locked() as transaction:
            yield transaction

    def migrate(self) -> None:
        """Makes the tables that are missing, and names a new store. Harmless when repeated."""
        make_schema(self.place)
        self.recorder.create_table()
        kind = "BYTEA" if self.shared else "BLOB"
        with self.locked() as transaction:
            for table in schema.TABLES:
                transaction.execute(table.replace("{bytes}", kind))
            transaction.execute(schema.NAME_STORE, (uuid4().hex[:12],))

    def identity(self, *, again: bool = False) -> StoreId:
        """Remembered; ``again``: another process may have raised the epoch since."""
        if self._identity is None or again:
            store, epoch = self.read(schema.READ_STORE)[0]
            self._identity = StoreId(store, epoch)
        return self._identity

    def last_until(self, position: int) -> int:
        column = "notification_id" if self.shared else "rowid"
        rows = self.read(f"SELECT MAX({column}) FROM {{s}}stored_events WHERE {column} <= {int(position)}")  # noqa: S608 - a number of ours
        return rows[0][0] or 0

    def counted(self, until: int) -> int:
        """How many events there are up to a position. Counted anew: for who asks seldom."""
        column = "notification_id" if self.shared else "rowid"
        return int(self.read(f"SELECT COUNT(*) FROM {{s}}stored_events WHERE {column} <= {int(until)}")[0][0])  # noqa: S608 - a number of ours

    def adopted(self) -> list[Adoption]:
        """Who went on from this store although others had heard more of it, in order."""
        return [
            Adoption(row[0], row[1], row[2], row[3], tuple(row[4].split())) for row in self.read(schema.READ_ADOPTED)
        ]

    def adopt(self, adoption: Adoption) -> StoreId:
        """Goes on from what is here: the row is the trace, and with it the epoch is the next."""
        said = (adoption.at, adoption.by, adoption.reason, adoption.head, " ".join(adoption.lacked))
        with self.locked() as transaction:
            transaction.execute(schema.ADOPT, said)
        return self.identity(again=True)

    def restored(self) -> list[Restored]:
        """From which backups it was brought back, in order."""
        return [Restored(row[0], row[1], row[2], row[3] or "") for row in self.read(schema.READ_RESTORED)]

    def own(self) -> None:
        """Refuses a second process on a SQLite store. Raises AlreadyRunning."""
        if self.place.path is None:
            return
        self._lock_file = os.open(self.place.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning(f"{self.place.service} already runs on {self.place.path}") from error

    def close(self) -> None:
        self.recorder.close()
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def read(self, statement: str) -> list[Any]:
        """The rows, outside any transaction of ours. ``{s}`` stands before the name of a table."""
        if isinstance(self.recorder, PostgresRecorder):
            text = statement.replace("{s}", f'"{self.place.schema}".')
            with self.recorder.datastore.get_connection() as connection:
                return [tuple(row.values()) for row in connection.execute(text).fetchall()]
        with self.recorder.datastore.transaction(commit=False) as cursor:
            cursor.execute(statement.replace("{s}", ""))
            return [tuple(row) for row in cursor.fetchall()]


def open_store(settings: Settings, service: str, *, reader: bool = False) -> Store:
    """Opens; tables are made by `Store.migrate`."""
    place = place_of(settings, service)
    if place.dsn is not None:
        # Who reads seldom would long after it meet a session that was ended: that is tried before it is handed out.
        reading = _postgres(BoundedDatastore, place, pool_size=1 if reader else 2, pre_ping=True)
        return Store(place, PostgresRecorder(reading, _postgres(WritingDatastore, place, pool_size=1)))
    return Store(place, SqliteRecorder(SQLiteDatastore(db_name=str(place.path), lock_timeout=15, pool_size=3)))


def _postgres(kind: type[Datastore], place: Place, pool_size: int, *, pre_ping: bool = False) -> Datastore:
    """Connects at the first use."""
    parts = urlsplit(place.dsn or "")
    return kind(
        dbname=parts.path.lstrip("/"),
        host=parts.hostname or "",
        port=parts.port or 5432,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        schema=place.schema,
        pool_size=pool_size,
        pre_ping=pre_ping,
        max_overflow=3,
        max_waiting=100,
        lock_timeout=10,
    )
