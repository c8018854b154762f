"""Jobs die, are forgotten, come twice, are asked to go: each effect at least once, one outcome a sending, none stuck.

A small service and its workers (`tests/parts/errands.py`) as processes of their own, on SQLite and on PostgreSQL.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from contracts.base import Accepted, Actor, Ask
from services.cli.invariants.jobs import Jobs
from services.kit.bus.connection import Bus, BusError
from services.kit.codec.envelope import decode
from services.kit.database.place import engine_of, place_of
from services.kit.runtime.kit import now
from services.kit.store import open_log
from tests.faults.trial import Trial
from tests.integration.test_jobs import job_of
from tests.parts import errands
from tests.parts.errands import ErrandDone, OrderErrand, settings_of
from tests.parts.nats import Nats

SERVING = (
    "writer.after-commit",
    "jobs.before-publish",
    "jobs.after-publish",
    "jobs.before-settle",
    "jobs.after-settle",
)
WORKING = ("worker.after-take", "effect.before", "worker.after-effect", "worker.after-settle", "worker.before-ack")


@dataclass
class Street:
    """Processes that a test starts, kills and starts again, and what it finds when all is quiet."""

    folder: Path
    nats: Nats
    database: str | None
    wanted: list[UUID] = field(default_factory=list)
    processes: list[tuple[str, subprocess.Popen[bytes]]] = field(default_factory=list)
    _burying: threading.Lock = field(default_factory=threading.Lock)

    def start(self, mode: str, crash: str = "") -> subprocess.Popen[bytes]:
        told = {"NATS": self.nats.url, "CARAKA_CRASH": crash}
        if self.database:
            told["DATABASE"] = self.database
        command = [sys.executable, "-m", "tests.parts.errands", mode, str(self.folder), *(["foot"] * (mode == "work"))]
        begun = subprocess.Popen(command, env={**os.environ, **told}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert begun.stdout is not None
        begun.stdout.readline()
        self.processes.append((mode, begun))
        return begun

    def bury(self) -> int:
        """Whoever died is started again, whole, once for all who wait for him; how many."""
        with self._burying:
            dead = [(mode, process) for mode, process in self.processes if process.poll() is not None]
            for mode, process in dead:
                self.processes.remove((mode, process))
                process.stdout.close()  # type: ignore[union-attr]
                self.start(mode)
            return len(dead)

    def end(self) -> None:
        for _, process in self.processes:
            process.kill()
            process.wait()
            process.stdout.close()  # type: ignore[union-attr]

    async def order(self, count: int) -> None:
        """Until each is accepted: whoever hears nothing asks again, under the same id."""
        commands = [OrderErrand(errand_id=uuid4()) for _ in range(count)]
        self.wanted += [command.errand_id for command in commands]
        async with self._bus() as bus:
            await asyncio.gather(*(self._order(bus, command) for command in commands))

    async def _order(self, bus: Bus, command: OrderErrand) -> None:
        ask = Ask(
            command_id=uuid4(), agency="pekalongan", kind=command.kind(), actor=Actor(id="op", roles=("service",)),
            asked_at=now(), correlation_id=uuid4(), body=command.model_dump(mode="json"),
        )  # fmt: skip
        while True:
            with contextlib.suppress(BusError):
                assert isinstance(await bus.ask(ask, timeout=2), Accepted)
                return
            await asyncio.sleep(0.1)
            await asyncio.to_thread(self.bury)

    async def quiet(self, seconds: float = 150) -> None:
        """Until every errand is done, whoever dies meanwhile."""
        async with asyncio.timeout(seconds):
            while len(self.done()) < len(self.wanted) or self._rows():
                await asyncio.to_thread(self.bury)
                await asyncio.sleep(0.1)

    def done(self) -> list[UUID]:
        log = open_log(self.settings, "errands")
        try:
            facts = [decode(row.position, row.data) for row in log.read(0, 100_000)]
        finally:
            log.close()
        return [fact.event.errand_id for fact in facts if isinstance(fact.event, ErrandDone)]

    def effects(self) -> Counter[str]:
        path = self.folder / "effects"
        lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
        return Counter(line.split()[0] for line in lines)

    def check(self) -> int:
        """Each effect at least once, each recorded once, nothing left; how many effects came more than once."""
        effects = self.effects()
        assert sorted(self.done()) == sorted(self.wanted)
        assert effects.keys() == {str(job_of(errand)) for errand in self.wanted}
        assert Jobs.alone(self.settings, "errands", errands.STREAMS, errands.QUEUES).ok
        return sum(count - 1 for count in effects.values())

    @property
    def settings(self) -> Any:
        return settings_of(self.folder, self.nats.url, self.database)

    def _rows(self) -> int:
        engine = engine_of(place_of(self.settings, "errands"))
        with engine.connect() as connection:
            count = connection.scalar(text("SELECT COUNT(*) FROM jobs"))
        engine.dispose()
        return int(count or 0)

    @contextlib.asynccontextmanager
    async def _bus(self) -> AsyncIterator[Bus]:
        bus = await Bus.connect(self.nats.url, service="gateway", patience=10)
        try:
            yield bus
        finally:
            await bus.close()


@pytest.fixture(params=["sqlite", "postgres"])
def street(request: pytest.FixtureRequest, tmp_path: Path, nats: Nats) -> Iterator[Street]:
    url = request.getfixturevalue("pg_url") if request.param == "postgres" else None
    street = Street(tmp_path / "data", nats, url)
    with errands.known():
        yield street
    street.end()


@pytest.mark.fault("F1")
@pytest.mark.parametrize("point", SERVING)
async def test_the_owner_of_jobs_dies_between_two_steps(street: Street, point: str, trial: Trial) -> None:
    street.start("serve", f"{point}:3" if point.startswith("writer") else point)
    street.start("work")
    await street.order(8)
    await street.quiet()
    trial.note(f"{street.check()} of 8 effects came twice")


@pytest.mark.fault("F1")
@pytest.mark.parametrize("point", WORKING)
async def test_a_worker_dies_between_two_steps(street: Street, point: str, trial: Trial) -> None:
    street.start("serve")
    street.start("work", f"{point}:2")
    await street.order(8)
    await street.quiet()
    trial.note(f"{street.check()} of 8 effects came twice")


@pytest.mark.fault("F1")
async def test_owner_and_workers_are_killed_at_random(street: Street, trial: Trial) -> None:
    street.start("serve")
    street.start("work")
    street.start("work")
    for _ in range(4):
        await street.order(20)
        await asyncio.sleep(trial.dice.uniform(0, 0.5))
        _, process = trial.dice.choice(street.processes)
        process.kill()
        await asyncio.to_thread(street.bury)
    await street.quiet()
    trial.note(f"{street.check()} of 80 effects came twice")


@pytest.mark.fault("F4")
async def test_the_broker_forgets_the_jobs_that_are_out(street: Street, trial: Trial) -> None:
    street.start("serve")
    await street.order(30)
    await asyncio.to_thread(street.nats.forget)
    street.start("work")
    await street.quiet()
    trial.note(f"{street.check()} of 30 effects came twice")


@pytest.mark.fault("F11")
async def test_every_job_is_delivered_twice(street: Street, trial: Trial) -> None:
    street.start("serve")
    await street.order(20)
    async with street._bus() as bus:
        async with asyncio.timeout(60):
            while (await bus.js.stream_info("JOB_ERRANDS")).state.messages < 20:  # noqa: ASYNC110 - the broker tells nobody
                await asyncio.sleep(0.05)
        for sequence in range(1, 21):
            found = await bus.js.get_msg("JOB_ERRANDS", sequence)
            await bus.js.publish(found.subject, found.data)
    street.start("work")
    await street.quiet()
    trial.note(f"{street.check()} of 20 effects came twice")


@pytest.mark.fault("F15")
async def test_everything_is_killed_and_started_in_any_order(street: Street, trial: Trial) -> None:
    street.start("serve")
    street.start("work")
    await street.order(40)
    for deed in trial.dice.sample(["serve", "work", "nats"], 3):
        if deed == "nats":
            street.nats.kill()
            await asyncio.to_thread(street.nats.start)
        else:
            next(process for mode, process in street.processes if mode == deed).kill()
        await asyncio.sleep(0.2)
        await asyncio.to_thread(street.bury)
    await street.quiet()
    trial.note(f"{street.check()} of 40 effects came twice")


@pytest.mark.fault("F17")
async def test_two_of_each_work_once(street: Street, trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACK_WAIT", "60")  # a machine that is busy with other things is no fault
    if street.database is None:
        street.start("serve")
    else:
        await asyncio.gather(asyncio.to_thread(street.start, "serve"), asyncio.to_thread(street.start, "serve"))
    street.start("work")
    street.start("work")
    await street.order(60)
    await street.quiet()
    again = street.check()
    assert again == 0, "nobody died: each once"
    trial.note("60 jobs, each once")


@pytest.mark.fault("F25")
async def test_all_are_asked_to_go_while_they_work(street: Street, trial: Trial) -> None:
    street.start("serve")
    street.start("work")
    await street.order(60)
    for _, process in list(street.processes):
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 20) == 0
    await asyncio.to_thread(street.bury)
    await street.quiet()
    trial.note(f"{street.check()} of 60 effects came twice")
