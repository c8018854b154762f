"""What the house hands to a service: its store, keys, blobs, clock, leases, and the one road of its commands."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from contracts import REGISTRY
from contracts.base import Accepted, Ask, Command, Recorded, Refusal
from services.kit.blobs import Blobs, PersonBlobs, open_blobs, open_person_blobs
from services.kit.bus.connection import Bus
from services.kit.codec.envelope import decode
from services.kit.database.place import engine_of, place_of
from services.kit.deciding import Handles
from services.kit.ids import stream_id
from services.kit.observability.tracing import OFF
from services.kit.policy import barred
from services.kit.runtime.hold import Hold
from services.kit.runtime.lease import Beats, Lease
from services.kit.sealing.keyring import load_keyring
from services.kit.sealing.keys import Keys, open_keys
from services.kit.service import Before, Loop, Service
from services.kit.settings import Settings
from services.kit.store import Log, StoreUnavailable, Writer, malformed, open_store
from services.kit.store.jobtable import Settlement
from services.kit.store.notifier import TimerWakeup
from services.kit.store.opening import Store

Build = Callable[[Settings, "Kit"], Service]
UNAVAILABLE = (StoreUnavailable, OperationalError, InternalError, NoConnectionFree, OSError, MemoryError)
"""Also the keys' database, which may be read-only (InternalError) or have no connection left, and the blobs' disk."""


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
    before: Mapping[str, Before] = field(default_factory=dict)
    commands: Mapping[str, Handles] = field(default_factory=dict)
    job_outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(queue, outcome) → how many attempts this process has recorded."""
    hold: Hold | None = None
    """Why nothing may be written now; see `services.kit.runtime.hold`."""

    @property
    def bus(self) -> Bus:
        """The connection; a service that is only migrated or asked on the spot has none."""
        if self.connection is None:
            raise RuntimeError(f"{self.service} is not on the bus")
        return self.connection

    @cached_property
    def person_blobs(self) -> PersonBlobs:
        """Bytes of persons, of this service's cases."""
        return open_person_blobs(self.settings, self.keys, self.service)

    @property
    def log(self) -> Log:
        return Log(self.store)

    @property
    def news(self) -> Log:
        """The own log for who follows it, waiting for the notifier in between."""
        return Log(self.store, follows=True)

    @property
    def notifier(self) -> Any:
        """Wakes its waiters after every commit of this process's writer."""
        return self._writer().notifier

    @property
    def timer_wakeup(self) -> TimerWakeup:
        """Wakes whoever waits for timers of this process's writer."""
        return self._writer().timer_wakeup

    @property
    def job_wakeup(self) -> TimerWakeup:
        """Wakes the dispatcher: a job is new, or one was settled."""
        return self._writer().job_wakeup

    def decode(self, position: int, data: bytes) -> Recorded:
        return decode(position, data)

    def lease(self, name: str) -> Lease | SoleLease:
        """A lease where several processes may run this service; SQLite has one, and its lock file is the lease."""
        return Lease(self.engine, name, beats=self.beats) if self.store.shared else SoleLease()

    @cached_property
    def beats(self) -> Beats:
        """The renewal of all its leases."""
        return Beats(self.engine)

    async def execute(
        self, ask: Ask, settles: Settlement | None = None, carried: Command | None = None
    ) -> Accepted | Refusal:
        """One command to the own writer, its effects before the decision included; none while the service is held.

        ``settles``: the sending of a job that it settles. ``carried``: of the reactor, see `Writer.execute`.
        """
        if self.hold is not None:
            return self.hold.refusal()
        tracing = self.bus.tracing if self.connection is not None else OFF
        if not tracing.on:
            return await self._execute(ask, settles, carried)
        with tracing.span(ask.kind, "server", ask.traceparent, caraka__agency=ask.agency) as span:
            outcome = await self._execute(ask.model_copy(update={"traceparent": span.traceparent}), settles, carried)
            said = outcome.code if isinstance(outcome, Refusal) else outcome.after
            span.say(caraka__outcome=type(outcome).__name__.lower(), caraka__said=said)
            return outcome

    async def _execute(self, ask: Ask, settles: Settlement | None, carried: Command | None) -> Accepted | Refusal:
        before = self.before.get(ask.kind)
        if before is None:
            return await self._writer().execute(ask, settles=settles, carried=carried)
        kind, row = REGISTRY[ask.kind], self.commands.get(ask.kind)
        try:
            kind.model_validate(ask.body)
        except ValidationError as error:
            return malformed(error)
        if row is not None and issubclass(kind, Command) and (no := barred(kind, row.askers, ask.actor)):
            return no  # no effect for who may not ask
        completed = await before(ask)
        if isinstance(completed, Refusal):
            return completed
        if carried is not None and completed is not None:  # its sealed fields stay as the reactor has them
            said = type(carried).model_validate(completed.body)
            carried = carried.model_copy(update={name: getattr(said, name) for name in type(carried).filled})
        return await self._writer().execute(completed or ask, asked=ask, settles=settles, carried=carried)

    async def history(self, agency: str, stream: str) -> Sequence[Recorded]:
        """The events of one own stream, in order."""
        return await asyncio.to_thread(self._history, agency, stream)

    async def beginning(self, agency: str, stream: str, most: int) -> Sequence[Recorded]:
        """The first events of one own stream, in order: of one that grows for years."""
        return await asyncio.to_thread(self._history, agency, stream, most)

    def _history(self, agency: str, stream: str, most: int | None = None) -> Sequence[Recorded]:
        found = self.store.recorder.select_events(stream_id(agency, self.service, stream), limit=most)
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


def build_service(settings: Settings, build: Build, kit: Kit) -> Service:
    built = build(settings, kit)
    kit.commands = {kind.kind(): row for kind, row in built.commands.items()}
    kit.before = {kind.kind(): row for kind, row in built.before.items()}  # known only now
    return built


def writer_of(kit: Kit, built: Service) -> Writer:
    key = load_keyring(kit.settings).derive("fingerprints") if built.commands else b""
    return Writer(kit.store, kit.service, built.commands, dict(built.streams), kit.keys, kit.clock, key)


def close_kit(kit: Kit) -> None:
    kit.store.close()
    kit.engine.dispose()
    kit.keys.dispose()
