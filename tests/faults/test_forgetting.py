"""F4: the broker forgets everything; all converge again from the stores, and nothing is done twice."""

import asyncio
import contextlib
import shutil

import pytest
from nats.js.errors import NotFoundError

from services.kit.bus.connection import Bus
from services.kit.operations.health import ask_health
from tests.faults.load import Load
from tests.faults.trial import Trial
from tests.parts.product import Product


@pytest.mark.fault("F4")
async def test_the_broker_forgets_everything_under_load(apart: Product, trial: Trial) -> None:
    assert apart.nats is not None
    async with Load(apart, trial, complaints=True).work() as load:
        await asyncio.sleep(2)
        await asyncio.to_thread(apart.nats.forget)
        load.healed()
        await asyncio.sleep(2)
    assert await load.settled() == []
    assert load.archived


@pytest.mark.fault("F4")
async def test_the_embedded_broker_has_lost_its_folder(one_process: Product, trial: Trial) -> None:
    one_process.stop()
    folders = [path for path in one_process.settings.data_dir.iterdir() if "nats" in path.name and path.is_dir()]
    assert folders
    for folder in folders:
        shutil.rmtree(folder)
    await asyncio.to_thread(one_process.start)
    async with Load(one_process, trial).work() as load:
        load.healed()
        await asyncio.sleep(2)
    assert await load.settled() == []


async def test_a_stream_of_another_store_is_fed_again_when_a_person_says_so(fresh_product: Product) -> None:
    async with fresh_product.bus() as bus:
        elsewhere = {"Caraka-Position": "another.1.900.899"}
        await bus.js.publish("evt.pekalongan.organisation.nobody.v1", b"of another store", headers=elsewhere)
        async with asyncio.timeout(60):
            while await relay_of(bus) != "stopped":  # noqa: ASYNC110 - it tells only who asks
                await asyncio.sleep(0.1)
        assert "dihapus" in fresh_product.command("refeed", "organisation")
        stored, fed = len(list(fresh_product.rows("organisation"))), -1
        async with asyncio.timeout(60):
            while fed != stored:
                await asyncio.sleep(0.2)
                with contextlib.suppress(NotFoundError):
                    fed = (await bus.js.stream_info("EVT_ORGANISATION")).state.messages


async def relay_of(bus: Bus) -> str:
    """What organisation says of its relay; "" where it is too busy to answer."""
    reports = await ask_health(bus, seconds=1.0, enough=("organisation",))
    told = [str(report.parts["relay"]["state"]) for report in reports if report.service == "organisation"]
    return told[0] if told else ""
