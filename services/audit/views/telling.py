"""Tells on the bus how far each log is chained: a service that starts compares its store with it before it writes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from sqlalchemy import Engine

from services.audit.views.asking import marks
from services.kit.bus import Bus
from services.kit.operations import UNANSWERED, Mark, tell_mark

EVERY_SECONDS = 10.0
AGAIN_SECONDS = 0.5
log = structlog.get_logger()


class Telling:
    """`run` until cancelled: everything at the start and after a broker came back, then what has changed."""

    def __init__(self, bus: Bus, engine: Engine, services: Sequence[str]) -> None:
        self._bus = bus
        self._engine = engine
        self._services = services

    async def run(self) -> None:
        said: dict[str, Mark | None] = {}
        reconnected = self._bus.reconnected
        while True:
            if reconnected.is_set():  # perhaps it has forgotten everything
                said, reconnected = {}, self._bus.reconnected
            try:
                await self._tell(said)
            except UNANSWERED as failed:
                log.info("marks.not-told", reason=str(failed) or type(failed).__name__)
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            try:
                async with asyncio.timeout(EVERY_SECONDS):
                    await reconnected.wait()
            except TimeoutError:
                continue

    async def _tell(self, said: dict[str, Mark | None]) -> None:
        known = await asyncio.to_thread(marks, self._engine)
        for service in self._services:
            if service not in said or said[service] != known.get(service):
                await tell_mark(self._bus, service, known.get(service))
                said[service] = known.get(service)
