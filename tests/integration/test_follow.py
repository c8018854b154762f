"""A follower gets every event of a stream once, in order, without a gap, whatever the broker or the relay do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from services.kit.bus import streams
from services.kit.bus.connection import Bus
from services.kit.codec.position import HEADER, MESSAGE_ID, header
from services.kit.operations.stream_keeper import serve_renewals
from services.kit.outbox.relay import Relay
from services.kit.store.identity import StoreId
from services.kit.subscriptions import pull_consumer
from services.kit.subscriptions.pull_consumer import LookAgain, Pull
from services.kit.subscriptions.subscriber import Checkpoint, Delivery, ForeignEpoch, Subscriber
from tests.integration.fake_log import FakeLog
from tests.integration.waiting import until
from tests.parts.nats import Nats
from tests.parts.ways import ONE_WAY

pytestmark = pytest.mark.usefixtures("way")


class Reader:
    """Keeps what it is given, like a view would; ``kept`` is its checkpoint."""

    def __init__(self, bus: Bus, checkpoint: Checkpoint | None = None, batch: int = 500) -> None:
        self.kept = checkpoint
        self.got: list[Delivery] = []
        self.fails = 0
        self.largest = 0
        self.follower = Subscriber(
            bus, "intake", name="test", checkpoint=self.checkpoint, apply=self.apply, batch=batch
        )

    async def checkpoint(self) -> Checkpoint | None:
        return self.kept

    async def apply(self, batch: list[Delivery]) -> None:
        if self.fails:
            self.fails -= 1
            raise RuntimeError("the view cannot be written")
        self.largest = max(self.largest, len(batch))
        self.got += batch
        self.kept = batch[-1].checkpoint

    @property
    def position(self) -> int:
        return self.kept.position if self.kept else 0


@pytest.fixture
async def bus(nats: Nats) -> AsyncIterator[Bus]:
    bus = await Bus.connect(nats.url, service="projections")
    await serve_renewals(bus, ["intake"])
    yield bus
    await bus.close()


@contextlib.asynccontextmanager
async def run(*loops: Callable[[], object]) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.ensure_future(loop()) for loop in loops]  # type: ignore[arg-type]
    try:
        yield tasks  # type: ignore[misc]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def a_relay(bus: Bus, log: FakeLog) -> Relay:
    return Relay(bus, log, "intake", log.notifier, look_every=0.2)


def the_whole(log: FakeLog) -> list[tuple[int, int, bytes]]:
    return [(row.position, row.previous, row.data) for row in log.rows]


def what_came(reader: Reader) -> list[tuple[int, int, bytes]]:
    return [(one.checkpoint.position, one.previous, one.data) for one in reader.got]


async def test_everything_comes_once_in_order_first_what_is_there_then_what_happens(bus: Bus) -> None:
    log, reader = FakeLog(), Reader(bus)
    log.append(1200, step=2)
    async with run(a_relay(bus, log).run, reader.follower.run):
        await until(lambda: reader.position == log.head())
        for _ in range(20):
            log.append(1, step=5)
            await until(lambda: reader.position == log.head())
    assert what_came(reader) == the_whole(log)
    assert reader.got[0].subject == "evt.demo.intake.letter-archived.v1"
    assert reader.largest <= 500


@pytest.mark.parametrize("step", [1, 3])
@pytest.mark.parametrize("applied", [0, 1, 999, 1000])
async def test_a_follower_goes_on_exactly_behind_its_mark(bus: Bus, step: int, applied: int) -> None:
    log = FakeLog()
    log.append(1000, step=step)
    checkpoint = Checkpoint(log.store_id.store, 1, applied * step)
    reader = Reader(bus, checkpoint)
    async with run(a_relay(bus, log).run, reader.follower.run):
        await until(lambda: reader.position == log.head())
        log.append(2)
        await until(lambda: reader.position == log.head())
    assert what_came(reader) == the_whole(log)[applied:]


async def test_a_follower_that_comes_before_the_stream_waits_for_it(bus: Bus) -> None:
    log, reader = FakeLog(), Reader(bus)
    async with run(reader.follower.run):
        await until(lambda: reader.follower.health()["state"] == "waiting")
        async with run(a_relay(bus, log).run):
            log.append(3)
            await until(lambda: reader.position == 3)
    assert what_came(reader) == the_whole(log)


async def test_when_the_broker_forgets_everything_nothing_is_lost_and_nothing_comes_twice(nats: Nats, bus: Bus) -> None:
    log, reader = FakeLog(), Reader(bus)
    log.append(700)
    async with run(a_relay(bus, log).run, reader.follower.run):
        await until(lambda: reader.position == 700)
        await asyncio.to_thread(nats.forget)
        log.append(50)
        await until(lambda: reader.position == 750)
        await asyncio.to_thread(nats.restart)
        log.append(5)
        await until(lambda: reader.position == 755)
    assert what_came(reader) == the_whole(log)


async def test_when_the_stream_is_fed_again_or_the_consumer_is_removed_the_follower_finds_its_place(bus: Bus) -> None:
    log, reader = FakeLog(), Reader(bus)
    relay = a_relay(bus, log)
    log.append(300)
    async with run(relay.run, reader.follower.run):
        await until(lambda: reader.position == 300)
        await relay.refeed()
        log.append(20)
        await until(lambda: reader.position == 320)
        for consumer in await bus.js.consumers_info("EVT_INTAKE"):
            await bus.js.delete_consumer("EVT_INTAKE", consumer.name)
        log.append(20)
        await until(lambda: reader.position == 340)
    assert what_came(reader) == the_whole(log)


@ONE_WAY
async def test_a_broker_that_stands_still_is_waited_for(nats: Nats, bus: Bus) -> None:
    log, reader = FakeLog(), Reader(bus)
    log.append(10)
    async with run(a_relay(bus, log).run, reader.follower.run):
        await until(lambda: reader.position == 10)
        nats.pause()
        log.append(10)
        await until(lambda: reader.follower.health()["state"] == "waiting")
        assert reader.position == 10
        nats.resume()
        await until(lambda: reader.position == 20)
    assert what_came(reader) == the_whole(log)


@pytest.mark.parametrize("theirs", [StoreId("0a1b2c", 2), StoreId("ffffff", 1)])
@pytest.mark.parametrize("while_following", [True, False])
async def test_another_store_or_epoch_stops_the_follower_by_name(
    bus: Bus, theirs: StoreId, *, while_following: bool
) -> None:
    log = FakeLog()
    log.append(10)
    reader = Reader(bus, None if while_following else Checkpoint("0a1b2c", 1, 4))
    if not while_following:
        log.store_id = theirs
    relay = a_relay(bus, log)
    async with run(reader.follower.run) as [following]:
        async with run(relay.run):
            if while_following:
                await until(lambda: reader.position == 10)
        if while_following:
            await streams.drop(bus.js, "intake")
            log.store_id = theirs
        async with run(a_relay(bus, log).run):
            with pytest.raises(ForeignEpoch, match=f"the stream is {theirs.store}.{theirs.epoch}"):
                await asyncio.wait_for(following, 20)
    assert reader.follower.health()["state"] == "stopped"
    assert len(reader.got) == (10 if while_following else 0)


async def test_a_gap_is_never_jumped(bus: Bus) -> None:
    log, reader = FakeLog(), Reader(bus)
    log.append(10)
    hole = FakeLog()
    hole.rows = log.rows[:4] + log.rows[5:]
    async with run(reader.follower.run):
        async with run(a_relay(bus, hole).run):
            await until(lambda: reader.follower.health()["reason"].startswith("gap"))
            assert reader.follower.health()["reason"] == "gap: we stand at 4, 6 follows 5"
            assert [one.checkpoint.position for one in reader.got] == [1, 2, 3, 4]
        await streams.drop(bus.js, "intake")
        async with run(a_relay(bus, log).run):
            await until(lambda: reader.position == 10)
    assert what_came(reader) == the_whole(log)


async def test_a_stream_that_an_older_relay_wrote_with_its_lines_in_another_order_is_read_too(bus: Bus) -> None:
    log, reader = FakeLog(), Reader(bus)
    log.append(6)
    await streams.declare(bus.js, ["intake"])
    subject = "evt.demo.intake.letter-archived.v1"
    for row in log.rows[:4]:
        lines = {MESSAGE_ID: row.originator_id, HEADER: header("0a1b2c", 1, row.position, row.previous)}
        await bus.js.publish(subject, bytes(row.data), headers=lines)
    async with run(a_relay(bus, log).run, reader.follower.run):
        await until(lambda: reader.position == 6)
    assert what_came(reader) == the_whole(log)


async def test_a_message_that_no_relay_sent_is_not_taken(bus: Bus) -> None:
    log, reader = FakeLog(), Reader(bus)
    log.append(2)
    relay = a_relay(bus, log)
    async with run(relay.run):
        await until(lambda: relay.health()["position"] == 2)
    await bus.js.publish("evt.demo.intake.letter-archived.v1", b"forged")
    async with run(reader.follower.run):
        await until(lambda: "was not sent by a relay" in reader.follower.health()["reason"])
    assert b"forged" not in [one.data for one in reader.got]


async def test_what_the_view_could_not_take_comes_again(bus: Bus) -> None:
    log, reader = FakeLog(), Reader(bus)
    log.append(5)
    reader.fails = 1
    async with run(a_relay(bus, log).run):
        with pytest.raises(RuntimeError, match="cannot be written"):
            await reader.follower.run()
        async with run(reader.follower.run):
            await until(lambda: reader.position == 5)
    assert what_came(reader) == the_whole(log)


@ONE_WAY
async def test_a_follower_that_is_stuck_looks_stuck(bus: Bus) -> None:
    log = FakeLog()
    stuck = asyncio.Event()
    reader = Reader(bus)

    async def apply(batch: list[Delivery]) -> None:
        await stuck.wait()

    reader.follower._apply = apply
    log.append(3)
    async with run(a_relay(bus, log).run, reader.follower.run):
        await until(lambda: reader.follower.health()["head"] == 3)
        log.append(4)
        await until(lambda: reader.follower.health()["behind"] == 7)
        assert reader.follower.health()["moved_at"] is None


async def test_a_consumer_from_which_not_even_a_heartbeat_comes_is_left(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_consumer, "SILENCE_SECONDS", 0.3)
    await streams.declare(bus.js, ["intake"])
    async with Pull(bus, "intake", "test", 1, 10) as pull:
        with pytest.raises(LookAgain, match="silent"):
            await pull.take()


@ONE_WAY
async def test_heartbeats_keep_a_follower_with_its_consumer_however_long_nothing_happens(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull_consumer, "SILENCE_SECONDS", 1.5)
    monkeypatch.setattr(pull_consumer, "HEARTBEAT_SECONDS", 0.1)
    await streams.declare(bus.js, ["intake"])
    async with Pull(bus, "intake", "test", 1, 10) as pull:
        taking = asyncio.create_task(pull.take())
        for news in (b"1", b"2"):
            await asyncio.sleep(2)
            assert not taking.done()
            await bus.js.publish("evt.demo.intake.letter-archived.v1", news)
            assert [one.data for one in await taking] == [news]
            taking = asyncio.create_task(pull.take())
        taking.cancel()
        await asyncio.wait([taking])


@ONE_WAY
async def test_many_large_events_do_not_overrun_the_follower(bus: Bus) -> None:
    log, reader = FakeLog(), Reader(bus)
    log.append(200, padding=900_000)
    async with run(a_relay(bus, log).run, reader.follower.run):
        await until(lambda: reader.position == 200, seconds=60)
    assert what_came(reader) == the_whole(log)
