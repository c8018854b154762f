"""A TCP proxy of our own between the services and what they stand on: it carries bytes, or does worse.

It runs in a thread of its own; every deed returns when it is done, so that a test may say when a fault began.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from typing import Any

READ = 64 * 1024
ABRUPT = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST
Change = Callable[[bytes], bytes]


class Line:
    """One connection of a client, and ours to the server behind it."""

    def __init__(self, wire: "Wire", client: asyncio.StreamWriter, server: asyncio.StreamWriter | None) -> None:
        self.wire = wire
        self.stranded = False
        self.ends = [end for end in (client, server) if end is not None]

    def reset(self) -> None:
        for end in self.ends:
            with contextlib.suppress(OSError):
                end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABRUPT)
            end.transport.abort()

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, change: Change | None) -> None:
        """Carries until one side ends; a stranded line swallows everything and never ends by itself."""
        with contextlib.suppress(OSError):
            while piece := await reader.read(READ):
                if self.wire.lag:
                    await asyncio.sleep(self.wire.lag)
                await self.wire.flowing.wait()
                if self.stranded:
                    continue
                writer.write(change(piece) if change is not None else piece)
                await writer.drain()
        if not self.stranded:
            writer.close()


class Wire:
    """`port` leads to `target` on loopback. `change`: makes, per connection, what alters the bytes to the client."""

    def __init__(self, target: int, *, changing: Callable[[], Change] | None = None) -> None:
        self.target = target
        self.lag = 0.0
        self.flowing: asyncio.Event
        self.port = 0
        self._changing = changing
        self._lines: set[Line] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._do(self._open())

    def close(self) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def cut(self) -> None:
        """Every connection ends, and no new one is taken."""
        self._do(self._refuse())

    def freeze(self) -> None:
        """Nothing comes through and nothing ends: new connections are taken and stay silent too."""
        self._do(self._still(on=True))

    def strand(self) -> None:
        """Half-open: the connections of now are dead without having ended; new ones work."""
        self._do(self._strand())

    def reset(self) -> None:
        """Every connection of now ends with RST, in the middle of whatever it does; new ones work."""
        self._do(self._reset())

    def delay(self, seconds: float) -> None:
        """Each piece comes through so much later, in both directions."""
        self.lag = seconds

    def heal(self) -> None:
        """Bytes are carried again. What froze goes on; what was cut may come back."""
        self.lag = 0.0
        self._do(self._heal())

    def _do(self, deed: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(deed, self._loop).result(10)

    async def _open(self) -> None:
        if self.port == 0:
            self.flowing = asyncio.Event()
            self.flowing.set()
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._reset()

    async def _reset(self) -> None:
        for line in list(self._lines):
            line.reset()

    async def _strand(self) -> None:
        for line in self._lines:
            line.stranded = True

    async def _still(self, *, on: bool) -> None:
        if on:
            self.flowing.clear()
        else:
            self.flowing.set()

    async def _heal(self) -> None:
        self.flowing.set()
        if self._server is None:
            await self._open()

    async def _close(self) -> None:
        await self._refuse()
        self.flowing.set()
        for task in asyncio.all_tasks():
            if task is not asyncio.current_task():
                task.cancel()
        await asyncio.sleep(0.05)

    async def _take(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        line = Line(self, client, None)
        self._lines.add(line)
        try:
            await self.flowing.wait()
            behind, server = await asyncio.open_connection("127.0.0.1", self.target)
            line.ends.append(server)
            change = self._changing() if self._changing is not None else None
            await asyncio.gather(line.pump(reader, server, None), line.pump(behind, client, change))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._lines.discard(line)
            for end in line.ends:
                end.close()
