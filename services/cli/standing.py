"""What is known of a store before somebody writes to it at the console, beside or without a running product."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import inspect

from services.audit.views.asking import marks
from services.audit.views.tables import MARKS
from services.kit.bus.connection import Bus
from services.kit.database.place import engine_of, place_of
from services.kit.operations.marks import Mark
from services.kit.runtime.hold import Judgement, behind_chain, judge
from services.kit.settings import Settings
from services.kit.store.log import Log


def at_the_console(settings: Settings, service: str) -> Callable[[Log], Awaitable[Judgement]]:
    """The chain is read from its tables, the stream where the bus is there."""

    async def kept(_bus: Bus, name: str) -> Mark | None:
        return await asyncio.to_thread(_kept, settings, name)

    async def judged(own: Log) -> Judgement:
        from services.cli.reaching import reachable  # heavy, and a start does not need it

        bus = await reachable(settings)
        if bus is None:
            mark = await asyncio.to_thread(_kept, settings, service)
            found = await asyncio.to_thread(behind_chain, own, mark) if mark is not None else None
            return Judgement((found,) if found is not None else ())
        try:
            return await judge(bus, service, own, kept, 0.0)
        finally:
            await bus.close()

    return judged


def _kept(settings: Settings, service: str) -> Mark | None:
    place = place_of(settings, "audit")
    if place.path is not None and not place.path.exists():
        return None
    engine = engine_of(place, pool_size=1)
    try:
        return marks(engine).get(service) if inspect(engine).has_table(MARKS.name) else None
    finally:
        engine.dispose()
