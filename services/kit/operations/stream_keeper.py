"""Who keeps the streams of the bus: the migration's user, and nobody else (decision 0045).

A relay whose stream is gone, or wrong, asks for it to be made anew, and gets exactly what the migration makes. It could
not be given the right to do so itself: who configures a stream can have the broker repeat its messages as commands.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import nats.errors
import nats.js.errors
import structlog

from services.kit.bus import streams
from services.kit.bus.connection import Bus, BusError, NoResponder
from services.kit.operations.health import request_operation, serve_operations
from services.kit.service import QueueTerms

KEEPER = "streams"
RENEW_SECONDS = 30.0  # deleting a long stream takes its time
LOOK_AGAIN_SECONDS = 1.0
UNANSWERED = (nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError, BusError)

log = structlog.get_logger()


async def serve_renewals(bus: Bus, services: Sequence[str]) -> None:
    """One after the other. Of several processes that serve them one answers."""

    async def renew(service: str, _: Mapping[str, Any]) -> str:
        log.warning("stream.renewed", service=service)
        try:
            await streams.renew(bus.js, service)
        except UNANSWERED as failed:
            raise LookupError(str(failed) or type(failed).__name__) from failed
        return service

    await serve_operations(bus, KEEPER, {service: partial(renew, service) for service in services})


async def renew_stream(bus: Bus, service: str) -> None:
    """Asks for the stream to be deleted and made again, empty. Raises `NoResponder`, `BusTimeout`, `RemoteFault`."""
    try:
        await request_operation(bus, KEEPER, service, {}, seconds=RENEW_SECONDS)
    except NoResponder:
        raise NoResponder("nobody keeps the streams: start `caraka streams`") from None


Jobs = Mapping[str, Mapping[str, QueueTerms]]
"""Service → its queues."""


async def declare_all(bus: Bus, services: Sequence[str], jobs: Jobs) -> None:
    """Streams of facts and of jobs, and the consumers of the jobs' queues."""
    await streams.declare(bus.js, services)
    for service, queues in jobs.items():
        await streams.declare_jobs(bus.js, service, queues)


async def declare_within(bus: Bus, services: Sequence[str], jobs: Jobs, *, seconds: float) -> None:
    """As `declare_all`, again until it is done: a busy disk makes a stream slowly. Raises what came last after that."""
    ends = time.monotonic() + seconds
    while True:
        try:
            return await declare_all(bus, services, jobs)
        except UNANSWERED:
            if time.monotonic() > ends:
                raise
            await bus.pause(LOOK_AGAIN_SECONDS)


async def keep_declared(bus: Bus, services: Sequence[str], jobs: Jobs) -> None:
    """Until cancelled: all are there, also after a broker came back that had forgotten everything."""
    while True:
        reconnected = bus.reconnected
        try:
            await bus.unbroken(declare_all(bus, services, jobs))
        except UNANSWERED as failed:
            log.warning("streams.not-declared", reason=str(failed) or type(failed).__name__)
            await bus.pause(LOOK_AGAIN_SECONDS)
        else:
            await reconnected.wait()
