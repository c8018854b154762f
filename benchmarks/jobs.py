"""Empty jobs through all that a job goes through: table, work-queue stream, FastStream worker, settling command.

``python -m benchmarks.jobs [sqlite|postgres]``; prints a second's jobs, fact → effect at a steady rate, and the memory
of ten thousand that wait. The errands are those of the tests (`tests/parts/errands.py`).
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import uvloop

from services.kit.jobs import EffectDone
from services.kit.operations.metrics_collect import process_rows
from services.kit.runtime.housekeeping import job_rows
from services.kit.runtime.kit import Kit
from tests.parts import errands
from tests.parts.nats import start_nats
from tests.parts.postgres import discard_postgres, start_postgres

JOBS = 3_000
STEADY_SECONDS, STEADY = 5.0, 100
WAITING = 10_000


class Seen:
    """When each errand was run."""

    def __init__(self) -> None:
        self.at: dict[UUID, float] = {}

    async def effect(self, _job: UUID, _agency: str, payload: Mapping[str, Any]) -> EffectDone:
        self.at.setdefault(UUID(payload["errand_id"]), time.perf_counter())
        return EffectDone()


async def measure(database: str | None, folder: Path, nats_url: str) -> None:
    settings = errands.settings_of(folder, nats_url, database)
    with errands.known():
        async with errands.serving(settings) as kit:
            seen = Seen()
            async with errands.working(settings, {"foot": seen.effect}, 64):
                await burst(kit, seen)
                await steady(kit, seen)
            await wait(kit)


async def burst(kit: Kit, seen: Seen) -> None:
    wanted = [errands.OrderErrand(errand_id=uuid4()) for _ in range(JOBS)]
    began = time.perf_counter()
    await asyncio.gather(*(errands.do(kit, each) for each in wanted))
    ordered = time.perf_counter()
    while await asyncio.to_thread(left, kit):  # noqa: ASYNC110 - the table tells nobody
        await asyncio.sleep(0.02)
    ended = time.perf_counter()
    print(f"{JOBS} jobs: ordered {JOBS / (ordered - began):,.0f}/s, all done {JOBS / (ended - began):,.0f}/s")
    print(f"settled after the last order: {ended - ordered:.2f} s; effects {len(seen.at)}")


def left(kit: Kit) -> int:
    return sum(each.waiting + each.sent for each in job_rows(kit).states(["foot"]))


async def steady(kit: Kit, seen: Seen) -> None:
    told: dict[UUID, float] = {}

    async def one() -> None:
        command = errands.OrderErrand(errand_id=uuid4())
        await errands.do(kit, command)
        told[command.errand_id] = time.perf_counter()

    begun = []
    for _ in range(int(STEADY_SECONDS * STEADY)):
        begun.append(asyncio.create_task(one()))
        await asyncio.sleep(1 / STEADY)
    await asyncio.gather(*begun)
    await asyncio.sleep(2)
    waits = sorted((seen.at[errand] - at) * 1000 for errand, at in told.items() if errand in seen.at)
    p50, p99 = statistics.median(waits), waits[int(len(waits) * 0.99)]
    print(f"{STEADY}/s: fact → effect p50 {p50:.1f} ms, p99 {p99:.1f} ms ({len(waits)} of {len(told)})")


async def wait(kit: Kit) -> None:
    def resident() -> float:
        return float(process_rows()["caraka_process_resident_bytes"][0][1]) / 1e6

    before = resident()
    for _ in range(WAITING // 500):
        await asyncio.gather(*(errands.do(kit, errands.OrderErrand(errand_id=uuid4())) for _ in range(500)))
    await asyncio.sleep(3)
    (state,) = [each for each in job_rows(kit).states(["foot"]) if each.queue == "foot"]
    print(f"{state.waiting} wait, {state.sent} are out; memory {before:.0f} MB → {resident():.0f} MB")


def main(kind: str) -> None:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        nats = start_nats(home / "nats")
        stack.callback(nats.kill)
        database = None
        if kind == "postgres":
            server = start_postgres()
            stack.callback(discard_postgres, server)
            database = server.fresh_database()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the product does
            runner.run(measure(database, home / "data", nats.url))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sqlite")
