"""An answer leaves in one piece, and says what uvicorn's own protocol would say."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from gateway.one_write import OneWrite

TRAP = b"x\r\ncontent-length: 7\r\n"
ASKED = b"GET /%b HTTP/1.1\r\nhost: h\r\n\r\n"


class PaperTransport:
    """Keeps what is written, each write by itself, and when the line was closed."""

    def __init__(self) -> None:
        self.wires: list[bytes] = []
        self.closed = False

    def write(self, wire: bytes) -> None:
        assert not self.closed
        if wire:
            self.wires.append(wire)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ARG002 - asyncio's signature
        return default

    def pause_reading(self) -> None:
        """Nothing is read here."""

    def resume_reading(self) -> None:
        """Same."""


async def office(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: C901 - one row for each way
    """Answers in the ways that there are."""
    assert scope["type"] == "http"

    async def begin(status: int, *heads: tuple[bytes, bytes]) -> None:
        await send({"type": "http.response.start", "status": status, "headers": heads})

    async def go_on(body: bytes, *, more: bool = False) -> None:
        await send({"type": "http.response.body", "body": body, "more_body": more})

    match scope["path"]:
        case "/short":
            await begin(200, (b"Content-Length", b"2"))
            await go_on(b"{}")
        case "/empty":
            await begin(204)
            await go_on(b"")
        case "/nothing-new":
            await begin(304, (b"content-length", b"0"))
            await go_on(b"")
        case "/pieces":
            await begin(200, (b"content-length", b"%d" % (3 * len(TRAP))))
            for more in (True, True, False):
                await go_on(TRAP, more=more)
        case "/stream":
            await begin(200, (b"content-type", b"text/event-stream"))
            await asyncio.sleep(0.05)
            await go_on(TRAP, more=True)
            await go_on(b"")
        case "/echo":
            body = (await receive())["body"]
            await begin(200, (b"content-length", b"%d" % len(body)))
            await go_on(body)
        case "/breaks":
            await begin(200, (b"content-length", b"5"))
            raise ZeroDivisionError
        case "/fails":
            raise ZeroDivisionError


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)  # uvicorn tells what broke; that it does is its own affair
    yield
    logging.disable(logging.NOTSET)


async def told(protocol: type[HttpToolsProtocol], *wires: bytes) -> PaperTransport:
    config = uvicorn.Config(office, http=protocol, log_config=None, access_log=False, lifespan="off")
    config.load()
    line, transport = protocol(config, ServerState(), {}), PaperTransport()
    line.connection_made(transport)  # type: ignore[arg-type] # what a protocol uses of one
    for wire in wires:
        line.data_received(wire)
        while line.tasks:
            await asyncio.wait(line.tasks)
    line.connection_lost(ConnectionResetError())
    if line.timeout_keep_alive_task is not None:
        line.timeout_keep_alive_task.cancel()
    return transport


WIRES = {
    "a short answer": (ASKED % b"short", 1),
    "no body": (ASKED % b"empty", 1),
    "not modified": (ASKED % b"nothing-new", 1),
    "a file in pieces": (ASKED % b"pieces", 3),
    "a stream": (ASKED % b"stream", 3),
    "a head alone": (b"HEAD /short HTTP/1.1\r\nhost: h\r\n\r\n", 1),
    "the last one": (b"GET /short HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n", 1),
    "of old": (b"GET /short HTTP/1.0\r\n\r\n", 1),
    "two at once": ((ASKED % b"short") * 2, 2),
    "who waits to be told to go on": (
        b"POST /echo HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n{}", 2,
    ),
    "what breaks before its body": (ASKED % b"breaks", 1),
    "what fails": (ASKED % b"fails", 1),
    "no HTTP": (b"what?\r\n\r\n", 1),
}  # fmt: skip


@pytest.mark.parametrize("what", WIRES)
async def test_the_same_is_said_in_as_few_pieces_as_can_be(what: str) -> None:
    wire, pieces = WIRES[what]
    here, there = await told(OneWrite, wire), await told(HttpToolsProtocol, wire)
    assert (b"".join(here.wires), here.closed) == (b"".join(there.wires), there.closed)
    assert here.wires[0]
    assert len(here.wires) == pieces


async def test_a_stream_is_begun_before_it_has_anything_to_say() -> None:
    config = uvicorn.Config(office, http=OneWrite, log_config=None, access_log=False, lifespan="off")
    config.load()
    line, transport = OneWrite(config, ServerState(), {}), PaperTransport()
    line.connection_made(transport)  # type: ignore[arg-type] # same
    line.data_received(ASKED % b"stream")
    await asyncio.sleep(0.01)
    assert b"text/event-stream" in transport.wires[0]
    await asyncio.wait(line.tasks)
    assert len(transport.wires) == 3
    line.connection_lost(ConnectionResetError())


async def test_a_line_serves_one_after_the_other() -> None:
    transport = await told(OneWrite, ASKED % b"short", ASKED % b"pieces", ASKED % b"short")
    assert len(transport.wires) == 5
    assert b"".join(transport.wires).count(b"HTTP/1.1 200 OK") == 3
