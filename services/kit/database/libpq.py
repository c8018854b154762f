"""The door to psycopg. Statements that travel together, prepared once per connection, written in one piece.

psycopg's own pipeline sends every statement by itself, wakes the server for each, and looks for an adapter for each
value; for a batch of one command that cost more than deciding it. Here its wrapper of libpq (`psycopg.pq`) is used
directly: statements gather in libpq's buffer until somebody waits for an answer. Answers are read by psycopg's loaders.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from struct import Struct
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format, PGconn
from psycopg.pq.abc import PGresult

from services.kit.database.prepared import Prepared, Row
from services.kit.door import expect

LONG, LENGTH, HEAD = Struct("!q"), Struct("!i"), Struct("!iiIii")
FORMS: dict[type, tuple[int, int, Callable[[Any], bytes]]] = {
    str: (25, 1009, str.encode),
    int: (20, 1016, LONG.pack),
    bytes: (17, 1001, bytes),
    UUID: (2950, 2951, lambda value: value.bytes),
}
"""The number of the type and of its array (pg_type.oid, the same in every database), and the binary form."""


@contextmanager
def directly(connection: Connection[Any], prepared: Prepared) -> Iterator[LibpqPipeline]:
    """See `services.kit.database.pipeline.travelling`."""
    pipeline = LibpqPipeline(connection, prepared)
    try:
        connection.pgconn.enter_pipeline_mode()
        yield pipeline
        pipeline.end()
        connection.pgconn.exit_pipeline_mode()
    except BaseException:
        connection.close()
        raise


class LibpqPipeline:
    """One thread's; every value is sent in binary."""

    def __init__(self, connection: Connection[Any], prepared: Prepared) -> None:
        self._connection = connection
        self._pg = connection.pgconn
        self._prepared = prepared
        self._sent = 0
        self._got: list[PGresult | None] = []
        self._socket = select.poll()

    def send(self, statement: bytes, values: Sequence[Any] = ()) -> Callable[[], list[Row]]:
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


def look() -> None:
    """Raises where psycopg's wrapper of libpq, or what reads its answers, lacks what is used here."""
    expect([], [name for name in USED if not hasattr(PGconn, name)])
    expect([], [name for name in ("set_pgresult", "load_rows") if not hasattr(Transformer, name)])
    expect(True, psycopg.Pipeline.is_supported())


USED = (
    *("enter_pipeline_mode", "exit_pipeline_mode", "pipeline_sync", "send_prepare", "send_query_prepared"),
    *("send_flush_request", "is_busy", "flush", "socket", "consume_input", "get_result"),
)
