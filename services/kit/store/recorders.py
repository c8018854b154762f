"""The library's recorders, taught to decide inside the transaction: lock first, then look, decide, insert, commit.

With the lock taken first, a decision sees every earlier commit of any process, positions are given in commit order, and
two writers never conflict.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Condition
from typing import Any, Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore
from eventsourcing.utils import retry
from psycopg import Connection
from psycopg.sql import SQL, Identifier, Literal

from services.kit.database.pipeline import Pipeline, travelling
from services.kit.database.prepared import Prepared
from services.kit.store.schema import REMEMBER, Outcome, Rows, lock_name

CLOSE_SECONDS = 5.0

Stored = tuple[int, str, int, str, bytes]
"""Position, stream id, version in the stream, kind, bytes."""

Inserted = tuple[UUID, int, str, bytes]
"""Stream id, version in the stream, kind, bytes."""

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

    def ask_among(self, statement: str, values: Sequence[Any]) -> Asked: ...

    def ask_rows(self, of: Rows, keys: Sequence[Sequence[str]]) -> Asked:
        """The rows whose first columns are one of the keys: at least one, none twice."""

    def add(self, into: Rows, rows: Sequence[Sequence[Any]]) -> None: ...

    def insert(self, events: Sequence[Inserted]) -> Callable[[], Sequence[int]]:
        """Called, the positions of the events, in order; after the commit costs no waiting of its own."""

    def remember(self, outcomes: Sequence[Outcome]) -> None:
        """What was answered, where the answers name positions of the events that were inserted last."""


class SqliteRecorder(SQLiteApplicationRecorder):
    def __init__(self, datastore: SQLiteDatastore) -> None:
        super().__init__(datastore, "stored_events")
        self._reading = Condition()
        self._readers = 0

    @contextmanager
    def locked(self) -> Iterator["SqliteTransaction"]:
        with self.datastore.get_connection(commit=True) as connection:
            cursor = connection.cursor().sqlite_cursor  # the library begins deferred; we need the lock first
            cursor.row_factory = None
            try:
                cursor.execute("PRAGMA synchronous=FULL")  # whatever the platform's default is
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

    def close(self) -> None:
        """Waits for who still reads (a thread whose asker was cancelled): SQLite dies of a connection closed in use."""
        with self._reading:
            self._reading.wait_for(lambda: self._readers == 0, timeout=CLOSE_SECONDS)
        self.datastore.close()

    @contextmanager
    def _read(self) -> Iterator[None]:
        with self._reading:
            self._readers += 1
        try:
            yield
        finally:
            with self._reading:
                self._readers -= 1
                self._reading.notify_all()

    def beyond(self, after: int, limit: int) -> list[Stored]:
        """What the library's `select_notifications` gives, without an object for each: a log is read often."""
        with self._read(), self.datastore.transaction(commit=False) as cursor:
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
        self._last = 0

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> list[Sequence[Any]]:
        return self._cursor.execute(statement.replace("{s}", ""), parameters).fetchall()

    def ask(self, statement: str, parameters: Sequence[Any] = ()) -> Asked:
        rows = self.execute(statement, parameters)
        return lambda: rows

    def among(self, statement: str, values: Sequence[Any]) -> list[Sequence[Any]]:
        return self.ask_among(statement, values)()

    def ask_among(self, statement: str, values: Sequence[Any]) -> Asked:
        rows: list[Sequence[Any]] = []
        for start in range(0, len(values), self.MANY):
            part = [value.hex if isinstance(value, UUID) else value for value in values[start : start + self.MANY]]
            marks = "IN (" + ",".join("?" * len(part)) + ")"
            text = statement.replace("{s}", "").replace("{in}", marks)
            rows += self._cursor.execute(text, part).fetchall()
        return lambda: rows

    def ask_rows(self, of: Rows, keys: Sequence[Sequence[str]]) -> Asked:
        """One after the other: nothing travels, and always the same words."""
        same = " AND ".join(f"{column} = ?" for column in list(of.columns)[: len(keys[0])])
        text = f"SELECT {', '.join(of.columns)} FROM {of.table} WHERE {same}"  # noqa: S608 - names of ours
        rows = [row for key in keys for row in self._cursor.execute(text, key).fetchall()]
        return lambda: rows

    def add(self, into: Rows, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            marks = ",".join("?" * len(into.columns))
            text = f"INSERT INTO {into.table} ({','.join(into.columns)}) VALUES ({marks}) {into.twins}"  # noqa: S608 - names of ours
            self._cursor.executemany(text, rows)

    def insert(self, events: Sequence[Inserted]) -> Callable[[], Sequence[int]]:
        """Row ids are given one after the other within the lock, so the last one tells them all."""
        self._cursor.executemany(
            "INSERT INTO stored_events VALUES (?,?,?,?)",
            [(stream.hex, version, kind, data) for stream, version, kind, data in events],
        )
        self._last = self._cursor.execute("SELECT last_insert_rowid()").fetchone()[0]
        positions = range(self._last - len(events) + 1, self._last + 1)
        return lambda: positions

    def remember(self, outcomes: Sequence[Outcome]) -> None:
        rows = [
            (each.command_id, each.fingerprint, b"%b%d%b" % (each.before, self._last - each.behind, each.after))
            for each in outcomes
        ]
        self.add(REMEMBER, rows)


LZ4 = (
    "SELECT set_config(name, 'lz4', false) FROM pg_settings"
    " WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
)
"""Packs rows beyond 2 kB (three of a letter's four events) as small as the default does, in a fifth of the time."""


class BoundedDatastore(PostgresDatastore):
    """Nobody waits for a lock for ever; said once per connection instead of once per transaction."""

    def after_connect_func(self) -> Callable[[Connection[Any]], None]:
        inherited = super().after_connect_func()

        def after_connect(connection: Connection[Any]) -> None:
            inherited(connection)
            connection.execute("SET lock_timeout = '10s'")
            connection.execute(LZ4)

        return after_connect


PLANNED_ONCE = (
    "SET plan_cache_mode = force_generic_plan",
    # A plan made while the tables were empty has to serve them when they are full.
    "SET enable_seqscan = off",
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
    "SET jit = off",
)
"""Every statement of the writer finds its rows by an index; to plan each anew cost as much as to run it."""


class WritingDatastore(BoundedDatastore):
    """The writer's own: always the same connection, so that its server process has everything at hand."""

    def after_connect_func(self) -> Callable[[Connection[Any]], None]:
        inherited = super().after_connect_func()

        def after_connect(connection: Connection[Any]) -> None:
            inherited(connection)
            for setting in PLANNED_ONCE:
                connection.execute(setting)

        return after_connect


class PostgresRecorder(PostgresApplicationRecorder):
    """An advisory lock instead of the table lock keeps the role at INSERT and SELECT (fact 3 of the house)."""

    def __init__(self, datastore: PostgresDatastore, writing: WritingDatastore) -> None:
        super().__init__(datastore, events_table_name="stored_events")
        self._writing = writing
        del self.sql_create_statements[self.create_insert_function_statement_index]
        self.lock_table_statements = []
        lock = SQL("SELECT pg_advisory_xact_lock(hashtext({0}))").format(Literal(lock_name(datastore.schema)))
        self._lock = lock.as_string().encode()
        self._prefix = SQL("{0}.").format(Identifier(datastore.schema)).as_string()
        self._texts: dict[str, bytes] = {}
        self._prepared: WeakKeyDictionary[Connection[Any], Prepared] = WeakKeyDictionary()

    @contextmanager
    def locked(self) -> Iterator["PostgresTransaction"]:
        with self._writing.get_connection() as connection:
            prepared = self._prepared.setdefault(connection, {})
            with travelling(connection, prepared) as pipeline:
                pipeline.send(b"BEGIN")
                pipeline.send(self._lock)
                yield PostgresTransaction(pipeline, self._texts, self._prefix)
                pipeline.send(b"COMMIT")

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

    def close(self) -> None:
        self.datastore.close()
        self._writing.close()


class PostgresTransaction:
    """Statements follow each other without waiting; a question's rows are waited for."""

    def __init__(self, pipeline: Pipeline, texts: dict[str, bytes], prefix: str) -> None:
        """``texts``: statements as PostgreSQL wants them, kept by those who ask again and again."""
        self._pipeline = pipeline
        self._texts = texts
        self._prefix = prefix

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> list[Sequence[Any]]:
        return self.ask(statement, parameters)()

    def ask(self, statement: str, parameters: Sequence[Any] = ()) -> Asked:
        text = self._texts.get(statement)
        if text is None:
            first, *rest = statement.replace("{s}", self._prefix).split("?")
            numbered = (f"${number}{part}" for number, part in enumerate(rest, 1))
            text = self._texts[statement] = "".join((first, *numbered)).encode()
        return self._pipeline.send(text, parameters)

    def among(self, statement: str, values: Sequence[Any]) -> list[Sequence[Any]]:
        return self.ask_among(statement, values)()

    def ask_among(self, statement: str, values: Sequence[Any]) -> Asked:
        if not values:
            return list
        return self.ask(statement.replace("{in}", "= ANY(?)"), (list(values),))

    def ask_rows(self, of: Rows, keys: Sequence[Sequence[str]]) -> Asked:
        """A join and no IN: that would first look for twins among the keys."""
        named, marks = ", ".join(list(of.columns)[: len(keys[0])]), ", ".join(["?::text[]"] * len(keys[0]))
        wanted = f"unnest({marks}) AS wanted ({named})"
        text = f"SELECT {', '.join(of.columns)} FROM {wanted} JOIN {{s}}{of.table} USING ({named})"  # noqa: S608 - same
        return self.ask(text, [list(column) for column in zip(*keys, strict=True)])

    def add(self, into: Rows, rows: Sequence[Sequence[Any]]) -> None:
        """One statement for all: a list for each column."""
        if rows:
            lists = ", ".join(f"?::{kind}[]" for kind in into.columns.values())
            place = f"{{s}}{into.table} ({', '.join(into.columns)})"
            text = f"INSERT INTO {place} SELECT * FROM unnest({lists}) {into.twins}"  # noqa: S608 - names of ours
            self.ask(text, [list(column) for column in zip(*rows, strict=True)])

    def insert(self, events: Sequence[Inserted]) -> Callable[[], Sequence[int]]:
        rows = self.ask(INSERT_EVENTS, [list(column) for column in zip(*events, strict=True)])
        return lambda: [row[0] for row in rows()]

    def remember(self, outcomes: Sequence[Outcome]) -> None:
        """The server puts the positions in: to wait for them would cost a round trip."""
        told = ((each.command_id, each.fingerprint, each.before, each.behind, each.after) for each in outcomes)
        self.ask(REMEMBER_OUTCOMES, [list(column) for column in zip(*told, strict=True)])


INSERT_EVENTS = (
    "INSERT INTO {s}stored_events (originator_id, originator_version, topic, state)"
    " SELECT * FROM unnest(?::uuid[], ?::bigint[], ?::text[], ?::bytea[]) RETURNING notification_id"
)
# Within the lock nobody else draws a number, so those of one INSERT follow each other up to the session's last.
REMEMBER_OUTCOMES = (
    "INSERT INTO {s}commands (command_id, fingerprint, outcome)"
    " SELECT command_id, fingerprint, before || (lastval() - behind)::text::bytea || after"
    " FROM unnest(?::text[], ?::text[], ?::bytea[], ?::bigint[], ?::bytea[])"
    " AS told (command_id, fingerprint, before, behind, after)"
)

__all__ = ["BoundedDatastore", "PostgresRecorder", "SqliteRecorder", "Transaction", "WritingDatastore"]
