"""Timers on both databases: asked once and only once, whatever stops, jumps or is forgotten in between."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import Engine, text

from contracts.approval import EscalateTier, InitialLetter, OpenRound, RoundOpened, TierOverdue, TurnLimit
from contracts.base import Accepted, Actor, Ask, Command, Event, Recorded, Refusal
from contracts.words import Tier
from services.kit.codec.envelope import decode
from services.kit.database.place import engine_of, place_of
from services.kit.deciding import Accept, Decision, Given, Handles, StreamKind, Timer, accept
from services.kit.policy import related
from services.kit.runtime.timekeeper import Timekeeper
from services.kit.sealing.keyring import load_keyring
from services.kit.sealing.keys import Keys, open_keys
from services.kit.settings import Settings
from services.kit.store import Log, StoreUnavailable, Writer, open_log, open_store
from services.kit.store.opening import Store
from services.kit.store.timetable import derived, retell

FRIDAY = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
KASI = Tier(position="kasi-persandian", title="Kepala Seksi Persandian")
ACTOR = Actor(id="approval", roles=("service",))


@dataclass(frozen=True)
class Waiting:
    """A letter waits for one initial until its limit; ``late``: that has been said."""

    due_at: datetime | None = None
    late: bool = False


def evolve(state: Waiting, event: Event) -> Waiting:
    match event:
        case RoundOpened(limit=TurnLimit(due_at=due_at)):
            return Waiting(due_at)
        case TierOverdue():
            return replace(state, late=True)
    return state


def timers(stream: str, state: Waiting) -> tuple[Timer, ...]:
    if state.due_at is None or state.late:
        return ()
    return (Timer("late", state.due_at, EscalateTier(letter_id=UUID(stream.partition(":")[2]), revision=1, turn=0)),)


def open_round(command: OpenRound, state: Waiting, given: Given) -> Decision:
    if state.due_at == command.due_at:
        return Accept()
    fact = RoundOpened(round_id=command.letter_id, limit=TurnLimit(due_at=command.due_at), **dict(command))
    return accept(f"round:{command.letter_id}", fact)


def initial(command: InitialLetter, state: Waiting, given: Given) -> Decision:
    return open_round(opening(command.letter_id, FRIDAY + timedelta(days=9)), state, given)


def escalate(command: EscalateTier, state: Waiting, given: Given) -> Decision:
    if state.due_at is None or state.late:
        return Accept()
    if given.now < state.due_at:
        return Refusal(code="approval.not-due")
    return accept(f"round:{command.letter_id}", overdue(command.letter_id, state.due_at))


def overdue(letter: UUID, due_at: datetime) -> TierOverdue:
    place = {"position": KASI.position, "title": KASI.title}
    return TierOverdue(letter_id=letter, round_id=letter, revision=1, tier=0, due_at=due_at, **place)


def opening(letter: UUID, due_at: datetime) -> OpenRound:
    return OpenRound(
        letter_id=letter, revision=1, agenda="0844/2026", urgency="biasa", due_at=due_at, tiers=(KASI,),
        registrar_id="operator",
    )  # fmt: skip


def of_letter(command: OpenRound | InitialLetter | EscalateTier, _given: Given) -> str:
    return f"round:{command.letter_id}"


ANYBODY = related("anybody")
COMMANDS = {
    OpenRound: Handles(of_letter, open_round, (RoundOpened,), ANYBODY),
    InitialLetter: Handles(of_letter, initial, (RoundOpened,), ANYBODY),
    EscalateTier: Handles(of_letter, escalate, (TierOverdue,), ANYBODY),
}
STREAMS = {"round": StreamKind(Waiting(), evolve, timers=timers)}


@dataclass
class Clock:
    now: datetime = FRIDAY

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Office:
    """One service with a clock that the test sets; `restart` ends the process and begins another on the same store."""

    settings: Settings
    clock: Clock
    store: Store
    keys: Keys
    engine: Engine
    writer: Writer
    log: Log
    asked: list[Ask] = field(default_factory=list)
    broken: int = 0

    async def open_round(self, due_at: datetime, letter: UUID | None = None) -> UUID:
        command = opening(letter or uuid4(), due_at)
        assert isinstance(await self.do(command), Accepted)
        return command.letter_id

    async def do(self, command: Command) -> Accepted | Refusal:
        ask = Ask(
            command_id=uuid4(), agency="pekalongan", kind=command.kind(), actor=ACTOR, asked_at=self.clock(),
            correlation_id=uuid4(), body=command.model_dump(mode="json"),
        )  # fmt: skip
        return await self.writer.execute(ask)

    async def execute(self, ask: Ask) -> Accepted | Refusal:
        self.asked.append(ask)
        if self.broken:
            self.broken -= 1
            raise StoreUnavailable("approval")
        return await self.writer.execute(ask)

    def keeper(self, poll: float = 30.0) -> Timekeeper:
        return Timekeeper(
            "approval", engine=self.engine, execute=self.execute, timer_wakeup=self.writer.timer_wakeup,
            clock=self.clock, poll=poll,
            unavailable=(StoreUnavailable,),
        )  # fmt: skip

    @contextlib.asynccontextmanager
    async def keeping(self, poll: float = 30.0) -> AsyncIterator[Timekeeper]:
        keeper = self.keeper(poll)
        task = asyncio.create_task(keeper.run())
        yield keeper
        task.cancel()
        await asyncio.wait([task])

    async def restart(self) -> None:
        await self.writer.stop()
        self.writer = writer_of(self.store, self.keys, self.clock, self.settings)
        self.writer.start()

    def facts(self) -> list[Recorded]:
        return [decode(row.position, row.data) for row in self.log.read(0, 10_000)]

    def late(self) -> list[UUID]:
        return [fact.event.letter_id for fact in self.facts() if isinstance(fact.event, TierOverdue)]

    def table(self) -> set[str]:
        with self.engine.connect() as connection:
            return set(connection.scalars(text("SELECT timer_id FROM timers")))

    def told_by_the_events(self) -> set[str]:
        return {str(each) for each in derived(self.facts(), "approval", STREAMS)}


def writer_of(store: Store, keys: Keys, clock: Clock, settings: Settings) -> Writer:
    return Writer(store, "approval", COMMANDS, dict(STREAMS), keys, clock, load_keyring(settings).derive("commands"))


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    url = request.getfixturevalue("pg_url") if request.param == "postgres" else None
    settings = Settings(data_dir=tmp_path, database_url=SecretStr(url) if url else None)
    store, keys, clock = open_store(settings, "approval"), open_keys(settings), Clock()
    keys.migrate()
    store.migrate()
    engine, log = engine_of(place_of(settings, "approval")), open_log(settings, "approval")
    opened = Office(settings, clock, store, keys, engine, writer_of(store, keys, clock, settings), log)
    opened.writer.start()
    yield opened
    await opened.writer.stop()
    await asyncio.get_running_loop().shutdown_default_executor()  # a look that was cancelled still holds a connection
    engine.dispose()
    store.close()
    log.close()
    keys.dispose()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a commit of another thread is waited for
            await asyncio.sleep(0.01)


async def test_a_timer_is_asked_at_its_moment_and_not_before(office: Office) -> None:
    letter = await office.open_round(FRIDAY + timedelta(hours=1))
    keeper = office.keeper()
    assert await keeper.fire() == 0
    office.clock.now = FRIDAY + timedelta(hours=1)
    assert await keeper.fire() == 1
    assert await keeper.fire() == 0
    assert office.late() == [letter]
    assert office.table() == office.told_by_the_events() == set()


async def test_the_fact_says_which_round_the_timer_came_from(office: Office) -> None:
    await office.open_round(FRIDAY)
    await office.keeper().fire()
    opened, late = office.facts()
    assert (late.causation_id, late.correlation_id) == (opened.event_id, opened.correlation_id)


async def test_what_came_due_during_a_stop_is_asked_at_once_after_it(office: Office) -> None:
    letters = {await office.open_round(FRIDAY + timedelta(minutes=minute)) for minute in range(5)}
    await office.restart()
    office.clock.now = FRIDAY + timedelta(days=3)
    async with office.keeping():
        await until(lambda: len(office.late()) == 5)
    assert set(office.late()) == letters


async def test_a_letter_for_an_earlier_moment_wakes_who_sleeps_towards_a_later_one(office: Office) -> None:
    await office.open_round(FRIDAY + timedelta(days=2))
    async with office.keeping(poll=600) as keeper:
        await until(lambda: "next_at" in keeper.health())
        letter = await office.open_round(FRIDAY)
        await until(lambda: office.late() == [letter])


async def test_three_hundred_letters_due_at_the_same_moment_are_all_asked_and_once(office: Office) -> None:
    await asyncio.gather(*(office.open_round(FRIDAY + timedelta(hours=1)) for _ in range(300)))
    office.clock.now = FRIDAY + timedelta(hours=2)
    assert await office.keeper().fire() == 300
    assert len(set(office.late())) == len(office.late()) == 300


async def test_two_timekeepers_at_once_have_the_effect_of_one(office: Office) -> None:
    letters = [await office.open_round(FRIDAY) for _ in range(20)]
    await asyncio.gather(office.keeper().fire(), office.keeper().fire())
    assert sorted(office.late()) == sorted(letters)


async def test_a_death_between_the_commit_and_the_table_asks_again_without_effect(office: Office) -> None:
    """The row comes back (a backup, a rebuild from the events): its command has been accepted, and stays so."""
    letter = await office.open_round(FRIDAY)
    with office.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM timers")).mappings().one()
    await office.keeper().fire()
    names = ", ".join(row)
    with office.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO timers ({names}) VALUES (:{', :'.join(row)})"), dict(row))  # noqa: S608 - names of our own table
    await office.restart()
    assert await office.keeper().fire() == 1
    assert office.late() == [letter]
    assert office.table() == set()


async def test_a_store_that_is_away_loses_no_timer(office: Office) -> None:
    letter = await office.open_round(FRIDAY)
    office.broken = 1
    async with office.keeping():
        await until(lambda: office.late() == [letter])
    assert len({ask.command_id for ask in office.asked}) == 1


async def test_a_refused_timer_waits_and_lets_the_others_through(office: Office) -> None:
    """The writer's clock is behind the one that the timer was read by: it is not due yet, and comes again."""
    early = await office.open_round(FRIDAY + timedelta(minutes=10))
    ahead = Clock(FRIDAY + timedelta(minutes=30))
    keeper = Timekeeper(
        "approval",
        engine=office.engine,
        execute=office.execute,
        timer_wakeup=office.writer.timer_wakeup,
        clock=ahead,
        poll=1,
    )
    letter = await office.open_round(FRIDAY)
    await keeper.fire()
    assert office.late() == [letter]
    assert keeper.health()["parked"] == 1
    office.clock.now = ahead.now = FRIDAY + timedelta(hours=3)
    assert await keeper.fire() == 1
    assert office.late() == [letter, early]


