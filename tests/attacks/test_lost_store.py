"""A store that has lost its end gives out again what it had given: numbers that stand on paper, answers that were
acknowledged. So it writes nothing until a person decides; and a bus that has forgotten holds nobody.
"""

import asyncio
import contextlib
import shutil
import signal
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from services.cli.demo import FIELDS, message
from services.kit.bus import streams
from services.kit.bus.connection import Bus
from services.kit.codec.position import Checkpoint
from services.kit.database.place import engine_of, place_of
from services.kit.operations.marks import Mark, tell, told
from services.kit.operations.stream_keeper import serve_renewals
from services.kit.outbox.relay import Relay
from services.kit.runtime.hold import CHAIN, STREAM, Judgement, judge
from services.kit.settings import Settings
from services.kit.store import open_log
from services.kit.store.opening import Adoption
from tests.integration.small_road import a_road
from tests.integration.waiting import until
from tests.parts.books import first_number
from tests.parts.nats import Nats
from tests.parts.ports import wait_until
from tests.parts.product import Product, start_product

pytestmark = pytest.mark.real


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Product]:
    """A ``caraka up`` whose first letter is behind it; at rest, with a copy of its stores from then."""
    product = start_product(tmp_path / "product")
    try:
        assert number(asyncio.run(enter(product))) == first_number()
        asyncio.run(product.until_quiet())
        product.stop()
        shutil.copytree(product.settings.data_dir, tmp_path / "yesterday", ignore=shutil.ignore_patterns("nats*"))
        product.start()
        product.wait_ready()
        yield product
    finally:
        product.discard()


async def enter(product: Product, key: str = "") -> httpx.Response:
    """A letter by hand; the answer as it came."""
    body = {"received_at": datetime.now(UTC).isoformat(), "fields": FIELDS}
    async with product.person("operator") as operator:
        return await operator.send("POST", "/letters", json=body, headers={"Idempotency-Key": key} if key else {})


def number(answer: httpx.Response) -> int:
    assert answer.status_code == 200, answer.text
    found: int = answer.json()["result"]["number"]
    return found


def restore(product: Product, service: str) -> None:
    """Yesterday's copy of one store in the place of today's."""
    home = product.settings.data_dir
    for path in home.glob(f"{service}.sqlite*"):
        path.unlink()
    for path in (home.parent.parent / "yesterday").glob(f"{service}.sqlite*"):
        shutil.copy(path, home / path.name)


def lose_the_end(product: Product) -> int:
    """A second letter is acknowledged, then the machine falls and intake's store comes back from yesterday."""
    last = number(asyncio.run(enter(product, "the second")))
    asyncio.run(product.until_quiet())
    product.kill()
    restore(product, "intake")
    return last


def unready(product: Product, words: str) -> None:
    """Readiness refuses, and says this, as soon as whoever knows it is heard."""

    def said() -> bool:
        answer = httpx.get(f"{product.base_url}/readyz", timeout=10)
        return answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE and words in answer.text

    wait_until(said, seconds=60, what=words, log=product.log_tail)


async def see(product: Product, path: str) -> Any:
    async with product.person("operator") as operator:
        return await operator.see(path)


def held(product: Product, service: str = "intake") -> None:
    """Readiness, doctor, and every refused command say so; what is stored stays as it is."""
    before = len(product.rows(service))
    answer = asyncio.run(enter(product))
    for _ in range(100):  # a gateway that has not met the new process yet says that there is none
        if "retry-after" in answer.headers:
            break
        time.sleep(0.2)
        answer = asyncio.run(enter(product))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    problem = answer.json()
    assert (problem["code"], problem["service"]) == ("kit.store-held", service)
    assert problem["title"].startswith("Layanan ini ditahan")
    unready(product, f"{service}: store: held")
    status, told = product.try_command("doctor")
    assert status == 1
    assert f"caraka store adopt {service}" in told
    assert len(product.rows(service)) == before


def test_a_store_from_yesterday_is_held_until_a_person_goes_on_from_it(office: Product) -> None:
    assert lose_the_end(office) == first_number() + 1
    office.drop(message(), "a-mail.caraka")
    office.start()
    held(office)
    upload = asyncio.run(uploaded(office))
    assert upload.status_code == 503, "nor is mail taken"
    assert (office.mailbox / "new" / "a-mail.caraka").exists()
    assert len(asyncio.run(see(office, "/letters"))["letters"]) == 2, "what was shown can still be read"
    assert "Nothing is written" in office.try_command("timers", "retell", "intake")[1]
    status, told = office.try_command("store", "adopt", "approval", "--by", "budi", "--reason", "coba")
    assert (status, "not held" in told) == (1, True)
    told = office.command("store", "adopt", "intake", "--by", "budi", "--reason", "disk rusak")
    assert "epoch 2" in told
    assert "Rantai bukti dilanjutkan" in told
    assert "caraka rebuild all" in told
    unready(office, "projections")  # the views still show what is lost, and say so
    office.command("rebuild", "all")
    office.wait_ready()
    assert number(asyncio.run(enter(office))) == first_number() + 1
    assert asyncio.run(uploaded(office)).status_code == 200
    asyncio.run(office.until_quiet())
    assert asyncio.run(office.breaches()) == []
    (adoption,) = adoptions(office, "intake")
    assert (adoption.by, adoption.reason) == ("budi", "disk rusak")
    assert "budi: disk rusak" in office.command("doctor")
    office.stop()
    office.start()
    office.wait_ready()
    assert number(asyncio.run(enter(office))) == first_number() + 2


