"""The library's recorders, taught to decide inside the transaction: lock first, then look, decide, insert, commit.

With the lock taken first, a decision sees every earlier commit of any process, positions are given in commit order, and
two writers never conflict.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from uuid import UUID

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteConnection, SQLiteConnectionPool, SQLiteDatastore
from eventsourcing.utils import retry
from psycopg import Connection
from psycopg.sql import SQL, Identifier, Literal

from services.kit.store.schema import Rows

Stored = tuple[int, str, int, str, bytes]
"""Position, stream id, version in the stream, kind, bytes."""


Asked = Callable[[], list[Sequence[Any]]]
"""A question already on its way; called, it gives the rows."""


class Transaction(Protocol):
    """An open, locked transaction on a service's store; statements use ``?`` for parameters.

    On PostgreSQL nothing is waited for that nobody looks at: what is asked together costs one round trip.
    """

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> list[Sequence[Any]]: ...

    def ask(self, statement: str, parameters: Sequence[Any] = ()) -> Asked: ...

    def among(self, statement: str, values: Sequence[Any]) -> list[Sequence[Any]]:
        """``statement`` has one ``{in}`` where the list of values goes."""

    def ask_among(self, statement: str, values: Sequence[Any], before: Sequence[Any] = ()) -> Asked:
        """``before``: the parameters in front of the list."""

    def add(self, into: Rows, rows: Sequence[Sequence[Any]]) -> None: ...

    def insert(self, events: Sequence[StoredEvent]) -> Sequence[int]:
        """The positions of the events, in order."""


class DurablePool(SQLiteConnectionPool):
    """Every commit is synced, whatever the platform's default is."""

    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        connection._sqlite_conn.execute("PRAGMA synchronous=FULL").close()  # noqa: SLF001 - the library offers no hook
        return connection


class SqliteRecorder(SQLiteApplicationRecorder):
    def __init__(self, datastore: SQLiteDatastore) -> None:
        super().__init__(datastore, "stored_events")

    @contextmanager
    def locked(self) -> Iterator["SqliteTransaction"]:
        with self.datastore.get_connection(commit=True) as connection:
            cursor = connection._sqlite_conn.cursor()  # noqa: SLF001 - the library begins deferred; we need the lock first
            cursor.row_factory = None
            try:
                cursor.execute("BEGIN IMMEDIATE")
                yield SqliteTransaction(cursor)
                cursor.execute("COMMIT")
            except BaseException as failed:
                if cursor.connection.in_transaction:
                    cursor.execute("ROLLBACK")
                if isinstance(failed, sqlite3.OperationalError):  # a full disk, a lock: unavailable, not a bug
                    raise OperationalError(failed) from failed
                raise
            finally:
                cursor.close()

    def beyond(self, after: int, limit: int) -> list[Stored]:
        """What the library's `select_notifications` gives, without an object for each: a log is read often."""
        with self.datastore.transaction(commit=False) as cursor:
            cursor.execute(
                "SELECT rowid, originator_id, originator_version, topic, state FROM stored_events"
                " WHERE rowid > ? ORDER BY rowid LIMIT ?",
                (after, limit),
            )
            return [(row[0], _dashed(row[1]), row[2], row[3], row[4]) for row in cursor.fetchall()]


def _dashed(stream: str) -> str:
    """A stream id as UUIDs are spelled."""
    return f"{stream[:8]}-{stream[8:12]}-{stream[12:16]}-{stream[16:20]}-{stream[20:]}"


