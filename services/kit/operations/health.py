"""Health over the bus: every process answers ``ops.health`` for the service it runs, whoever asks waits a moment for
all.

Parked cases are listed and replayed the same way (``ops.<service>.<operation>``); only the gateway's and the command
line's bus users may ask.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import nats.errors
import orjson
import structlog
from nats.aio.msg import Msg

from contracts import subjects
from services.kit.bus.connection import Bus, BusTimeout, NoResponder, RemoteFault
from services.kit.bus.endpoints import PATIENCE, asked

log = structlog.get_logger()

EVERYWHERE = "*"
OperationHandler = Callable[[Mapping[str, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class HealthReport:
    """One process's word on one service; ``troubles`` are sentences that an administrator can act on.

    ``warnings``: so are these, of what is outside the house (a mail server) or waits for a person (what is parked, a
    changed file that was not taken): the service itself works.
    """

    service: str
    instance: str
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    troubles: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


async def serve_health(bus: Bus, report: Callable[[], HealthReport]) -> None:
    async def answer(message: Msg) -> None:
        with contextlib.suppress(nats.errors.Error):
            await message.respond(orjson.dumps(report().as_dict(), default=str))

    await bus.client.subscribe(subjects.HEALTH, cb=answer)


async def ask_health(bus: Bus, *, seconds: float, enough: Collection[str] | None = None) -> list[HealthReport]:
    """Everybody's report, collected for so many seconds or until the services in ``enough`` have spoken."""
    found: list[HealthReport] = []
    if not bus.connected:
        return found
    inbox = bus.new_inbox()
    subscription = await bus.client.subscribe(inbox)
    try:
        await bus.client.publish(subjects.HEALTH, b"{}", reply=inbox)
        with contextlib.suppress(TimeoutError, nats.errors.Error):
            async with asyncio.timeout(seconds):
                async for message in subscription.messages:
                    if not message.data:  # nobody listens
                        break
                    with contextlib.suppress(ValueError, LookupError, TypeError):  # no report: of no service
                        found.append(_read(orjson.loads(message.data)))
                    if enough is not None and {report.service for report in found}.issuperset(enough):
                        break
    finally:
        with contextlib.suppress(nats.errors.Error):
            await subscription.unsubscribe()
    return sorted(found, key=lambda report: (report.service, report.instance))


async def serve_operations(bus: Bus, service: str, operations: Mapping[str, OperationHandler]) -> None:
    """Housekeeping that a person asks of a service: ``ops.<service>.<operation>``, one process answers."""
    by_subject = {subjects.operation(service, name): each for name, each in operations.items()}

    async def answer(message: Msg) -> None:
        if not asked(message.reply):
            log.warning("operation.unasked", service=service, subject=message.subject)
            return
        operation = by_subject.get(message.subject)
        try:
            body = orjson.loads(message.data or b"{}")
            said = {"fault": "unknown"} if operation is None else {"answer": await operation(body)}
        except (LookupError, ValueError) as error:
            said = {"fault": str(error)[:200]}
        with contextlib.suppress(nats.errors.Error):
            await message.respond(orjson.dumps(said, default=str))

    await bus.client.subscribe(subjects.operations_of(service), queue=service, cb=answer)


def noted(operation: OperationHandler) -> OperationHandler:
    """What changes something is done only after it has been noted (``note``: which command stated it)."""

    async def after_its_note(body: Mapping[str, Any]) -> Any:
        if not body.get("note"):
            raise ValueError("note-missing")
        return await operation(body)

    return after_its_note


async def request_operation(
    bus: Bus, service: str, operation: str, body: Mapping[str, Any], *, seconds: float = 10.0
) -> Any:
    """Raises `NoResponder`, `BusTimeout`, `RemoteFault`."""
    subject, payload = subjects.operation(service, operation), orjson.dumps(dict(body))
    if not bus.connected:
        raise NoResponder("the bus is away")
    try:
        arrived = await bus.questions.ask(subject, payload, f"{PATIENCE}: {int(seconds * 1000)}".encode(), seconds)
    except nats.errors.NoRespondersError:
        raise NoResponder(service) from None
    except nats.errors.TimeoutError:
        raise BusTimeout(service) from None
    except (nats.errors.ConnectionClosedError, nats.errors.OutboundBufferLimitError) as failed:
        raise NoResponder("the bus is away") from failed
    said = orjson.loads(arrived.data)
    if "fault" in said:
        raise RemoteFault(said["fault"])
    return said["answer"]


def _read(raw: Mapping[str, Any]) -> HealthReport:
    return HealthReport(
        str(raw["service"]), str(raw["instance"]), raw["parts"], tuple(raw["troubles"]), tuple(raw["warnings"])
    )
