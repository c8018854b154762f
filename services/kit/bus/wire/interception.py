"""What arrives on a connection goes to who is fed at once, and only the rest to the library's read loop and parser.

The read loop is a task: what arrives is copied into a buffer, the task woken, the buffer copied out again in pieces.
The library has no hook before that, so two methods of its parser and one of its reader are replaced on the object.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from nats.aio.client import DEFAULT_BUFFER_SIZE, Client
from nats.protocol.parser import AWAITING_CONTROL_LINE

from services.kit.bus.wire.frames import Callback, Frames, frame


class Reading:
    """Stands before reader and parser of one connection, also when it is a new one."""

    def __init__(self, client: Client, callbacks: Mapping[bytes, Callback]) -> None:
        """``callbacks``: see `Frames`."""
        self._client = client
        self._frames = Frames(callbacks)
        self._parser = client._ps  # noqa: SLF001 - see the module; a test holds it
        self._reader: object = None
        self._left = 0  # bytes that were left to the read loop and are not parsed yet: nothing may overtake them
        self._resets = 0
        self._inherited = self._parser.parse
        self._inherited_reset = self._parser.reset
        self._parser.parse = self.parse  # type: ignore[method-assign] # see the module
        self._parser.reset = self.reset  # type: ignore[method-assign] # see the module

    def reset(self) -> None:
        """The library leaves its connection for a new one."""
        self._inherited_reset()
        self._frames.forget()
        self._reader = None
        self._resets += 1

    async def parse(self, data: bytes = b"") -> None:
        """What the read loop has read. Raises what the library's parser raises."""
        if self._parser.buf or self._parser.state != AWAITING_CONTROL_LINE:  # a frame that began before we came
            await self._inherited(data)
            return
        read, resets = len(data), self._resets
        reader = getattr(self._client._transport, "_io_reader", None)  # noqa: SLF001 - a web socket has none
        if reader is not None and reader is not self._reader and read < DEFAULT_BUFFER_SIZE:  # it was all that had come
            self._left = read
            self._stand_before(reader)
        while data := self._frames.take(data):
            end = frame(data)
            await self._inherited(data[:end])
            if self._resets != resets:  # what is left belongs to a connection that is left
                return
            data = data[end:]
        self._left -= read

    def _stand_before(self, reader: asyncio.StreamReader) -> None:
        inherited, resets = reader.feed_data, self._resets

        def feed(data: bytes) -> None:
            if self._resets != resets:  # this connection is left
                inherited(data)
            elif rest := data if self._left > 0 else self._frames.take(data):
                self._left += len(rest)
                inherited(rest)

        reader.feed_data = feed  # type: ignore[assignment,method-assign] # see the module
        self._reader = reader