async def uploaded(product: Product) -> httpx.Response:
    async with product.person("operator") as operator:
        raw = {"content": message(), "headers": {"Content-Type": "message/rfc822"}}
        return await operator.send("POST", "/letters/upload", **raw)


def adoptions(product: Product, service: str) -> list[Adoption]:
    log = open_log(product.settings, service)
    try:
        return list(log.adopted())
    finally:
        log.close()


def test_a_lost_write_ahead_log_gives_no_number_a_second_time(office: Product) -> None:
    """The log that held the newest commits is gone; what the database file says is older, or nothing at all."""
    assert number(asyncio.run(enter(office))) == first_number() + 1
    asyncio.run(office.until_quiet())
    office.kill()
    (office.settings.data_dir / "intake.sqlite-wal").unlink()
    office.start()
    held(office)


def test_a_store_that_is_gone_as_a_whole_is_not_begun_anew_beside_what_was_told(office: Product) -> None:
    office.kill()
    for path in office.settings.data_dir.glob("intake.sqlite*"):
        path.unlink()
    office.start()
    held(office)
    office.command("store", "adopt", "intake", "--by", "budi", "--reason", "semua hilang")
    office.command("rebuild", "all")
    office.wait_ready()
    office.stop()
    office.start()
    office.wait_ready()
    answer = asyncio.run(enter(office))
    assert number(answer) == first_number(), "a person has decided that the book begins again where its file says"


def test_a_bus_that_forgot_everything_holds_nobody(office: Product) -> None:
    assert number(asyncio.run(enter(office))) == first_number() + 1
    office.kill()
    forget(office)
    office.start()
    office.wait_ready()
    assert number(asyncio.run(enter(office))) == first_number() + 2
    asyncio.run(office.until_quiet())
    assert asyncio.run(office.breaches()) == []


def test_where_the_bus_forgot_too_the_chain_still_knows(office: Product) -> None:
    lose_the_end(office)
    forget(office)
    office.start()
    held(office)
    unready(office, "its chain goes to")


def forget(product: Product) -> None:
    for folder in product.settings.data_dir.iterdir():
        if "nats" in folder.name and folder.is_dir():
            while folder.exists():  # the broker, which was killed too, still takes its own files away
                shutil.rmtree(folder, ignore_errors=True)


def test_the_console_writes_into_no_store_that_is_behind(office: Product) -> None:
    """With the product at rest it has a writer of its own."""
    office.command("user", "add", "--agency", "pekalongan", "--person", "baru", "--name", "Baru", "--role", "operator")
    asyncio.run(office.until_quiet())
    office.stop()
    restore(office, "organisation")
    for words in (
        ("user", "add", "--agency", "pekalongan", "--person", "lain", "--name", "Lain", "--role", "admin"),
        ("token", "create", "--agency", "pekalongan", "--role", "admin"),
    ):
        status, told = office.try_command(*words)
        assert (status, "caraka store adopt organisation" in told) == (1, True), told
        assert "crk_" not in told


def test_a_row_removed_from_postgresql_holds_its_service_alone(pg_url: str, nats: Nats, tmp_path: Path) -> None:
    product = start_product(tmp_path / "apart", apart=True, pg_url=pg_url, nats=nats)
    try:
        assert [number(asyncio.run(enter(product))) for _ in range(2)] == [first_number(), first_number() + 1]
        asyncio.run(product.until_quiet())
        for which in ("(SELECT MAX(notification_id) FROM intake.stored_events)", "8"):
            product.kill("intake", signal.SIGTERM)
            with psycopg.connect(pg_url) as connection:
                gone = connection.execute(f"DELETE FROM intake.stored_events WHERE notification_id = {which}")  # noqa: S608 - ours
                assert gone.rowcount == 1
            product.start("intake")
            held(product)
            assert asyncio.run(others_write(product)).status_code == 200
            product.command("store", "adopt", "intake", "--by", "budi", "--reason", "baris terhapus")
            asyncio.run(recovered(product))
    finally:
        product.discard()


