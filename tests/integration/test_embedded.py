"""The broker that comes along: synced, private to this machine, alive as long as its parent and no longer."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import nats
import pytest

from services.kit.bus.embedded import BrokerFailed, EmbeddedBroker, fetch_monitor, require_synced
from tests.integration.waiting import until
from tests.parts.nats import start_nats
from tests.parts.ports import free_port

PARENT = """
import asyncio, sys
from pathlib import Path
from services.kit.bus.embedded import EmbeddedBroker

async def main():
    broker = EmbeddedBroker(Path(sys.argv[1]), int(sys.argv[2]))
    await broker.start()
    print(broker.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[EmbeddedBroker]:
    broker = EmbeddedBroker(tmp_path, port=0)
    await broker.start()
    yield broker
    await broker.stop()


async def test_it_is_seen_to_sync_every_write_before_anybody_uses_it(broker: EmbeddedBroker) -> None:
    await require_synced(broker.monitor_url)
    page = await fetch_monitor(broker.monitor_url, "/jsz")
    assert page["config"]["sync_always"] is True
    assert broker.health()["state"] == "up"


async def test_a_broker_that_syncs_every_two_minutes_is_refused(tmp_path: Path) -> None:
    lazy = start_nats(tmp_path / "lazy")
    configuration = tmp_path / "lazy" / "nats.conf"
    configuration.write_text(configuration.read_text().replace("  sync_interval: always\n", ""))
    lazy.restart()
    try:
        with pytest.raises(BrokerFailed, match="does not sync every write"):
            await require_synced(lazy.monitor_url)
    finally:
        lazy.kill()


async def test_what_was_stored_is_there_after_the_broker_was_killed_and_it_comes_back_by_itself(
    broker: EmbeddedBroker,
) -> None:
    watching = asyncio.create_task(broker.run())
    connection = await nats.connect(broker.url)
    await connection.jetstream().add_stream(name="KEPT", subjects=["kept"])
    await connection.jetstream().publish("kept", b"a fact")
    first, url = broker.pid, broker.url
    os.kill(first, signal.SIGKILL)
    await until(lambda: broker.pid not in {0, first} and connection.is_connected)
    assert broker.url == url
    again = await nats.connect(broker.url)
    assert (await again.jetstream().get_msg("KEPT", seq=1)).data == b"a fact"
    await again.close()
    await connection.close()
    await broker.stop()
    await asyncio.wait_for(watching, 5)
    assert broker.health() == {"state": "down", "pid": 0, "restarts": 1, "port": urlsplit(url).port}


async def test_a_port_that_is_taken_is_said_so(tmp_path: Path, broker: EmbeddedBroker) -> None:
    port = int(broker.url.rpartition(":")[2])
    with pytest.raises(BrokerFailed, match="address already in use"):
        await EmbeddedBroker(tmp_path / "second", port=port).start()


async def test_it_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(tmp_path), str(free_port()), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()
    await until(lambda: not _alive(child))


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


async def test_one_that_cannot_be_started_on_its_disk_is_tried_until_it_can(broker: EmbeddedBroker) -> None:
    """A disk that takes no file for a while is what happens; here a folder lies where its file should be written."""
    watching = asyncio.create_task(broker.run())
    home = broker._home
    (home / "nats.conf").unlink()
    (home / "nats.conf").mkdir()
    os.kill(broker.pid, signal.SIGKILL)
    await until(lambda: broker.restarts > 1)
    assert not watching.done(), "it goes on trying"
    (home / "nats.conf").rmdir()
    await until(lambda: broker.pid != 0)
    await broker.stop()
    await asyncio.wait_for(watching, 5)


async def test_a_disk_that_takes_no_file_is_said_at_the_first_start(tmp_path: Path) -> None:
    (tmp_path / "nats" / "nats.conf").mkdir(parents=True)
    broker = EmbeddedBroker(tmp_path, port=0)
    with pytest.raises(BrokerFailed, match="Error: "):
        await broker.start()
