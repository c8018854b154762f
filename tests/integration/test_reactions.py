"""A foreign fact becomes an own command, once in effect; what cannot be answered waits alone, in order, visibly."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from uuid import NAMESPACE_OID, UUID, uuid5

import orjson
import pytest
from faststream.nats import NatsBroker
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from contracts.approval import ApprovalCompleted, CloseRound
from contracts.base import Accepted, Ask, Command, Recorded, Refusal
from services.kit.bus.connection import Bus
from services.kit.codec.position import Checkpoint, Delivery
from services.kit.database.place import engine_of, make_schema, place_of
from services.kit.ids import reaction_id
from services.kit.operations.stream_keeper import serve_renewals
from services.kit.outbox.relay import Relay
from services.kit.settings import Settings
from services.kit.store.log import LogRow
from services.kit.subscriptions import dead_letters
from services.kit.subscriptions.dead_letters import DeadLetter, DeadLetters
from services.kit.subscriptions.reactor import Reactor
from tests.integration.fake_log import FakeLog
from tests.integration.waiting import until
from tests.parts.nats import Nats

pytestmark = pytest.mark.usefixtures("way")

STORE = "0a1b2c"


class StoreAway(Exception):
    """The own store does not answer."""


class Desk:
    """The own service's writer: remembers commands by id, refuses letters on its list, may be away or broken."""

    def __init__(self) -> None:
        self.done: dict[UUID, str] = {}
        self.order: list[tuple[str, str]] = []
        self.refuses: set[str] = set()
        self.breaks: set[str] = set()
        self.away = 0
        self.calls = 0
        self.running: set[str] = set()
        self.most_at_once = 0

    async def execute(self, ask: Ask) -> Accepted | Refusal:
        self.calls += 1
        letter = ask.body["letter_id"]
        assert letter not in self.running, "two commands of one case at once"
        self.running.add(letter)
        self.most_at_once = max(self.most_at_once, len(self.running))
        try:
            await asyncio.sleep(0.001)
            if self.away:
                self.away -= 1
                raise StoreAway
            if letter in self.breaks:
                raise RuntimeError("of the secret 4711")
            if letter in self.refuses:
                return Refusal(code="dispatch.not-ready", detail={"missing": "standard"})
            if ask.command_id not in self.done:
                self.done[ask.command_id] = letter
                self.order.append((letter, ask.body["reason"]))
            return Accepted(command_id=ask.command_id, stream=letter, version=1, after="s.1.1")
        finally:
            self.running.discard(letter)

    def of(self, letter: str) -> list[str]:
        return [reason for one, reason in self.order if one == letter]


