"""One worker at a time: taken over when it dies or hangs, given back when it leaves, fenced by a growing number."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text, update

from services.kit.database import place
from services.kit.database.place import engine_of, make_schema, place_of
from services.kit.runtime import lease
from services.kit.runtime.lease import LEASES, Lease, LeaseLost
from services.kit.settings import Settings
from tests.integration.waiting import until

ELSEWHERE = "another-boot/1/1/1/x"


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = request.getfixturevalue("pg_url") if request.param == "postgres" else None
    where = place_of(Settings(data_dir=tmp_path, database_url=url), "intake")
    make_schema(where)
    engine = engine_of(where)
    lease.METADATA.create_all(engine)
    yield engine
    engine.dispose()


async def test_never_two_at_once_and_the_number_only_grows(engine: Engine) -> None:
    inside, tokens = 0, []

    async def worker() -> None:
        nonlocal inside
        own = Lease(engine, "relay", ttl=1.5)  # a machine that stands still for less takes it from nobody
        for _ in range(4):
            async with own.hold() as token:
                inside += 1
                assert inside == 1
                tokens.append(token)
                await asyncio.sleep(0.01)
                inside -= 1

    await asyncio.gather(*(worker() for _ in range(4)))
    assert len(tokens) == 16
    assert tokens == sorted(set(tokens))


async def test_a_holder_that_leaves_gives_it_back_at_once(engine: Engine) -> None:
    first, second = Lease(engine, "relay", ttl=60), Lease(engine, "relay", ttl=3)
    async with first.hold():
        waiting = asyncio.create_task(enter(second))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        began = time.monotonic()
    assert await waiting == 2
    assert time.monotonic() - began < 2
    assert first.token == 0


async def enter(own: Lease) -> int:
    async with own.hold() as token:
        return token


async def test_a_cancelled_holder_gives_it_back_too(engine: Engine) -> None:
    held = asyncio.Event()

    async def work() -> None:
        held.set()
        await asyncio.sleep(60)

    guarding = asyncio.create_task(Lease(engine, "relay", ttl=60).guard(work))
    await held.wait()
    guarding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await guarding
    assert await asyncio.wait_for(enter(Lease(engine, "relay", ttl=60)), 5) == 2


async def test_a_holder_on_a_machine_that_died_is_taken_over_within_seconds(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(LEASES.insert().values(name="relay", holder=ELSEWHERE, token=7, beat=1))
    began = time.monotonic()
    assert await enter(Lease(engine, "relay", ttl=1)) == 8
    assert 1 <= time.monotonic() - began < 5


async def test_a_holder_that_is_alive_elsewhere_is_never_taken_over(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(LEASES.insert().values(name="relay", holder=ELSEWHERE, token=7, beat=1))
    trying = asyncio.create_task(enter(Lease(engine, "relay", ttl=1)))
    for _ in range(15):
        await asyncio.sleep(0.1)
        with engine.begin() as connection:
            connection.execute(update(LEASES).values(beat=LEASES.c.beat + 1))
    assert not trying.done()
    assert await asyncio.wait_for(trying, 5) == 8


async def test_a_process_of_this_machine_that_was_killed_is_taken_over_at_once(engine: Engine, tmp_path: Path) -> None:
    url = engine.url.render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, url, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    while (line := await process.stdout.readline()) != b"held 1\n":
        assert line, "it ended without the lease"
    waiting = asyncio.create_task(enter(Lease(engine, "relay", ttl=30)))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    assert await asyncio.wait_for(waiting, 8) == 2


async def test_a_dead_process_that_nobody_has_buried_yet_holds_nothing(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    with subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE) as process:  # noqa: ASYNC220 - asyncio's own would bury it
        assert process.stdout is not None
        while (line := await asyncio.to_thread(process.stdout.readline)) != b"held 1\n":
            assert line, "it ended without the lease"
        process.kill()
        assert await asyncio.wait_for(enter(Lease(engine, "relay", ttl=30)), 8) == 2


HOLDER = """
import asyncio, sys
from sqlalchemy import create_engine, event
from services.kit.runtime.lease import Lease

engine = create_engine(sys.argv[1])
if engine.dialect.name == "postgresql":
    @event.listens_for(engine, "connect")
    def own_schema(connection, record):
        connection.execute('SET search_path TO "intake"')
        connection.commit()

async def main():
    async with Lease(engine, "relay", ttl=30).hold() as token:
        print("held", token, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_a_holder_that_was_replaced_stops_and_stands_by_again(engine: Engine) -> None:
    starts: list[int] = []
    stopped = asyncio.Event()
    own = Lease(engine, "relay", ttl=0.4)

    async def work() -> None:
        starts.append(own.token)
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()

    guarding = asyncio.create_task(own.guard(work))
    await until(lambda: len(starts) == 1)
    with engine.begin() as connection:  # somebody took over while this process slept
        connection.execute(update(LEASES).values(holder=ELSEWHERE, token=5))
    await asyncio.wait_for(stopped.wait(), 5)
    await until(lambda: starts == [1, 6])
    guarding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await guarding


async def test_a_holder_whose_database_does_not_answer_stops_before_another_may_start(engine: Engine) -> None:
    lock = "BEGIN EXCLUSIVE" if engine.dialect.name == "sqlite" else "LOCK TABLE leases IN ACCESS EXCLUSIVE MODE"
    began, ttl = 0.0, 2

    async def work() -> None:
        nonlocal began
        async with Lease(engine, "relay", ttl=ttl).hold():
            with engine.connect() as blocking:
                blocking.execute(text(lock))
                began = time.monotonic()
                try:
                    await asyncio.sleep(60)
                finally:
                    blocking.rollback()

    with pytest.raises(LeaseLost):
        await asyncio.wait_for(work(), 30)
    assert time.monotonic() - began < 1.5 * ttl


async def test_a_table_that_another_session_holds_is_said_and_waited_for(
    tmp_path: Path, pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "LOCK_SECONDS", 1)
    monkeypatch.setattr(lease, "TTL_SECONDS", 0.3)
    where = place_of(Settings(data_dir=tmp_path, database_url=SecretStr(pg_url)), "intake")
    make_schema(where)
    engine = engine_of(where)
    lease.METADATA.create_all(engine)
    own = Lease(engine, "relay", ttl=0.3)
    assert own._beats.health()["state"] == "reached", "nobody has asked for it"

    async def rests() -> None:
        await asyncio.sleep(3600)

    working = asyncio.create_task(own.guard(rests))
    await until(lambda: own.token > 0)
    with psycopg.connect(pg_url) as colleague:
        colleague.execute("LOCK TABLE intake.leases IN ACCESS EXCLUSIVE MODE")
        await until(lambda: "dikunci sesi" in own._beats.health().get("reason", ""))
        assert own._beats.health()["state"] == "down"
        assert own.token == 0, "what runs under it has been ended"
    await until(lambda: own.token > 0 and own._beats.health()["state"] == "reached")
    working.cancel()
    await asyncio.wait([working])
    engine.dispose()
