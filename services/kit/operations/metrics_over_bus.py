"""Numbers over the bus, for one scrape that shows all processes; nothing is sent until somebody asks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable

import nats.errors
import orjson
from nats.aio.msg import Msg

from contracts import subjects
from services.kit.bus.connection import Bus
from services.kit.observability.metrics import Samples, Snapshot
from services.kit.operations.metrics_collect import instance_name

GRACE_SECONDS = 0.1


async def serve_metrics(bus: Bus, service: str, snapshot: Callable[[], Awaitable[Samples]]) -> None:
    """Answers ``ops.metrics`` for this service of this process."""
    instance = instance_name()

    async def answer(message: Msg) -> None:
        said = {"service": service, "instance": instance, "rows": await snapshot()}
        with contextlib.suppress(nats.errors.Error):
            await message.respond(orjson.dumps(said))

    await bus.client.subscribe(subjects.METRICS, cb=answer)


async def ask_metrics(bus: Bus, *, seconds: float, expected: Iterable[tuple[str, str]] = ()) -> list[Snapshot]:
    """Everybody's numbers, for so many seconds, or until a moment after all ``expected`` have spoken."""
    found: list[Snapshot] = []
    if not bus.connected:
        return found
    missing = set(expected)
    waits = bool(missing)
    inbox = bus.new_inbox()
    subscription = await bus.client.subscribe(inbox)
    try:
        await bus.client.publish(subjects.METRICS, b"{}", reply=inbox)
        with contextlib.suppress(TimeoutError, nats.errors.Error):
            async with asyncio.timeout(seconds) as patience:
                async for message in subscription.messages:
                    if not message.data:  # nobody listens
                        break
                    with contextlib.suppress(ValueError, LookupError, TypeError):  # no numbers: of no service
                        raw = orjson.loads(message.data)
                        found.append(Snapshot(raw["service"], raw["instance"], raw["rows"]))
                        missing.discard((raw["service"], raw["instance"]))
                    if waits and not missing:
                        waits = False
                        patience.reschedule(asyncio.get_running_loop().time() + GRACE_SECONDS)
    finally:
        with contextlib.suppress(nats.errors.Error):
            await subscription.unsubscribe()
    return found
