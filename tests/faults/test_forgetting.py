"""F4: the broker forgets everything; all converge again from the stores, and nothing is done twice."""

import asyncio
import contextlib
import shutil

import pytest
from nats.js.errors import NotFoundError

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
        await asyncio.sleep(3)
        assert "dihapus" in fresh_product.command("refeed", "organisation")
        stored, fed = len(list(fresh_product.rows("organisation"))), -1
        async with asyncio.timeout(20):
            while fed != stored:
                await asyncio.sleep(0.2)
                with contextlib.suppress(NotFoundError):
                    fed = (await bus.js.stream_info("EVT_ORGANISATION")).state.messages
