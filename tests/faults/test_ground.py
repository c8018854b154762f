"""F3, F6, F8: the broker and the database die, stand still, or cannot be reached properly."""

import asyncio
from collections.abc import Callable

import pytest

from tests.faults.conftest import Ground
from tests.faults.load import Load
from tests.faults.trial import Trial
from tests.faults.wire import Wire
from tests.parts.product import Product


@pytest.mark.fault("F3")
async def test_the_broker_is_killed_and_then_stands_still(apart: Product, ground: Ground, trial: Trial) -> None:
    async with Load(apart, trial).work() as load:
        await asyncio.sleep(trial.dice.uniform(1, 2))
        ground.nats.kill()
        await asyncio.sleep(trial.lasting)
        await asyncio.to_thread(ground.nats.start)
        load.healed()
        await load.until_recovered()
        ground.nats.pause()
        await asyncio.sleep(2 + trial.lasting)
        ground.nats.resume()
        load.healed()
    assert await load.settled() == []
    assert load.archived


@pytest.mark.fault("F6")
async def test_the_database_is_killed_and_started_after_seconds(apart: Product, ground: Ground, trial: Trial) -> None:
    async with Load(apart, trial).work() as load:
        await asyncio.sleep(trial.dice.uniform(1, 2))
        ground.postgres.kill()
        await asyncio.sleep(3 + trial.lasting)
        await asyncio.to_thread(ground.postgres.start)
        load.healed()
    assert await load.settled() == []
    assert load.archived


def cut(wire: Wire) -> None:
    wire.cut()


def slow(wire: Wire) -> None:
    wire.delay(0.3)


def reset(wire: Wire) -> None:
    wire.reset()


def freeze(wire: Wire) -> None:
    wire.freeze()


@pytest.mark.fault("F8")
@pytest.mark.parametrize("to", ["nats", "postgres"])
async def test_the_network_is_cut_slow_reset_and_half_open(
    apart: Product, ground: Ground, trial: Trial, to: str
) -> None:
    wire: Wire = getattr(ground, f"to_{to}")
    deeds: list[Callable[[Wire], None]] = [cut, slow, reset, freeze]
    trial.dice.shuffle(deeds)
    try:
        async with Load(apart, trial).work() as load:
            for deed in deeds:
                deed(wire)
                await asyncio.sleep(1 + trial.lasting)
                wire.heal()
                load.healed()
                await load.until_recovered()
            wire.strand()
            if (
                to == "postgres"
            ):  # whoever is gone without a word is found out by TCP's keepalive, which ends in a reset
                await asyncio.sleep(2 + trial.lasting)
                wire.reset()
            load.healed()
    finally:
        wire.heal()
    trial.note(f"in this order: {', '.join(deed.__name__ for deed in deeds)}, half-open")
    assert await load.settled() == []
    assert load.archived
