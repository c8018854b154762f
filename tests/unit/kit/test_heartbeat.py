"""A sign of life: there while the loop beats, gone when it ends, stale when it hangs."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from services.kit.runtime import heartbeat


async def test_a_service_lives_while_its_loop_beats(monkeypatch: pytest.MonkeyPatch, tmp_path: str) -> None:
    monkeypatch.setattr(heartbeat.tempfile, "gettempdir", lambda: str(tmp_path))
    assert not heartbeat.alive("intake")
    beating = asyncio.create_task(heartbeat.beat("intake"))
    await asyncio.sleep(0.05)
    assert heartbeat.alive("intake")
    assert not heartbeat.alive("approval")
    beating.cancel()
    await asyncio.wait([beating])
    assert not heartbeat.alive("intake")


async def test_a_loop_that_hangs_is_not_alive(monkeypatch: pytest.MonkeyPatch, tmp_path: str) -> None:
    monkeypatch.setattr(heartbeat.tempfile, "gettempdir", lambda: str(tmp_path))
    heartbeat.place("intake").touch()
    long_ago = time.time() - heartbeat.STALE_SECONDS - 1
    os.utime(heartbeat.place("intake"), (long_ago, long_ago))
    assert not heartbeat.alive("intake")


async def test_a_beat_of_a_clock_that_was_set_back_is_no_sign_of_life(
    monkeypatch: pytest.MonkeyPatch, tmp_path: str
) -> None:
    monkeypatch.setattr(heartbeat.tempfile, "gettempdir", lambda: str(tmp_path))
    heartbeat.place("intake").touch()
    tomorrow = time.time() + 86_400
    os.utime(heartbeat.place("intake"), (tomorrow, tomorrow))
    assert not heartbeat.alive("intake")


async def test_a_link_that_somebody_has_laid_is_not_followed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(heartbeat.tempfile, "gettempdir", lambda: str(tmp_path))
    heartbeat.place("intake").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        await heartbeat.beat("intake")
    assert not (tmp_path / "elsewhere").exists()
    assert not heartbeat.alive("intake")