async def test_a_timer_refused_by_a_clock_that_ran_ahead_comes_when_it_is_set_right(office: Office) -> None:
    """Else it would wait for the hour of that clock: a year."""
    letter = await office.open_round(FRIDAY + timedelta(minutes=10))
    wrong = Clock(FRIDAY + timedelta(days=366))
    keeper = Timekeeper(
        "approval",
        engine=office.engine,
        execute=office.execute,
        timer_wakeup=office.writer.timer_wakeup,
        clock=wrong,
        poll=1,
    )
    assert await keeper.fire() == 0
    wrong.now = FRIDAY
    assert await keeper.fire() == 0, "its moment has not come"
    await office.restart()
    office.clock.now = FRIDAY + timedelta(minutes=11)
    assert await office.keeper().fire() == 1
    assert office.late() == [letter]


async def test_a_deadline_that_was_moved_is_asked_at_the_new_moment_alone(office: Office) -> None:
    letter = await office.open_round(FRIDAY + timedelta(hours=1))
    await office.do(InitialLetter(letter_id=letter))
    office.clock.now = FRIDAY + timedelta(hours=2)
    assert await office.keeper().fire() == 0
    office.clock.now = FRIDAY + timedelta(days=9)
    assert await office.keeper().fire() == 1
    assert office.late() == [letter]


