"""Loops that fail come back, loops that are told to stop do, and nobody waits for ever."""

import asyncio
import errno
import os
import re
import signal

import pytest

from services.kit.runtime import supervise
from services.kit.runtime.supervise import Supervisor, asked_to_stop


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(supervise, "LONGEST_WAIT", 0.01)


async def turns(supervisor: Supervisor, name: str, restarts: int) -> None:
    async with asyncio.timeout(10):
        while supervisor.health()[name]["restarts"] < restarts:  # noqa: ASYNC110 - the loop under test tells nobody
            await asyncio.sleep(0.001)


async def test_a_loop_that_fails_is_started_again_and_the_others_do_not_notice() -> None:
    supervisor, calm = Supervisor(), asyncio.Event()

    async def fails() -> None:
        raise RuntimeError("no luck")

    supervisor.add("fails", fails)
    supervisor.add("calm", calm.wait)  # type: ignore[arg-type]
    await turns(supervisor, "fails", 5)
    health = supervisor.health()
    assert re.fullmatch(r"RuntimeError \(test_supervise.py:\d+\)", health["fails"]["error"]), "and none of its words"
    assert health["fails"]["failed_at"] is not None
    assert (health["calm"]["state"], health["calm"]["restarts"]) == ("running", 0)
    assert await supervisor.stop() == []
    assert {one["state"] for one in supervisor.health().values()} == {"stopped"}


async def test_a_loop_that_is_done_is_not_started_again() -> None:
    supervisor, runs = Supervisor(), []

    async def once() -> None:
        runs.append(1)

    supervisor.add("once", once)
    await asyncio.sleep(0.05)
    assert (supervisor.health()["once"]["state"], runs) == ("ended", [1])
    await supervisor.stop()


async def test_loops_stop_in_the_opposite_order_each_finished_before_the_next() -> None:
    supervisor, said = Supervisor(), []

    def loop(name: str) -> None:
        async def run() -> None:
            try:
                await asyncio.sleep(60)
            finally:
                said.append(f"{name} asked")
                await asyncio.sleep(0.02)
                said.append(f"{name} done")

        supervisor.add(name, run)

    for name in ("store", "relay", "bus"):
        loop(name)
    await asyncio.sleep(0)
    assert await supervisor.stop() == []
    assert said == ["bus asked", "bus done", "relay asked", "relay done", "store asked", "store done"]


async def test_a_loop_that_will_not_stop_is_named_and_does_not_keep_the_rest() -> None:
    supervisor, release = Supervisor(), asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    async def willing() -> None:
        await asyncio.sleep(60)

    supervisor.add("willing", willing)
    supervisor.add("stubborn", stubborn)
    await asyncio.sleep(0)
    assert await supervisor.stop(seconds=0.1) == ["stubborn"]
    assert supervisor.health()["willing"]["state"] == "stopped"
    release.set()


async def test_a_loop_that_fails_while_it_is_stopped_is_not_started_again() -> None:
    supervisor, runs = Supervisor(), []

    async def clumsy() -> None:
        runs.append(1)
        try:
            await asyncio.sleep(60)
        finally:
            raise OSError(errno.ENOSPC, "words that may be somebody's")

    supervisor.add("clumsy", clumsy)
    await asyncio.sleep(0)
    assert await supervisor.stop(seconds=5) == []
    assert (runs, supervisor.health()["clumsy"]["state"]) == ([1], "stopped")
    assert supervisor.health()["clumsy"]["error"].startswith("OSError: No space left on device (test_supervise.py:")


async def test_a_cancellation_that_comes_from_within_is_a_failure_and_no_stop() -> None:
    supervisor = Supervisor()

    async def waits_for_something_cancelled() -> None:
        other = asyncio.ensure_future(asyncio.sleep(60))
        other.cancel()
        await other

    supervisor.add("inner", waits_for_something_cancelled)
    await turns(supervisor, "inner", 2)
    assert supervisor.health()["inner"]["error"] == "cancelled from within"
    await supervisor.stop()


async def test_a_loop_of_several_tasks_comes_back_when_one_of_them_fails() -> None:
    supervisor = Supervisor()

    async def fails() -> None:
        await asyncio.sleep(0.001)
        raise OSError("the database has gone")

    async def several() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
            group.create_task(asyncio.sleep(60))

    supervisor.add("several", several)
    await turns(supervisor, "several", 3)
    assert await supervisor.stop() == []
    assert supervisor.health()["several"]["state"] == "stopped"


async def test_a_name_is_given_once_and_nothing_starts_while_stopping() -> None:
    supervisor = Supervisor()
    supervisor.add("one", lambda: asyncio.sleep(60))
    with pytest.raises(ValueError, match="there is a loop one already"):
        supervisor.add("one", lambda: asyncio.sleep(60))
    await supervisor.stop()
    with pytest.raises(ValueError, match="is stopping"):
        supervisor.add("two", lambda: asyncio.sleep(60))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_first_signal_asks_and_leaves_the_second_to_the_system(number: signal.Signals) -> None:
    with asked_to_stop() as asked:
        assert not asked.is_set()
        os.kill(os.getpid(), number)
        await asyncio.wait_for(asked.wait(), 5)
        assert signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}
