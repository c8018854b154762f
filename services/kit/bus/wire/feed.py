"""Messages straight from the connection's read loop: no queue, no task and no dictionary of headers for each.

The library parses a message's headers, wraps it, queues it and wakes a task that calls back: several times the cost of
what a follower then does with it, and every event is followed by many. Everything else about the connection (login,
reconnecting, subscribing again) stays the library's.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence

import nats.errors
from nats.aio.client import Client
from nats.aio.subscription import Subscription

from services.kit.bus.wire.frames import Arrival, Callback
from services.kit.bus.wire.interception import Reading

__all__ = ["Arrival", "Callback", "DirectDispatch"]


class DirectDispatch:
    """The subscriptions of one connection that are fed so; the others go the library's way."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._callbacks: dict[bytes, Callback] = {}
        Reading(client, self._callbacks)
        self._inherited: Callable[..., Awaitable[None]] = client._process_msg  # noqa: SLF001 - the library has no hook here; a test holds it
        client._process_msg = self._process  # type: ignore[method-assign]  # noqa: SLF001 - same

    async def subscribe(self, subject: str, take: Callback, *, queue: str = "") -> Subscription:
        """``take`` is called in the read loop, in order: it must not wait and not raise."""
        subscription = await self._client.subscribe(subject, queue=queue, cb=_unasked)
        self._callbacks[b"%d" % subscription._id] = take  # noqa: SLF001 - its number on the wire
        return subscription

    async def unsubscribe(self, subscription: Subscription) -> None:
        self._callbacks.pop(b"%d" % subscription._id, None)  # noqa: SLF001 - same
        with contextlib.suppress(nats.errors.Error):  # the connection is gone, and the subscription with it
            await subscription.unsubscribe()

    async def send(self, wires: Sequence[bytes]) -> None:
        """Publications as they go over the wire, written at once. Raises ConnectionClosedError while it is away."""
        if not self._client.is_connected:
            raise nats.errors.ConnectionClosedError
        for wire in wires:
            await self._client._send_command(wire)  # noqa: SLF001 - it only appends, and flushes when it has too much
        if self._client._flush_queue is None or self._client._flush_queue.empty():  # noqa: SLF001 - same
            await self._client._flush_pending()  # noqa: SLF001 - same

    async def _process(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes | None) -> None:
        take = self._callbacks.get(b"%d" % sid)
        if take is None:
            await self._inherited(sid, subject, reply, data, headers)
        else:
            take(Arrival(subject.decode(), reply.decode(), headers or b"", data))


async def _unasked(_: object) -> None:
    """The library wants a callback; what is fed never reaches it."""
