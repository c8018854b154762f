"""Who is plugged into whom: followers of every service into the projector, questions into the views."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Engine

from contracts import subjects
from contracts.base import Recorded
from services.kit.bus import Bus
from services.kit.codec import Checkpoint, Delivery
from services.kit.database import engine_of, place_of
from services.kit.operations import noted
from services.kit.projections import (
    CaseChange,
    Moved,
    Opening,
    OtherStore,
    Progress,
    Projector,
    Rebuilder,
    drop_old,
    migrate,
    stale,
)
from services.kit.runtime import Kit
from services.kit.service import Service
from services.kit.settings import Settings
from services.kit.store import Log, open_log
from services.kit.subscriptions import ForeignEpoch, Subscriber
from services.projections.settings import Limits
from services.projections.views import ANSWERS, KINDS, SOURCES, VIEWS
from services.projections.views.shared.lists import live_change
from services.projections.views.shared.queries import Asking

NAME = "projections"
LOOK_AGAIN_SECONDS = 5.0

note = structlog.get_logger()


def build(settings: Settings, kit: Kit, limits: Limits = Limits()) -> Service:  # noqa: B008 - an immutable value
    """One loop that follows every service under a lease of its own (its token fences the views), and the answers."""
    lease = kit.lease(NAME)

    async def announce(generation: int, changes: list[CaseChange]) -> None:
        for each in changes:
            told = live_change(generation, each)
            await kit.bus.publish_live(subjects.live(each.agency, each.view), told.model_dump_json().encode())

    desk = engine_of(place_of(settings, NAME), pool_size=1, derived=True)
    projector = Projector(
        kit.engine,
        VIEWS,
        keys=kit.keys,
        decode=kit.decode,
        clock=kit.clock,
        fence=lambda: lease.token,
        announce=announce,
        desk=desk,
    )
    logs = Logs(settings)
    rebuilding = Rebuilding(settings, kit)
    following = Subscriptions(lambda: kit.bus, projector, limits.batch)

    async def loop() -> None:
        if await asyncio.to_thread(stale, kit.engine, VIEWS):
            await asyncio.to_thread(rebuild, rebuilder_of(settings, kit.engine, kit.keys, kit.decode, kit.clock))
        await following.run()

    async def close() -> None:
        await asyncio.to_thread(logs.close)
        desk.dispose()

    return Service(
        name=NAME,
        queries=Asking(projector, logs.open, following.health, kit.clock, limits, SOURCES, KINDS, ANSWERS).handlers(),
        loops={"views": lambda: lease.guard(loop)},
        health={"views": following.health, "rebuild": rebuilding.health},
        operations={"rebuild": noted(rebuilding.start)},
        migrate=lambda: migrate(kit.engine, VIEWS),
        close=close,
    )


class Rebuilding:
    """Builds the views anew when a person asks (deed ``rebuild``, ``{"id": …}``); health says how far it is."""

    def __init__(self, settings: Settings, kit: Kit) -> None:
        self._settings = settings
        self._kit = kit
        self._task: asyncio.Task[None] | None = None
        self._said: dict[str, Any] = {"state": "idle"}

    async def start(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Returns at once. ValueError while one is being built."""
        if self._task is not None and not self._task.done():
            raise ValueError("the views are being built anew already")
        self._said = {"state": "building", "id": str(body.get("id", "")), "events": 0, "total": 0, "seconds": 0.0}
        self._task = asyncio.create_task(self._run())
        return self._said

    def health(self) -> Mapping[str, Any]:
        return self._said

    async def _run(self) -> None:
        try:
            number = await asyncio.to_thread(self._build)
            self._said = {**self._said, "state": "done", "generation": number}
        except Exception as error:  # noqa: BLE001 - whatever it was, the person who asked must be told
            note.exception("views.rebuild-failed")
            self._said = {**self._said, "state": "failed", "reason": type(error).__name__}

    def _build(self) -> int:
        logs, kit = Logs(self._settings), self._kit
        try:
            sources = {source: logs.open(source) for source in SOURCES}
            rebuilder = Rebuilder(kit.engine, VIEWS, sources, kit.keys, kit.decode, kit.clock)
            return rebuild(rebuilder, self._tell)
        finally:
            logs.close()

    def _tell(self, at: Progress) -> None:
        self._said = {**self._said, "events": at.events, "total": at.total, "seconds": at.seconds}


class Logs:
    """The other services' event logs, opened when first read: for the raw form of an event, and for their heads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: dict[str, Log] = {}
        self._lock = threading.Lock()

    def open(self, source: str) -> Log:
        with self._lock:
            if source not in self._open:
                self._open[source] = open_log(self._settings, source)
            return self._open[source]

    def close(self) -> None:
        with self._lock:
            for log in self._open.values():
                log.close()
            self._open.clear()


def rebuilder_of(
    settings: Settings,
    engine: Engine,
    keys: Opening,
    decode: Callable[[int, bytes], Recorded],
    clock: Callable[[], datetime],
) -> Rebuilder:
    """For `rebuild`; ``engine`` is that of the place ``projections``."""
    return Rebuilder(engine, VIEWS, {source: open_log(settings, source) for source in SOURCES}, keys, decode, clock)


def rebuild(rebuilder: Rebuilder, tell: Callable[[Progress], None] = lambda _: None) -> int:
    """Builds all views anew and lets them serve; the number of the new generation (`caraka rebuild`). Blocks."""
    generation = rebuilder.build(tell)
    before = rebuilder.swap(generation)
    drop_old(rebuilder.engine, rebuilder.views, keep=before)
    note.info("views.rebuilt", generation=generation.number)
    return generation.number


class Subscriptions:
    """A follower per source; one that meets another store stops alone, and looks again after a rebuild."""

    def __init__(self, bus: Callable[[], Bus], projector: Projector, batch: int) -> None:
        self._bus = bus
        self._projector = projector
        self._batch = batch
        self._subscribers: dict[str, Subscriber] = {}

    async def run(self) -> None:
        """Until cancelled."""
        bus, batch = self._bus(), self._batch
        self._subscribers = {
            source: Subscriber(
                bus,
                source,
                name=subjects.consumer_of(NAME, source),
                checkpoint=self._checkpoint_of(source),
                apply=self._apply_of(source),
                batch=batch,
            )
            for source in SOURCES
        }
        async with asyncio.TaskGroup() as group:
            for source in SOURCES:
                group.create_task(self._follow(source))

    def health(self) -> Mapping[str, Mapping[str, Any]]:
        return {source: follower.health() for source, follower in self._subscribers.items()}

    async def _follow(self, source: str) -> None:
        while True:
            try:
                await self._subscribers[source].run()
            except Moved as moved:
                note.info("views.moved", source=source, to=str(moved))
            except (ForeignEpoch, OtherStore) as foreign:
                note.error("views.stopped", source=source, reason=str(foreign), remedy="caraka rebuild all")
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
                await self._projector.look_again()

    def _checkpoint_of(self, source: str) -> Any:
        async def checkpoint() -> Checkpoint | None:
            return await self._projector.checkpoint(source)

        return checkpoint

    def _apply_of(self, source: str) -> Any:
        async def apply(deliveries: list[Delivery]) -> None:
            await self._projector.apply(source, deliveries)

        return apply
