"""Account provisioning with its writer, dispatcher, endpoints and workers, as `caraka up` runs it, without the rest.

``python -m tests.parts.accounts serve|work <folder>`` runs it, or its workers, as a process of its own.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from pydantic import SecretStr

from contracts.base import Accepted, Actor, Ask, Command, Refusal
from services.account_provisioning import wiring
from services.account_provisioning.policy import CONNECTORS
from services.kit.bus.connection import Bus
from services.kit.jobs.worker import Worker
from services.kit.operations.stream_keeper import declare_all
from services.kit.runtime.kit import Kit
from services.kit.runtime.run import migrate_service, run_service, run_stream_keeper
from services.kit.runtime.supervise import asked_to_stop
from services.kit.service import QueueTerms
from services.kit.settings import Settings

AGENCY = "purbalingga"
QUICK = QueueTerms(ack_wait=10.0, max_deliver=5)
SERVICE = Actor(id="organisation", roles=("service",))


def settings_of(folder: Path, nats_url: str, database_url: str | None = None) -> Settings:
    return Settings(data_dir=folder, nats_url=nats_url, database_url=SecretStr(database_url) if database_url else None)


@contextlib.asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Kit]:
    """No audit runs beside it, so it waits for none."""
    bus = await Bus.connect(settings.broker_url, service=wiring.NAME, patience=10)
    await asyncio.to_thread(migrate_service, settings, wiring.build, wiring.NAME, bus)
    keeping = await Bus.connect(settings.broker_url, service="migrate", patience=10)
    jobs = {wiring.NAME: dict.fromkeys(CONNECTORS, QUICK)}
    await declare_all(keeping, [wiring.NAME], jobs)
    async with (
        run_stream_keeper(keeping, [wiring.NAME], jobs),
        run_service(settings, wiring.build, wiring.NAME, bus, None) as kit,
    ):
        yield kit


@contextlib.asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[Worker]:
    """Those of all queues."""
    bus = await Bus.connect(settings.broker_url, service=f"worker-{wiring.NAME}", patience=10)
    async with wiring.effects(settings) as effects:
        worker = Worker(bus, wiring.NAME, effects)
        task = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            task.cancel()
            await asyncio.wait([task])
            await bus.close()


async def ask(kit: Kit, command: Command, actor: Actor = SERVICE, command_id: UUID | None = None) -> Accepted | Refusal:
    identity = command_id or uuid4()
    return await kit.execute(
        Ask(
            command_id=identity, agency=AGENCY, kind=command.kind(), actor=actor, asked_at=datetime.now(UTC),
            correlation_id=identity, body=command.model_dump(mode="json"),
        )
    )  # fmt: skip


async def do(kit: Kit, command: Command, actor: Actor = SERVICE, command_id: UUID | None = None) -> dict[str, Any]:
    answer = await ask(kit, command, actor, command_id)
    assert isinstance(answer, Accepted), answer
    return answer.result


@contextlib.contextmanager
def quick() -> Iterator[None]:
    """Jobs that failed are tried again at once, and nobody waits long for who has died while he changed a secret."""
    from services.account_provisioning.adapters import jobs
    from services.account_provisioning.domain import own_secret

    before = jobs.PAUSES, own_secret.GESTURE
    jobs.PAUSES, own_secret.GESTURE = (0.1, 0.5), timedelta(seconds=6)
    try:
        yield
    finally:
        jobs.PAUSES, own_secret.GESTURE = before


async def main(mode: str, folder: Path) -> None:
    settings = settings_of(folder, os.environ["NATS"], os.environ.get("DATABASE"))
    around: Any = serving(settings) if mode == "serve" else working(settings)
    with quick(), asked_to_stop() as asked:
        async with around:
            sys.stdout.write("up\n")
            sys.stdout.flush()
            await asked.wait()


if __name__ == "__main__":
    this = import_module("tests.parts.accounts")
    asyncio.run(this.main(sys.argv[1], Path(sys.argv[2])))
