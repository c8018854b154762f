"""What the deadline watch has read is kept, on both databases: a start reads what is open, and what came since."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import Engine

from contracts.base import Accepted, Ask
from contracts.intake import AdoptCalendar, CancelLetter, DeadlineMoved, LetterRegistered
from contracts.words import ClosedDay
from services.intake.domain.clock import CLOCKS
from services.kit.codec.envelope import decode
from services.kit.database.place import engine_of, place_of
from services.kit.runtime.deadline_watch import DeadlineWatch
from services.kit.runtime.watched_events import METADATA, EventPlace, WatchedEvents
from services.kit.settings import Settings
from services.kit.store.identity import StoreId
from services.kit.store.log import Log
from tests.integration.small_road import Road, a_road
from tests.unit.office import OPERATOR

OURS, RESTORED = StoreId("store", 1), StoreId("store", 2)


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def road(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Road]:
    url = request.getfixturevalue("pg_url") if request.param == "postgres" else None
    settings = Settings(data_dir=tmp_path / "var", database_url=SecretStr(url) if url else None)
    async with a_road(settings) as opened:
        yield opened


@pytest.fixture
def engine(road: Road) -> Iterator[Engine]:
    made = engine_of(place_of(road.settings, "intake"))
    METADATA.create_all(made)
    yield made
    made.dispose()


def letter(stream: str, *positions: int) -> list[EventPlace]:
    return [EventPlace(position, stream, "intake.LetterForwarded.v1") for position in positions]


def test_what_is_kept_is_what_has_not_ended_up_to_where_the_watch_stands(engine: Engine) -> None:
    kept = WatchedEvents(engine)
    assert kept.load(OURS) == (0, ())
    kept.save(OURS, 10, [*letter("a", 2, 5), *letter("b", 3, 9)], set())
    kept.save(OURS, 20, [*letter("c", 12), *letter("d", 15)], {"a", "d"})
    assert kept.load(OURS) == (20, [*letter("b", 3, 9), *letter("c", 12)])
    kept.save(OURS, 11, letter("b", 9, 11), set())  # a watch whose lease was lost comes late
    assert kept.load(OURS) == (11, letter("b", 3, 9, 11))
    kept.save(OURS, 20, [*letter("b", 11), *letter("c", 12)], set())
    assert kept.load(OURS) == (20, [*letter("b", 3, 9, 11), *letter("c", 12)])


def test_what_was_read_of_another_store_is_forgotten(engine: Engine) -> None:
    kept = WatchedEvents(engine)
    kept.save(OURS, 10, letter("a", 2, 5), set())
    assert kept.load(RESTORED) == (0, ())
    kept.save(RESTORED, 4, letter("z", 4), set())
    assert kept.load(RESTORED) == (4, letter("z", 4))
    assert kept.load(OURS) == (0, ())


class Counted:
    """A log that says from where it was read."""

    def __init__(self, log: Log) -> None:
        self.log, self.asked = log, list[int]()

    @property
    def store_id(self) -> StoreId:
        return self.log.store_id

    def read(self, after: int, limit: int) -> Any:
        self.asked.append(after)
        return self.log.read(after, limit)

    def at(self, positions: Any) -> Any:
        return self.log.at(positions)

    def head(self) -> int:
        return self.log.head()


class Office:
    """A road whose deadlines are watched by one process after the other."""

    def __init__(self, road: Road, kept: WatchedEvents) -> None:
        self.road, self.kept = road, kept
        self.log = Counted(road.log("intake"))
        self.begin()

    def begin(self) -> None:
        self.log.asked.clear()
        self.watch = DeadlineWatch(
            CLOCKS, self.log, decode, self.execute, _Silent, lambda: datetime.now(UTC), self.kept
        )

    async def execute(self, ask: Ask) -> Accepted:
        answer = await self.road.writers["intake"].execute(ask)
        assert isinstance(answer, Accepted), answer
        return answer


class _Silent:
    async def wait(self, _seconds: float) -> None:
        """Nobody rings."""


async def test_a_start_goes_on_where_the_last_one_stood_and_misses_no_letter(
    road: Road, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.kit.runtime.deadline_watch.KEEP_EVERY", 1)
    office = Office(road, WatchedEvents(engine))
    open_still, ended = await road.letter(1), await road.letter(2)
    await road.do(CancelLetter(letter_id=ended, reason="salah kirim"), OPERATOR)
    assert await office.watch.look() == 0
    stood = office.log.head()

    office.begin()
    assert await office.watch.look() == 0
    assert office.log.asked == [stood], "nothing from before"
    assert office.watch.health()["open"] == 1

    day = (await deadline_of(office, str(open_still))).date().isoformat()
    closed = ClosedDay(on=day, kind="local", reason="Hari jadi Kota")
    await road.do(AdoptCalendar(year=int(day[:4]), number="", revision=1, closed=(closed,), reason="libur setempat"))
    office.begin()
    assert await office.watch.look() == 1
    assert (await deadline_of(office, str(open_still))).date().isoformat() > day
    office.begin()
    assert await office.watch.look() == 0


async def deadline_of(office: Office, letter_id: str) -> datetime:
    """What the letter's last word on it says."""
    rows = await asyncio.to_thread(office.road.log("intake").read, 0, 1000)
    events = [decode(row.position, row.data).event for row in rows]
    of_it = [each for each in events if str(getattr(each, "letter_id", "")) == letter_id]
    return [event.due_at for event in of_it if isinstance(event, LetterRegistered | DeadlineMoved)][-1]
