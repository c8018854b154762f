"""From the real event store over the real broker to a follower: everything, once, in order, on both databases."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from contracts.base import Accepted
from contracts.intake import OpenBook, RegisterLetter
from services.kit.bus import streams
from services.kit.bus.connection import Bus
from services.kit.codec.envelope import decode
from services.kit.codec.position import HEADER
from services.kit.operations.stream_keeper import serve_renewals
from services.kit.outbox.relay import Relay
from services.kit.settings import Settings
from services.kit.subscriptions.subscriber import Checkpoint, Delivery, Subscriber
from tests.integration.test_store import Office, office_of
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


@pytest.fixture(params=["sqlite", "postgres"])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    url = request.getfixturevalue("pg_url") if request.param == "postgres" else None
    opened = office_of(Settings(data_dir=tmp_path, database_url=SecretStr(url) if url else None))
    yield opened
    await opened.writer.stop()
    opened.store.close()
    opened.log.close()
    opened.keys.dispose()


async def test_what_a_hundred_askers_have_stored_is_what_a_follower_gets(nats: Nats, bus: Bus, office: Office) -> None:
    got: list[Delivery] = []

    async def checkpoint() -> Checkpoint | None:
        return got[-1].checkpoint if got else None

    async def apply(batch: list[Delivery]) -> None:
        got.extend(batch)

    relay = Relay(bus, office.log, "intake", office.writer.notifier, look_every=0.2)
    follower = Subscriber(bus, "intake", name="test", checkpoint=checkpoint, apply=apply)
    loops = [asyncio.create_task(relay.run()), asyncio.create_task(follower.run())]
    await office.do(OpenBook(book="masuk", year=2026))
    for _ in range(3):
        answers = await asyncio.gather(*(office.do(RegisterLetter(letter_id=uuid4())) for _ in range(100)))
        assert all(isinstance(answer, Accepted) for answer in answers)
    await asyncio.to_thread(nats.forget)
    last = await office.do(RegisterLetter(letter_id=uuid4()))
    assert isinstance(last, Accepted)
    await until(lambda: bool(got) and str(got[-1].checkpoint) == last.after)
    rows = office.log.read(0, 1000)
    assert [(one.checkpoint.position, one.previous, one.data) for one in got] == [
        (row.position, row.previous, row.data) for row in rows
    ]
    read = [decode(one.checkpoint.position, one.data) for one in got]
    assert [one.version for one in read if one.stream.startswith("book:")] == list(range(1, 303))
    assert got[0].subject == "evt.pekalongan.intake.book-opened.v1"
    for loop in loops:
        loop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await loop


@ONE_WAY
async def test_years_are_not_counted_again_at_each_start_and_a_message_too_few_among_them_is_found(
    bus: Bus, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.kit.store.log.WORTH_REMEMBERING", 40)
    monkeypatch.setattr("services.kit.outbox.relay.COUNT_EVERY", 40)
    await office.do(OpenBook(book="masuk", year=2026))
    for _ in range(60):
        await office.do(RegisterLetter(letter_id=uuid4()))
    relay = Relay(bus, office.log, "intake", office.writer.notifier, look_every=0.1)
    async with asyncio.timeout(30), running(relay):
        await until(lambda: counted(office) == len(office.log.read(0, 1000)))
    rows = office.log.read(0, 1000)
    assert [office.log.count(row.position) for row in rows] == list(range(1, len(rows) + 1))

    await without(bus, missing=5)
    again = Relay(bus, office.log, "intake", office.writer.notifier)
    async with asyncio.timeout(30), running(again):
        await until(lambda: again.health()["state"] == "idle" and again.health()["position"] == rows[-1].position)
    tail = await streams.tail(bus.js, "intake")
    assert tail is not None
    assert (tail.messages, tail.last) == (len(rows), len(rows))
    fifth = await bus.js.get_msg("EVT_INTAKE", seq=5)
    assert fifth.data == bytes(rows[4].data)


@contextlib.asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[None]:
    loop = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        loop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await loop


def counted(office: Office) -> int:
    """How many events the store remembers to have counted."""
    with office.store.locked() as transaction:
        rows = transaction.execute("SELECT events FROM {s}counted")
    return int(rows[0][0]) if rows else 0


async def without(bus: Bus, *, missing: int) -> None:
    """Somebody with all rights makes the stream anew, one message short."""
    tail = await streams.tail(bus.js, "intake")
    assert tail is not None
    messages = [await bus.js.get_msg("EVT_INTAKE", seq=each) for each in range(1, tail.last + 1) if each != missing]
    await streams.drop(bus.js, "intake")
    await streams.declare(bus.js, ["intake"])
    for message in messages:
        headers = {HEADER: (message.headers or {})[HEADER]}
        await bus.js.publish(message.subject or "", message.data or b"", headers=headers)