class SqliteTransaction:
    MANY = 900

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> list[Sequence[Any]]:
        return self._cursor.execute(statement.replace("{s}", ""), parameters).fetchall()

    def ask(self, statement: str, parameters: Sequence[Any] = ()) -> Asked:
        rows = self.execute(statement, parameters)
        return lambda: rows

    def among(self, statement: str, values: Sequence[Any]) -> list[Sequence[Any]]:
        return self.ask_among(statement, values)()

    def ask_among(self, statement: str, values: Sequence[Any], before: Sequence[Any] = ()) -> Asked:
        rows: list[Sequence[Any]] = []
        for start in range(0, len(values), self.MANY):
            part = [value.hex if isinstance(value, UUID) else value for value in values[start : start + self.MANY]]
            marks = "IN (" + ",".join("?" * len(part)) + ")"
            text = statement.replace("{s}", "").replace("{in}", marks)
            rows += self._cursor.execute(text, [*before, *part]).fetchall()
        return lambda: rows

    def add(self, into: Rows, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            marks = ",".join("?" * len(into.columns))
            text = f"INSERT INTO {into.table} ({','.join(into.columns)}) VALUES ({marks}) {into.twins}"  # noqa: S608 - names of ours
            self._cursor.executemany(text, rows)

    def insert(self, events: Sequence[StoredEvent]) -> Sequence[int]:
        """Row ids are given one after the other within the lock, so the last one tells them all."""
        self._cursor.executemany(
            "INSERT INTO stored_events VALUES (?,?,?,?)",
            [
                (stored.originator_id.hex if isinstance(stored.originator_id, UUID) else stored.originator_id,
                 stored.originator_version, stored.topic, stored.state)
                for stored in events
            ],
        )  # fmt: skip
        last = self._cursor.execute("SELECT last_insert_rowid()").fetchone()[0]
        return range(last - len(events) + 1, last + 1)


class BoundedDatastore(PostgresDatastore):
    """Nobody waits for a lock for ever; said once per connection instead of once per transaction."""

    def after_connect_func(self) -> Callable[[Connection[Any]], None]:
        inherited = super().after_connect_func()

        def after_connect(connection: Connection[Any]) -> None:
            inherited(connection)
            connection.execute("SET lock_timeout = '10s'")

        return after_connect


class PostgresRecorder(PostgresApplicationRecorder):
    """An advisory lock instead of the table lock keeps the role at INSERT and SELECT (fact 3 of the house)."""

    def __init__(self, datastore: PostgresDatastore) -> None:
        super().__init__(datastore, events_table_name="stored_events")
        del self.sql_create_statements[self.create_insert_function_statement_index]
        self.lock_table_statements = []
        self._lock = SQL("SELECT pg_advisory_xact_lock(hashtext({0}))").format(Literal(f"caraka/{datastore.schema}"))
        self._prefix = SQL("{0}.").format(Identifier(datastore.schema)).as_string()

    @contextmanager
    def locked(self) -> Iterator["PostgresTransaction"]:
        with self.datastore.get_connection() as connection, connection.pipeline(), connection.transaction():
            connection.execute(self._lock)
            yield PostgresTransaction(connection, self._prefix)

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def beyond(self, after: int, limit: int) -> list[Stored]:
        """As on SQLite; in binary, or every byte of an event would be read twice."""
        statement = SQL(
            "SELECT notification_id, originator_id::text, originator_version, topic, state FROM {0}.stored_events"
            " WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
        ).format(Identifier(self.datastore.schema))
        with (
            self.datastore.get_connection() as connection,
            connection.cursor(row_factory=psycopg.rows.tuple_row, binary=True) as cursor,
        ):
            found: list[Stored] = cursor.execute(statement, (after, limit), prepare=True).fetchall()
            return found

    def _notify_channel(self, curs: Any) -> None:
        """Nobody listens: in one process a bell rings, other processes poll."""


class PostgresTransaction:
    """In the connection's pipeline: statements follow each other without waiting, a question's rows are waited for."""

    def __init__(self, connection: Connection[Any], prefix: str) -> None:
        self._connection = connection
        self._prefix = prefix

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> list[Sequence[Any]]:
        return self.ask(statement, parameters)()

    def ask(self, statement: str, parameters: Sequence[Any] = ()) -> Asked:
        text: Any = statement.replace("{s}", self._prefix).replace("?", "%s")
        cursor = self._connection.cursor(row_factory=psycopg.rows.tuple_row, binary=True)
        cursor.execute(text, parameters)
        has_rows = statement.startswith("SELECT") or "RETURNING" in statement
        return lambda: [*cursor.fetchall()] if has_rows else []

    def among(self, statement: str, values: Sequence[Any]) -> list[Sequence[Any]]:
        return self.ask_among(statement, values)()

    def ask_among(self, statement: str, values: Sequence[Any], before: Sequence[Any] = ()) -> Asked:
        return self.ask(statement.replace("{in}", "= ANY(%b)"), (*before, list(values)))

    def add(self, into: Rows, rows: Sequence[Sequence[Any]]) -> None:
        """One statement for all: a list for each column, sent in binary."""
        if rows:
            lists = ", ".join(f"%b::{kind}[]" for kind in into.columns.values())
            place = f"{{s}}{into.table} ({', '.join(into.columns)})"
            text = f"INSERT INTO {place} SELECT * FROM unnest({lists}) {into.twins}"  # noqa: S608 - names of ours
            self.ask(text, [list(column) for column in zip(*rows, strict=True)])

    def insert(self, events: Sequence[StoredEvent]) -> Sequence[int]:
        columns = zip(
            *((each.originator_id, each.originator_version, each.topic, each.state) for each in events), strict=True
        )
        return [row[0] for row in self.execute(INSERT_EVENTS, [list(column) for column in columns])]


INSERT_EVENTS = (
    "INSERT INTO {s}stored_events (originator_id, originator_version, topic, state)"
    " SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bytea[]) RETURNING notification_id"
)

__all__ = ["BoundedDatastore", "DurablePool", "PostgresRecorder", "SqliteRecorder", "Transaction"]
