"""Running one service: its store, writer, relay, reactors, desks and loops, supervised, and stopped in good order.

The same `run_service` serves ``caraka up`` (all in one process) and ``caraka run SERVICE`` (one each, on PostgreSQL).
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from contracts import REGISTRY
from contracts.base import Accepted, Ask, Recorded, Refusal
from services.kit.blobs import Blobs, open_blobs
from services.kit.bus.connection import Bus
from services.kit.codec.envelope import decode
from services.kit.database.place import engine_of, make_schema, place_of
from services.kit.ids import stream_id
from services.kit.observability.tracing import OFF
from services.kit.operations.health import Deed, HealthReport, serve_deeds, serve_health
from services.kit.operations.metrics_collect import Numbers
from services.kit.operations.metrics_over_bus import serve_metrics
from services.kit.outbox.relay import Relay
from services.kit.outbox.wakeup import wake_each_other
from services.kit.runtime import lease
from services.kit.runtime.heartbeat import beat
from services.kit.runtime.lease import Beats, Lease, this_process
from services.kit.runtime.supervise import Supervisor
from services.kit.runtime.timekeeper import Alarm, Timekeeper
from services.kit.sealing.keyring import load_keyring
from services.kit.sealing.keys import Keys, open_keys
from services.kit.service import Before, Lone, Loop, Service
from services.kit.settings import Settings
from services.kit.store import Log, StoreUnavailable, Writer, malformed, open_store
from services.kit.store.opening import Store
from services.kit.store.timetable import retell
from services.kit.subscriptions import dead_letters as parked
from services.kit.subscriptions.dead_letters import Parking
from services.kit.subscriptions.reactor import Reactor

Build = Callable[[Settings, "Kit"], Service]
UNAVAILABLE = (StoreUnavailable, OperationalError, OSError)  # also the keys' database, and the blobs' disk
POLL_SHARED = 2.0  # another process may have written, and its word that it has may have been lost
POLL_ALONE = 2.0  # the bell tells; as often as the relay looks at its stream
log = structlog.get_logger(__name__)
LOOK_SHARED = 3.0  # timers: another process may have set an earlier one
LOOK_ALONE = 15.0  # the alarm tells; only a clock that was put forward does not


def now() -> datetime:
    return datetime.now(UTC)


class SoleLease:
    """The lease of a service that has one process by construction."""

    token = 0

    async def guard(self, loop: Loop) -> None:
        await loop()


@dataclass
class Kit:
    """What the house hands to a service's wiring. ``bus`` is None while migrating."""

    settings: Settings
    service: str
    keys: Keys
    blobs: Blobs
    store: Store
    engine: Engine
    connection: Bus | None = None
    clock: Callable[[], datetime] = now
    writer: Writer | None = None
    _before: Mapping[str, Before] = field(default_factory=dict)

    @property
    def bus(self) -> Bus:
        """The connection; a service that is only migrated or asked on the spot has none."""
        if self.connection is None:
            raise RuntimeError(f"{self.service} is not on the bus")
        return self.connection

    @property
    def log(self) -> Log:
        return Log(self.store)

    @property
    def news(self) -> Log:
        """The own log for who follows it, waiting for the bell in between."""
        return Log(self.store, follows=True)

    @property
    def bell(self) -> Any:
        """Rings after every commit of this process's writer."""
        return self._writer().bell

    @property
    def alarm(self) -> Alarm:
        """Wakes whoever waits for timers of this process's writer."""
        return self._writer().alarm

    def decode(self, position: int, data: bytes) -> Recorded:
        return decode(position, data)

    def lease(self, name: str) -> Lease | SoleLease:
        """A lease where several processes may run this service; SQLite has one, and its lock file is the lease."""
        return Lease(self.engine, name, beats=self.beats) if self.store.shared else SoleLease()

    @cached_property
    def beats(self) -> Beats:
        """The renewal of all its leases."""
        return Beats(self.engine)

    async def execute(self, ask: Ask) -> Accepted | Refusal:
        """One command to the own writer, its effects before the decision included."""
        tracing = self.bus.tracing if self.connection is not None else OFF
        if not tracing.on:
            return await self._execute(ask)
        with tracing.span(ask.kind, "server", ask.traceparent, caraka__agency=ask.agency) as span:
            outcome = await self._execute(ask.model_copy(update={"traceparent": span.traceparent}))
            said = outcome.code if isinstance(outcome, Refusal) else outcome.after
            span.say(caraka__outcome=type(outcome).__name__.lower(), caraka__said=said)
            return outcome

    async def _execute(self, ask: Ask) -> Accepted | Refusal:
        before = self._before.get(ask.kind)
        if before is None:
            return await self._writer().execute(ask)
        try:
            REGISTRY[ask.kind].model_validate(ask.body)
        except ValidationError as error:
            return malformed(error)
        completed = await before(ask)
        if isinstance(completed, Refusal):
            return completed
        return await self._writer().execute(completed or ask, asked=ask)

    async def history(self, agency: str, stream: str) -> Sequence[Recorded]:
        """The events of one own stream, in order."""
        return await asyncio.to_thread(self._history, agency, stream)

    def _history(self, agency: str, stream: str) -> Sequence[Recorded]:
        found = self.store.recorder.select_events(stream_id(agency, self.service, stream))
        return [decode(0, bytes(stored.state)) for stored in found]

    def _writer(self) -> Writer:
        if self.writer is None:
            raise RuntimeError(f"{self.service} has not been started")
        return self.writer


