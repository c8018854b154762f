"""F24: a process that may open few files, and one that gets little memory; what was answered stays true."""

import asyncio
import os
import resource
import time
from pathlib import Path

import pytest

from tests.faults.load import Load
from tests.faults.telling import bugs, unfaulted
from tests.faults.trial import Trial
from tests.parts.product import TOGETHER, Product

SPARE_FILES = 2
DESCRIPTORS = "LimitNOFILE"


@pytest.mark.long
@pytest.mark.fault("F24")
@pytest.mark.parametrize("name", ["gateway", "intake"])
async def test_a_process_may_open_no_more_files(apart: Product, trial: Trial, name: str) -> None:
    """As with a limit set too low: it runs, and gets nothing more; lifted after a while."""
    before = len(bugs(apart))
    async with Load(apart, trial).work() as load:
        await asyncio.sleep(trial.dice.uniform(1, 2))
        pid = apart.services[name].pid
        had = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (opened(pid) + SPARE_FILES, had[1]))
        await asyncio.sleep(4 + 2 * trial.lasting)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, had)
        load.healed()
    trial.note(f"clients were told {load.answered()}")
    unfaulted(load, before)
    assert await load.settled() == []
    assert load.archived
    apart.wait_ready()


def opened(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@pytest.mark.long
@pytest.mark.fault("F24")
async def test_the_whole_process_may_open_no_more_files(fresh_product: Product, trial: Trial) -> None:
    product = fresh_product
    async with Load(product, trial).work() as load:
        await asyncio.sleep(trial.dice.uniform(1, 2))
        pid = product.services[TOGETHER].pid
        had = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (opened(pid) + SPARE_FILES, had[1]))
        await asyncio.sleep(4 + 2 * trial.lasting)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, had)
        load.healed()
    trial.note(f"clients were told {load.answered()}")
    assert DESCRIPTORS in product.said()
    unfaulted(load)
    assert await load.settled() == []
    assert load.archived
    product.wait_ready()


@pytest.mark.long
@pytest.mark.fault("F24")
@pytest.mark.parametrize("name", ["gateway"])
async def test_a_process_gets_no_more_memory(apart: Product, trial: Trial, name: str) -> None:
    """It may not grow any more; who ends by it is started again, as a supervisor does."""
    before = len(bugs(apart))
    ended = 0
    async with Load(apart, trial).work() as load:
        await asyncio.sleep(trial.dice.uniform(1, 2))
        pid = apart.services[name].pid
        had = resource.prlimit(pid, resource.RLIMIT_AS)
        resource.prlimit(pid, resource.RLIMIT_AS, (size(pid) // 2, had[1]))
        ends = time.monotonic() + 4 + 2 * trial.lasting
        while time.monotonic() < ends:
            await asyncio.sleep(0.1)
            for gone in apart.forget_dead():
                ended += 1
                await asyncio.to_thread(apart.start, gone)
        if name in apart.services and apart.services[name].pid == pid:
            resource.prlimit(pid, resource.RLIMIT_AS, had)
        load.healed()
    trial.note(f"{ended} ended by it; clients were told {load.answered()}")
    unfaulted(load, before)
    assert await load.settled() == []
    assert load.archived
    apart.wait_ready()


def size(pid: int) -> int:
    """Of its address space, in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