async def test_a_clock_put_back_asks_nothing_twice(office: Office) -> None:
    letter = await office.open_round(FRIDAY)
    await office.keeper().fire()
    office.clock.now = FRIDAY - timedelta(days=400)
    assert await office.keeper().fire() == 0
    office.clock.now = FRIDAY + timedelta(days=1)
    assert await office.keeper().fire() == 0
    assert office.late() == [letter]


async def test_a_clock_put_forward_is_noticed_without_a_new_letter(office: Office) -> None:
    letter = await office.open_round(FRIDAY + timedelta(days=300))
    async with office.keeping(poll=0.05) as keeper:
        await until(lambda: "next_at" in keeper.health())
        office.clock.now = FRIDAY + timedelta(days=366)
        await until(lambda: office.late() == [letter])


async def test_the_table_can_be_told_again_from_the_events(office: Office) -> None:
    for hours in range(6):
        await office.open_round(FRIDAY + timedelta(hours=hours))
    office.clock.now = FRIDAY + timedelta(hours=2)
    await office.keeper().fire()
    before = office.table()
    assert len(before) == 3
    with office.store.locked() as transaction:
        transaction.execute("DELETE FROM {s}timers")
    assert retell(office.store, "approval", STREAMS) == 3
    assert office.table() == before
    office.clock.now = FRIDAY + timedelta(days=1)
    assert await office.keeper().fire() == 3
