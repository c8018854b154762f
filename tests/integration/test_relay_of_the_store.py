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
from services.kit.bus import Bus
from services.kit.envelope import decode
from services.kit.follow import Delivery, Follower, Mark
from services.kit.relay import Relay
from services.kit.settings import Settings
from tests.integration.test_store import Office, office_of
from tests.integration.waiting import until
from tests.parts.nats import Nats


@pytest.fixture
async def bus(nats: Nats) -> AsyncIterator[Bus]:
    bus = await Bus.connect(nats.url, service="intake")
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

    async def mark() -> Mark | None:
        return got[-1].mark if got else None

    async def apply(batch: list[Delivery]) -> None:
        got.extend(batch)

    relay = Relay(bus, office.log, "intake", office.writer.bell, look_every=0.2)
    follower = Follower(bus, "intake", name="test", mark=mark, apply=apply)
    loops = [asyncio.create_task(relay.run()), asyncio.create_task(follower.run())]
    await office.do(OpenBook(book="masuk", year=2026))
    for _ in range(3):
        answers = await asyncio.gather(*(office.do(RegisterLetter(letter_id=uuid4())) for _ in range(100)))
        assert all(isinstance(answer, Accepted) for answer in answers)
    await asyncio.to_thread(nats.forget)
    last = await office.do(RegisterLetter(letter_id=uuid4()))
    assert isinstance(last, Accepted)
    await until(lambda: bool(got) and str(got[-1].mark) == last.after)
    rows = office.log.read(0, 1000)
    assert [(one.mark.position, one.previous, one.data) for one in got] == [
        (row.position, row.previous, row.data) for row in rows
    ]
    read = [decode(one.mark.position, one.data) for one in got]
    assert [one.version for one in read if one.stream.startswith("book:")] == list(range(1, 303))
    assert got[0].subject == "evt.pekalongan.intake.book-opened.v1"
    for loop in loops:
        loop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await loop
