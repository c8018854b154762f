"""The service as it runs: relays feed a real broker, the followers fill the views, questions are asked over the bus."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from contracts import subjects
from contracts.base import Recorded
from contracts.projections import (
    Board,
    BoardAnswer,
    ChangesSince,
    ChangesSinceAnswer,
    LetterDetail,
    LetterDetailAnswer,
    LetterList,
    LetterListAnswer,
)
from services.kit.bus import streams
from services.kit.bus.connection import Bus
from services.kit.codec.envelope import decode
from services.kit.database.place import engine_of, place_of
from services.kit.operations.stream_keeper import serve_renewals
from services.kit.outbox.relay import Relay
from services.kit.runtime import lease
from services.kit.runtime.lease import Lease
from services.kit.sealing.keys import Keys
from services.kit.settings import Settings
from services.kit.store.notifier import Notifier
from services.projections.wiring import build
from tests.parts.nats import Nats
from tests.unit.projections.lives import staff
from tests.unit.projections.office import SOURCES, Office, made_keys
from tests.unit.projections.reading import CLERK


@dataclass
class House:
    """The kit of one process."""

    bus: Bus
    keys: Keys
    engine: Engine

    def clock(self) -> datetime:
        return datetime.now(UTC)

    def decode(self, position: int, data: bytes) -> Recorded:
        return decode(position, data)

    def lease(self, name: str) -> Lease:
        return Lease(self.engine, name, ttl=1.0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(made_keys(tmp_path))
    staff(office)
    return office


@asynccontextmanager
async def running(settings: Settings, nats: Nats, office: Office) -> AsyncIterator[Bus]:
    bus, outside = await Bus.connect(nats.url, service="projections"), await Bus.connect(nats.url, service="gateway")
    await streams.declare(bus.js, SOURCES)
    await serve_renewals(bus, SOURCES)
    notifier, engine = Notifier(), engine_of(place_of(settings, "projections"))
    lease.METADATA.create_all(engine)
    service = build(settings, House(bus, office.keys, engine))
    assert service.migrate is not None
    service.migrate()
    await bus.serve_queries("projections", service.queries)
    relays = [Relay(bus, office.logs[source], source, notifier, poll=0.01).run for source in SOURCES]
    tasks = [asyncio.ensure_future(loop()) for loop in (*relays, *service.loops.values())]
    try:
        yield outside
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        await outside.close()
        await bus.close()
        assert service.close is not None
        await service.close()
        engine.dispose()


def checkpoint(office: Office, source: str) -> str:
    log = office.logs[source]
    return f"{log.store_id.store}.{log.store_id.epoch}.{log.head()}"


async def test_a_fact_is_on_the_board_and_open_boards_are_told(settings: Settings, nats: Nats, office: Office) -> None:
    async with running(settings, nats, office) as outside:
        feed = await outside.subscribe_live(subjects.live_of(office.agency))
        letter = office.letter(1).captured()
        question = LetterList(after=checkpoint(office, "intake"), reader=CLERK)
        answer = await outside.query(office.agency, question, LetterListAnswer, timeout=10)
        assert [row.stage for row in answer.letters] == ["captured"]
        letter.examined().registered().printed().forwarded()
        detail = LetterDetail(letter_id=letter.id, after=checkpoint(office, "dispatch"), reader=CLERK)
        found = (await outside.query(office.agency, detail, LetterDetailAnswer, timeout=10)).letter
        assert found is not None
        assert found.row.versions["dispatch"] == 1
        question_of_board = Board(after=checkpoint(office, "intake"), reader=CLERK)
        board = await outside.query(office.agency, question_of_board, BoardAnswer, timeout=10)
        assert {column.key: column.count for column in board.columns if column.count} == {"paraf": 1}
        told = json.loads(await asyncio.wait_for(anext(aiter(feed)), 5))
        assert (told["case_id"], told["stage"]) == (str(letter.id), "captured")
        missed = ChangesSince(change=told["id"], reader=CLERK)
        rest = await outside.query(office.agency, missed, ChangesSinceAnswer, timeout=10)
        assert rest.changes[-1].stage == "forwarded"


async def test_the_views_go_on_where_they_stood_after_a_restart(settings: Settings, nats: Nats, office: Office) -> None:
    office.letter(1).captured()
    for number in (2, 3):
        async with running(settings, nats, office) as outside:
            office.letter(number).captured()
            question = LetterList(after=checkpoint(office, "intake"), reader=CLERK)
            answer = await outside.query(office.agency, question, LetterListAnswer, timeout=10)
            assert answer.counts == {"captured": number}


async def test_another_agency_asks_on_its_own_subject_and_sees_nothing(
    settings: Settings, nats: Nats, office: Office
) -> None:
    async with running(settings, nats, office) as outside:
        office.letter(1).captured()
        question = LetterList(after=checkpoint(office, "intake"), reader=CLERK)
        assert (await outside.query("purbalingga", question, LetterListAnswer, timeout=10)).letters == ()
