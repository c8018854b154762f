"""uvicorn's protocol, with one write per answer: head and body of a short answer leave together.

uvloop writes at once what it is given, so that head and body cost a system call and a packet each, here and at the
reader's. A head that announces a length waits for what comes next, which is its body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

if TYPE_CHECKING:
    from asyncio import Transport

LENGTH = b"\r\ncontent-length: "
GO_ON = b"HTTP/1.1 100 "


class Held:
    """What an answer's cycle uses of its transport. A stream's head names no length and is not held."""

    __slots__ = ("_begins", "_head", "_transport", "is_closing")

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._begins = True
        self._head = b""
        self.is_closing = transport.is_closing

    def write(self, wire: bytes) -> None:
        if self._head:
            wire, self._head = self._head + wire, b""
        elif self._begins:
            self._begins = wire.startswith(GO_ON)  # said before the head
            if LENGTH in wire:
                self._head = wire
                return
        self._transport.write(wire)

    def close(self) -> None:
        if self._head:
            self._transport.write(self._head)
        self._transport.close()


class OneWrite(HttpToolsProtocol):
    """For `uvicorn.Config(http=…)`."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if cycle.scope["method"] != "HEAD":  # its head has no body to come
            cycle.transport = Held(cycle.transport)  # type: ignore[assignment] # what it uses of one
        super()._start_asgi_task(cycle, app)
