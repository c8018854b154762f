"""The relay carries every event of a log into the stream once, in order, whatever happens to it or to the broker."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator

import pytest

from contracts import subjects
from services.kit.bus import streams
from services.kit.bus.connection import Bus
from services.kit.codec.position import checkpoint_of
from services.kit.operations.stream_keeper import serve_renewals
from services.kit.outbox.publisher import Publisher, WrongSequence
from services.kit.outbox.relay import Relay
from services.kit.store.identity import StoreId
from tests.integration.fake_log import FakeLog
from tests.integration.waiting import until
from tests.parts.nats import Nats
from tests.parts.ways import ONE_WAY

pytestmark = pytest.mark.usefixtures("way")


@pytest.fixture
async def bus(nats: Nats) -> AsyncIterator[Bus]:
    bus = await Bus.connect(nats.url, service="intake")
    await serve_renewals(bus, ["intake"])
    yield bus
    await bus.close()


@contextlib.asynccontextmanager
async def running(bus: Bus, log: FakeLog, *, notifier: bool = True) -> AsyncIterator[Relay]:
    relay = Relay(bus, log, "intake", log.notifier if notifier else None, look_every=0.2)
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def copied(relay: Relay, log: FakeLog) -> None:
    await until(lambda: relay.health()["position"] == log.head() and relay.health()["state"] == "idle")


async def carried(bus: Bus) -> list[tuple[int, int, bytes]]:
    """Every message of the stream: position, position before, bytes."""
    end = await streams.tail(bus.js, "intake")
    assert end is not None
    found = []
    for sequence in range(1, end.last + 1):
        message = await bus.js.get_msg(subjects.stream_of("intake"), seq=sequence)
        place = checkpoint_of(message.headers)
        assert place is not None
        found.append((place[0].position, place[1], message.data or b""))
    return found


def as_rows(log: FakeLog) -> list[tuple[int, int, bytes]]:
    return [(row.position, row.previous, row.data) for row in log.rows]


async def test_a_log_with_gaps_is_carried_verbatim_and_in_order(bus: Bus) -> None:
    log = FakeLog()
    log.append(3)
    log.append(700, step=3)
    async with running(bus, log) as relay:
        await copied(relay, log)
        log.append(1, step=9)
        await copied(relay, log)
        assert await carried(bus) == as_rows(log)
        message = await bus.js.get_msg("EVT_INTAKE", seq=1)
        assert message.subject == "evt.demo.intake.letter-archived.v1"
        assert (message.headers or {})["Nats-Msg-Id"] == log.rows[0].originator_id
        assert relay.health()["singly"] == 0


async def test_without_a_bell_the_log_is_looked_at_often_enough(bus: Bus) -> None:
    log = FakeLog()
    async with running(bus, log, notifier=False) as relay:
        for _ in range(3):
            log.append()
            await copied(relay, log)


async def test_a_relay_goes_on_where_the_stream_ends(bus: Bus) -> None:
    log = FakeLog()
    log.append(20)
    async with running(bus, log) as relay:
        await copied(relay, log)
    log.append(20)
    async with running(bus, log) as relay:
        await copied(relay, log)
    assert await carried(bus) == as_rows(log)


async def test_two_relays_at_once_make_one_copy(bus: Bus) -> None:
    log = FakeLog()
    async with running(bus, log) as first, running(bus, log) as second:
        for _ in range(40):
            log.append(5)
            await asyncio.sleep(0.005)
        await copied(first, log)
        await copied(second, log)
    assert await carried(bus) == as_rows(log)


async def test_a_broker_that_forgot_everything_is_fed_again(nats: Nats, bus: Bus) -> None:
    log = FakeLog()
    log.append(600)
    async with running(bus, log) as relay:
        await copied(relay, log)
        await asyncio.to_thread(nats.forget)
        log.append(10)
        await until(lambda: bus.connected)
        await copied(relay, log)
        await until(lambda: bus.connected and relay.health()["state"] == "idle")
        assert await carried(bus) == as_rows(log)


async def test_a_broker_that_is_away_is_waited_for(nats: Nats, bus: Bus) -> None:
    log = FakeLog()
    log.append(5)
    async with running(bus, log) as relay:
        await copied(relay, log)
        nats.kill()
        log.append(50)
        await until(lambda: relay.health()["state"] == "waiting")
        assert relay.health()["position"] == 5
        await asyncio.to_thread(nats.start)
        await copied(relay, log)
        assert await carried(bus) == as_rows(log)


async def test_a_stream_deleted_by_hand_is_fed_again_although_nothing_new_happens(bus: Bus) -> None:
    log = FakeLog()
    log.append(30)
    async with running(bus, log) as relay:
        await copied(relay, log)
        before = relay.health()["moved_at"]
        await bus.js.delete_stream("EVT_INTAKE")
        await until(lambda: relay.health()["moved_at"] != before)
        await copied(relay, log)
        assert await carried(bus) == as_rows(log)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("another store", "it belongs to store"),
        ("a later epoch", "it belongs to store"),
        ("ahead", "it is ahead of its store: 9 > 5"),
        ("other bytes", "differs from the store's event at position 9"),
    ],
)
async def test_a_stream_that_is_no_copy_of_this_store_stops_the_relay_until_it_is_told(
    bus: Bus, wrong: str, reason: str
) -> None:
    theirs, ours = FakeLog(), FakeLog()
    theirs.append(9)
    ours.append(5 if wrong == "ahead" else 9)
    match wrong:
        case "another store":
            theirs.store_id = StoreId("ffffff", 1)
        case "a later epoch":
            theirs.store_id = StoreId(ours.store_id.store, 2)
        case "other bytes":
            theirs.rows[-1] = theirs.rows[-1]._replace(data=theirs.rows[-1].data.replace(b"xxx", b"xyx", 1))
    async with running(bus, theirs) as relay:
        await copied(relay, theirs)
    async with running(bus, ours) as relay:
        await until(lambda: relay.health()["state"] == "stopped")
        assert reason in relay.health()["reason"]
        assert await carried(bus) == as_rows(theirs)
        await relay.refeed()
        await copied(relay, ours)
        assert await carried(bus) == as_rows(ours)


async def test_after_a_restore_the_stream_of_the_older_epoch_is_fed_again_without_asking(bus: Bus) -> None:
    log = FakeLog()
    log.append(20)
    async with running(bus, log) as relay:
        await copied(relay, log)
    log.rows = log.rows[:12]
    log.store_id = StoreId(log.store_id.store, 2)
    async with running(bus, log) as relay:
        await copied(relay, log)
        assert await carried(bus) == as_rows(log)


async def test_ids_that_the_broker_remembers_without_having_the_messages_do_not_keep_the_copy_from_being_whole(
    bus: Bus,
) -> None:
    log = FakeLog()
    log.append(4)
    config = streams.configuration("intake")
    config.deny_purge = False
    await bus.js.add_stream(config)
    for number, row in enumerate(log.rows):  # ids are known, messages are not those of a relay
        await bus.js.publish("evt.demo.intake.x.v1", b"", headers={"Nats-Msg-Id": row.originator_id})
        assert number < 4
    await bus.js.purge_stream("EVT_INTAKE")
    async with running(bus, log) as relay:
        await copied(relay, log)
        assert await carried(bus) == as_rows(log)


async def test_a_duplicate_inside_a_batch_is_found_and_the_stream_made_anew(bus: Bus) -> None:
    log = FakeLog()
    log.append(10)
    async with running(bus, log) as relay:
        await copied(relay, log)
    headers = {"Nats-Msg-Id": "to-come", "Caraka-Position": "0a1b2c.1.11.10"}
    log.append(1)
    await bus.js.publish("evt.demo.intake.letter-archived.v1", log.rows[-1].data, headers=headers)
    log.append(2)
    log.rows[-1] = log.rows[-1]._replace(
        data=log.rows[-1].data.replace(log.rows[-1].originator_id.encode(), b"to-come")
    )
    async with running(bus, log) as relay:
        await copied(relay, log)
        assert await carried(bus) == as_rows(log)
        assert relay.health()["singly"] > 0


async def test_two_events_with_one_id_stop_the_relay_by_name(bus: Bus) -> None:
    log = FakeLog()
    log.append(6)
    twin = log.rows[1].data
    log.rows[4] = log.rows[4]._replace(data=twin)
    async with running(bus, log) as relay:
        await until(lambda: relay.health()["state"] == "stopped")
        assert "the event at position 5 has the id of an earlier one" in relay.health()["reason"]


async def test_an_event_whose_bytes_are_broken_is_carried_like_any_other(bus: Bus) -> None:
    log = FakeLog()
    log.append(5)
    log.rows[2] = log.rows[2]._replace(data=b"\xff not json", kind="??")
    async with running(bus, log) as relay:
        await copied(relay, log)
        assert await carried(bus) == as_rows(log)
        message = await bus.js.get_msg("EVT_INTAKE", seq=3)
        assert message.subject == "evt.unreadable.intake.unknown.v0"


@pytest.mark.parametrize("identity", [None, "of-a-stranger"])
@pytest.mark.parametrize("count", [2, 8, 9])
async def test_a_stranger_in_the_place_of_the_first_of_a_few_leaves_no_room_for_the_others(
    bus: Bus, count: int, identity: str | None
) -> None:
    """By number alone the second would stand behind the stranger, in a stream of the length that it should have."""
    log = FakeLog()
    log.append(3)
    async with running(bus, log) as relay:
        await copied(relay, log)
    strange = {"Nats-Msg-Id": identity} if identity else None
    await bus.js.publish("evt.demo.intake.letter-archived.v1", b"{}", headers=strange)
    log.append(count)
    with pytest.raises(WrongSequence):
        await Publisher(bus, "intake").batch(log.store_id, log.rows[3:], 3)
    end = await streams.tail(bus.js, "intake")
    assert end is not None
    assert end.messages == 4
    async with running(bus, log) as relay:
        await copied(relay, log)
        assert await carried(bus) == as_rows(log)


@ONE_WAY
async def test_nobody_can_purge_a_stream_or_delete_one_message_of_it(bus: Bus) -> None:
    log = FakeLog()
    log.append(3)
    async with running(bus, log) as relay:
        await copied(relay, log)
        with pytest.raises(Exception, match="not permitted"):
            await bus.js.purge_stream("EVT_INTAKE")
        with pytest.raises(Exception, match="not permitted"):
            await bus.js.delete_msg("EVT_INTAKE", 2)


@ONE_WAY
async def test_the_migration_makes_changes_and_leaves_alone(bus: Bus) -> None:
    await streams.declare(bus.js, ["intake", "approval"])
    await streams.declare(bus.js, ["intake", "approval"])
    other = streams.configuration("intake")
    other.duplicate_window = 30
    await bus.js.update_stream(other)
    await streams.declare(bus.js, ["intake"])
    info = await bus.js.stream_info("EVT_INTAKE")
    assert (info.config.duplicate_window, info.config.allow_atomic, info.config.discard) == (120, True, "new")
    assert await streams.tail(bus.js, "dispatch") is None


@pytest.mark.parametrize("point", ["relay.before-publish:4", "relay.after-publish:3"])
@ONE_WAY
async def test_a_relay_killed_between_two_steps_leaves_a_copy_that_the_next_one_completes(
    nats: Nats, bus: Bus, point: str
) -> None:
    log = FakeLog()
    await killed(nats, point)
    log.append(1500)
    async with running(bus, log) as relay:
        await copied(relay, log)
    assert await carried(bus) == as_rows(log)


async def test_who_keeps_the_streams_killed_between_deleting_and_making_one_leaves_what_the_next_one_makes(
    nats: Nats,
) -> None:
    log, bus = FakeLog(), await Bus.connect(nats.url, service="intake")
    log.append(1500)
    await streams.declare(bus.js, ["intake"])
    async with running(bus, log) as relay:
        await copied(relay, log)
    await killed(nats, "streams.after-drop:1")
    assert await streams.tail(bus.js, "intake") is None
    async with running(bus, log) as relay:
        await until(lambda: "nobody keeps the streams" in relay.health()["reason"])
        await serve_renewals(bus, ["intake"])
        await copied(relay, log)
    assert await carried(bus) == as_rows(log)
    await bus.close()


async def killed(nats: Nats, point: str) -> None:
    """A relay of its own process, with who keeps its stream, until the crash point."""
    asks = str(point.startswith("streams."))
    environment = os.environ | {"CARAKA_CRASH": point}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, nats.url, asks, env=environment)
    assert await asyncio.wait_for(process.wait(), 30) == -signal.SIGKILL


KILLED = """
import asyncio, sys
from services.kit.bus.connection import Bus
from services.kit.operations.stream_keeper import serve_renewals
from services.kit.outbox.relay import Relay
from tests.integration.fake_log import FakeLog

async def main():
    bus = await Bus.connect(sys.argv[1], service="intake")
    await serve_renewals(bus, ["intake"])
    log = FakeLog()
    log.append(1500)
    relay = Relay(bus, log, "intake", log.notifier, batch=125)
    if sys.argv[2] == "True":
        asyncio.get_running_loop().call_later(0.3, lambda: asyncio.ensure_future(relay.refeed()))
    await relay.run()

asyncio.run(main())
"""
