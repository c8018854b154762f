"""I10: a deadline, a limit or a timer that was changed behind the product's back is named, with what it should be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
import pytest_asyncio
from pydantic import SecretStr

from contracts.approval import InitialLetter
from contracts.base import Accepted, Ask
from contracts.dispatch import AssignCourier
from contracts.intake import AdoptCalendar, AdoptStandard
from contracts.words import ClosedDay
from services.audit.views import METADATA as AUDIT
from services.cli.invariants.ground import Finding
from services.cli.verify import verify
from services.intake.domain.clock import CLOCKS
from services.kit.codec.envelope import decode
from services.kit.database.place import engine_of, make_schema, place_of
from services.kit.projections.generations import migrate
from services.kit.runtime.deadline_watch import DeadlineWatch
from services.kit.runtime.watched_events import METADATA, WatchedEvents
from services.kit.settings import Settings
from services.kit.store.log import LogRow
from services.kit.worktime import Calendar, due
from services.projections.views import VIEWS
from tests.integration.small_road import AGENCY, Road, a_road
from tests.integration.test_verify import Settled, named
from tests.unit.office import COURIER, KABID, KADIS, KASI, STANDARD
from tests.unit.test_limits_of_the_road import LIMITED

SECOND = STANDARD.model_copy(update={"version": 2})


class Stored(Settled):
    """What an administrator of the database might do to deadlines."""

    def find(self, kind: str, number: int = 0) -> tuple[str, LogRow]:
        service, name = kind.split(".")
        rows = [row for row in self.rows(service) if row.kind == f"{service}.{name}.v1"]
        return service, rows[number]

    def forge(self, kind: str, number: int = 0, **changes: Any) -> LogRow:
        """Writes other words into the data of a stored event; ``time`` is the event's own."""
        service, row = self.find(kind, number)
        raw = orjson.loads(row.data)
        raw["time"] = changes.pop("time", raw["time"])
        raw["data"] |= changes
        fresh = orjson.dumps(raw, option=orjson.OPT_SORT_KEYS)
        self.spoil("UPDATE stored_events SET state = :s WHERE {position} = :at", service, s=fresh, at=row.position)
        return row

    def say_again(self, kind: str) -> None:
        """The same fact once more, at the end of its stream."""
        service, row = self.find(kind)
        raw = orjson.loads(row.data)
        version = max(each.version for each in self.rows(service) if each.originator_id == row.originator_id) + 1
        raw |= {"streamversion": version, "id": str(uuid4())}
        origin = self.spoil("SELECT originator_id FROM stored_events WHERE {position} = :at", service, at=row.position)
        self.spoil(
            "INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES (:o, :v, :k, :s)",
            service, o=origin[0][0], v=version, k=row.kind, s=orjson.dumps(raw, option=orjson.OPT_SORT_KEYS),
        )  # fmt: skip

    async def i10(self) -> Finding:
        found = await verify(self.settings, seed=1)
        return next(each for each in found if each.invariant == "I10")


async def watched(road: Road) -> None:
    """Intake's watch looks once, as it does after every fact of its own."""

    async def execute(ask: Ask) -> Accepted:
        answer = await road.writers["intake"].execute(ask)
        assert isinstance(answer, Accepted), answer
        return answer

    engine = engine_of(place_of(road.settings, "intake"))
    METADATA.create_all(engine)
    kept = WatchedEvents(engine)
    watch = DeadlineWatch(CLOCKS, road.log("intake"), decode, execute, _Silent, lambda: datetime.now(UTC), kept)
    assert await watch.look() > 0
    engine.dispose()
    await road.tell()


class _Silent:
    async def wait(self, _seconds: float) -> None:
        """Nobody rings."""


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stored]:
    """One letter waits for the Kasi, one is with a courier; a decree has moved both their limits."""
    url = request.getfixturevalue("pg_url") if request.param == "postgres" else None
    nowhere = "nats://127.0.0.1:1"  # stopped: there is no bus
    settings = Settings(data_dir=tmp_path / "var", database_url=SecretStr(url) if url else None, nats_url=nowhere)
    async with a_road(settings) as road:
        for service, make in (("audit", AUDIT.create_all), ("projections", lambda engine: migrate(engine, VIEWS))):
            make_schema(place_of(settings, service))
            engine = engine_of(place_of(settings, service))
            make(engine)
            engine.dispose()
        await road.do(AdoptStandard(standard=SECOND, valid_from="2022-03-02", rules=LIMITED))
        waiting, carried = await road.letter(1), await road.letter(2)
        await road.tell()
        for officer in (KASI, KABID, KADIS):
            await road.do(InitialLetter(letter_id=carried), officer)
            await road.tell()
        await road.do(AssignCourier(letter_id=carried, courier_id=COURIER.id, courier_name="Caraka Satu"), KASI)
        opened = [decode(0, row.data).event for row in road.log("approval").read(0, 100)]
        day = next(event.limit.due_at for event in opened if getattr(event, "limit", None)).date()  # type: ignore[attr-defined]
        closed = ClosedDay(on=day.isoformat(), kind="local", reason="Hari jadi Kota")
        await road.do(AdoptCalendar(year=day.year, number="", revision=1, closed=(closed,), reason="libur setempat"))
        await watched(road)
        stored = Stored(road, settings)
        assert waiting != carried
        await stored.catch_up()
        yield stored


