"""Running one service: its store, writer, relay, reactors, endpoints and loops, supervised, and stopped in good order.

The same `run_service` serves ``caraka up`` (all in one process) and ``caraka run SERVICE`` (one each, on PostgreSQL).
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog

from services.kit.bus.connection import Bus
from services.kit.database.place import make_schema
from services.kit.jobs.dispatcher import Dispatcher
from services.kit.jobs.owner import JobEndpoint, JobOwner
from services.kit.operations.health import serve_health, serve_operations
from services.kit.operations.marks import told
from services.kit.operations.metrics_collect import Numbers
from services.kit.operations.metrics_over_bus import serve_metrics
from services.kit.operations.stream_keeper import KEEPER, Jobs, keep_declared, serve_renewals
from services.kit.outbox.relay import Relay
from services.kit.outbox.wakeup import notify_each_other
from services.kit.runtime import blob_sweep, lease, watched_events
from services.kit.runtime.admission import require_admitted
from services.kit.runtime.blob_sweep import BlobSweep
from services.kit.runtime.deadline_watch import DeadlineWatch
from services.kit.runtime.heartbeat import beat
from services.kit.runtime.held import stand, store_operations, unless_held
from services.kit.runtime.hold import Judgement, StoreHeld, Witness, hold_of
from services.kit.runtime.housekeeping import (
    dead_letter_operations,
    job_operations,
    job_owner,
    job_rows,
    report,
    timer_operations,
)
from services.kit.runtime.kit import UNAVAILABLE, Build, Kit, build_service, close_kit, open_kit, writer_of
from services.kit.runtime.lease import this_process
from services.kit.runtime.supervise import Supervisor
from services.kit.runtime.timekeeper import Timekeeper
from services.kit.service import Lone, Loop, Service
from services.kit.settings import Settings
from services.kit.store.log import Log
from services.kit.subscriptions import dead_letters
from services.kit.subscriptions.dead_letters import DeadLetters
from services.kit.subscriptions.reactor import Reactor

POLL_SHARED = 2.0  # another process may have written, and its word that it has may have been lost
POLL_ALONE = 2.0  # the notifier tells; as often as the relay looks at its stream
log = structlog.get_logger(__name__)
LOOK_SHARED = 3.0  # timers: another process may have set an earlier one
LOOK_ALONE = 15.0  # the timer_wakeup tells; only a clock that was put forward does not
JOBS_AT_ONCE = 256


def migrate_service(settings: Settings, build: Build, service: str, bus: Bus | None = None) -> None:
    """Makes the tables of one service that are missing; harmless when repeated. It says nothing on the bus."""
    kit = open_kit(settings, service, bus or Bus.unconnected(service))
    make_schema(kit.store.place)
    kit.keys.migrate()
    kit.store.migrate()
    lease.METADATA.create_all(kit.engine)
    dead_letters.migrate(kit.engine)
    built = build(settings, kit)
    if built.clocks is not None:
        watched_events.METADATA.create_all(kit.engine)
    if built.person_blobs:
        blob_sweep.METADATA.create_all(kit.engine)
    if built.migrate is not None:
        built.migrate()
    close_kit(kit)


@asynccontextmanager
async def on_the_spot(
    settings: Settings, build: Build, service: str, judged: Callable[[Log], Awaitable[Judgement]]
) -> AsyncIterator[Kit]:
    """A service's own writer in this process, for a person at the console; what it stores is relayed by whoever runs.

    ``judged``: what others have heard of its store. Raises AlreadyRunning where another process has the store (SQLite),
    StoreHeld where the store is behind.
    """
    kit = open_kit(settings, service)
    try:
        kit.store.own()
        hold = hold_of(kit.log, service, await judged(kit.log))
    except BaseException:
        close_kit(kit)
        raise
    if hold is not None:
        close_kit(kit)
        raise StoreHeld(hold.reason)
    built = build_service(settings, build, kit)
    kit.writer = writer_of(kit, built)
    kit.writer.start()
    try:
        yield kit
    finally:
        await kit.writer.stop()
        if built.close is not None:
            await built.close()
        close_kit(kit)


@asynccontextmanager
async def run_service(
    settings: Settings, build: Build, service: str, bus: Bus, witness: Witness | None = told
) -> AsyncIterator[Kit]:
    """Runs until left; then takes no new work, answers what is in flight, and ends its loops. Tables must be there.

    ``witness``: who keeps how far its history goes. A store that is behind what he or the stream has heard writes
    nothing (`services.kit.runtime.hold`): only questions are answered, until a person decides.
    """
    kit = open_kit(settings, service, bus)
    kit.store.own()
    require_admitted(kit.store)
    built = build_service(settings, build, kit)
    kit.writer = writer = writer_of(kit, built)
    writer.start()
    supervisor = Supervisor()
    parts: dict[str, Callable[[], Mapping[str, Any]]] = {"bus": bus.health, **_leases(kit), **built.health}
    reactors: list[Reactor] = []
    start = partial(_start, kit, built, supervisor, parts, reactors)
    if built.commands:
        await stand(kit, supervisor, parts, start, witness)
    else:
        start()
    if built.commands:
        await bus.serve_commands(service, kit.execute, unavailable=UNAVAILABLE)
    if built.queries:
        await bus.serve_queries(service, built.queries, unavailable=UNAVAILABLE)
    if built.requests:
        await bus.serve_queries(service, built.requests, requests=True, unavailable=UNAVAILABLE)
    if built.queues:
        owner = job_owner(kit, built)
        for name in ("take", "settle"):
            await bus.serve(partial(_job_endpoint, name, owner, built, service), f"{name}.*.{service}.*", service)
    instance = this_process()
    await serve_health(bus, lambda: report(service, instance, supervisor, parts))
    await serve_metrics(bus, service, Numbers(kit, lambda: report(service, instance, supervisor, parts).parts).rows)
    asked = {**dead_letter_operations(kit, reactors), **timer_operations(kit, built), **job_operations(kit, built)}
    await serve_operations(bus, service, {**unless_held(kit, {**asked, **built.operations}), **store_operations(kit)})
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
        close_kit(kit)


@asynccontextmanager
async def run_stream_keeper(bus: Bus, services: Sequence[str], jobs: Jobs) -> AsyncIterator[None]:
    """Keeps the streams of these services until left (`services/kit/operations/stream_keeper.py`)."""
    await serve_renewals(bus, services)
    supervisor = Supervisor()
    supervisor.add("streams", partial(keep_declared, bus, services, jobs))
    supervisor.add("bus-watch", partial(_end_without_bus, bus))
    supervisor.add("heartbeat", partial(beat, KEEPER))
    try:
        yield
    finally:
        await bus.close()
        await supervisor.stop()


def _start(
    kit: Kit,
    built: Service,
    supervisor: Supervisor,
    parts: dict[str, Callable[[], Mapping[str, Any]]],
    reactors: list[Reactor],
) -> None:
    """The loops: relay, a reactor per followed service, and the service's own; lone ones under a lease where shared."""
    guard = partial(_guarded, kit)
    if built.commands:
        poll = POLL_SHARED if kit.store.shared else POLL_ALONE
        relay = Relay(kit.bus, kit.news, kit.service, kit.notifier, poll=poll)
        parts["relay"] = relay.health
        if kit.store.shared:
            notifier, position = kit.notifier, partial(_position, kit)
            supervisor.add("wake", partial(notify_each_other, kit.bus, kit.service, notifier, position))
        supervisor.add("relay", guard("relay", relay.run))
    for source in sorted({event.service() for event in built.reactions}):
        reactor = Reactor(
            kit.service, source, bus=kit.bus, dead_letters=DeadLetters(kit.engine), reactions=built.reactions,
            execute=kit.execute, unavailable=UNAVAILABLE,
        )  # fmt: skip
        name = f"reactions-{source}"
        parts[name] = reactor.health
        supervisor.add(name, guard(name, reactor.run))
        reactors.append(reactor)
    if any(kind.timers is not None for kind in built.streams.values()):
        keeper = Timekeeper(
            kit.service, engine=kit.engine, execute=kit.execute, timer_wakeup=kit.timer_wakeup, clock=kit.clock,
            poll=LOOK_SHARED if kit.store.shared else LOOK_ALONE, unavailable=UNAVAILABLE,
        )  # fmt: skip
        parts["timers"] = keeper.health
        supervisor.add("timers", guard("timers", keeper.run))
    if built.clocks is not None:
        kept = watched_events.WatchedEvents(kit.engine)
        watch = DeadlineWatch(built.clocks, kit.news, kit.decode, kit.execute, lambda: kit.notifier, kit.clock, kept)
        parts["deadlines"] = watch.health
        supervisor.add("deadlines", guard("deadlines", watch.run))
    if built.person_blobs:
        sweep = BlobSweep(
            kit.service, blobs=kit.person_blobs, keys=kit.keys, events=kit.log, engine=kit.engine, clock=kit.clock
        )
        parts["blobs"] = sweep.health
        supervisor.add("blobs", guard("blobs", sweep.run))
    if built.queues:
        dispatcher = Dispatcher(
            kit.service, bus=kit.bus, rows=job_rows(kit), queues=built.queues, wakeup=kit.job_wakeup, clock=kit.clock,
            poll=LOOK_SHARED if kit.store.shared else LOOK_ALONE,
        )  # fmt: skip
        parts["jobs"] = dispatcher.health
        supervisor.add("jobs", guard("jobs", dispatcher.run))
        if kit.store.shared:
            supervisor.add("jobs-wake", partial(_wake_dispatcher, kit))
    for name, loop in built.loops.items():
        supervisor.add(name, guard(name, loop.loop) if isinstance(loop, Lone) else loop)


def _job_endpoint(name: str, owner: JobOwner, built: Service, service: str, reply: Any) -> JobEndpoint:
    return JobEndpoint(name, owner, built.queues, service, reply, unavailable=UNAVAILABLE, at_once=JOBS_AT_ONCE)


async def _wake_dispatcher(kit: Kit) -> None:
    """Another process of this service has committed: it may have brought a job, or settled one."""
    with kit.notifier.listen() as listener:
        while True:
            await listener.wait(LOOK_ALONE)
            kit.job_wakeup.hear(kit.clock())


def _position(kit: Kit) -> int:
    return -1 if kit.writer is None else kit.writer.position


async def _end_without_bus(bus: Bus) -> None:
    """The client gives up for good on some answers of the broker; whoever runs us starts us anew."""
    await bus.closed.wait()
    if not bus.leaving:
        log.critical("bus.closed-for-good", service=bus.service)
        os.kill(os.getpid(), signal.SIGTERM)


def _leases(kit: Kit) -> dict[str, Callable[[], Mapping[str, Any]]]:
    return {"leases": kit.beats.health} if kit.store.shared else {}


def _guarded(kit: Kit, name: str, loop: Loop) -> Loop:
    return partial(kit.lease(name).guard, loop)
