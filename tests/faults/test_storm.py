"""F15, F25: everything is killed and started in any order; and everything is asked to go while it works."""

import asyncio
import os
import signal
import time

import pytest

from tests.faults.conftest import Ground
from tests.faults.load import Load
from tests.faults.trial import Trial
from tests.parts.product import READY, TOGETHER, Product

GONE_SECONDS = 10.0


@pytest.mark.long
@pytest.mark.fault("F15")
async def test_a_storm_of_restarts_in_any_order(apart: Product, ground: Ground, trial: Trial) -> None:
    dice = trial.dice
    ended = 0
    async with Load(apart, trial, complaints=True).work() as load:
        for _ in range(int(trial.lasting)):
            await asyncio.sleep(dice.uniform(0.5, 1.5))
            for name in dice.sample(apart.names, len(apart.names)):
                apart.kill(name)
            ground.nats.kill()
            ground.postgres.kill()
            ways = {name: (lambda name=name: apart.start(name, wait=False)) for name in apart.names}
            ways |= {"nats": ground.nats.start, "postgres": ground.postgres.start}
            for name in dice.sample(list(ways), len(ways)):
                await asyncio.to_thread(ways[name])
                await asyncio.sleep(dice.uniform(0, 0.3))
        load.healed()
        ended = await asyncio.to_thread(started_until_ready, apart)
    trial.note(f"{ended} processes gave up waiting and were started again")
    assert await load.settled() == []
    assert load.archived
    assert load.complained


def started_until_ready(product: Product) -> int:
    """What a supervisor does: who has ended is started again, until all are ready. How many were."""
    again, ends = 0, time.monotonic() + 60
    while True:
        for name in product.forget_dead():
            product.start(name, wait=False)
            again += 1
        if all(READY[name] in product.services[name].words() for name in product.names):
            return again
        if time.monotonic() > ends:
            raise TimeoutError(product.log_tail())
        time.sleep(0.1)


@pytest.mark.fault("F25")
async def test_services_are_asked_to_go_under_load(apart: Product, trial: Trial) -> None:
    """Each leaves within ten seconds and with a good conscience; what it had in hand is answered."""
    took = {}
    async with Load(apart, trial).work() as load, asyncio.TaskGroup() as starting:
        for name in trial.dice.sample(apart.names, len(apart.names)):
            await asyncio.sleep(trial.dice.uniform(0.2, 0.6))
            took[name] = await asyncio.to_thread(asked_to_go, apart, name)
            starting.create_task(asyncio.to_thread(apart.start, name))
        load.healed()
    trial.note(f"slowest to go: {max(took.values()):.1f} s; clients were told {load.answered()}")
    assert not load.said["500"]
    assert await load.settled() == []
    assert load.archived


@pytest.mark.fault("F25")
async def test_the_whole_process_is_asked_to_go_under_load(one_process: Product, trial: Trial) -> None:
    async with Load(one_process, trial).work() as load:
        await asyncio.sleep(trial.dice.uniform(1, 2))
        took = await asyncio.to_thread(asked_to_go, one_process, TOGETHER)
        await asyncio.to_thread(one_process.start)
        load.healed()
    trial.note(f"gone in {took:.1f} s; clients were told {load.answered()}")
    assert not load.said["500"]
    assert await load.settled() == []


def asked_to_go(product: Product, name: str) -> float:
    """SIGTERM; how long it took. It must have ended by itself, without a complaint."""
    server, began = product.services.pop(name), time.monotonic()
    try:
        os.kill(server.pid, signal.SIGTERM)
        status = server.wait(GONE_SECONDS)
    except BaseException:
        server.kill()
        raise
    assert status == 0, server.log_tail()
    return time.monotonic() - began