async def test_deadlines_limits_and_moves_that_nobody_touched_are_whole(office: Stored) -> None:
    found = await office.i10()
    assert found.ok, (found.where, found.sentence)
    assert int(found.figures["deadlines"]) > 10
    for kind in ("approval.TierLimitMoved", "dispatch.DeliveryLimitMoved", "intake.WorkingTimeChanged"):
        office.find(kind)


async def test_a_forged_deadline_is_named_with_the_right_one(office: Stored) -> None:
    row = office.forge("intake.LetterRegistered", due_at="2026-03-14T04:00:00Z")
    named(
        await office.i10(), f"intake/{AGENCY}, posisi {row.position}", "tenggat tersimpan 2026-03-14",
        "menurut kalender 2026-03-13",
    )  # fmt: skip


async def test_a_deadline_that_was_computed_by_another_calendar_is_named(office: Stored) -> None:
    """Moment and name agree with each other, but that calendar did not hold when the letter was registered."""
    _, row = office.find("intake.LetterRegistered")
    other = Calendar.from_rules({**LIMITED, "holidays": [*LIMITED["holidays"], "2026-03-13"]})
    received = decode(0, row.data).event.received_at  # type: ignore[attr-defined]
    moment = due(other, received, LIMITED["deadline"])
    office.forge("intake.LetterRegistered", due_at=moment.isoformat(), calendar=other.version)
    found = await office.i10()
    named(found, f"posisi {row.position}", f"tenggat tersimpan {moment}")
    assert any(f"kalender tenggat tersimpan {other.version}" in breach for breach in found.breaches)


async def test_the_name_of_another_calendar_alone_is_named_too(office: Stored) -> None:
    row = office.forge("intake.LetterRegistered", calendar="skb-1999#000000000000")
    named(await office.i10(), f"posisi {row.position}", "kalender tenggat", "skb-1999#000000000000")


async def test_a_timer_that_fired_twice_is_named(office: Stored) -> None:
    office.say_again("intake.LetterOverdue")
    named(await office.i10(), "letter:", "disebut lewat untuk kedua kalinya")


async def test_a_limit_that_was_said_to_be_over_before_its_moment_is_named(office: Stored) -> None:
    row = office.forge("intake.LetterOverdue", time="2026-03-12T08:00:00.000000Z")
    named(await office.i10(), f"posisi {row.position}", "disebut lewat sebelum saatnya")


async def test_a_tiers_forged_limit_is_named(office: Stored) -> None:
    _, row = office.find("approval.RoundOpened")
    limit = orjson.loads(row.data)["data"]["limit"]
    office.forge("approval.RoundOpened", limit={**limit, "due_at": "2030-01-01T00:00:00Z"})
    named(await office.i10(), f"approval/{AGENCY}, posisi {row.position}", "batas waktu jenjang 0", "2030")


async def test_a_couriers_forged_limit_is_named(office: Stored) -> None:
    _, row = office.find("dispatch.CourierAssigned")
    limits = [{**each, "due_at": "2030-01-01T00:00:00Z"} for each in orjson.loads(row.data)["data"]["limits"]]
    office.forge("dispatch.CourierAssigned", limits=limits)
    named(await office.i10(), f"dispatch/{AGENCY}, posisi {row.position}", "batas waktu kurir untuk", "2030")


@pytest.mark.parametrize("kind", ["approval.TierLimitMoved", "dispatch.DeliveryLimitMoved"])
async def test_a_forged_move_is_named(office: Stored, kind: str) -> None:
    row = office.forge(kind, due_at="2030-01-01T00:00:00Z")
    named(await office.i10(), f"posisi {row.position}", "yang digeser", "2030")


async def test_working_time_that_the_calendar_does_not_give_is_named(office: Stored) -> None:
    _, row = office.find("intake.WorkingTimeChanged")
    told = orjson.loads(row.data)["data"]["working_time"]
    office.forge("intake.WorkingTimeChanged", working_time={**told, "closed": []})
    named(await office.i10(), f"posisi {row.position}", "jam kerja batas waktunya")


async def test_a_timer_that_was_taken_away_or_put_forward_is_named(office: Stored) -> None:
    office.spoil("DELETE FROM timers WHERE name LIKE 'escalate-%'", "approval")
    named(await office.i10(), f"approval/{AGENCY}, round:", "ada batas waktu berjalan tanpa pengingat")
    office.spoil("UPDATE timers SET due_at = due_at + 1 WHERE name LIKE 'deliver-%'", "dispatch")
    found = await office.i10()
    assert any("ada pengingat untuk batas waktu yang tidak berjalan" in breach for breach in found.breaches)
