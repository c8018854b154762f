"""A day on which the office is closed moves what is running: events on the road, timers in the store, the story.

The whole product with a store and a bus of its own, because the closed day holds for every letter of the agency.
"""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from services.cli.demo import Person, patiently, until
from services.kit.database.place import engine_of, place_of
from services.kit.store.timetable import micros
from tests.journeys.road import Office, office
from tests.parts.product import Product, start_product

WIB = ZoneInfo("Asia/Jakarta")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = start_product(tmp_path_factory.mktemp("moving") / "product")
    yield running
    running.discard()


def timers(product: Product, service: str, letter: str) -> set[int]:
    """Moments of the timers that say that a limit is over, as they stand in the store."""
    engine = engine_of(place_of(product.settings, service))
    asked = "SELECT due_at FROM timers WHERE stream LIKE :stream AND (name LIKE 'escalate-%' OR name LIKE 'deliver-%')"
    with engine.connect() as connection:
        found = {row[0] for row in connection.execute(text(asked), {"stream": f"%:{letter}"})}
    engine.dispose()
    return found


def _all_timers(product: Product, service: str) -> set[tuple[str, str, int]]:
    engine = engine_of(place_of(product.settings, service))
    with engine.connect() as connection:
        found = {tuple(row) for row in connection.execute(text("SELECT stream, name, due_at FROM timers"))}
    engine.dispose()
    return found


async def told(product: Product, service: str, kind: str, letter: str, after: int = 0) -> list[dict[str, Any]]:
    """Waits for the events of this kind, those beyond the first ``after``."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        if found := _of(product, service, kind, letter)[after:]:
            return found
        await asyncio.sleep(0.1)
    return []


def _of(product: Product, service: str, kind: str, letter: str) -> list[dict[str, Any]]:
    return [event["data"] for event in product.events(service, kind) if event["data"]["letter_id"] == letter]


def moment(stated: str) -> datetime:
    return datetime.fromisoformat(stated)


async def _season_moves_a_limit(product: Product, people: Office, admin: Person) -> None:
    """Other hours for half a year from today on: open from ten to three, on every day of the week."""
    letter = await people.forwarded()
    (opened,) = await told(product, "approval", "RoundOpened", letter)
    today = datetime.now(WIB).date()
    hours = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "open": "10:00", "close": "15:00"}
    season = {
        "season": "uji", "name": "Jam uji", "from_on": today.isoformat(), "hours": [hours], "number": "SE 1",
        "until_on": (today + timedelta(days=180)).isoformat(), "decreed_on": today.isoformat(),
    }  # fmt: skip
    stated = await admin.do("/calendars/seasons", {"season": season})
    (moved,) = await told(product, "approval", "TierLimitMoved", letter)
    assert moved["old_due_at"] == opened["limit"]["due_at"]
    assert "Jam uji" in moved["reason"]
    assert timers(product, "approval", letter) == {micros(moment(moved["due_at"]))}
    assert [each["name"] for each in (await admin.see("/calendars", after=stated["after"]))["seasons"]] == ["Jam uji"]


async def close(admin: Person, at: str) -> str:
    """The office is closed on the day on which this falls."""
    day = moment(at).astimezone(WIB).date().isoformat()
    await admin.do("/calendars/closures", {"on": day, "reason": f"Hari jadi Kota {day}"})
    return day


async def test_a_closed_day_moves_a_tiers_limit_and_a_couriers(product: Product) -> None:
    async with office(product) as people, product.person("admin") as admin:
        letter = await people.forwarded()
        (opened,) = await told(product, "approval", "RoundOpened", letter)
        old = opened["limit"]["due_at"]
        day = await close(admin, old)
        (moved,) = await told(product, "approval", "TierLimitMoved", letter)
        assert (moved["old_due_at"], moved["position"]) == (old, "kasi-persandian")
        assert moment(moved["due_at"]) > moment(old)
        assert day in moved["reason"]
        assert timers(product, "approval", letter) == {micros(moment(moved["due_at"]))}

        await people.initial(letter)
        await until(people.kasi, letter, "released")
        await patiently(people.kasi, f"/dispatches/{letter}/assign", {"courier_id": "caraka-1"})
        (assigned,) = await told(product, "dispatch", "CourierAssigned", letter)
        limits = {limit["copy_id"]: limit["due_at"] for limit in assigned["limits"]}
        day = await close(admin, next(iter(limits.values())))
        assert await told(product, "dispatch", "DeliveryLimitMoved", letter)
        carried = _of(product, "dispatch", "DeliveryLimitMoved", letter)
        assert {each["copy_id"]: each["old_due_at"] for each in carried} == limits
        assert timers(product, "dispatch", letter) == {micros(moment(each["due_at"])) for each in carried}

        await product.until_quiet()
        assert await product.breaches() == []
        assert {"TierLimitMoved", "DeliveryLimitMoved", "WorkingTimeChanged"} <= set(await people.story(letter))
        await admin.do(f"/calendars/closures/{day}/reopen", {"reason": "Ditunda"})
        again = await told(product, "dispatch", "DeliveryLimitMoved", letter, len(carried))
        await product.until_quiet()
        assert {each["copy_id"]: each["due_at"] for each in again} == limits
        assert timers(product, "dispatch", letter) == {micros(moment(each)) for each in limits.values()}
        await _season_moves_a_limit(product, people, admin)
    await product.until_quiet()
    before = {service: _all_timers(product, service) for service in ("intake", "approval", "dispatch")}
    said = product.command("timers", "retell")
    assert [f"{service}: {len(rows)} pengingat" in said for service, rows in before.items()] == [True] * 3
    assert {service: _all_timers(product, service) for service in before} == before
    moves = len(product.events("dispatch", "DeliveryLimitMoved"))
    product.stop()
    product.begin()
    await product.until_quiet()
    assert len(product.events("dispatch", "DeliveryLimitMoved")) == moves, "nor again after a start"
    assert await product.breaches() == []
