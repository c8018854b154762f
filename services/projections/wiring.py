"""Who is plugged into whom: followers of every service into the projector, questions into the views."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Protocol

import structlog
from sqlalchemy import Engine

from contracts import subjects
from contracts.base import Recorded
from services.kit.bus import Bus
from services.kit.database import engine_of, make_schema, place_of
from services.kit.follow import Follower, ForeignEpoch
from services.kit.generations import migrate, stale
from services.kit.lease import Lease
from services.kit.marks import Delivery, Mark
from services.kit.project import Item, Moved, Opening, OtherStore, Projector
from services.kit.rebuild import Log, Progress, Rebuilder, drop_old
from services.kit.service import Service
from services.kit.settings import Settings
from services.kit.store.log import open_log
from services.kit.writing import CaseChange
from services.projections.settings import Limits
from services.projections.views import SOURCES, VIEWS
from services.projections.views.asking import Asking
from services.projections.views.lists import change

NAME = "projections"
LOOK_AGAIN_SECONDS = 5.0

log = structlog.get_logger()


class Kit(Protocol):
    """What projections need of the process that runs them."""

    @property
    def bus(self) -> Bus: ...

    @property
    def keys(self) -> Opening: ...

    def decode(self, position: int, data: bytes) -> Recorded: ...

    def clock(self) -> datetime: ...

    def lease(self, name: str) -> Lease: ...


def build(settings: Settings, kit: Kit, limits: Limits = Limits()) -> Service:  # noqa: B008 - an immutable value
    """Makes the missing tables, and the service: one lone loop that follows, and the answers (in every process)."""
    engine = open_views(settings)
    lease = kit.lease(NAME)

    async def announce(generation: int, changes: list[CaseChange]) -> None:
        for each in changes:
            if each.state is not None:
                told = change(generation, each.number, each.case_id, each.state, each.kind, each.at)
                await kit.bus.publish_live(subjects.live(each.agency, "letters"), told.model_dump_json().encode())

    projector = Projector(
        engine, VIEWS, keys=kit.keys, decode=kit.decode, clock=kit.clock, fence=lambda: lease.token, announce=announce
    )
    logs = cache(lambda source: open_log(settings, source))
    following = Following(kit.bus, projector, limits.batch)

    async def loop() -> None:
        if await asyncio.to_thread(stale, engine, VIEWS):
            rebuilder = rebuilder_of(settings, engine, kit.keys, kit.decode, kit.clock)
            await asyncio.to_thread(rebuild, rebuilder)
        await following.run()

    async def close() -> None:
        await asyncio.to_thread(engine.dispose)

    asking = Asking(projector, logs, following.health, kit.clock, limits)
    return Service(
        name=NAME,
        queries=asking.handlers(),
        loops={"views": lambda: lease.guard(loop)},
        health={"views": following.health},
        close=close,
    )


def open_views(settings: Settings) -> Engine:
    """The views' place, with its tables."""
    place = place_of(settings, NAME)
    make_schema(place)
    engine = engine_of(place)
    migrate(engine, VIEWS)
    return engine


def rebuilder_of(
    settings: Settings,
    engine: Engine,
    keys: Opening,
    decode: Callable[[int, bytes], Recorded],
    clock: Callable[[], datetime],
) -> Rebuilder:
    logs: dict[str, Log] = {source: open_log(settings, source) for source in SOURCES}
    return Rebuilder(engine, VIEWS, logs, keys, decode, clock)


def rebuild(rebuilder: Rebuilder, tell: Callable[[Progress], None] = lambda _: None) -> int:
    """Builds all views anew and lets them serve; returns the number of the new generation (`caraka rebuild`)."""
    generation = rebuilder.build(tell)
    before = rebuilder.swap(generation)
    drop_old(rebuilder.engine, rebuilder.views, keep=before)
    log.info("views.rebuilt", generation=generation.number)
    return generation.number


class Following:
    """A follower per source; one that meets another store stops alone, and looks again after a rebuild."""

    def __init__(self, bus: Bus, projector: Projector, batch: int) -> None:
        self._projector = projector
        self._followers = {
            source: Follower(
                bus,
                source,
                name=f"{NAME}-{source}",
                mark=self._mark_of(source),
                apply=self._apply_of(source),
                batch=batch,
            )
            for source in SOURCES
        }

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for source in SOURCES:
                group.create_task(self._follow(source))

    def health(self) -> Mapping[str, Mapping[str, Any]]:
        return {source: follower.health() for source, follower in self._followers.items()}

    async def _follow(self, source: str) -> None:
        while True:
            try:
                await self._followers[source].run()
            except Moved as moved:
                log.info("views.moved", source=source, to=str(moved))
            except (ForeignEpoch, OtherStore) as foreign:
                log.error("views.stopped", source=source, reason=str(foreign), remedy="caraka rebuild all")
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    def _mark_of(self, source: str) -> Any:
        async def mark() -> Mark | None:
            standing = await self._projector.standing(source)
            return None if standing is None else Mark(standing.store, standing.epoch, standing.position)

        return mark

    def _apply_of(self, source: str) -> Any:
        async def apply(deliveries: list[Delivery]) -> None:
            items = [
                Item(each.mark.store, each.mark.epoch, each.mark.position, each.previous, each.data)
                for each in deliveries
            ]
            await self._projector.apply(source, items)

        return apply
