"""Messages taken straight out of what was read from the connection.

The library's parser matches two patterns, cuts its buffer three times and awaits for each message: more than what a
follower then does with it. Only whole messages for those who are fed are taken here; all else (pings, errors, the
library's own subscriptions) goes to that parser frame by frame, in its turn: it never holds half a message of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from nats.aio.client import Client
from nats.protocol.parser import AWAITING_CONTROL_LINE, HMSG_RE, MSG_RE

LEAST = 4  # words of the shortest message: MSG, subject, subscription, size; a place to answer to is one more


class Arrival(NamedTuple):
    """A message as it came: ``head`` is its header block with the status line, empty where it has none."""

    subject: str
    reply: str
    head: bytes
    data: bytes

    def header(self, name: bytes) -> bytes:
        """The value of a header; empty where it is absent."""
        start = self.head.find(b"\r\n" + name + b": ")
        if start < 0:
            return b""
        start += len(name) + 4
        return self.head[start : self.head.find(b"\r\n", start)].strip()

    @property
    def status(self) -> tuple[str, str]:
        """Code and description of the broker's own word, as ``("100", "Idle Heartbeat")``; empty: a message."""
        code, _, description = self.head[len(b"NATS/1.0") : self.head.find(b"\r\n")].strip().partition(b" ")
        return code.decode(), description.decode()


Take = Callable[[Arrival], None]


class Frames:
    """Stands before the parser of one connection."""

    def __init__(self, client: Client, takers: Mapping[bytes, Take]) -> None:
        """``takers``: by a subscription's number as the wire has it; who is taken out of it gets no more at once."""
        self._parser = client._ps  # noqa: SLF001 - the library has no hook here; a test holds it
        self._takers = takers
        self._begun = bytearray()
        self._wanted = 0
        self._resets = 0
        self._inherited = self._parser.parse
        self._inherited_reset = self._parser.reset
        self._parser.parse = self.parse  # type: ignore[method-assign] # same
        self._parser.reset = self.reset  # type: ignore[method-assign] # same

    def reset(self) -> None:
        """A new connection: what had begun on the old one never ends."""
        self._inherited_reset()
        self._begun = bytearray()
        self._resets += 1

    async def parse(self, data: bytes = b"") -> None:
        """What was read, cut anywhere. Raises what the library's parser raises."""
        if self._parser.buf or self._parser.state != AWAITING_CONTROL_LINE:  # it had begun before we came
            await self._inherited(data)
            return
        if self._begun:
            self._begun += data
            if len(self._begun) < self._wanted:
                return
            data, self._begun = bytes(self._begun), bytearray()
        at, resets = 0, self._resets
        while at < len(data):
            at = self._fed(data, at)
            end = _end(data, at)
            if end > len(data):
                self._begun += data[at:]
                self._wanted = end - at
                return
            await self._inherited(data[at:end])
            if self._resets != resets:  # the connection was left meanwhile, and with it the rest
                return
            at = end

    def _fed(self, data: bytes, at: int) -> int:
        """Hands over the messages in a row that are whole and for one who is fed; returns where the row ends."""
        find, whole = data.find, len(data) - 2
        while (line := find(b"\n", at)) > 0:
            words = data[at : line - 1].split(b" ")
            if len(words) < LEAST or (take := self._takers.get(words[2])) is None:
                break
            begin = middle = line + 1
            with_place = LEAST + 1
            try:
                if words[0] == b"HMSG":
                    middle += int(words[-2])
                    with_place += 1
                elif words[0] != b"MSG":
                    break
                end = begin + int(words[-1])
            except ValueError:
                break
            if not begin <= middle <= end <= whole:
                break
            reply = words[3].decode() if len(words) == with_place else ""
            take(Arrival(words[1].decode(), reply, data[begin:middle], data[middle:end]))
            at = end + 2
        return at


def _end(data: bytes, at: int) -> int:
    """Where the frame that begins there ends, maybe beyond the data; where that cannot be known, one byte beyond."""
    line = data.find(b"\r\n", at)
    if line < 0:
        return len(data) + 1
    head = data[at : line + 2]
    message = MSG_RE.match(head) or HMSG_RE.match(head)
    return line + 2 + (int(message[message.re.groups]) + 2 if message else 0)
