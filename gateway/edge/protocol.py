"""uvicorn's protocol over httptools with a ceiling, since it has none of its own (record 0043).

It counts what comes in by `asyncio.Protocol`'s public methods, and hears of heads and bodies by httptools' public
callbacks.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import deque
from http import HTTPStatus
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.edge.addresses import address_of
from gateway.edge.connections import Connections
from gateway.edge.problems import MEDIA_TYPE, Problem, document

NOTHING, HEAD, BODY = "nothing", "head", "body"
HEAD_TOO_LARGE = ("gateway.head-too-large", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
MALFORMED = ("gateway.malformed-http", HTTPStatus.BAD_REQUEST)


class Excess(ValueError):
    """More than anybody sends; the parser ends the connection by it."""


@functools.cache
def quiet() -> logging.Logger:
    """Whoever sends what is no HTTP fills no log with it; the metrics count him."""
    log = logging.getLogger(__name__)
    log.setLevel(logging.ERROR)
    return log


class Bounded(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, connections: Connections, **named: Any) -> None:
        super().__init__(*args, **named)
        self.logger = quiet()
        self.address = ""
        self.url = b""
        self._all = connections
        self._limits = connections.limits
        self._admitted = False
        self._coming = HEAD
        self._since = 0.0
        self._not_understood = 0
        self._head_bytes = self._body_bytes = 0
        self._cycles: deque[RequestResponseCycle] = deque()
        self._stalled_since = self._closing_since = 0.0

    # ── what comes and goes: asyncio.Protocol ────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        peer = str((transport.get_extra_info("peername") or ("",))[0])
        self.address = address_of(peer)
        self.transport = transport
        self._since = self.loop.time()
        self._admitted = self._all.admit(self, peer)
        if not self._admitted:
            self.end("full", told("gateway.full", HTTPStatus.SERVICE_UNAVAILABLE))
            return
        self._all.owes(self)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.gone(self)
        self._tell_all_that_it_is_over()
        if self._admitted:
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """In pieces, so that a ceiling is noticed before much has been kept or begun."""
        most = self._limits.head_bytes
        for at in range(0, len(data), most):
            if not self._admitted or self.transport.is_closing():
                return
            piece = data if len(data) <= most else data[at : at + most]
            self._not_understood += len(piece)
            super().data_received(piece)
            if self._not_understood > most and not self.transport.is_closing():
                self.end("head", b"" if self._answering() else told(*HEAD_TOO_LARGE))

    def pause_writing(self) -> None:
        self._stalled_since = self.loop.time()
        self._all.owes(self)
        super().pause_writing()

    def resume_writing(self) -> None:
        self._stalled_since = 0.0
        if self._answering() and self._coming == NOTHING:
            self._all.is_owed(self)
        super().resume_writing()

    # ── what has been understood: httptools ──────────────────────────────────────────────────────────────────────

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0
        self._now_comes(HEAD)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._coming == HEAD:  # what follows a body in chunks is no header of ours
            self._head_bytes += len(name) + len(value)
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._head_bytes + len(self.url) > self._limits.head_bytes:
            raise Excess("head")  # it came in one piece with what follows it
        self._not_understood = self._body_bytes = 0
        self._now_comes(BODY)
        super().on_headers_complete()
        self._cycles.append(self.cycle)
        if len(self.pipeline) > self._limits.pipelined:
            raise Excess("requests before the first answer")

    def on_body(self, body: bytes) -> None:
        self._not_understood = 0
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._not_understood = 0
        super().on_message_complete()
        self._now_comes(NOTHING)
        if self._answering():
            self._all.is_owed(self)

    def on_response_complete(self) -> None:
        self._cycles.popleft()
        super().on_response_complete()
        if not self._answering():
            if self._coming != HEAD:  # that of the next request has its own deadline already
                self._since = self.loop.time()
            self._all.owes(self)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's own words
        large = self._head_bytes > self._limits.head_bytes - len(self.url)
        reason, answer = ("head", HEAD_TOO_LARGE) if large else ("malformed", MALFORMED)
        self.end(reason, b"" if self._answering() else told(*answer))

    # ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────

    def look_at_the_clock(self, now: float) -> None:
        """Ends what takes too long: a head, a body that does not come on, an answer that nobody reads."""
        limits, waited = self._limits, now - self._since
        if self.transport.is_closing():
            self._closing_since = self._closing_since or now
            if now - self._closing_since > limits.closing_seconds:
                self.transport.abort()
        elif self._stalled_since and now - self._stalled_since > limits.stalled_seconds:
            self.end("stalled")
        elif self._coming == HEAD and waited > limits.head_seconds:
            self._look_at_the_head(now)
        elif self._coming == BODY:
            self._look_at_the_body(now)
        elif self._coming == NOTHING and not self._answering() and waited > limits.head_seconds:
            self.end("idle")

    def _look_at_the_head(self, now: float) -> None:
        if self._admitted and self.flow.read_paused:  # it is we who do not read: an earlier request is answered first
            self._since = now
        else:
            self._too_slow("slow-head", silent=not self._not_understood)

    def _look_at_the_body(self, now: float) -> None:
        waited, due = now - self._since, self._body_bytes / self._limits.body_rate
        if not self._answering():
            if waited > self._limits.drain_seconds:
                self.end("slow-body")
        elif self.flow.read_paused:  # it is we who do not read
            self._since = now - due
        elif waited > self._limits.body_seconds + due:
            self._too_slow("slow-body", silent=self.cycle.response_started)

    def _too_slow(self, reason: str, *, silent: bool) -> None:
        busy = self._coming == HEAD and self._answering()
        self.end(reason, b"" if silent or busy else told("gateway.too-slow", HTTPStatus.REQUEST_TIMEOUT))

    def end(self, reason: str, answer: bytes = b"") -> None:
        """Closes; its place is free at once. ``answer``: the last words, where there are any."""
        self._all.ended(reason)
        self._all.leave(self)
        self._tell_all_that_it_is_over()
        if answer:
            self.transport.write(answer)
            self.transport.close()
        else:
            self.transport.abort()

    def _tell_all_that_it_is_over(self) -> None:
        """Uvicorn tells the last request only; who answers an earlier one would write into a line that is gone."""
        for cycle in self._cycles:
            cycle.disconnected = True
            cycle.message_event.set()

    def _now_comes(self, what: str) -> None:
        self._coming = what
        self._since = self.loop.time()
        self._all.owes(self)

    def _answering(self) -> bool:
        begun = self.cycle is not None  # it is None before the first request
        return begun and (not self.cycle.response_complete or bool(self.pipeline))


@functools.cache
def told(code: str, status: HTTPStatus) -> bytes:
    """A whole answer for a connection that ends by it."""
    body = orjson.dumps(document(Problem(code, status.value), "id"))
    retry = b"retry-after: 2\r\n" if status is HTTPStatus.SERVICE_UNAVAILABLE else b""
    head = (
        b"HTTP/1.1 %d %b\r\ncontent-type: %b\r\ncontent-length: %d\r\ncache-control: no-store\r\n"
        b"x-content-type-options: nosniff\r\n%bconnection: close\r\n\r\n"
    )
    return head % (status.value, status.phrase.encode(), MEDIA_TYPE.encode(), len(body), retry) + body
