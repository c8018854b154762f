"""Work in another process: what it gives and raises comes back, and it outlives nobody."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.cli import apart as module
from services.cli.apart import EndedOutside, apart, is_worth
from services.cli.invariants.ground import Step, Tell

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 30.0


@dataclass(frozen=True)
class Adding:
    """Adds up, and says so."""

    numbers: tuple[int, ...]

    def __call__(self, tell: Tell) -> tuple[int, int]:
        for done, _ in enumerate(self.numbers, 1):
            tell(Step("adding", done, len(self.numbers), 0.1))
        return sum(self.numbers), os.getpid()


@dataclass(frozen=True)
class Failing:
    def __call__(self, _: Tell) -> None:
        raise LookupError("there is nothing")


class Mute(Exception):
    """Cannot be sent anywhere."""

    def __reduce__(self) -> str:
        raise TypeError("no")


@dataclass(frozen=True)
class FailingMutely:
    def __call__(self, _: Tell) -> None:
        raise Mute("there is nothing")


@dataclass(frozen=True)
class Building:
    """Never ends by itself, and takes away what it builds."""

    place: Path

    def __call__(self, tell: Tell) -> None:
        built = self.place / str(os.getpid())
        try:
            built.touch()
            while True:
                tell(Step("building", 1, 2, 0.1))
                time.sleep(0.02)
        finally:
            built.unlink(missing_ok=True)


def main(place: str) -> None:
    """A caller for the test below to kill."""
    asyncio.run(apart(Building(Path(place)), lambda _: None))


def until(what: Callable[[], bool]) -> None:
    ends = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_what_it_gives_comes_back_with_its_steps() -> None:
    steps: list[Step] = []
    total, pid = asyncio.run(apart(Adding((1, 2, 3)), steps.append))
    assert total == 6
    assert pid != os.getpid()
    assert [step.done for step in steps] == [1, 2, 3]


def test_what_it_raises_is_raised_here() -> None:
    with pytest.raises(LookupError, match="there is nothing"):
        asyncio.run(apart(Failing(), lambda _: None))
    with pytest.raises(RuntimeError, match="Mute: there is nothing"):
        asyncio.run(apart(FailingMutely(), lambda _: None))


def test_one_that_is_killed_is_told_of(tmp_path: Path) -> None:
    def kill(_: Step) -> None:
        (pid,) = [int(each.name) for each in tmp_path.iterdir()]
        os.kill(pid, signal.SIGKILL)

    with pytest.raises(EndedOutside, match="-9"):
        asyncio.run(apart(Building(tmp_path), kill))


def test_whoever_stops_waiting_ends_it_and_nothing_is_left(tmp_path: Path) -> None:
    async def impatient() -> None:
        begun = asyncio.Event()
        loop = asyncio.get_running_loop()

        def tell(_: Step) -> None:
            loop.call_soon_threadsafe(begun.set)

        work = asyncio.create_task(apart(Building(tmp_path), tell))
        await begun.wait()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(impatient())
    assert list(tmp_path.iterdir()) == []


def test_it_ends_and_takes_away_what_it_built_when_its_caller_is_killed(tmp_path: Path) -> None:
    caller = subprocess.Popen([sys.executable, "-c", f"from {__name__} import main; main({str(tmp_path)!r})"], cwd=ROOT)
    until(lambda: bool(list(tmp_path.iterdir())))
    (pid,) = [int(each.name) for each in tmp_path.iterdir()]
    caller.kill()
    caller.wait()
    until(lambda: not list(tmp_path.iterdir()))
    until(lambda: not Path(f"/proc/{pid}").exists())


def test_little_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    assert not is_worth(module.WORTH - 1)
    assert is_worth(module.WORTH)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert not is_worth(module.WORTH)
