"""Ctrl-C at a terminal: every process of the group is told at once, and nobody is shown what happened inside."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.parts.ports import free_port

CARAKA = Path(__file__).parents[2] / ".venv/bin/caraka"
WORDS = ("Traceback", "KeyboardInterrupt", "the connection was lost", "[error", '"error"', '"warning"')


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background takes Ctrl-C from who is born there
    own = {
        "CARAKA_DATA_DIR": str(folder / "var"), "CARAKA_HTTP_PORT": str(free_port()),
        "CARAKA_NATS_PORT": str(free_port()), "PATH": os.environ["PATH"],
    }  # fmt: skip
    return subprocess.Popen(
        [str(CARAKA), *arguments], env=own, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip


def interrupted(process: subprocess.Popen[str]) -> tuple[int, str]:
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    return process.returncode, said


def test_a_product_that_runs_says_that_it_stops_and_nothing_else(tmp_path: Path) -> None:
    process = started(tmp_path, "up")
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith("Ctrl-C untuk berhenti"):
                break
        code, said = interrupted(process)
    finally:
        process.kill()
        process.communicate()
    assert code == 0
    assert not [word for word in WORDS if word in said], said
    told = [line for line in said.splitlines() if line and not line.startswith("{")]
    assert told == ["Menghentikan layanan …", f"Selesai. Data tetap tersimpan di {tmp_path / 'var'}"]


@pytest.mark.parametrize("seconds", [0.15, 0.6, 1.5, 3.0])
def test_a_product_that_is_still_starting_ends_without_a_traceback(tmp_path: Path, seconds: float) -> None:
    process = started(tmp_path, "up")
    time.sleep(seconds)
    try:
        code, said = interrupted(process)
    finally:
        process.kill()
        process.communicate()
    assert "Traceback" not in said, said
    assert code in {0, 128 + signal.SIGINT, -signal.SIGINT}
