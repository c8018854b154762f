"""F7: the database is there and does not do: no connection left, sessions ended, locks, deadlocks, limits.

What another session does here is what a colleague at `psql`, a backup program or a limit set by the administrator of
the database does.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from services.kit.store.schema import lock_name
from tests.faults.conftest import Ground
from tests.faults.load import Load
from tests.faults.telling import bugs, readiness, unfaulted
from tests.faults.trial import Trial
from tests.parts.product import Product

OTHERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
LOCKED = {"intake.stored_events": 12.0, "approval.leases": 12.0}
"""And for how many seconds."""
COMMITTING = " AND query = 'COMMIT' AND state = 'active'"


@contextlib.contextmanager
def colleague(product: Product) -> Iterator[psycopg.Connection]:
    """Another session of the same database, past the wire."""
    assert product.settings.database_url is not None
    with psycopg.connect(product.settings.database_url.get_secret_value(), autocommit=True) as session:
        yield session


def ended(session: psycopg.Connection, which: str = OTHERS) -> int:
    """How many sessions were ended."""
    return len(session.execute(f"SELECT pg_terminate_backend(pid) FROM ({which}) AS others").fetchall())  # noqa: S608 - ours


@pytest.mark.long
@pytest.mark.fault("F7")
async def test_the_database_has_no_connection_left(apart: Product, ground: Ground, trial: Trial) -> None:
    """Others hold them all; what we had is gone, and what becomes free is taken at once."""
    before = len(bugs(apart))
    with contextlib.ExitStack() as held:
        async with Load(apart, trial).work() as load:
            await asyncio.sleep(trial.dice.uniform(1, 2))
            session = held.enter_context(colleague(apart))
            ends = time.monotonic() + 4 + 2 * trial.lasting
            await asyncio.to_thread(crowd_out, session, ground.postgres.dsn, held, ends)
            told = await readiness(apart)
            held.close()
            load.healed()
        trial.note(f"clients were told {load.answered()}")
    assert "max_connections" in told, told
    unfaulted(load, before)
    assert await load.settled() == []
    assert load.archived
    apart.wait_ready()


def crowd_out(session: psycopg.Connection, dsn: str, held: contextlib.ExitStack, ends: float) -> None:
    """Takes what is free and ends those of the product, again and again."""
    while time.monotonic() < ends:
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                held.enter_context(contextlib.closing(psycopg.connect(dsn)))
        ended(session)
        time.sleep(0.001)


@pytest.mark.long
@pytest.mark.fault("F7")
async def test_sessions_are_ended_amid_their_commits(apart: Product, trial: Trial) -> None:
    before = len(bugs(apart))
    with colleague(apart) as session:
        async with Load(apart, trial).work() as load:
            await asyncio.sleep(trial.dice.uniform(1, 2))
            counted = await asyncio.to_thread(ended_amid, session, trial, 6 * trial.lasting)
            load.healed()
    trial.note(f"{counted} sessions ended, each while it committed; clients were told {load.answered()}")
    assert counted
    unfaulted(load, before)
    assert await load.settled() == []
    assert load.archived


def ended_amid(session: psycopg.Connection, trial: Trial, seconds: float) -> int:
    counted, ends = 0, time.monotonic() + seconds
    while time.monotonic() < ends:
        counted += ended(session, OTHERS + COMMITTING)
        time.sleep(trial.dice.uniform(0, 0.01))
    return counted


@pytest.mark.long
@pytest.mark.fault("F7")
@pytest.mark.parametrize(("table", "seconds"), LOCKED.items())
async def test_another_session_holds_a_table(apart: Product, trial: Trial, table: str, seconds: float) -> None:
    """Longer than we wait for a lock."""
    before = len(bugs(apart))
    with colleague(apart) as session:
        async with Load(apart, trial).work() as load:
            await asyncio.sleep(trial.dice.uniform(1, 2))
            with session.transaction():
                session.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
                await asyncio.sleep(seconds)
                told = await readiness(apart)
            load.healed()
    trial.note(f"for {seconds:g} s; clients were told {load.answered()}")
    assert "dikunci sesi" in told or "dikunci sesi" in apart.said(), told
    unfaulted(load, before)
    assert await load.settled() == []
    assert load.archived
    apart.wait_ready()


@pytest.mark.long
@pytest.mark.fault("F7")
async def test_deadlocks(apart: Product, trial: Trial) -> None:
    """A colleague takes a table first and then waits for the writer's lock, while the writer waits for the table."""
    before = len(bugs(apart))
    with colleague(apart) as session:
        async with Load(apart, trial).work() as load:
            await asyncio.sleep(trial.dice.uniform(1, 2))
            ours, theirs = await asyncio.to_thread(deadlocked, session, int(4 * trial.lasting))
            load.healed()
    trial.note(f"the writer gave way {theirs} times, the other {ours} times; clients were told {load.answered()}")
    assert theirs + ours
    unfaulted(load, before)
    assert await load.settled() == []
    assert load.archived


def deadlocked(session: psycopg.Connection, times: int) -> tuple[int, int]:
    """How often we gave way, and how often the writer did."""
    ours = theirs = 0
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'intake.stored_events'::regclass"
    for _ in range(times):
        try:
            with session.transaction():
                session.execute("LOCK TABLE intake.stored_events IN ACCESS EXCLUSIVE MODE")
                while not session.execute(waiting).fetchone()[0]:
                    time.sleep(0.01)
                session.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (lock_name("intake"),))
                theirs += 1
        except psycopg.errors.DeadlockDetected:
            ours += 1
        time.sleep(0.3)
    return ours, theirs


WRONG = {"statement_timeout": ("2ms", "statement_timeout"), "default_transaction_read_only": ("on", "read-only")}
"""A setting and its value; by which word its cause is told."""


@pytest.mark.long
@pytest.mark.fault("F7")
@pytest.mark.parametrize("setting", WRONG)
async def test_the_database_is_set_wrong_for_a_while(apart: Product, trial: Trial, setting: str) -> None:
    """Every statement is ended that takes its time; nothing may be written (so stands a reserve after a failover)."""
    value, word = WRONG[setting]
    before = len(bugs(apart))
    with colleague(apart) as session:
        of = sql.Identifier(session.info.dbname), sql.Identifier(setting)
        try:
            async with Load(apart, trial).work() as load:
                await asyncio.sleep(trial.dice.uniform(1, 2))
                session.execute(sql.SQL("ALTER DATABASE {} SET {} = {}").format(*of, sql.Literal(value)))
                ended(session)
                await asyncio.sleep(4 + trial.lasting)
                told = await readiness(apart)
                session.execute(sql.SQL("ALTER DATABASE {} RESET {}").format(*of))
                ended(session)
                load.healed()
        finally:
            session.execute(sql.SQL("ALTER DATABASE {} RESET {}").format(*of))
    trial.note(f"clients were told {load.answered()}")
    assert word in told, told
    unfaulted(load, before)
    assert await load.settled() == []
    assert load.archived
    apart.wait_ready()
