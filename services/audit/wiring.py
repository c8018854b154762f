"""Who is plugged into whom: a follower per service into the chains, the patrol over the logs, question, operations."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from functools import cache, partial
from typing import Any

import structlog
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from contracts import subjects
from contracts.audit import ChainHeads, ChainHeadsAnswer
from services.audit.policy import SOURCES, foreign, since, stamp
from services.audit.settings import Pace
from services.audit.views import METADATA, ChainMoved, Chains, Patrol
from services.audit.views.adopting import adopt
from services.audit.views.asking import breaches, heads, settle
from services.audit.views.beginnings import beginnings, note, take_over
from services.audit.views.telling import Telling
from services.kit.bus import Bus
from services.kit.codec import Checkpoint, Delivery
from services.kit.database import engine_of, place_of
from services.kit.observability import named
from services.kit.operations import noted
from services.kit.runtime import Kit
from services.kit.service import Lone, Service
from services.kit.settings import Settings
from services.kit.store import Log, open_log
from services.kit.subscriptions import ForeignEpoch, Subscriber

NAME = "audit"
LOOK_AGAIN_SECONDS = 5.0
GATHER_SECONDS = 0.2  # nobody waits for a link: few transactions instead of many

log = structlog.get_logger()


def build(settings: Settings, kit: Kit, pace: Pace = Pace()) -> Service:  # noqa: B008 - an immutable value
    """One lone loop per followed service, so that one that stops does not stop the others; and the patrol."""
    chains = Chains(kit.engine, kit.clock)
    opened: dict[str, Log] = {}

    def open_once(source: str) -> Log:
        return opened.setdefault(source, open_log(settings, source))

    logs = {source: cache(partial(open_once, source)) for source in SOURCES}
    begins = {source: partial(_noted, settings, kit, source, logs[source]) for source in SOURCES}
    chaining = {source: Chaining(kit.bus, chains, source, pace.batch, begins[source]) for source in SOURCES}
    patrol = Patrol(chains, logs, pace, kit.clock)

    def migrate() -> None:
        """The chains' beginnings are written down while the logs are empty, or it is said that they were not."""
        METADATA.create_all(kit.engine)
        for begin in begins.values():
            begin()

    async def asked(agency: str, _: ChainHeads) -> ChainHeadsAnswer:
        return await asyncio.to_thread(heads, kit.engine, agency)

    async def close() -> None:
        for each in opened.values():
            each.close()

    return Service(
        name=NAME,
        queries={ChainHeads: asked},
        loops={
            **{f"chain-{source}": Lone(each.run) for source, each in chaining.items()},
            "patrol": Lone(patrol.run),
            "marks": Lone(Telling(kit.bus, kit.engine, SOURCES).run),
        },
        operations=_operations(settings, kit, chains),
        migrate=migrate,
        health={
            **{f"chain-{source}": each.health for source, each in chaining.items()},
            "patrol": patrol.health,
            "evidence": Evidence(kit.engine).health,
        },
        close=close,
    )


def _noted(settings: Settings, kit: Kit, source: str, log: Callable[[], Log]) -> None:
    """A service that has no store yet has nothing to be older."""
    place = place_of(settings, source)
    if place.path is not None and not place.path.exists():
        return
    engine = engine_of(place, pool_size=1)
    try:
        if not inspect(engine).has_table("stored_events"):
            return
    finally:
        engine.dispose()
    note(kit.engine, source, log(), stamp(kit.clock()))


def _operations(
    settings: Settings, kit: Kit, chains: Chains
) -> Mapping[str, Callable[[Mapping[str, Any]], Awaitable[Any]]]:
    async def listed(_: Mapping[str, Any]) -> Any:
        return await asyncio.to_thread(breaches, kit.engine)

    async def settled(body: Mapping[str, Any]) -> Any:
        return await asyncio.to_thread(settle, kit.engine, body, stamp(kit.clock()))

    def adopted_now(body: Mapping[str, Any]) -> Any:
        source = str(body["service"])
        if source not in SOURCES:
            raise LookupError(f"nobody follows {source}")
        restored = open_log(settings, source)
        by, reason, at = str(body["by"]), str(body["reason"]), stamp(kit.clock())
        older = take_over(kit.engine, source, by=by, why=reason, at=at)
        try:
            return asdict(adopt(kit.engine, chains, source, restored, by=by, reason=reason, at=at)) | {"older": older}
        except LookupError:
            if not older:
                raise
            return {"common": restored.head(), "lost": 0, "older": older}
        finally:
            restored.close()

    async def adopted(body: Mapping[str, Any]) -> Any:
        return await asyncio.to_thread(adopted_now, body)

    return {"breaches": listed, "settle": noted(settled), "adopt": noted(adopted)}


class Chaining:
    """Follows one service. Another store stops it, with the remedy in words; it looks again later."""

    def __init__(self, bus: Bus, chains: Chains, source: str, batch: int, begin: Callable[[], None]) -> None:
        """``begin``: notes since when the log is chained; asked before it is followed."""
        self._chains = chains
        self._begin = begin
        self._source = source
        self._stopped = ""
        self._subscriber = Subscriber(
            bus,
            source,
            name=subjects.consumer_of(NAME, source),
            checkpoint=self._checkpoint,
            apply=self._apply,
            batch=batch,
            rest=GATHER_SECONDS,
        )

    async def run(self) -> None:
        await asyncio.to_thread(self._begin)
        while True:
            try:
                await self._subscriber.run()
            except ForeignEpoch as other:
                told = foreign(self._source, str(other.ours), str(other.theirs))
                if told != self._stopped:
                    log.error("audit.stopped", source=self._source, reason=told)  # noqa: TRY400 - a restore is no bug, the trace says nothing
                self._stopped = told
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
            except ChainMoved as moved:
                log.info("audit.moved", source=self._source, to=str(moved))
                await asyncio.sleep(0.5)

    def health(self) -> dict[str, Any]:
        told = self._subscriber.health()
        if self._stopped:
            told |= {"state": "stopped", "reason": self._stopped}
        return told

    async def _checkpoint(self) -> Checkpoint | None:
        return await asyncio.to_thread(self._chains.checkpoint, self._source)

    async def _apply(self, deliveries: list[Delivery]) -> None:
        await asyncio.to_thread(self._chains.append, self._source, deliveries)
        self._stopped = ""


class Evidence:
    """Says of the kept breaches what a person must know; asks the database, because the patrol may run elsewhere."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def health(self) -> dict[str, Any]:
        try:
            found = [each["sentence"] for each in breaches(self._engine)]
            began = beginnings(self._engine).values()
        except SQLAlchemyError as error:
            return {"state": "down", "breaches": 0, "reason": named(error)}
        chained = [{"service": each.service, "since": each.since, "older": each.older, "by": each.by} for each in began]
        told = {"breaches": len(found), "note": "; ".join(map(since, began)), "chained": chained}
        return {"state": "stopped" if found else "whole", "reason": found[0] if found else "", **told}
