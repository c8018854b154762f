"""A backup place whose server is gone: it is named, the schedule stops at once, and nothing piles up behind it."""

import asyncio
import os
import threading
import time
from pathlib import Path

import pytest

from services.cli.backup.beside import Beside
from services.cli.backup.keeping import BackupKeeper, Rest
from services.kit.backup.faults import BackupFault
from services.kit.backup.settings import BackupSettings
from services.kit.settings import Settings
from tests.integration.waiting import until


async def test_who_does_not_answer_is_left_and_asked_again_when_he_has() -> None:
    gate, calls = threading.Event(), []
    beside = Beside("/mnt/nas", 0.5)
    with pytest.raises(BackupFault, match="tidak menjawab"):
        await beside.call(gate.wait)
    with pytest.raises(BackupFault, match="tidak menjawab"):
        await beside.call(lambda: calls.append(1))
    assert calls == [], "one call at a time"
    gate.set()
    for _ in range(100):
        try:
            await beside.call(lambda: calls.append(1))
            break
        except BackupFault:
            await asyncio.sleep(0.01)
    assert calls == [1]


async def test_what_the_call_says_is_said() -> None:
    def full() -> None:
        raise BackupFault("place-full", "penuh")

    with pytest.raises(BackupFault, match="penuh"):
        await Beside("/mnt/nas", 5).call(full)


async def test_a_schedule_whose_place_hangs_says_so_makes_no_backup_and_ends_at_once(tmp_path: Path) -> None:
    hung = tmp_path / "place/archives/20261130T000000Z-aaaaaa/manifest.json"
    hung.parent.mkdir(parents=True)
    os.mkfifo(hung)  # opening it never comes back
    own = BackupSettings(to=str(tmp_path / "place"), keys_to=str(tmp_path / "keys"), recipient="")
    keeper = BackupKeeper(Settings(data_dir=tmp_path / "var"), own, Rest(look_seconds=0.05, silent_seconds=0.2))
    running = asyncio.create_task(keeper.run())
    await until(lambda: bool(keeper.standing.reason), seconds=10)
    await asyncio.sleep(0.3)
    assert "tidak menjawab" in keeper.report().warnings[0]
    assert sum(each.name.startswith("place ") for each in threading.enumerate()) == 1
    began = time.monotonic()
    running.cancel()
    await asyncio.wait([running])
    assert time.monotonic() - began < 1
    assert all(each.daemon for each in threading.enumerate() if each.name.startswith("place "))
    os.close(os.open(hung, os.O_RDWR))  # the server is back
