"""Health over the bus: every process answers ``ops.health`` for the service it runs, whoever asks waits a moment for
all.

Parked cases are listed and replayed the same way (``ops.<service>.<operation>``); only the gateway's and the command
line's bus users may ask.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import nats.errors
import orjson
from nats.aio.msg import Msg

from services.kit.bus.connection import Bus, BusTimeout, NoResponder, RemoteFault

HEALTH = "ops.health"
OperationHandler = Callable[[Mapping[str, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class HealthReport:
    """One process's word on one service; ``troubles`` are sentences that an administrator can act on."""

    service: str
    instance: str
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    troubles: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


async def serve_health(bus: Bus, report: Callable[[], HealthReport]) -> None:
    async def answer(message: Msg) -> None:
        with contextlib.suppress(nats.errors.Error):
            await message.respond(orjson.dumps(report().as_dict(), default=str))

    await bus.client.subscribe(HEALTH, cb=answer)


async def ask_health(bus: Bus, *, seconds: float, enough: int | None = None) -> list[HealthReport]:
    """Everybody's report, collected for so many seconds or until ``enough`` services have spoken."""
    found: list[HealthReport] = []
    if not bus.connected:
        return found
    inbox = bus.client.new_inbox()
    subscription = await bus.client.subscribe(inbox)
    try:
        await bus.client.publish(HEALTH, b"{}", reply=inbox)
        with contextlib.suppress(TimeoutError, nats.errors.Error):
            async with asyncio.timeout(seconds):
                async for message in subscription.messages:
                    if not message.data:  # nobody listens
                        break
                    raw = orjson.loads(message.data)
                    found.append(HealthReport(raw["service"], raw["instance"], raw["parts"], tuple(raw["troubles"])))
                    if enough is not None and len({report.service for report in found}) >= enough:
                        break
    finally:
        with contextlib.suppress(nats.errors.Error):
            await subscription.unsubscribe()
    return sorted(found, key=lambda report: (report.service, report.instance))


async def serve_operations(bus: Bus, service: str, operations: Mapping[str, OperationHandler]) -> None:
    """Housekeeping that a person asks of a service: ``ops.<service>.<operation>``, one process answers."""

    async def answer(message: Msg) -> None:
        operation = operations.get(message.subject.rpartition(".")[2])
        try:
            body = orjson.loads(message.data or b"{}")
            said = {"fault": "unknown"} if operation is None else {"answer": await operation(body)}
        except (LookupError, ValueError) as error:
            said = {"fault": str(error)[:200]}
        with contextlib.suppress(nats.errors.Error):
            await message.respond(orjson.dumps(said, default=str))

    await bus.client.subscribe(f"ops.{service}.>", queue=service, cb=answer)


async def request_operation(
    bus: Bus, service: str, operation: str, body: Mapping[str, Any], *, seconds: float = 10.0
) -> Any:
    """Raises `NoResponder`, `BusTimeout`, `RemoteFault`."""
    try:
        message = await bus.client.request(f"ops.{service}.{operation}", orjson.dumps(dict(body)), timeout=seconds)
    except nats.errors.NoRespondersError:
        raise NoResponder(service) from None
    except nats.errors.TimeoutError:
        raise BusTimeout(service) from None
    said = orjson.loads(message.data)
    if "fault" in said:
        raise RemoteFault(said["fault"])
    return said["answer"]
