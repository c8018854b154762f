"""Statements to PostgreSQL that travel together: prepared once per connection, written to the socket in one piece.

psycopg's own pipeline sends every statement by itself, wakes the server for each, and looks for an adapter for each
value; for a batch of one command that cost more than deciding it. Here its wrapper of libpq (`psycopg.pq`) is used
directly: statements gather in libpq's buffer until somebody waits for an answer. Answers are read by psycopg's loaders.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from struct import Struct
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGresult

LONG, LENGTH, HEAD = Struct("!q"), Struct("!i"), Struct("!iiIii")
FORMS: dict[type, tuple[int, int, Callable[[Any], bytes]]] = {
    str: (25, 1009, str.encode),
    int: (20, 1016, LONG.pack),
    bytes: (17, 1001, bytes),
    UUID: (2950, 2951, lambda value: value.bytes),
}
"""The number of the type and of its array (pg_type.oid, the same in every database), and the binary form."""

Row = Sequence[Any]
Prepared = MutableMapping[tuple[bytes, tuple[int, ...]], bytes]
"""Statement and types of its values → the name that a connection knows it by."""


@contextmanager
def travelling(connection: Connection[Any], prepared: Prepared) -> Iterator[Pipeline]:
    """A pipeline until the end of the block, where everything sent is waited for; raises the first error.

    After an error the connection is closed: that takes its transaction back, and the next one knows nothing of it.
    """
    pipeline = Pipeline(connection, prepared)
    try:
        connection.pgconn.enter_pipeline_mode()
        yield pipeline
        pipeline.end()
        connection.pgconn.exit_pipeline_mode()
    except BaseException:
        connection.close()
        raise


class Pipeline:
    """One thread's; every value is sent in binary."""

    def __init__(self, connection: Connection[Any], prepared: Prepared) -> None:
        self._connection = connection
        self._pg = connection.pgconn
        self._prepared = prepared
        self._sent = 0
        self._got: list[PGresult | None] = []
        self._socket = select.poll()

    def send(self, statement: bytes, values: Sequence[Any] = ()) -> Callable[[], list[Row]]:
        """``statement`` with ``$1``…; called, its rows. A list is one value: an array, never an empty one."""
        sent = [_binary(value) for value in values]
        data = [form for _, form in sent]
        key = (statement, tuple(number for number, _ in sent))
        name = self._prepared.get(key)
        if name is None:
            name = self._prepared[key] = b"c%d" % len(self._prepared)
            self._pg.send_prepare(name, statement, key[1])
            self._sent += 1
        self._pg.send_query_prepared(name, data, [Format.BINARY] * len(data), Format.BINARY)
        place = self._sent
        self._sent += 1
        return lambda: self._rows(place)

    def end(self) -> None:
        self._pg.pipeline_sync()
        self._collect(self._sent)
        self._next()

    def _rows(self, place: int) -> list[Row]:
        if place >= len(self._got):
            self._pg.send_flush_request()
            self._collect(self._sent)
        result = self._got[place]
        if result is None or not result.ntuples:
            return []
        loading = Transformer(self._connection)
        loading.set_pgresult(result)
        return loading.load_rows(0, result.ntuples, tuple)

    def _collect(self, until: int) -> None:
        while len(self._got) < until:
            result = self._next()
            self._next()  # every answer ends with nothing
            if result is not None and result.status in {ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED}:
                raise error_from_result(result)
            self._got.append(result)

    def _next(self) -> PGresult | None:
        while self._pg.is_busy():
            writes = select.POLLOUT if self._pg.flush() else 0
            self._socket.register(self._pg.socket, select.POLLIN | writes)
            self._socket.poll()
            self._pg.consume_input()
        return self._pg.get_result()


def _binary(value: Any) -> tuple[int, bytes]:
    """The number of a value's type, and the value in PostgreSQL's binary form."""
    if value.__class__ is not list:
        number, _, form = FORMS[value.__class__]
        return number, form(value)
    number, array, form = FORMS[value[0].__class__]
    parts = [HEAD.pack(1, 0, number, len(value), 1)]
    for each in value:
        item = form(each)
        parts += (LENGTH.pack(len(item)), item)
    return array, b"".join(parts)