def test_a_witness_who_comes_late_is_still_believed(pg_url: str, nats: Nats, tmp_path: Path) -> None:
    """Audit is away and the bus has forgotten: nobody tells intake what it lost. It works until audit
    is back, leaves by itself, and whoever starts it again finds it held.
    """
    product = start_product(tmp_path / "late", apart=True, pg_url=pg_url, nats=nats)
    try:
        assert [number(asyncio.run(enter(product))) for _ in range(2)] == [first_number(), first_number() + 1]
        asyncio.run(product.until_quiet())
        for name in ("intake", "audit"):
            product.kill(name, signal.SIGTERM)
        nats.forget()
        with psycopg.connect(pg_url) as connection:
            last = "(SELECT MAX(notification_id) FROM intake.stored_events)"
            connection.execute(f"DELETE FROM intake.stored_events WHERE notification_id = {last}")  # noqa: S608 - ours
        product.start("intake")
        asyncio.run(recovered(product))
        product.start("audit")
        wait_until(lambda: product.dead() == ["intake"], seconds=30, what="intake's leave", log=product.log_tail)
        product.forget_dead()
        product.start("intake")
        held(product)
    finally:
        product.discard()


async def others_write(product: Product) -> httpx.Response:
    async with product.person("admin") as admin:
        day = {"on": datetime.now(UTC).replace(day=28).date().isoformat(), "reason": "Hari jadi"}
        return await admin.send("POST", "/calendars/closures", json=day)


async def recovered(product: Product) -> None:
    for _ in range(100):
        if (await enter(product)).status_code == 200:
            return
        await asyncio.sleep(0.2)
    pytest.fail("intake does not write again")


# ── the judgement by itself ──


@contextlib.asynccontextmanager
async def fed(tmp_path: Path, nats_url: str) -> AsyncIterator[tuple[Settings, Bus]]:
    """A small office whose streams are full and at rest."""
    settings = Settings(data_dir=tmp_path / "var", nats_url=nats_url)
    async with a_road(settings) as road:
        await road.letter(1)
        bus = await Bus.connect(nats_url, service="intake")
        await streams.declare(bus.js, ["intake"])
        await serve_renewals(bus, ["intake"])
        relay = Relay(bus, road.log("intake"), "intake")
        task = asyncio.create_task(relay.run())
        await until(lambda: relay.health()["position"] == road.log("intake").head())
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        yield settings, bus
        await bus.close()


async def test_a_strangers_message_hides_no_loss_and_makes_none(tmp_path: Path, nats_url: str) -> None:
    async with fed(tmp_path, nats_url) as (settings, bus):
        own = open_log(settings, "intake")
        await bus.js.publish("evt.pekalongan.intake.nobody.v1", b"{}")
        assert (await judge(bus, "intake", own, None, 0)).lacks == ()
        spoil(settings, "DELETE FROM stored_events WHERE rowid = (SELECT MAX(rowid) FROM stored_events)")
        (lack,) = (await judge(bus, "intake", own, None, 0)).lacks
        assert lack.by == STREAM
        own.close()


async def test_the_relay_does_not_feed_over_what_only_the_stream_still_has(tmp_path: Path, nats_url: str) -> None:
    async with fed(tmp_path, nats_url) as (settings, bus):
        spoil(settings, "DELETE FROM stored_events WHERE rowid = 3")
        own = open_log(settings, "intake")
        (lack,) = (await judge(bus, "intake", own, None, 0)).lacks
        assert "it lacks position 3" in lack.sentence
        relay = Relay(bus, own, "intake")
        task = asyncio.create_task(relay.run())
        await until(lambda: relay.health()["state"] == "stopped")
        assert "no longer has its event at 3" in relay.health()["reason"]
        info = await bus.js.stream_info("EVT_INTAKE")
        assert info.state.messages == own.head()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        own.close()


async def test_a_witness_who_is_away_stops_no_office_and_one_who_knows_more_does(tmp_path: Path, nats_url: str) -> None:
    async with fed(tmp_path, nats_url) as (settings, bus):
        own = open_log(settings, "intake")
        name, head = own.store_id, own.head()

        def says(position: int, count: int, epoch: int = name.epoch, store: str = name.store) -> Any:
            async def witness(_bus: Bus, _service: str) -> Mark | None:
                return Mark(Checkpoint(store, epoch, position), count)

            return witness

        away = await judge(bus, "intake", own, told, 0.3)
        assert (away.lacks, away.heard_all) == ((), False)
        await tell(bus, "intake", None)
        assert await judge(bus, "intake", own, told, 0.3) == Judgement(())
        await tell(bus, "intake", Mark(Checkpoint(name.store, name.epoch, head + 7), head + 7))
        assert [lack.by for lack in (await judge(bus, "intake", own, told, 0.3)).lacks] == [CHAIN]
        assert (await judge(bus, "intake", own, says(head, head), 0)).lacks == ()
        assert (await judge(bus, "intake", own, says(head - 2, head - 2), 0)).lacks == (), "the chain follows"
        for more in (says(head + 1, head + 1), says(head, head + 1), says(1, 1, 2), says(1, 1, 1, "another")):
            (lack,) = (await judge(bus, "intake", own, more, 0)).lacks
            assert lack.by == CHAIN
        own.close()


def spoil(settings: Settings, statement: str) -> None:
    engine = engine_of(place_of(settings, "intake"))
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
