"""The door to nats-py. Messages straight from the connection's read loop: no queue, no task, no dictionary for each.

The library parses a message's headers, wraps it, queues it and wakes a task that calls back: several times the cost of
what a follower then does with it, and every event is followed by many. Everything else about the connection (login,
reconnecting, subscribing again) stays the library's. Every private name of nats-py that we use stands in this module.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import nats.errors
from nats.aio.client import Client
from nats.aio.subscription import Subscription
from nats.protocol.parser import Parser

from services.kit.bus.wire.arrival import Arrival, Callback, Complaint, Publication
from services.kit.bus.wire.public import handing_to
from services.kit.door import Door, expect


class DirectDispatch:
    """`Dispatch`: its subscriptions are fed from the read loop, the others of the connection go the library's way."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._callbacks: dict[int, Callback] = {}
        self._inherited: Callable[..., Awaitable[None]] = client._process_msg  # noqa: SLF001 - the library has no hook here
        client._process_msg = self._process  # type: ignore[method-assign]  # noqa: SLF001 - same

    async def subscribe(self, subject: str, take: Callback, *, queue: str = "") -> Subscription:
        """``take`` is called in the read loop, in order: it must not wait and not raise."""
        subscription = await self._client.subscribe(subject, queue=queue, cb=handing_to(take))
        self._callbacks[subscription._id] = take  # noqa: SLF001 - its number on the wire
        return subscription

    async def unsubscribe(self, subscription: Subscription) -> None:
        self._callbacks.pop(subscription._id, None)  # noqa: SLF001 - same
        with contextlib.suppress(nats.errors.Error):  # the connection is gone, and the subscription with it
            await subscription.unsubscribe()

    async def leave(self, subscription: Subscription) -> None:
        """What is under way comes although the library has forgotten the subscription: we are asked before it."""
        await subscription.drain()  # type: ignore[no-untyped-call] # nats-py

    async def send(self, publications: Sequence[Publication]) -> None:
        """Written at once, without the library's checks of headers that are all ours."""
        client = self._client
        if not client.is_connected:
            raise nats.errors.ConnectionClosedError
        for publication in publications:
            await client._send_command(_wire(publication))  # noqa: SLF001 - it only appends, and flushes when it has too much
        if client._flush_queue is None or client._flush_queue.empty():  # noqa: SLF001 - as its own `publish` does
            await client._flush_pending()  # noqa: SLF001 - same

    async def _process(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes | None) -> None:
        take = self._callbacks.get(sid)
        if take is None:
            await self._inherited(sid, subject, reply, data, headers)
        else:
            take(Arrival(subject.decode(), reply.decode(), headers or b"", data))


def complain_to(client: Client, complaint: Complaint) -> bool:
    """The connection's complaints go to ``complaint`` alone: FastStream's own callback raises on some of them, which
    ends the reconnecting for good. False: the door is shut, and so it is.
    """
    if NATS.is_open:
        client._error_cb = complaint  # noqa: SLF001 - it is set in `connect` only, which is FastStream's
    return NATS.is_open


def _wire(publication: Publication) -> bytes:
    subject, data, lines, reply = publication
    head = b"NATS/1.0\r\n%b\r\n\r\n" % lines
    place = f"{subject} {reply}".encode()
    return b"HPUB %b %d %d\r\n%b%b\r\n" % (place, len(head), len(head) + len(data), head, data)


def _look() -> None:
    """A client without a network: what its parser tells it, and what it makes of what it is told to send."""
    client, told = Client(), []

    async def process(*message: object) -> None:
        told.append(message)

    client._process_msg = process  # type: ignore[method-assign,assignment]  # noqa: SLF001 - see above
    _done(Parser(client).parse(b"HMSG a 7 b 12 15\r\nNATS/1.0\r\n\r\nabc\r\nMSG c 8 1\r\nd\r\n"))
    expect([(7, b"a", b"b", b"abc", b"NATS/1.0\r\n\r\n"), (8, b"c", b"", b"d", None)], told)
    expect(7, Subscription(client, id=7)._id)  # noqa: SLF001 - see above
    _done(client._send_command(b"PING\r\n"))  # noqa: SLF001 - see above
    expect(6, client.pending_data_size)
    expect((None, True), (client._flush_queue, callable(client._flush_pending)))  # noqa: SLF001 - see above
    expect(True, callable(client._error_cb))  # noqa: SLF001 - see above


def _done(work: Coroutine[Any, Any, object]) -> None:
    """What waits for nothing is done at once. Raises ValueError."""
    try:
        work.send(None)
    except StopIteration:
        return
    work.close()
    raise ValueError("it waits where it did not")


NATS = Door("nats-py", _look)
