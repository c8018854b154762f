"""F1, F2, F17: processes die at random, between two named steps, and two of a kind run side by side."""

import asyncio
import time

import pytest

from tests.faults.load import Load
from tests.faults.trial import Trial
from tests.parts.product import TOGETHER, Product

POINTS = {
    "intake": (
        "intake.after-fetch", "intake.after-blob:2", "intake.after-commit", "intake.before-acknowledge",
        "blob.after-put:3",
    ),
    "writer": ("writer.before-commit:3", "writer.after-commit:5"),
    "relay": ("relay.before-publish:4", "relay.after-publish:6"),
}  # fmt: skip


@pytest.mark.fault("F1")
async def test_services_are_killed_at_random_under_load(apart: Product, trial: Trial) -> None:
    dice = trial.dice
    async with Load(apart, trial).work() as load, asyncio.TaskGroup() as starting:
        for name in dice.sample(apart.names, len(apart.names)):  # it dies while the last is on its way up
            await asyncio.sleep(dice.uniform(0.3, 1.0))
            apart.kill(name)
            starting.create_task(asyncio.to_thread(apart.start, name))
        load.healed()
    assert await load.settled() == []
    assert load.archived


@pytest.mark.long
@pytest.mark.fault("F1")
async def test_the_whole_process_is_killed_at_random_under_load(one_process: Product, trial: Trial) -> None:
    async with Load(one_process, trial).work() as load:
        for _ in range(2):
            await asyncio.sleep(trial.dice.uniform(1, 3))
            one_process.kill()
            load.healed()
            await asyncio.to_thread(one_process.start)
    assert await load.settled() == []


@pytest.mark.fault("F2")
@pytest.mark.parametrize("where", POINTS)
async def test_a_process_dies_between_two_steps(one_process: Product, trial: Trial, where: str) -> None:
    """Each point in turn, under one load that never stops asking; the next start finds what the last one left."""
    async with Load(one_process, trial).work() as load:
        for point in POINTS[where]:
            one_process.kill()
            one_process.start(env={"CARAKA_CRASH": point}, wait=False)
            await asyncio.to_thread(until_dead, one_process)
            assert one_process.dead() == [TOGETHER], f"{point} was not reached"
        one_process.forget_dead()
        load.healed()
        await asyncio.to_thread(one_process.start)
    assert await load.settled() == []


def until_dead(product: Product) -> None:
    ends = time.monotonic() + 60
    while not product.dead() and time.monotonic() < ends:
        time.sleep(0.02)


@pytest.mark.fault("F17")
async def test_two_of_every_service_work_once(apart: Product, trial: Trial) -> None:
    dice = trial.dice
    names = [name for name in apart.names if name != "gateway"]
    try:
        for name in names:
            apart.start(name, copy="-2", wait=False)
        for name in names:
            await asyncio.to_thread(apart.until_ready, f"{name}-2")
        async with Load(apart, trial).work() as load:
            for name in dice.sample(names, 3):
                await asyncio.sleep(dice.uniform(0.3, 1.0))
                apart.kill(name)  # the other one takes over
                load.healed()
            await asyncio.sleep(4)
        assert await load.settled() == []
        assert load.archived
    finally:
        for name in names:
            if name not in apart.services:
                apart.start(name)
            apart.kill(f"{name}-2")