def open_kit(settings: Settings, service: str, bus: Bus | None = None) -> Kit:
    keys = open_keys(settings)
    store = open_store(settings, service)
    engine = engine_of(place_of(settings, service))
    return Kit(settings, service, keys, open_blobs(settings, keys), store, engine, bus)


def migrate_service(settings: Settings, build: Build, service: str, bus: Bus) -> None:
    """Makes the tables of one service that are missing; harmless when repeated."""
    kit = open_kit(settings, service, bus)
    make_schema(kit.store.place)
    kit.keys.migrate()
    kit.store.migrate()
    lease.METADATA.create_all(kit.engine)
    parked.METADATA.create_all(kit.engine)
    built = build(settings, kit)
    if built.migrate is not None:
        built.migrate()
    _close(kit)


@asynccontextmanager
async def on_the_spot(settings: Settings, build: Build, service: str) -> AsyncIterator[Kit]:
    """A service's own writer in this process, for a person at the console; what it stores is relayed by whoever runs.

    Raises AlreadyRunning where another process holds the store (SQLite).
    """
    kit = open_kit(settings, service)
    kit.store.own()
    built = _build(settings, build, kit)
    kit.writer = _writer(kit, built)
    kit.writer.start()
    try:
        yield kit
    finally:
        await kit.writer.stop()
        if built.close is not None:
            await built.close()
        _close(kit)


def _build(settings: Settings, build: Build, kit: Kit) -> Service:
    built = build(settings, kit)
    kit._before = {kind.kind(): row for kind, row in built.before.items()}  # noqa: SLF001 - known only now
    return built


def _writer(kit: Kit, built: Service) -> Writer:
    key = load_keyring(kit.settings).derive("fingerprints")
    return Writer(kit.store, kit.service, built.commands, dict(built.streams), kit.keys, kit.clock, key)


@asynccontextmanager
async def run_service(settings: Settings, build: Build, service: str, bus: Bus) -> AsyncIterator[Kit]:
    """Runs until left; then takes no new work, answers what is in flight, and ends its loops. Tables must be there."""
    kit = open_kit(settings, service, bus)
    kit.store.own()
    built = _build(settings, build, kit)
    kit.writer = writer = _writer(kit, built)
    writer.start()
    supervisor = Supervisor()
    parts: dict[str, Callable[[], Mapping[str, Any]]] = {"bus": bus.health, **built.health}
    reactors = _start(kit, built, supervisor, parts)
    if built.commands:
        await bus.serve_commands(service, kit.execute, unavailable=UNAVAILABLE)
    if built.queries:
        await bus.serve_queries(service, built.queries, unavailable=UNAVAILABLE)
    instance = this_process()
    await serve_health(bus, lambda: report(service, instance, supervisor, parts))
    await serve_metrics(bus, service, Numbers(kit, lambda: report(service, instance, supervisor, parts).parts).rows)
    await serve_deeds(bus, service, {**parking_deeds(kit, reactors), **timer_deeds(kit, built), **built.deeds})
    supervisor.add("bus-watch", partial(_end_without_bus, bus))
    supervisor.add("heartbeat", partial(beat, service))
    try:
        yield kit
    finally:
        await bus.close()
        await supervisor.stop()
        await writer.stop()
        if built.close is not None:
            await built.close()
        await asyncio.to_thread(bus.tracing.close)
        _close(kit)


