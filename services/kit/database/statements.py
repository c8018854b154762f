"""What is said to a place's database within one transaction, in words: ``:name`` marks a parameter.

On PostgreSQL the statements travel together where the caller wants it: nothing is waited for that nobody looks at, and
what is asked together costs one round trip. SQLAlchemy gives the connection and its pool; its statement objects
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

from services.kit.database.pipeline import Pipeline, travelling

Asked = Callable[[], Sequence[Sequence[Any]]]
"""A question on its way; called, it gives the rows."""

COPIED = 500  # rows: from here on COPY is cheaper than JSON (measured at 44 columns)
_PARAMETER = re.compile(r"(?<!:):([a-z][a-z_0-9]*)")


class Statements:
    """Of one open transaction. With a ``pipeline`` (PostgreSQL) what is told is carried out later, in order."""

    def __init__(self, connection: Connection, pipeline: Pipeline | None = None) -> None:
        self.postgres = connection.dialect.name == "postgresql"
        self._driver: Any = connection.connection.driver_connection
        self._pipeline = pipeline
        self._taught: set[str] = set()

    def ask(self, text: str, **parameters: Any) -> Asked:
        """As the tables are now; in a pipeline the rows are waited for when they are looked at.

        A parameter is a text, a whole number or a list of such, which is not empty.
        """
        if self._pipeline is not None:
            numbered, names = _numbered(text)
            return self._pipeline.send(numbered, [parameters[name] for name in names])
        cursor = self._driver.execute(_worded(text) if self.postgres else text, parameters)
        rows = cursor.fetchall() if cursor.description else []
        cursor.close()
        return lambda: rows

    def tell(self, text: str, **parameters: Any) -> None:
        """A statement whose rows nobody wants."""
        self.ask(text, **parameters)

    def paired(self, name: str, pairs: Sequence[tuple[str, str]]) -> Mapping[str, Any]:
        """Pairs of texts, at least one, as the parameters of `among`."""
        if not self.postgres:
            return {name: orjson.dumps(pairs).decode()}
        firsts, seconds = zip(*pairs, strict=True)
        return {f"{name}_1": list(firsts), f"{name}_2": list(seconds)}

    def teach(self, name: str, arguments: int, function: Callable[..., Any]) -> None:
        """SQLite: a function of ours that statements may call. Said again it changes nothing: SQLite would refuse it
        while any statement is under way.
        """
        if name not in self._taught:
            self._driver.create_function(name, arguments, function, deterministic=True)
            self._taught.add(name)

    def insert(self, table: str, kinds: Mapping[str, str], rows: Sequence[Sequence[Any]], after: str = "") -> None:
        """All rows in one statement. ``kinds``: column → type in SQL; ``after``: what follows, as ON CONFLICT."""
        if not rows:
            return
        names = tuple(kinds)
        if not self.postgres:
            self._driver.executemany(_marked(table, names, after), rows).close()
        elif len(rows) >= COPIED and self._pipeline is None:
            self._copy(table, names, rows, after)
        else:
            self.tell(_from_json(table, tuple(kinds.items()), after), rows=_json(names, rows))

    def delete(self, table: str, kinds: Mapping[str, str], parts: Sequence[Sequence[Any]]) -> None:
        """The rows in which these columns have the values of one of the parts."""
        if not parts:
            return
        names = tuple(kinds)
        if self.postgres:
            self.tell(_gone_by_json(table, tuple(kinds.items())), rows=_json(names, parts))
        else:
            same = " AND ".join(f"{name} = ?" for name in names)
            self._driver.executemany(f"DELETE FROM {table} WHERE {same}", parts).close()  # noqa: S608 - names are our own

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


def among(first: str, second: str, name: str, *, on_postgres: bool) -> str:
    """The columns ``first`` and ``second`` are one of the pairs ``name`` (`Statements.paired`): always the same words.

    The key that they begin is looked up for each pair. PostgreSQL needs joins by hash to be off for it to be sure of
    that (`database.DERIVED`), SQLite the word that few rows are meant: it would read a whole agency in the order of a
    GROUP BY.
    """
    if on_postgres:
        said = f"unnest(CAST(:{name}_1 AS text[]), CAST(:{name}_2 AS text[]))"
        return f"({first}, {second}) IN (SELECT * FROM {said})"  # noqa: S608 - names are our own
    said = f"SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:{name})"  # noqa: S608 - same
    return f"unlikely(({first}, {second}) IN ({said}))"


@contextmanager
def transaction(engine: Engine, *, piped: bool = False) -> Iterator[tuple[Connection, Statements]]:
    """A transaction that is committed at the end of the block.

    ``piped``: on PostgreSQL its statements travel together, and the connection itself must be left alone. Raises what
    SQLAlchemy raises for the driver's errors, so that callers need not know which way they came.
    """
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        try:
            if piped and connection.dialect.name == "postgresql":
                with travelling(driver, connection.info.setdefault("prepared", {})) as pipeline:
                    pipeline.send(b"BEGIN")
                    yield connection, Statements(connection, pipeline)
                    pipeline.send(b"COMMIT")
            else:
                with connection.begin():
                    yield connection, Statements(connection)
        except BaseException as error:
            if getattr(driver, "closed", False):
                connection.invalidate()  # it does not go back into the pool
            if isinstance(error, psycopg.Error | sqlite3.Error):
                raise _told(error) from error
            raise


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
def _worded(text: str) -> str:
    return _PARAMETER.sub(r"%(\1)s", text.replace("%", "%%"))


@lru_cache(maxsize=4096)
def _numbered(text: str) -> tuple[bytes, tuple[str, ...]]:
    """``:name`` as ``$1``, and the names in that order."""
    names = tuple(dict.fromkeys(_PARAMETER.findall(text)))
    return _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", text).encode(), names


@lru_cache(maxsize=4096)
def _marked(table: str, names: tuple[str, ...], after: str) -> str:
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) {after}"  # noqa: S608 - names are our own


@lru_cache(maxsize=4096)
def _from_json(table: str, kinds: tuple[tuple[str, str], ...], after: str) -> str:
    """One parameter for all rows: an array a column costs four times as much to write."""
    names, typed = ", ".join(name for name, _ in kinds), ", ".join(f"{name} {kind}" for name, kind in kinds)
    said = f"json_to_recordset(CAST(:rows AS json)) AS said({typed})"
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM {said} {after}"  # noqa: S608 - names are our own


@lru_cache(maxsize=256)
def _gone_by_json(table: str, kinds: tuple[tuple[str, str], ...]) -> str:
    typed = ", ".join(f"{name} {kind}" for name, kind in kinds)
    same = " AND ".join(f"{table}.{name} = gone.{name}" for name, _ in kinds)
    gone = f"json_to_recordset(CAST(:rows AS json)) AS gone({typed})"
    return f"DELETE FROM {table} USING {gone} WHERE {same}"  # noqa: S608 - names are our own
