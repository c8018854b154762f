"""An empty database that a backup is brought back to, marked until all is whole; or one that is made for a try."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from psycopg import Connection, sql

from services.kit.backup.cut import KEYS_PLACE, Tell
from services.kit.backup.faults import BackupFault
from services.kit.backup.postgres import put_back, tables_of, told

MARK = "caraka_restoring"
LOOK_SECONDS = 5


def half_restored(url: str) -> bool:
    """Whether a restore into this database was begun and not finished; a database that is away says no."""
    try:
        with psycopg.connect(url, connect_timeout=LOOK_SECONDS) as connection:
            return _marked(connection)
    except psycopg.Error:
        return False  # whoever starts waits for it, and says so


def mark(url: str) -> None:
    with _connected(url) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(MARK)))


def unmark(url: str) -> None:
    with _connected(url) as connection:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(MARK)))


def clear(url: str, schemas: Sequence[str]) -> None:
    """Takes away what an unfinished restore has made: where the mark is, all was empty before."""
    with _connected(url) as connection:
        if _marked(connection):
            for name in (*schemas, MARK):
                connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(name)))


def filled(url: str, schemas: Sequence[str]) -> list[str]:
    """Those of the schemas that hold an event or a key: one that was only migrated is empty."""
    with _connected(url) as connection:
        return [name for name in schemas if _filled(connection, name)]


def put_all_back(url: str, parts: Mapping[str, Path], tell: Tell) -> None:
    """All rows of all places in one transaction, into tables that are there. Raises BackupFault."""
    with _connected(url) as connection:
        for name, path in parts.items():
            tables = [sql.Identifier(name, table) for table, _, _ in tables_of(connection, name)]
            for table in tables:
                connection.execute(sql.SQL("TRUNCATE {}").format(table))
            with path.open("rb") as part:
                put_back(connection, name, part, tell)
            for table in tables:  # the checks read them at once; the server's own round comes by later
                connection.execute(sql.SQL("ANALYZE {}").format(table))


@contextmanager
def for_a_try(url: str) -> Iterator[str]:
    """The address of a new database on the same server, which is gone afterwards. Raises BackupFault."""
    name = f"caraka_check_{uuid4().hex[:12]}"
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.Error as error:
        why = str(error).splitlines()[0]
        raise BackupFault("no-aside", f"Basis data sementara tidak dapat dibuat: {why}") from error
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _connected(url: str) -> Iterator[Connection[Any]]:
    try:
        with psycopg.connect(url) as connection:
            yield connection
    except psycopg.Error as error:
        raise told(error) from error


def _marked(connection: Connection[Any]) -> bool:
    return bool(connection.execute("SELECT to_regnamespace(%s) IS NOT NULL", (MARK,)).fetchall()[0][0])


def _filled(connection: Connection[Any], name: str) -> bool:
    for table in ("stored_events", KEYS_PLACE):
        there = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (f'"{name}"."{table}"',)).fetchall()[0][0]
        some = sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(sql.Identifier(name, table))
        if there and connection.execute(some).fetchall()[0][0]:
            return True
    return False