def _start(
    kit: Kit, built: Service, supervisor: Supervisor, parts: dict[str, Callable[[], Mapping[str, Any]]]
) -> list[Reactor]:
    """The loops: relay, a reactor per followed service, and the service's own; lone ones under a lease where shared."""
    guard = partial(_guarded, kit)
    if built.commands:
        poll = POLL_SHARED if kit.store.shared else POLL_ALONE
        relay = Relay(kit.bus, kit.news, kit.service, kit.bell, poll=poll)
        parts["relay"] = relay.health
        if kit.store.shared:
            bell, position = kit.bell, partial(_position, kit)
            supervisor.add("wake", partial(wake_each_other, kit.bus, kit.service, bell, position))
        supervisor.add("relay", guard("relay", relay.run))
    reactors = []
    for source in sorted({event.service() for event in built.reactions}):
        reactor = Reactor(
            kit.service, source, bus=kit.bus, parking=Parking(kit.engine), reactions=built.reactions,
            execute=kit.execute, unavailable=UNAVAILABLE,
        )  # fmt: skip
        name = f"reactions-{source}"
        parts[name] = reactor.health
        supervisor.add(name, guard(name, reactor.run))
        reactors.append(reactor)
    if any(kind.timers is not None for kind in built.streams.values()):
        keeper = Timekeeper(
            kit.service, engine=kit.engine, execute=kit.execute, alarm=kit.alarm, clock=kit.clock,
            poll=LOOK_SHARED if kit.store.shared else LOOK_ALONE, unavailable=UNAVAILABLE,
        )  # fmt: skip
        parts["timers"] = keeper.health
        supervisor.add("timers", guard("timers", keeper.run))
    for name, loop in built.loops.items():
        supervisor.add(name, guard(name, loop.loop) if isinstance(loop, Lone) else loop)
    return reactors


def _position(kit: Kit) -> int:
    return -1 if kit.writer is None else kit.writer.position


async def _end_without_bus(bus: Bus) -> None:
    """The client gives up for good on some answers of the broker; whoever runs us starts us anew."""
    await bus.closed.wait()
    if not bus.leaving:
        log.critical("bus.closed-for-good", service=bus.service)
        os.kill(os.getpid(), signal.SIGTERM)


def _guarded(kit: Kit, name: str, loop: Loop) -> Loop:
    return partial(kit.lease(name).guard, loop)


def report(
    service: str, instance: str, supervisor: Supervisor, parts: Mapping[str, Callable[[], Mapping[str, Any]]]
) -> HealthReport:
    """Health looks at lag and progress, not at being alive."""
    loops = supervisor.health()
    told: dict[str, Mapping[str, Any]] = {}
    for name, tell in parts.items():
        said = tell()
        nested = all(isinstance(value, Mapping) for value in said.values())
        told |= {f"{name}.{each}": said[each] for each in said} if said and nested else {name: said}
    troubles = [f"{name}: {loop['error']}" for name, loop in loops.items() if loop["state"] == "waiting"]
    for name, part in told.items():
        if part.get("state") in {"stopped", "down", "closed", "reconnecting"}:
            troubles.append(f"{name}: {part.get('state')} {part.get('reason', '')}".strip())
        if part.get("parked"):
            troubles.append(f"{name}: {part['parked']} parked")
    return HealthReport(service, instance, {**told, "loops": loops}, tuple(troubles))


def parking_deeds(kit: Kit, reactors: Sequence[Reactor]) -> Mapping[str, Deed]:
    """List, try again, or set aside with a reason what a reaction could not answer."""
    parking = Parking(kit.engine)

    async def cases(_: Mapping[str, Any]) -> Any:
        return [asdict(case) for case in await asyncio.to_thread(parking.cases)]

    async def replay(body: Mapping[str, Any]) -> Any:
        done = await asyncio.to_thread(parking.replay, str(body["case"]))
        for reactor in reactors:
            reactor.look()
        return done

    async def discard(body: Mapping[str, Any]) -> Any:
        discard_case = partial(parking.discard, str(body["case"]), reason=str(body["reason"]), by=str(body["by"]))
        done = await asyncio.to_thread(discard_case)
        for reactor in reactors:
            reactor.look()
        return done

    return {"parked": cases, "replay": replay, "discard": discard}


def timer_deeds(kit: Kit, built: Service) -> Mapping[str, Deed]:
    """``retell-timers``: the table of timers is written anew from the events."""

    async def retell_timers(_: Mapping[str, Any]) -> Any:
        told = await asyncio.to_thread(retell, kit.store, kit.service, built.streams)
        kit.alarm.hear(kit.clock())
        return told

    return {"retell-timers": retell_timers}


def _close(kit: Kit) -> None:
    kit.store.close()
    kit.engine.dispose()
    kit.keys.dispose()
