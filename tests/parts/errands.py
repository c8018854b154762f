"""A small service whose only work are jobs: an errand is ordered, run by a worker, and recorded.

``python -m tests.parts.errands serve|work <folder> [queue…]`` runs it, or its workers, as a process of its own.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from pydantic import SecretStr

from contracts.base import Accepted, Actor, Ask, Command, Event, Refusal
from contracts.jobs import SettleJob
from services.kit.bus.connection import Bus
from services.kit.crash import crash_point
from services.kit.deciding import Accept, Decision, Given, Handles, Job, StreamKind, accept
from services.kit.jobs import Effect, EffectDone
from services.kit.jobs.worker import Worker
from services.kit.operations.stream_keeper import declare_all
from services.kit.policy import related
from services.kit.runtime.kit import Kit
from services.kit.runtime.run import migrate_service, run_service, run_stream_keeper
from services.kit.runtime.supervise import asked_to_stop
from services.kit.service import JobQueue, Later, NotWanted, QueueTerms, Service, WantedJob
from services.kit.settings import Settings
from tests.parts.kinds import known_as

ANYBODY = related("anybody")
START = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)


class OrderErrand(Command):
    errand_id: UUID
    queue: str = "foot"
    not_before: datetime = START
    contact: str = ""


class RecordErrand(Command):
    errand_id: UUID
    outcome: str
    reason: str = ""
    proof: str = ""


class CloseErrand(Command):
    errand_id: UUID


class ErrandOrdered(Event):
    errand_id: UUID
    queue: str
    not_before: datetime


class ErrandTried(Event):
    errand_id: UUID
    outcome: str
    reason: str


class ErrandDone(Event):
    errand_id: UUID
    proof: str


class ErrandClosed(Event):
    errand_id: UUID


KINDS = (OrderErrand, RecordErrand, CloseErrand, ErrandOrdered, ErrandTried, ErrandDone, ErrandClosed)


def known() -> contextlib.AbstractContextManager[None]:
    """The kinds of this service are registered meanwhile."""
    return known_as("errands", KINDS)


@dataclass(frozen=True)
class Errand:
    phase: str = "none"
    queue: str = ""
    not_before: datetime = START


def evolve(state: Errand, event: Event) -> Errand:
    match event:
        case ErrandOrdered():
            return Errand("open", event.queue, event.not_before)
        case ErrandDone():
            return replace(state, phase="done")
        case ErrandTried(outcome="permanent"):
            return replace(state, phase="failed")
        case ErrandClosed():
            return replace(state, phase="closed")
    return state


def jobs(stream: str, state: Errand) -> tuple[Job, ...]:
    if state.phase != "open":
        return ()
    return (Job("run", state.queue, state.not_before, {"errand_id": stream.partition(":")[2]}),)


def order(command: OrderErrand, state: Errand, given: Given) -> Decision:
    if state.phase != "none":
        return Accept()
    at = max(command.not_before, START)
    fact = ErrandOrdered(errand_id=command.errand_id, queue=command.queue, not_before=at)
    return accept(f"errand:{command.errand_id}", fact)


def record(command: RecordErrand, state: Errand, given: Given) -> Decision:
    if state.phase != "open":
        return Refusal(code="errands.not-open")
    if command.proof == "forged":
        return Refusal(code="errands.forged")
    stream = f"errand:{command.errand_id}"
    if command.outcome == "accepted":
        return accept(stream, ErrandDone(errand_id=command.errand_id, proof=command.proof))
    tried = ErrandTried(errand_id=command.errand_id, outcome=command.outcome, reason=command.reason)
    return accept(stream, tried)


def close(command: CloseErrand, state: Errand, given: Given) -> Decision:
    return accept(f"errand:{command.errand_id}", ErrandClosed(errand_id=command.errand_id))


def of_errand(command: Any, _given: Given) -> str:
    return f"errand:{command.errand_id}"


COMMANDS = {
    OrderErrand: Handles(of_errand, order, (ErrandOrdered,), ANYBODY),
    RecordErrand: Handles(of_errand, record, (ErrandDone, ErrandTried), ANYBODY),
    CloseErrand: Handles(of_errand, close, (ErrandClosed,), ANYBODY),
}
STREAMS = {"errand": StreamKind(Errand(), evolve, jobs=jobs)}


def settle(job: WantedJob, said: SettleJob) -> Command:
    proof = said.result.get("proof", "")
    if not isinstance(proof, str):
        raise TypeError("a proof is a text")
    return RecordErrand(errand_id=job.body["errand_id"], outcome=said.outcome, reason=said.reason, proof=proof)


async def finish(job: WantedJob) -> Mapping[str, Any]:
    """``AWAY`` and ``ERASED`` are what a test says of this process."""
    if "away" in SAID:
        raise Later(SAID["away"])
    if "erased" in SAID:
        raise NotWanted("contact erased")
    return {"errand_id": job.body["errand_id"], "words": f"go, {job.agency}"}


SAID: dict[str, float] = {}
QUICK = {"terms": QueueTerms(float(os.environ.get("ACK_WAIT", "2")), 3), "pauses": (0.2, 2.0)}
QUEUES: dict[str, JobQueue] = {
    "foot": JobQueue(finish, settle, **QUICK),  # type: ignore[arg-type]
    "horse": JobQueue(finish, settle, per_second=20.0, **QUICK),  # type: ignore[arg-type]
    "mast": JobQueue(finish, settle, most_out=1, **QUICK),  # type: ignore[arg-type]
    "post": JobQueue(finish, settle, lanes=True, **QUICK),  # type: ignore[arg-type]
}


def build(settings: Settings, kit: Kit) -> Service:
    return Service(name="errands", commands=COMMANDS, streams=STREAMS, queues=QUEUES)


def settings_of(folder: Path, nats_url: str, database_url: str | None = None) -> Settings:
    url = SecretStr(database_url) if database_url else None
    return Settings(data_dir=folder, nats_url=nats_url, database_url=url)


@contextlib.asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Kit]:
    """The service with its writer, dispatcher and endpoints, migrated. No audit runs beside it: it waits for none."""
    bus = await Bus.connect(settings.broker_url, service="errands", patience=10)
    await asyncio.to_thread(migrate_service, settings, build, "errands", bus)
    keeping = await Bus.connect(settings.broker_url, service="migrate", patience=10)
    jobs = {"errands": {name: queue.terms for name, queue in QUEUES.items()}}
    await declare_all(keeping, ["errands"], jobs)
    async with run_stream_keeper(keeping, ["errands"], jobs), run_service(settings, build, "errands", bus, None) as kit:
        yield kit


@contextlib.asynccontextmanager
async def working(settings: Settings, effects: Mapping[str, Effect], at_once: int = 16) -> AsyncIterator[Worker]:
    bus = await Bus.connect(settings.broker_url, service="worker-errands", patience=10)
    worker = Worker(bus, "errands", effects, at_once=at_once)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        task.cancel()
        await asyncio.wait([task])
        await bus.close()


async def do(kit: Kit, command: Command, agency: str = "pekalongan", *, command_id: UUID | None = None) -> Accepted:
    identity = command_id or uuid4()
    ask = Ask(
        command_id=identity, agency=agency, kind=command.kind(), actor=Actor(id="operator", roles=("service",)),
        asked_at=datetime.now(UTC), correlation_id=identity, body=command.model_dump(mode="json"),
    )  # fmt: skip
    answer = await kit.execute(ask)
    assert isinstance(answer, Accepted), answer
    return answer


def writes(path: Path) -> Effect:
    """An effect that leaves a line in a file: the job's id."""

    async def effect(job_id: UUID, agency: str, payload: Mapping[str, Any]) -> EffectDone:
        crash_point("effect.before")
        with path.open("a", encoding="ascii") as file:
            file.write(f"{job_id} {payload['errand_id']}\n")
            file.flush()
            os.fsync(file.fileno())
        return EffectDone(result={"proof": f"ran {payload['errand_id']}"})

    return effect


async def main(mode: str, folder: Path, queues: list[str]) -> None:
    settings = settings_of(folder, os.environ["NATS"], os.environ.get("DATABASE"))
    effects = {queue: writes(folder / "effects") for queue in queues or QUEUES}
    around: Any = serving(settings) if mode == "serve" else working(settings, effects)
    with known(), asked_to_stop() as asked:
        async with around:
            sys.stdout.write("up\n")
            sys.stdout.flush()
            await asked.wait()


if __name__ == "__main__":
    # As the module that the tests import: a kind is named by its class's module.
    this = import_module("tests.parts.errands")
    asyncio.run(this.main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
