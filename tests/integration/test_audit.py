"""The audit chains what the services have written, once, whatever the broker does; and finds what was changed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import Engine, select, text

from contracts.audit import ChainHeads, ChainHeadsAnswer
from services.audit import wiring
from services.audit.settings import Pace
from services.audit.views import ChainMoved, Chains
from services.audit.views.tables import EPOCHS, LINKS
from services.kit.bus.connection import Bus
from services.kit.bus.streams import drop
from services.kit.chain import chained
from services.kit.codec.position import Checkpoint, Delivery
from services.kit.database.place import engine_of, make_schema, place_of
from services.kit.operations.stream_keeper import serve_renewals
from services.kit.outbox.relay import Relay
from services.kit.service import Lone, Service
from services.kit.settings import Settings
from services.kit.store import schema
from tests.integration.small_road import AGENCY, Road, a_road
from tests.integration.waiting import until


@dataclass
class Kit:
    bus: Bus
    engine: Engine

    def clock(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class House:
    road: Road
    kit: Kit
    service: Service

    def chains(self) -> Chains:
        return Chains(self.kit.engine, self.kit.clock)

    def chained(self, source: str = "intake") -> bool:
        checkpoint = self.chains().checkpoint(source)
        return checkpoint is not None and checkpoint.position == self.road.log(source).head()

    def health(self, part: str) -> dict[str, object]:
        return dict(self.service.health[part]())

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The relays and the audit's loops."""
        relays = [Relay(self.kit.bus, self.road.log(s), s, look_every=0.2).run for s in ("intake", "approval")]
        loops = [each.loop if isinstance(each, Lone) else each for each in self.service.loops.values()]
        tasks = [asyncio.ensure_future(loop()) for loop in (*relays, *loops)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def house(request: pytest.FixtureRequest, tmp_path: Path, nats_url: str) -> AsyncIterator[House]:
    url = request.getfixturevalue("pg_url") if request.param == "postgres" else None
    settings = Settings(data_dir=tmp_path / "var", database_url=SecretStr(url) if url else None)
    bus = await Bus.connect(nats_url, service="audit")
    await serve_renewals(bus, ["intake", "approval"])
    make_schema(place_of(settings, "audit"))
    engine = engine_of(place_of(settings, "audit"))
    kit = Kit(bus, engine)
    service = wiring.build(settings, kit, Pace(rest_seconds=0.02, stretch=4))
    assert service.migrate is not None
    async with a_road(settings, service.migrate) as road:
        yield House(road, kit, service)
        if service.close:
            await service.close()
        await bus.close()
        engine.dispose()


async def test_every_event_is_chained_per_agency_and_the_heads_can_be_asked_for(house: House) -> None:
    async with house.running():
        await house.road.letter(1)
        await house.road.letter(2)
        await house.road.tell()
        await until(lambda: house.chained("intake") and house.chained("approval"))
    rows = house.road.log("intake").read(0, 1000)
    answer = await house.service.queries[ChainHeads](AGENCY, ChainHeads())
    assert isinstance(answer, ChainHeadsAnswer)
    heads = {head.service: head for head in answer.heads}
    assert heads["intake"].head == chained("intake", {}, rows)[-1].hash.hex()
    assert (heads["intake"].count, heads["intake"].position) == (len(rows), rows[-1].position)
    assert heads["approval"].count == len(house.road.log("approval").read(0, 1000))
    assert answer.breach is None
    other = await house.service.queries[ChainHeads]("semarang", ChainHeads())
    assert other == ChainHeadsAnswer(heads=())


async def test_a_broker_that_forgot_everything_and_feeds_again_changes_nothing(house: House) -> None:
    async with house.running():
        await house.road.letter(1)
        await until(house.chained)
        before = house.chains().links("intake", 0, 10_000)
        await drop(house.kit.bus.js, "intake")
        await house.road.letter(2)
        await until(house.chained)
    after = house.chains().links("intake", 0, 10_000)
    assert after[: len(before)] == before
    assert after == chained("intake", {}, house.road.log("intake").read(0, 1000))
    assert house.health("evidence")["state"] == "whole"


def deliveries(road: Road, *, epoch: int | None = None) -> list[Delivery]:
    log = road.log("intake")
    name = log.store_id
    return [
        Delivery(Checkpoint(name.store, epoch or name.epoch, row.position), row.previous, "evt", row.data)
        for row in log.read(0, 1000)
    ]


async def test_the_same_events_twice_are_chained_once_and_other_bytes_are_a_breach(house: House) -> None:
    await house.road.letter(1)
    chains, fed = house.chains(), deliveries(house.road)
    chains.append("intake", fed[:3])
    chains.append("intake", fed[1:])
    assert chains.links("intake", 0, 100) == chained("intake", {}, house.road.log("intake").read(0, 100))
    chains.append("intake", fed)
    assert house.health("evidence")["state"] == "whole"
    third = fed[2]
    forged = Delivery(third.checkpoint, third.previous, third.subject, third.data.replace(b"7", b"8", 1))
    chains.append("intake", [fed[1], forged, fed[3]])
    said = house.health("evidence")
    assert said["state"] == "stopped"
    assert f"intake/{AGENCY}, posisi {third.checkpoint.position}" in str(said["reason"])
    assert said["breaches"] == 1


async def test_a_gap_is_never_chained(house: House) -> None:
    await house.road.letter(1)
    chains, fed = house.chains(), deliveries(house.road)
    chains.append("intake", fed[:2])
    with pytest.raises(ChainMoved, match="follows"):
        chains.append("intake", fed[3:])
    with pytest.raises(ChainMoved, match="follows"):
        chains.append("intake", [fed[2], fed[4]])
    assert chains.checkpoint("intake") == fed[1].checkpoint


async def test_the_patrol_finds_an_edit_by_itself_and_says_so_in_health(house: House) -> None:
    await house.road.letter(1)
    await house.road.letter(2)
    async with house.running():
        await until(house.chained)
        await until(lambda: bool(house.health("patrol")["intake"]["whole_at"]))
        row = house.road.log("intake").read(0, 100)[4]
        spoil(house.road, "UPDATE stored_events SET {state} = :new WHERE {position} = :at",
              new=row.data.replace(b"pekalongan", b"pekalongaN", 1), at=row.position)  # fmt: skip
        await until(lambda: house.health("evidence")["state"] == "stopped")
    said = house.health("evidence")
    assert f"posisi {row.position}" in str(said["reason"])
    operations = house.service.operations
    listed = await operations["breaches"]({})
    assert [each["position"] for each in listed] == [row.position]
    settled = {"service": "intake", "position": row.position, "by": "admin", "reason": "known test", "note": "n1"}
    assert await operations["settle"](settled) == 1
    assert house.health("evidence")["state"] == "whole"


async def test_a_restored_log_stops_the_chain_with_the_remedy_and_is_adopted_by_a_person(house: House) -> None:
    await house.road.letter(1)
    await house.road.letter(2)
    rows = house.road.log("intake").read(0, 100)
    common = rows[-4].position
    async with house.running():
        await until(house.chained)
    spoil(house.road, "DELETE FROM stored_events WHERE {position} > :at", at=common)
    spoil(house.road, schema.RAISE_EPOCH.replace("{s}", ""))
    house.road.stores["intake"]._identity = None
    async with house.running():
        await until(lambda: house.health("chain-intake")["state"] == "stopped")
        assert "caraka audit adopt intake" in str(house.health("chain-intake")["reason"])
        adopted = await house.service.operations["adopt"](
            {"service": "intake", "by": "admin", "reason": "restored", "note": "n1"}
        )
        assert adopted == {"common": common, "lost": 3, "older": 0}
    assert house.chains().checkpoint("intake") == Checkpoint(*astuple(house.road, 2), common)
    with house.kit.engine.connect() as connection:
        kept = connection.execute(select(EPOCHS)).one()
        assert (kept.position, kept.common, kept.closed_by) == (rows[-1].position, common, "admin")
        assert len(connection.execute(select(LINKS).where(LINKS.c.service == "intake")).all()) == len(rows) - 3


def astuple(road: Road, epoch: int) -> tuple[str, int]:
    return road.log("intake").store_id.store, epoch


def spoil(road: Road, statement: str, **values: object) -> None:
    """What a database administrator might do behind the product's back."""
    place = place_of(road.settings, "intake")
    position = "notification_id" if place.on_postgres else "rowid"
    engine = engine_of(place)
    with engine.begin() as connection:
        connection.execute(text(statement.format(state="state", position=position)), values)
    engine.dispose()
