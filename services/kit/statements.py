"""What is said to a place's database within one transaction, in words: ``:name`` marks a parameter.

On PostgreSQL the statements go out in one pipeline where the caller opens one: nothing is waited for that nobody looks
at, and what is asked together costs one round trip. SQLAlchemy gives the connection and its pool; its statement objects
cost more to make than a small batch costs to write.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import orjson
import psycopg
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

Asked = Callable[[], list[tuple[Any, ...]]]
"""A question on its way; called, it gives the rows."""

COPIED = 500  # rows: from here on COPY is cheaper than JSON (measured at 44 columns)
_PARAMETER = re.compile(r"(?<!:):([a-z][a-z_0-9]*)")


class Statements:
    """Of one open transaction. ``piped``: what is told now is carried out later, in order; a COPY cannot be."""

    def __init__(self, connection: Connection, *, piped: bool = False) -> None:
        self.postgres = connection.dialect.name == "postgresql"
        self._driver: Any = connection.connection.driver_connection
        self._piped = piped and self.postgres

    def ask(self, text: str, **parameters: Any) -> Asked:
        """As the tables are now; on PostgreSQL the rows are waited for when they are looked at."""
        cursor = self._driver.execute(_worded(text, on_postgres=self.postgres), parameters)
        if self.postgres:
            found: Asked = cursor.fetchall
            return found
        rows = cursor.fetchall()
        cursor.close()
        return lambda: rows

    def tell(self, text: str, **parameters: Any) -> None:
        """A statement whose rows nobody wants."""
        self._driver.execute(_worded(text, on_postgres=self.postgres), parameters).close()

    def among(self, column: str, name: str, kind: str = "text") -> str:
        """``column`` is one of the list that the parameter ``name`` holds (see `listed`): always the same words."""
        if self.postgres:
            return f"{column} = ANY(CAST(:{name} AS {kind}[]))"
        return f"{column} IN (SELECT value FROM json_each(:{name}))"  # noqa: S608 - names are our own

    def listed(self, values: Sequence[Any]) -> Any:
        """A list as the parameter of `among`."""
        return list(values) if self.postgres else orjson.dumps(values).decode()

    def teach(self, name: str, arguments: int, function: Callable[..., Any]) -> None:
        """SQLite: a function of ours that statements may call."""
        self._driver.create_function(name, arguments, function, deterministic=True)

    def insert(self, table: str, kinds: Mapping[str, str], rows: Sequence[Sequence[Any]], after: str = "") -> None:
        """All rows in one statement. ``kinds``: column → type in SQL; ``after``: what follows, as ON CONFLICT."""
        if not rows:
            return
        names = tuple(kinds)
        if not self.postgres:
            self._driver.executemany(_marked(table, names, after), rows)
        elif len(rows) >= COPIED and not self._piped:
            self._copy(table, names, rows, after)
        else:
            text = _from_json(table, tuple(kinds.items()), after)
            self._driver.execute(text, (_json(names, rows),))

    def delete(self, table: str, kinds: Mapping[str, str], parts: Sequence[Sequence[Any]]) -> None:
        """The rows in which these columns have the values of one of the parts."""
        if not parts:
            return
        names = tuple(kinds)
        if self.postgres:
            text = _gone_by_json(table, tuple(kinds.items()))
            self._driver.execute(
                text, (orjson.dumps([dict(zip(names, part, strict=True)) for part in parts]).decode(),)
            )
        else:
            same = " AND ".join(f"{name} = ?" for name in names)
            self._driver.executemany(f"DELETE FROM {table} WHERE {same}", parts)  # noqa: S608 - names are our own

    def _copy(self, table: str, names: Sequence[str], rows: Sequence[Sequence[Any]], after: str) -> None:
        """Into a table of this session, and from there."""
        aside, listed = f"aside_{table}", ", ".join(names)
        with self._driver.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {aside} (LIKE {table}) ON COMMIT DELETE ROWS")
            with cursor.copy(f"COPY {aside} ({listed}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {aside} {after}")  # noqa: S608 - names are our own
            cursor.execute(f"TRUNCATE {aside}")


@contextmanager
def transaction(engine: Engine, *, piped: bool = False) -> Iterator[tuple[Connection, Statements]]:
    """A transaction that is committed at the end of the block; ``piped``: its statements go out in one pipeline.

    Raises what SQLAlchemy raises for the driver's errors, so that callers need not know which way they came.
    """
    with engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        try:
            if piped and connection.dialect.name == "postgresql":
                with driver.pipeline():
                    yield connection, Statements(connection, piped=True)
                    driver.commit()
            else:
                yield connection, Statements(connection)
        except (psycopg.Error, sqlite3.Error) as error:
            broken: Any = error
            if connection.dialect.is_disconnect(broken, driver, None):
                connection.invalidate(error)  # what has broken does not go back into the pool
            raise _told(error) from error


def _told(error: psycopg.Error | sqlite3.Error) -> BaseException:
    """The driver's error as SQLAlchemy's, without what was to be written."""
    return sa.exc.DBAPIError.instance(None, None, error, Exception, hide_parameters=True)


def _json(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    return orjson.dumps([dict(zip(names, row, strict=True)) for row in rows], default=_bytea).decode()


def _bytea(value: Any) -> str:
    """Bytes as PostgreSQL reads them from text."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(type(value).__name__)


@lru_cache(maxsize=4096)
def _worded(text: str, *, on_postgres: bool) -> str:
    return _PARAMETER.sub(r"%(\1)s", text.replace("%", "%%")) if on_postgres else text


@lru_cache(maxsize=4096)
def _marked(table: str, names: tuple[str, ...], after: str) -> str:
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) {after}"  # noqa: S608 - names are our own


@lru_cache(maxsize=4096)
def _from_json(table: str, kinds: tuple[tuple[str, str], ...], after: str) -> str:
    """One parameter for all rows: an array a column costs four times as much to write."""
    names, typed = ", ".join(name for name, _ in kinds), ", ".join(f"{name} {kind}" for name, kind in kinds)
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM json_to_recordset(%s) AS said({typed}) {after}"  # noqa: S608 - names are our own


@lru_cache(maxsize=256)
def _gone_by_json(table: str, kinds: tuple[tuple[str, str], ...]) -> str:
    typed = ", ".join(f"{name} {kind}" for name, kind in kinds)
    same = " AND ".join(f"{table}.{name} = gone.{name}" for name, _ in kinds)
    return f"DELETE FROM {table} USING json_to_recordset(%s) AS gone({typed}) WHERE {same}"  # noqa: S608 - names are our own
