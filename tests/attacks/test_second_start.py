"""A second ``caraka up`` on a folder that is in use: it says so, and has touched nothing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.kit.bus.embedded import EmbeddedBroker
from tests.integration.waiting import until
from tests.parts.ports import free_port
from tests.parts.product import Product, start_product

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = start_product(tmp_path_factory.mktemp("first"))
    yield running
    running.discard()


def broker_files(product: Product) -> dict[str, tuple[int, int]]:
    """What a start of the broker writes: which file it is, and when it was written."""
    home = product.settings.data_dir / "nats"
    found = [home / "nats.conf", *home.glob("*.ports"), product.settings.data_dir / "nats-token"]
    return {path.name: ((seen := path.stat()).st_ino, seen.st_mtime_ns) for path in found}


def brokers_of(folder: Path) -> set[str]:
    """The brokers that run on files in this folder."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "comm").read_text().strip() == "nats-server":
                found |= {process.name} if str(folder) in (process / "cmdline").read_text() else set()
        except OSError:
            continue
    return found


@pytest.mark.parametrize("command", ["up", "migrate"])
@pytest.mark.parametrize("ports", ["its own", "the same"])
def test_who_comes_second_is_told_so_and_has_changed_nothing(product: Product, command: str, ports: str) -> None:
    before, brokers = broker_files(product), brokers_of(product.home)
    other = {"CARAKA_HTTP_PORT": str(free_port()), "CARAKA_NATS_PORT": str(free_port())} if ports == "its own" else {}
    status, said = product.try_command(command, env=other)
    assert status == 1
    assert f"Caraka sudah berjalan pada folder data {product.settings.data_dir}" in said
    assert f"(proses {product.services['up'].pid})" in said
    assert "Traceback" not in said
    assert "CARAKA_DATA_DIR = " not in said  # it has not even begun
    assert broker_files(product) == before
    assert brokers_of(product.home) == brokers
    assert len(brokers) == 1
    product.wait_ready()


def test_a_service_that_runs_in_it_already_is_said_so_without_a_trace(product: Product) -> None:
    status, said = product.try_command("run", "intake")
    assert status == 1
    assert "Layanan ini sudah berjalan" in said
    assert "Traceback" not in said


def test_whoever_was_killed_leaves_the_folder_to_the_next(product: Product) -> None:
    product.kill()
    product.start()
    product.wait_ready()


async def test_a_broker_waits_for_the_one_that_is_still_on_its_way_out_and_never_runs_beside_it(tmp_path: Path) -> None:
    first = EmbeddedBroker(tmp_path, port=0)
    await first.start()
    second = EmbeddedBroker(tmp_path, port=free_port())
    starting = asyncio.create_task(second.start())
    await asyncio.sleep(0.5)
    assert not starting.done()
    assert brokers_of(tmp_path) == {str(first.pid)}
    os.kill(first.pid, 15)
    await asyncio.wait_for(starting, 20)
    await until(lambda: first.pid == 0)
    await second.stop()
    await first.stop()
