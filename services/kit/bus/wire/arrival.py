"""What goes over the wire, and what a way over it can do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol

from nats.aio.subscription import Subscription


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


class Publication(NamedTuple):
    """A message that is to go: ``lines`` are its headers, at least one, as ``Name: value`` with CR LF between them."""

    subject: str
    data: bytes
    lines: bytes
    reply: str = ""


Callback = Callable[[Arrival], None]
Complaint = Callable[[Exception], Awaitable[None]]


class Dispatch(Protocol):
    """A way over one connection, which is logged in and reconnects by itself."""

    async def subscribe(self, subject: str, take: Callback, *, queue: str = "") -> Subscription:
        """``take`` is called in order; it must not wait and not raise."""

    async def unsubscribe(self, subscription: Subscription) -> None:
        """Nothing more comes, not even what is under way."""

    async def leave(self, subscription: Subscription) -> None:
        """Wants nothing new; what is under way is handed over."""

    async def send(self, publications: Sequence[Publication]) -> None:
        """In order. Raises ConnectionClosedError while the connection is away."""
