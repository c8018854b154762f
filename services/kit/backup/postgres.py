"""PostgreSQL: all schemas in one snapshot, table by table, and put back in one transaction.

``COPY … (FORMAT binary)`` over a connection of ours: no ``pg_dump`` of the server's version has to be there. A part is
a row of pieces, each with its length before it: of each table its name and columns as JSON, its rows, then nothing.
Columns are named, so that an archive of an earlier version goes into tables that have more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from struct import Struct
from typing import Any, BinaryIO

import orjson
import psycopg
from psycopg import Connection, sql

from services.kit.backup.cut import KEYS_PLACE, Tell
from services.kit.backup.faults import BackupFault
from services.kit.backup.manifest import Head
from services.kit.store import schema

LENGTH = Struct("!I")
PIECE = 512 * 1024
NOT_KEPT = frozenset({"leases"})
"""Who holds what now: of no use to anybody later."""
TABLES = """
    SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attnum), array_agg(t.typname::text ORDER BY a.attnum)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE n.nspname = %s AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    GROUP BY c.relname ORDER BY c.relname"""
"""Also those that this role may not read: a table is never left out unsaid."""
HIDDEN = """
    SELECT row_security_active('keys.keys') AND NOT EXISTS (
      SELECT 1 FROM pg_policies WHERE schemaname = 'keys' AND tablename = 'keys' AND qual = 'true'
        AND cmd IN ('ALL', 'SELECT') AND (current_user = ANY (roles) OR 'public' = ANY (roles)))"""


class CutOfDatabase:
    """See `services.kit.backup.cut.Cut`."""

    def __init__(self, connection: Connection[Any], stating: Sequence[str]) -> None:
        self._connection = connection
        self.heads: Mapping[str, Head] = {service: self._head(service) for service in stating}
        gone = connection.execute("SELECT key_id FROM keys.keys WHERE wrapped IS NULL ORDER BY key_id")
        self.destroyed = [row[0] for row in gone]

    def parts(self, place: str, tell: Tell) -> Iterator[bytes]:
        done = 0
        for table, columns, types in tables_of(self._connection, place):
            if table in NOT_KEPT:
                continue
            yield _piece(orjson.dumps({"table": table, "columns": columns, "types": types}))
            gathered = bytearray()
            with self._connection.cursor() as cursor, cursor.copy(_copy("TO STDOUT", place, table, columns)) as rows:
                for row in rows:
                    gathered += row
                    if len(gathered) >= PIECE:
                        yield _piece(bytes(gathered))
                        done += len(gathered)
                        tell(place, done, 0)
                        gathered.clear()
            if gathered:
                yield _piece(bytes(gathered))
            yield _piece(b"")

    def _head(self, service: str) -> Head:
        named = f'"{service}".'
        rows = self._connection.execute(schema.READ_STORE.replace("{s}", named)).fetchall()
        asked = sql.SQL("SELECT COALESCE(MAX(notification_id), 0), COUNT(*) FROM {}").format(
            sql.Identifier(service, "stored_events")
        )
        head, events = self._connection.execute(asked).fetchall()[0]
        return Head(store=rows[0][0], epoch=rows[0][1], head=head, events=events)


@contextmanager
def cut_of_database(url: str, services: Sequence[str], stating: Sequence[str]) -> Iterator[CutOfDatabase]:
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            there = {row[0] for row in connection.execute("SELECT nspname::text FROM pg_namespace")}
            if missing := [name for name in (*services, KEYS_PLACE) if name not in there]:
                raise BackupFault("no-store", f"Simpanan {', '.join(missing)} tidak ada di basis data ini.")
            if connection.execute(HIDDEN).fetchall()[0][0]:
                raise BackupFault(
                    "rights",
                    "Peran basis data ini tidak melihat semua kunci: pakai peran backup.",
                )
            yield CutOfDatabase(connection, stating)
            connection.execute("COMMIT")
    except psycopg.Error as error:
        raise told(error) from error


def told(error: psycopg.Error) -> BackupFault:
    return BackupFault("store", f"Basis data tidak dapat dibaca: {(str(error).splitlines() or [''])[0][:200]}")


def tables_of(connection: Connection[Any], place: str) -> Sequence[tuple[str, list[str], list[str]]]:
    return [(row[0], row[1], row[2]) for row in connection.execute(TABLES, (place,)).fetchall()]


def _copy(how: str, place: str, table: str, columns: Sequence[str]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) " + how + " (FORMAT binary)").format(sql.Identifier(place, table), names)


def _piece(data: bytes) -> bytes:
    return LENGTH.pack(len(data)) + data


def put_back(connection: Connection[Any], place: str, part: BinaryIO, tell: Tell) -> None:
    """Fills a place's tables, which are empty, in the caller's transaction.

    Raises BackupFault, and psycopg's errors.
    """
    known = {table: dict(zip(columns, types, strict=True)) for table, columns, types in tables_of(connection, place)}
    done = 0
    while head := _next(part):
        said = orjson.loads(head)
        table, columns, types = said["table"], said["columns"], said["types"]
        here = known.get(table)
        if here is None or any(here.get(name) != kind for name, kind in zip(columns, types, strict=True)):
            raise BackupFault("other-shape", f"Tabel {place}.{table} di cadangan tidak cocok dengan versi ini.")
        with connection.cursor() as cursor, cursor.copy(_copy("FROM STDIN", place, table, columns)) as rows:
            while piece := _next(part):
                rows.write(piece)
                done += len(piece)
                tell(place, done, 0)
    connection.execute(
        sql.SQL(
            "SELECT setval(pg_get_serial_sequence({}, 'notification_id'), GREATEST(MAX(notification_id), 1),"
            " MAX(notification_id) IS NOT NULL) FROM {}"
        ).format(sql.Literal(f'"{place}".stored_events'), sql.Identifier(place, "stored_events"))
        if "stored_events" in known
        else sql.SQL("SELECT 1")
    )


def _next(part: BinaryIO) -> bytes:
    """The next piece; nothing at the end of a table, and at the end of all."""
    length = part.read(LENGTH.size)
    return part.read(LENGTH.unpack(length)[0]) if length else b""
