"""`caraka verify` and `caraka rebuild` beside the running product, and after it has stopped."""

import asyncio
from pathlib import Path

import orjson
from sqlalchemy import text

from services.audit.views import METADATA as AUDIT
from services.cli.demo import carry
from services.cli.findings import as_json, as_table
from services.cli.invariants.ground import Finding, Step
from services.cli.rebuild import rebuild
from services.cli.verify import verify
from services.kit.bus.connection import Bus
from services.kit.database.place import engine_of, place_of
from services.kit.operations.health import request_operation
from services.kit.operations.stream_keeper import serve_renewals
from services.kit.outbox.relay import Relay
from services.kit.projections.generations import migrate
from services.kit.settings import Settings
from services.projections.views import VIEWS
from tests.integration.small_road import HANDLERS, a_road
from tests.integration.waiting import until
from tests.parts.product import start_product


def broken(found: list[Finding]) -> list[str]:
    return [f"{each.invariant} {each.where}: {each.sentence}" for each in found if not each.ok]


async def test_the_running_product_is_whole_and_still_is_when_it_has_stopped(tmp_path: Path) -> None:
    product = start_product(tmp_path / "product")
    steps: list[Step] = []
    try:
        await carry(product.settings, None)
        found = await verify(product.settings, patience=30, progress=steps.append)
        assert broken(found) == []
        figures = {each.invariant: each.figures for each in found}
        stored = sum(product.heads().values())
        assert figures["I2"]["events"] == figures["I6"]["links"] == figures["I7"]["compared"] == stored
        assert figures["I3"]["behind"] == figures["I6"]["not yet chained"] == 0
        sentence = await rebuild(product.settings, progress=steps.append)
        assert sentence.startswith("Layanan projections yang berjalan membangun ulang semua tampilan")
        async with product.bus() as bus:
            assert await request_operation(bus, "audit", "breaches", {}) == []
        assert broken(await verify(product.settings, patience=30)) == []
        product.stop()
        stopped = await verify(product.settings)
        assert broken(stopped) == []
        assert ["tidak diperiksa" in each.sentence for each in stopped if each.invariant == "I7"] == [True]
        assert "melayani saat Caraka dinyalakan" in await rebuild(product.settings, "letters")
        assert broken(await verify(product.settings)) == []
        said = orjson.loads(as_json(stopped))
        assert (said["ok"], said["complete"]) == (True, False)
        assert [each["invariant"] for each in said["findings"] if each["outcome"] == "not checked"] == ["I7"]
        assert as_table(stopped).endswith("Tidak ada yang rusak. Tidak diperiksa, atau tidak semuanya: I7.")
    finally:
        product.discard()


async def test_a_stream_that_is_not_its_store_is_named(tmp_path: Path, nats_url: str) -> None:
    settings = Settings(data_dir=tmp_path / "var", nats_url=nats_url)
    async with a_road(settings) as road:
        for service, make in (("audit", AUDIT.create_all), ("projections", lambda engine: migrate(engine, VIEWS))):
            engine = engine_of(place_of(settings, service))
            make(engine)
            engine.dispose()
        await road.letter(1)
        await road.tell()
        bus = await Bus.connect(nats_url, service="tests")
        await serve_renewals(bus, tuple(HANDLERS))
        found = await copied(settings)
        assert (found.ok, found.where) == (False, "stream intake")
        assert "kosong, padahal simpanan berisi" in found.sentence
        relays = [Relay(bus, road.log(service), service) for service in HANDLERS]
        tasks = [asyncio.create_task(relay.run()) for relay in relays]
        heads = {service: road.log(service).head() for service in HANDLERS}
        await until(lambda: [r.health()["position"] for r in relays] == list(heads.values()))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (await copied(settings)).figures["compared"] == sum(heads.values())
        third = road.log("intake").read(2, 1)[0]
        spoil(settings, third.data.replace(b"2026", b"2062", 1), third.position)
        found = await copied(settings)
        assert (found.where, found.ok) == ("stream intake, urutan 3", False)
        assert found.sentence == "isinya bukan yang tersimpan di posisi 3"
        spoil(settings, third.data, third.position)
        await bus.js.publish("evt.pekalongan.approval.round-opened.v1", b"{}")
        await road.letter(2)
        await road.tell()
        found = await copied(settings)
        assert any("tidak dikirim oleh relay" in each for each in found.breaches), found.breaches
        await bus.close()


async def copied(settings: Settings) -> Finding:
    """What is said of the streams."""
    return next(each for each in await verify(settings, mailboxes={}) if each.invariant == "I7")


def spoil(settings: Settings, data: bytes, position: int) -> None:
    engine = engine_of(place_of(settings, "intake"))
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE stored_events SET state = :new WHERE rowid = :at"), {"new": data, "at": position}
        )
    engine.dispose()
