"""Messages taken straight out of what was read from the connection.

The library's parser matches two patterns, cuts its buffer three times and awaits for each message: more than what a
follower then does with it. Only whole messages for those who are fed are taken here; all else (pings, errors, the
library's own subscriptions) is left to that parser, frame by frame: it never holds half a message of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from nats.protocol.parser import HMSG_RE, MSG_RE

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


Callback = Callable[[Arrival], None]


class Frames:
    """What comes over one connection, cut anywhere, as frames."""

    def __init__(self, callbacks: Mapping[bytes, Callback]) -> None:
        """``callbacks``: by a subscription's number as the wire has it; who is taken out of it gets no more at once."""
        self._callbacks = callbacks
        self._begun = bytearray()
        self._wanted = 0

    def forget(self) -> None:
        """A new connection: what had begun on the old one never ends."""
        self._begun = bytearray()

    def take(self, data: bytes) -> bytes:
        """Hands over what it can and keeps a frame that is not whole; returns what begins with one for the library."""
        if self._begun:
            self._begun += data
            if len(self._begun) < self._wanted:
                return b""
            data, self._begun = bytes(self._begun), bytearray()
        at = self._fed(data)
        if at == len(data):
            return b""
        end = at + frame(data[at:])
        if end <= len(data):
            return data[at:]
        self._begun += data[at:]
        self._wanted = end - at
        return b""

    def _fed(self, data: bytes) -> int:
        """Hands over the messages in a row that are whole and for one who is fed; returns where the row ends."""
        at, find, whole = 0, data.find, len(data) - 2
        while (line := find(b"\n", at)) > 0:
            words = data[at : line - 1].split(b" ")
            if len(words) < LEAST or (take := self._callbacks.get(words[2])) is None:
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


def frame(data: bytes) -> int:
    """How long the first frame is, maybe longer than the data; where that cannot be known, by one byte."""
    line = data.find(b"\r\n")
    if line < 0:
        return len(data) + 1
    head = data[: line + 2]
    message = MSG_RE.match(head) or HMSG_RE.match(head)
    return len(head) + (int(message[message.re.groups]) + 2 if message else 0)
