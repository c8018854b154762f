"""Statements to PostgreSQL that travel together: directly by libpq where psycopg is as we know it, else its own way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol
from uuid import UUID

import psycopg
from psycopg import Connection, RawCursor
from psycopg.rows import tuple_row
from psycopg.types.string import StrDumper

from services.kit.database.prepared import Prepared, Row
from services.kit.door import Door, expect


class Pipeline(Protocol):
    """One thread's, of one transaction."""

    def send(self, statement: bytes, values: Sequence[Any] = ()) -> Callable[[], list[Row]]:
        """``statement`` with ``$1``…; called, its rows. A list is one value: an array, never an empty one."""


def travelling(connection: Connection[Any], prepared: Prepared) -> AbstractContextManager[Pipeline]:
    """A pipeline until the end of the block, where everything sent is waited for; raises the first error.

    After an error the connection is closed: that takes its transaction back, and the next one knows nothing of it.
    """
    if PSYCOPG.is_open:
        from services.kit.database.libpq import directly

        return directly(connection, prepared)
    return _as_the_driver_does(connection)


@contextmanager
def _as_the_driver_does(connection: Connection[Any]) -> Iterator[Pipeline]:
    """The statements that begin and end the transaction come from the caller."""
    own = connection.autocommit
    try:
        connection.autocommit = True
        with connection.pipeline() if psycopg.Pipeline.is_supported() else nullcontext():
            yield DriverPipeline(connection)
        connection.autocommit = own
    except BaseException:
        connection.close()
        raise


class DriverPipeline:
    """psycopg's public way: it prepares what it sees again, and finds out each value's type."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection

    def send(self, statement: bytes, values: Sequence[Any] = ()) -> Callable[[], list[Row]]:
        cursor = RawCursor(self._connection, row_factory=tuple_row)
        cursor.adapters.register_dumper(str, StrDumper)  # as text: its own choice is a type that is found out
        cursor.execute(statement, values, binary=True)
        return lambda: _rows(cursor)


def _rows(cursor: RawCursor[Any]) -> list[Row]:
    try:
        return cursor.fetchall()
    except psycopg.ProgrammingError as error:
        if error.sqlstate is None:  # the driver's own word: the statement has no rows
            return []
        raise


def _look() -> None:
    from services.kit.database import libpq  # it imports what a later psycopg may not have

    libpq.look()
    known = {kind: psycopg.adapters.types[name] for kind, name in _NAMES.items()}
    expect(
        {kind: (number, array) for kind, (number, array, _) in libpq.FORMS.items()},
        {kind: (found.oid, found.array_oid) for kind, found in known.items()},
    )


_NAMES: dict[type, str] = {str: "text", int: "int8", bytes: "bytea", UUID: "uuid"}

PSYCOPG = Door("psycopg", _look)
