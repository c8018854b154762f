"""What the load driver reaches against a server that does nothing: `python -m benchmarks.ceiling`."""

import asyncio
import multiprocessing
import sys
from multiprocessing.connection import Connection

import uvloop

from benchmarks.load import LoadResult, Plan, drive_apart
from benchmarks.peers.running import letters

REPLY = b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


class Nothing(asyncio.Protocol):
    """Answers each piece of a connection with 201: right for a client that sends one whole request at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, _: bytes) -> None:
        self.transport.write(REPLY)  # type: ignore[attr-defined] # TCP gives a Transport


async def _serve(port: Connection) -> None:
    server = await asyncio.get_running_loop().create_server(Nothing, "127.0.0.1", 0)
    port.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _child(port: Connection) -> None:
    uvloop.run(_serve(port))


def ceiling(seconds: float = 2.0, connections: int = 64) -> LoadResult:
    """The driver's own limit on this machine, with the requests of the letter load; quote it beside every figure."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    server = context.Process(target=_child, args=(there,))
    server.start()
    try:
        plan = Plan(port=here.recv(), factory=letters("ceiling"), connections=connections, seconds=seconds)
        return drive_apart(plan)
    finally:
        server.terminate()
        server.join()


if __name__ == "__main__":
    sys.stdout.write(f"{ceiling().summary()}\n")
