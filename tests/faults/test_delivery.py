"""F11, F12: deliveries come twice, again, in another order, or not; each fact has its effect once."""

import asyncio
from collections.abc import Callable

import pytest
from nats.js.api import RawStreamMsg

from contracts import subjects
from services.kit.bus import streams
from services.kit.bus.connection import Bus
from services.kit.codec.position import HEADER, MESSAGE_ID
from tests.faults.conftest import Ground
from tests.faults.load import Load
from tests.faults.trial import Trial
from tests.integration.waiting import until
from tests.parts.product import WITH_EVENTS, Product


@pytest.mark.fault("F11")
async def test_everything_is_delivered_twice(apart: Product, ground: Ground, trial: Trial) -> None:
    ground.disorder.twice = True
    try:
        async with Load(apart, trial).work() as load:
            await asyncio.sleep(2 + trial.lasting)
            ground.disorder.calm()
            load.healed()
    finally:
        ground.disorder.calm()
    trial.note(f"{ground.disorder.doubled} deliveries doubled")
    assert ground.disorder.doubled > 100
    assert await load.settled() == []
    assert load.archived


@pytest.mark.fault("F11")
async def test_the_whole_stream_is_replayed(apart: Product, trial: Trial) -> None:
    """All of every stream once more behind its end, from the first fact to the last."""
    replayed = 0
    async with Load(apart, trial).work() as load, apart.bus() as bus:
        await asyncio.sleep(1)
        for service in WITH_EVENTS:
            for message in await held(bus, service):
                place = {HEADER: (message.headers or {})[HEADER]}
                await bus.client.publish(str(message.subject), message.data or b"", headers=place)
                replayed += 1
            await bus.client.flush()
        await asyncio.sleep(trial.lasting)
        load.healed()
    trial.note(f"{replayed} facts replayed")
    assert replayed > 50
    assert await load.settled() == []
    assert load.archived


@pytest.mark.fault("F12")
async def test_facts_change_places_and_are_lost_on_the_way(apart: Product, ground: Ground, trial: Trial) -> None:
    ground.disorder.shuffled = True
    try:
        async with Load(apart, trial).work() as load:
            await asyncio.sleep(1 + trial.lasting)
            ground.disorder.drop = 7
            await until(lambda: ground.disorder.drop == 0)  # who meets a gap looks again, and less comes meanwhile
            ground.disorder.calm()
            load.healed()
    finally:
        ground.disorder.calm()
    trial.note(f"{ground.disorder.moved} facts moved, {ground.disorder.lost} lost")
    assert ground.disorder.moved
    assert ground.disorder.lost == 7
    assert await load.settled() == []
    assert load.archived


@pytest.mark.fault("F12")
async def test_a_stream_with_a_hole_is_fed_again_and_one_in_disorder_is_named(apart: Product, trial: Trial) -> None:
    """Somebody with all rights has made the stream anew: one message short, then with two in each other's place."""

    def one_short(messages: list[RawStreamMsg]) -> list[RawStreamMsg]:
        middle = len(messages) // 2
        return messages[:middle] + messages[middle + 1 :]

    def swapped(messages: list[RawStreamMsg]) -> list[RawStreamMsg]:
        return [messages[0], messages[2], messages[1], *messages[3:]]

    async with Load(apart, trial).work():
        await asyncio.sleep(0.5)
    await apart.until_quiet()
    await forged(apart, "intake", one_short)
    async with Load(apart, trial).work() as load:
        load.healed()
        await asyncio.sleep(trial.lasting)
    assert await load.settled() == []
    await forged(apart, "intake", swapped)
    breaches = await apart.breaches()
    assert len(breaches) == 1, breaches
    assert breaches[0].startswith("I7 stream intake, urutan 3"), breaches
    apart.command("refeed", "intake")
    await apart.until_quiet()
    assert await apart.breaches() == []


async def forged(product: Product, service: str, change: Callable[[list[RawStreamMsg]], list[RawStreamMsg]]) -> None:
    """The stream of a service is deleted and made again with other content, while its relay stands still."""
    product.services[service].pause()
    try:
        async with product.bus() as bus:
            messages = change(await held(bus, service))
            await streams.drop(bus.js, service)
            await streams.declare(bus.js, [service])
            for message in messages:
                kept = {name: (message.headers or {})[name] for name in (HEADER, MESSAGE_ID)}
                await bus.js.publish(str(message.subject), message.data or b"", headers=kept)
    finally:
        product.services[service].resume()


async def held(bus: Bus, service: str) -> list[RawStreamMsg]:
    """Everything in a stream."""
    end = await streams.tail(bus.js, service)
    assert end is not None
    stream = subjects.stream_of(service)
    return [await bus.js.get_msg(stream, seq=sequence) for sequence in range(1, end.last + 1)]