class Patient(Desk):
    """A desk that two reactors ask at once: like the writer, it takes one command of a case after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: dict[str, asyncio.Lock] = {}

    async def execute(self, ask: Ask) -> Accepted | Refusal:
        async with self.turns.setdefault(ask.body["letter_id"], asyncio.Lock()):
            return await super().execute(ask)


def letter(name: str) -> str:
    return str(uuid5(NAMESPACE_OID, name))


def fact(name: str, number: int, **change: object) -> bytes:
    """An `ApprovalCompleted` of the letter; ``change`` replaces attributes of the envelope."""
    identity = uuid5(NAMESPACE_OID, f"{name}/{number}")
    data = {"letter_id": letter(name), "round_id": letter(name), "revision": number}
    event = {
        "specversion": "1.0", "id": str(identity), "source": "/caraka/demo/approval", "type": ApprovalCompleted.kind(),
        "subject": f"round:{letter(name)}", "time": "2026-01-05T01:00:00Z", "datacontenttype": "application/json",
        "agency": "demo", "streamversion": number, "commandid": str(identity), "correlationid": str(identity),
        "fingerprint": "", "data": data,
    }  # fmt: skip
    return orjson.dumps(event | change)


def deliveries(
    *facts: bytes, after: int = 0, subject: str = "evt.demo.approval.approval-completed.v1"
) -> list[Delivery]:
    return [
        Delivery(Checkpoint(STORE, 1, after + n), after + n - 1, subject, data) for n, data in enumerate(facts, start=1)
    ]


def completed(told: Recorded) -> Command | None:
    assert isinstance(told.event, ApprovalCompleted)
    if told.event.revision == 999:
        raise ZeroDivisionError
    if told.event.revision == 998:
        return None
    return CloseRound(letter_id=told.event.letter_id, reason=str(told.event.revision))


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = request.getfixturevalue("pg_url") if request.param == "postgres" else None
    place = place_of(Settings(data_dir=tmp_path, database_url=url), "dispatch")
    make_schema(place)
    engine = engine_of(place)
    dead_letters.METADATA.create_all(engine)
    yield engine
    engine.dispose()


def reactor_of(engine: Engine, desk: Desk, bus: Bus | None = None, dead_letters: DeadLetters | None = None) -> Reactor:
    return Reactor(
        "dispatch",
        "approval",
        bus=bus or Bus(NatsBroker(), "dispatch"),
        dead_letters=dead_letters or DeadLetters(engine),
        reactions={ApprovalCompleted: completed},
        execute=desk.execute,
        unavailable=(StoreAway,),
    )


async def test_the_command_says_what_made_it_and_has_an_id_that_repeating_does_not_change(engine: Engine) -> None:
    asked: list[Ask] = []

    class Noting(Desk):
        async def execute(self, ask: Ask) -> Accepted | Refusal:
            asked.append(ask)
            return await super().execute(ask)

    reactor = reactor_of(engine, Noting())
    await reactor.apply(deliveries(fact("a", 1)))
    await reactor.apply(deliveries(fact("a", 1)))
    event = uuid5(NAMESPACE_OID, "a/1")
    assert asked[0].command_id == asked[1].command_id == reaction_id(event, "dispatch/ApprovalCompleted")
    assert (asked[0].agency, asked[0].kind, asked[0].actor.id) == ("demo", CloseRound.kind(), "dispatch")
    assert (asked[0].actor.roles, asked[0].causation_id, asked[0].correlation_id) == (("service",), event, event)
    assert asked[0].body == {"letter_id": letter("a"), "reason": "1"}


async def test_one_case_goes_in_order_and_different_cases_go_side_by_side(engine: Engine) -> None:
    desk = Desk()
    batch = deliveries(*(fact(f"case {n % 10}", n) for n in range(1, 61)))
    await reactor_of(engine, desk).apply(batch)
    for n in range(10):
        assert desk.of(letter(f"case {n}")) == [str(k) for k in range(1, 61) if k % 10 == n]
    assert desk.most_at_once > 1


async def test_a_refused_case_waits_alone_with_what_comes_after_it_and_goes_on_in_order_when_replayed(
    engine: Engine,
) -> None:
    desk, dead_letters = Desk(), DeadLetters(engine)
    desk.refuses = {letter("a")}
    reactor = reactor_of(engine, desk)
    await reactor.apply(deliveries(fact("a", 1), fact("b", 2), fact("a", 3)))
    await reactor.apply(deliveries(fact("a", 4), fact("b", 5), after=3))
    assert desk.of(letter("b")) == ["2", "5"]
    assert desk.of(letter("a")) == []
    [case] = dead_letters.cases()
    assert (case.case_id, case.reason, case.waiting, case.state) == (
        f"demo/{letter('a')}", "dispatch.not-ready", 2, "failed",
    )  # fmt: skip
    assert orjson.loads(case.detail) == {"missing": "standard"}
    assert reactor.health()["parked"] == 1

    assert dead_letters.replay("demo", case.case_id) == 1
    await reactor._retry()
    assert [one.state for one in dead_letters.cases()] == ["failed"], "the rule still says no"

    desk.refuses.clear()
    assert dead_letters.replay("demo", case.case_id) == 1
    await reactor._retry()
    assert desk.of(letter("a")) == ["1", "3", "4"]
    assert dead_letters.cases() == []
    await reactor.apply(deliveries(fact("a", 6), after=5))
    assert desk.of(letter("a"))[-1] == "6"


async def test_a_discarded_event_is_kept_with_name_and_reason_and_those_behind_it_go_on(engine: Engine) -> None:
    desk, dead_letters = Desk(), DeadLetters(engine)
    desk.breaks = {letter("a")}
    reactor = reactor_of(engine, desk)
    await reactor.apply(deliveries(fact("a", 1), fact("a", 2)))
    [case] = dead_letters.cases()
    assert (case.reason, case.detail) == ("fault", "RuntimeError"), "what an exception says may be personal"
    assert desk.calls == 3, "a failure that is no refusal is tried three times"
    desk.breaks.clear()
    assert dead_letters.discard("demo", case.case_id, reason="salah kirim", by="admin") == 1
    await reactor._retry()
    assert desk.of(letter("a")) == ["2"]
    assert dead_letters.cases() == []
    await reactor.apply(deliveries(fact("a", 1)))
    assert desk.of(letter("a")) == ["2"], "a discarded event stays discarded, even when everything is read again"


@pytest.mark.parametrize(
    ("poison", "reason"),
    [
        (b"\xff\x00 no json", "not-json"),
        (fact("a", 1, type="approval.NeverHeardOf.v1"), "unknown-kind"),
        (fact("a", 1, type="approval.ApprovalCompleted.v7"), "future-version"),
        (fact("a", 1, data={"letter_id": letter("a"), "revision": "many"}), "invalid"),
        (fact("a", 1, agency="kota-lain"), "foreign-agency"),
        (fact("a", 999), "fault ZeroDivisionError"),
        (b"[" + b'"x",' * 200_000 + b"1]", "not-json"),
    ],
)
async def test_poison_parks_and_stops_nobody_else(engine: Engine, poison: bytes, reason: str) -> None:
    desk, dead_letters = Desk(), DeadLetters(engine)
    reactor = reactor_of(engine, desk)
    await reactor.apply(deliveries(fact("b", 1), poison, fact("c", 2)))
    assert (desk.of(letter("b")), desk.of(letter("c"))) == (["1"], ["2"])
    [case] = dead_letters.cases()
    assert case.reason == reason


async def test_what_asks_nothing_of_us_is_passed_over_whatever_its_version(engine: Engine) -> None:
    desk = Desk()
    reactor = reactor_of(engine, desk)
    await reactor.apply(deliveries(fact("a", 998), fact("a", 1, type="approval.RoundClosed.v9")))
    assert desk.calls == 0
    assert DeadLetters(engine).cases() == []


async def test_a_store_that_is_away_is_waited_for_and_parks_nothing(engine: Engine) -> None:
    desk = Desk()
    desk.away = 5
    reactor = reactor_of(engine, desk)
    applying = asyncio.create_task(reactor.apply(deliveries(fact("a", 1), fact("b", 2))))
    await until(lambda: reactor.health()["state"] == "waiting" and "StoreAway" in reactor.health()["reason"])
    await applying
    assert sorted(desk.order) == sorted([(letter("a"), "1"), (letter("b"), "2")])
    assert DeadLetters(engine).cases() == []
    assert reactor.health()["reason"] == ""


@pytest.fixture
async def bus(nats: Nats) -> AsyncIterator[Bus]:
    bus = await Bus.connect(nats.url, service="dispatch")
    await serve_renewals(bus, ["approval"])
    yield bus
    await bus.close()


@contextlib.asynccontextmanager
async def running(*loops: Callable[[], object]) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(loop()) for loop in loops]  # type: ignore[arg-type]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_two_reactors_at_once_do_everything_once_and_in_order(nats: Nats, bus: Bus, engine: Engine) -> None:
    desk, log = Patient(), FakeLog(STORE)
    desk.refuses = {letter("case 3")}
    for n in range(1, 201):
        log.rows.append(LogRow(n, n - 1, str(n), 1, ApprovalCompleted.kind(), fact(f"case {n % 7}", n)))
    other = await Bus.connect(nats.url, service="dispatch")
    first, second = reactor_of(engine, desk, bus), reactor_of(engine, desk, other)
    async with running(Relay(bus, log, "approval", log.notifier).run, first.run, second.run):
        await until(lambda: first.health()["position"] == second.health()["position"] == 200)
        [case] = DeadLetters(engine).cases()
        assert case.waiting == len([n for n in range(1, 201) if n % 7 == 3]) - 1
        desk.refuses.clear()
        assert DeadLetters(engine).replay("demo", case.case_id) == 1
        await until(lambda: DeadLetters(engine).cases() == [])
    for n in range(7):
        assert desk.of(letter(f"case {n}")) == [str(k) for k in range(1, 201) if k % 7 == n]
    await other.close()


async def test_over_the_bus_nothing_is_missed_when_reactor_and_broker_die_in_between(
    nats: Nats, bus: Bus, engine: Engine
) -> None:
    desk, log = Desk(), FakeLog(STORE)
    desk.refuses = {letter("case 3")}

    def tell(numbers: range) -> None:
        for n in numbers:
            data = fact(f"case {n % 7}", n)
            log.rows.append(LogRow(n, n - 1, str(n), 1, ApprovalCompleted.kind(), data))
        log.notifier.notify()

    relay = Relay(bus, log, "approval", log.notifier, look_every=0.2)
    async with running(relay.run):
        tell(range(1, 201))
        async with running(reactor_of(engine, desk, bus).run):
            await until(lambda: len(desk.done) > 50)
        await asyncio.to_thread(nats.forget)
        reactor = reactor_of(engine, desk, bus)
        async with running(reactor.run):
            tell(range(201, 301))
            await until(lambda: reactor.health()["position"] == 300)
            assert reactor.health()["parked"] == 1
            desk.refuses.clear()
            assert DeadLetters(engine).replay("demo", f"demo/{letter('case 3')}") == 1
            reactor.look()
            await until(lambda: len(desk.done) == 300)
        assert DeadLetters(engine).checkpoint("approval") == Checkpoint(STORE, 1, 300)
    for n in range(7):
        assert desk.of(letter(f"case {n}")) == [str(k) for k in range(1, 301) if k % 7 == n]


class Full(DeadLetters):
    """Its disk is full as soon as something has to be parked."""

    def save(self, source: str, checkpoint: Checkpoint, parked: Sequence[DeadLetter]) -> None:
        if parked:
            raise OperationalError("INSERT INTO parked", None, Exception("disk full"))
        super().save(source, checkpoint, parked)


async def test_what_could_not_be_parked_is_not_passed_over(bus: Bus, engine: Engine) -> None:
    desk, log = Desk(), FakeLog(STORE)
    desk.refuses = {letter("case 3")}
    log.rows = [LogRow(n, n - 1, str(n), 1, ApprovalCompleted.kind(), fact(f"case {n % 7}", n)) for n in range(1, 15)]
    async with running(Relay(bus, log, "approval", log.notifier, look_every=0.2).run):
        with pytest.raises(OperationalError):
            await reactor_of(engine, desk, bus, Full(engine)).run()
        reactor = reactor_of(engine, desk, bus)
        async with running(reactor.run):
            await until(lambda: reactor.health()["position"] == 14)
            [case] = DeadLetters(engine).cases()
    assert (case.case_id, case.waiting) == (f"demo/{letter('case 3')}", 1)
    assert len(desk.done) == 12
