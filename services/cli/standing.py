"""How far the audit has chained each service's history: what a store is compared with before anything is written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import inspect

from contracts.audit import ChainMarks, ChainMarksAnswer
from services.audit.views.asking import marks
from services.audit.views.tables import MARKS
from services.kit.bus.connection import Bus
from services.kit.codec.position import Checkpoint
from services.kit.database.place import engine_of, place_of
from services.kit.runtime.hold import Judgement, Mark, behind_chain, judge
from services.kit.settings import Settings
from services.kit.store.log import Log

DEPLOYMENT = "deployment"
"""The agency of what belongs to no office but to the machine."""
ASK_SECONDS = 2.0


async def witness(bus: Bus, service: str) -> Mark | None:
    """What the audit says. Raises BusError where it does not answer."""
    return _mark(await bus.query(DEPLOYMENT, ChainMarks(), ChainMarksAnswer, timeout=ASK_SECONDS), service)


def at_the_console(settings: Settings, service: str) -> Callable[[Log], Awaitable[Judgement]]:
    """The same beside or without a running product: the chain is read from its tables, the stream where it is."""

    async def kept(_bus: Bus, name: str) -> Mark | None:
        return _mark(await asyncio.to_thread(_kept, settings), name)

    async def judged(own: Log) -> Judgement:
        from services.cli.verify import reachable  # heavy, and a start does not need it

        bus = await reachable(settings)
        if bus is None:
            mark = _mark(await asyncio.to_thread(_kept, settings), service)
            found = await asyncio.to_thread(behind_chain, own, mark) if mark is not None else None
            return Judgement((found,) if found is not None else ())
        try:
            return await judge(bus, service, own, kept, 0.0)
        finally:
            await bus.close()

    return judged


def _kept(settings: Settings) -> ChainMarksAnswer:
    engine = engine_of(place_of(settings, "audit"), pool_size=1)
    try:
        return marks(engine) if inspect(engine).has_table(MARKS.name) else ChainMarksAnswer(marks=())
    finally:
        engine.dispose()


def _mark(answer: ChainMarksAnswer, service: str) -> Mark | None:
    found = next((each for each in answer.marks if each.service == service), None)
    return None if found is None else Mark(Checkpoint(found.store, found.epoch, found.position), found.count)
