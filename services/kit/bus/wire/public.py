"""The client library's public way: it parses each message's headers, queues it and wakes a task that calls back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from services.kit.bus.wire.arrival import Arrival, Callback, Publication

SILENCE_SECONDS = 10.0  # longer than an attempt, which waits three times for its `connect_timeout` at most
STATUS, DESCRIPTION = "Status", "Description"  # under which the library gives the words of the status line


class PublicDispatch:
    """`Dispatch` without a private name."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def subscribe(self, subject: str, take: Callback, *, queue: str = "") -> Subscription:
        """With no limit to what waits: who takes never waits, and a limit would drop what it meets."""
        return await self._client.subscribe(
            subject, queue=queue, cb=handing_to(take), pending_msgs_limit=0, pending_bytes_limit=0
        )

    async def unsubscribe(self, subscription: Subscription) -> None:
        with contextlib.suppress(nats.errors.Error):  # the connection is gone, and the subscription with it
            await subscription.unsubscribe()

    async def leave(self, subscription: Subscription) -> None:
        """The library's ping overtakes its unsubscribing: what the broker sends between the two is lost. That is one
        message in dozens of leavings under load; it was not begun, and who asked repeats.
        """
        await subscription.drain()  # type: ignore[no-untyped-call] # nats-py

    async def send(self, publications: Sequence[Publication]) -> None:
        if not self._client.is_connected:
            raise nats.errors.ConnectionClosedError
        for subject, data, lines, reply in publications:
            headers = dict(line.split(": ", 1) for line in lines.decode().split("\r\n"))
            await self._client.publish(subject, data, reply=reply, headers=headers)


class ReconnectWatch:
    """Closes a connection that has ceased to reconnect, so that its process ends and begins anew.

    FastStream's own callback raises on some complaints of the broker, which ends the library's trying for good and is
    told nowhere. Each attempt that fails complains: silence while it should reconnect says so.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._looking: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None

    def complained(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
        self._looking = asyncio.get_running_loop().call_later(SILENCE_SECONDS, self._look)

    def _look(self) -> None:
        if not (self._client.is_connected or self._client.is_closed):
            self._closing = asyncio.create_task(self._client.close())


def handing_to(take: Callback) -> Callable[[Msg], Awaitable[None]]:
    """What the library calls with a message of its own."""

    async def hand(message: Msg) -> None:
        take(Arrival(message.subject, message.reply, head_of(message.headers), message.data))

    return hand


def head_of(headers: Mapping[str, str] | None) -> bytes:
    """The header block that the library has taken apart."""
    if not headers:
        return b""
    rest = dict(headers)
    words = ("NATS/1.0", rest.pop(STATUS, ""), rest.pop(DESCRIPTION, ""))
    first = " ".join(word for word in words if word)
    return "\r\n".join((first, *(f"{name}: {value}" for name, value in rest.items()), "", "")).encode()
