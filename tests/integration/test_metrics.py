"""One scrape shows all processes: what it says after a walk, what a refusal and a lag look like, what it never says."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from contracts.base import Accepted, Refusal
from services.cli.catalogue import JOBS
from services.cli.demo import carry
from services.kit.observability.metrics import FAMILIES, MOST_CODES, CommandTally, merged
from services.kit.operations.metrics_collect import Lag, PartRows
from tests.parts.nats import Nats
from tests.parts.product import Product, start_product

SERVICES = {
    "organisation", "intake", "approval", "dispatch", "notifications", "account_provisioning", "complaint",
    "projections", "audit", "gateway",
}  # fmt: skip
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def scrape(product: Product, **params: str) -> Samples:
    async with httpx.AsyncClient(base_url=product.base_url, timeout=30) as client:
        answer = await client.get("/metrics", params=params)
    assert answer.status_code == HTTPStatus.OK
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def heard(product: Product, services: set[str] = SERVICES, instances: int = 0) -> Samples:
    """A scrape in which exactly these have spoken: whoever is slow to answer is missing in one, and in the next."""
    async with asyncio.timeout(60):
        while True:
            samples = await scrape(product)
            if said(samples, "service") == services and len(said(samples, "instance")) >= instances:
                return samples
            await asyncio.sleep(1.1)  # a scrape within the same second is answered from the last one


def total(samples: Samples, metric: str, **labels: str) -> float:
    wanted = set(labels.items())
    return sum(value for (name, having), value in samples.items() if name == metric and wanted <= having)


def relays(samples: Samples) -> dict[str, float]:
    """Of organisation: whether its relay works."""
    return {
        dict(labels)["service"]: value
        for (name, labels), value in samples.items()
        if name == "caraka_part_up" and dict(labels)["part"] == "relay" and dict(labels)["service"] == "organisation"
    }


def said(samples: Samples, label: str, metric: str = "") -> set[str]:
    return {dict(labels)[label] for name, labels in samples if label in dict(labels) and (not metric or metric == name)}


async def test_after_a_walk_one_scrape_shows_what_every_service_did(product: Product) -> None:
    await asyncio.sleep(1.1)
    before = await heard(product)
    await carry(product.settings, None)
    await asyncio.sleep(1.1)
    after = await heard(product)

    def grown(metric: str, **labels: str) -> float:
        return total(after, metric, **labels) - total(before, metric, **labels)

    for service in ("intake", "approval", "dispatch"):
        accepted = grown("caraka_commands_total", service=service, outcome="accepted")
        assert accepted >= 3
        assert grown("caraka_command_seconds_count", service=service) >= accepted
        assert 0 < grown("caraka_batch_commands_sum", service=service) < 100
    assert grown("caraka_commands_total", kind="intake.RegisterLetter.v1", outcome="accepted") == 1
    assert grown("caraka_http_requests_total", route="letters.register", status="2xx") == 1
    assert grown("caraka_http_seconds_count", route="letters.register") == 1
    assert grown("caraka_dead_letter_cases") == 0
    assert total(after, "caraka_store_position", service="intake") > total(
        before, "caraka_store_position", service="intake"
    )
    assert 0 <= total(after, "caraka_mailbox_poll_age_seconds", mailbox="pekalongan-sanapati") < 60
    assert total(after, "caraka_process_resident_bytes", service="gateway") > 50e6
    assert total(after, "caraka_disk_free_bytes", service="intake") > 0


async def test_every_metric_that_is_in_the_table_is_in_a_scrape_and_nothing_else(product: Product) -> None:
    await refuse(product)
    told = {re.sub(r"_(total|count|sum|bucket)$", "", name) for name, _ in await heard(product)}
    of_jobs = {name for name in FAMILIES if name.startswith("caraka_job_") and not JOBS}
    of_backups = {name for name in FAMILIES if name.startswith("caraka_backup_")}  # none is scheduled here
    assert told == set(FAMILIES) - of_jobs - of_backups


async def refuse(product: Product) -> None:
    async with product.person("operator") as operator:
        answer = await operator.send("POST", f"/letters/{uuid4()}/forward", json={})
        assert answer.is_client_error
    await asyncio.sleep(1.1)


async def test_a_refusal_is_counted_by_its_code(product: Product) -> None:
    await asyncio.sleep(1.1)
    before = total(await heard(product), "caraka_refusals_total", service="intake")
    await refuse(product)
    after = await heard(product)
    assert total(after, "caraka_refusals_total", service="intake") == before + 1
    assert any(code.startswith("intake.") for code in said(after, "code"))


async def test_a_scrape_tells_no_agency_with_a_person_no_letter_and_no_path(fresh_product: Product) -> None:
    steps = await carry(fresh_product.settings, None)
    await asyncio.sleep(1.1)
    samples = await heard(fresh_product)
    words = {value for _, labels in samples for label, value in labels if label != "instance"}
    text = " ".join(words)
    assert steps[0]["letter_id"] not in text
    assert "/" not in text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)
    assert words.isdisjoint({"operator", "kasi", "kabid", "kadis", "caraka-1"})
    assert len(samples) < 500 * len(SERVICES)


async def test_a_path_that_nobody_serves_makes_no_label(product: Product) -> None:
    async with product.client() as client:
        for path in ("/nowhere/1", "/nowhere/2", "/api/v1/none"):
            await client.get(path)
    routes = said(await scrape(product, own="1"), "route")
    assert "none" in routes
    assert not {route for route in routes if "nowhere" in route}


async def test_the_gateway_alone_tells_only_of_itself(product: Product) -> None:
    assert said(await scrape(product, own="1"), "service") == {"gateway"}


@pytest.fixture
def apart(tmp_path: Path, pg_url: str, nats: Nats) -> Iterator[Product]:
    running = start_product(tmp_path / "product", apart=True, pg_url=pg_url, nats=nats)
    yield running
    running.discard()


async def test_apart_every_process_has_its_own_numbers_and_one_that_is_gone_is_missing(apart: Product) -> None:
    apart.start("approval", copy="-2")
    apart.until_ready("approval-2")
    samples = await heard(apart, instances=len(SERVICES) + 1)
    assert len(said(samples, "instance")) == len(SERVICES) + 1
    # whoever stands by tells no lag: the one that works does
    told = [labels for name, labels in samples if name == "caraka_relay_lag_events"]
    assert len([labels for labels in told if ("service", "approval") in labels]) == 1
    apart.kill("dispatch")
    await heard(apart, SERVICES - {"dispatch"})


async def test_a_relay_that_has_stopped_shows_its_lag_in_events_and_in_seconds(fresh_product: Product) -> None:
    async with fresh_product.bus() as bus:
        elsewhere = {
            "Caraka-Position": "another.1.900.899"
        }  # a stranger's is fed over; another store's stops the relay
        await bus.js.publish("evt.pekalongan.organisation.nobody.v1", b"of another store", headers=elsewhere)
    async with asyncio.timeout(20):
        while relays(await heard(fresh_product)) != {"organisation": 0.0}:  # noqa: ASYNC110 - it tells only who asks
            await asyncio.sleep(0.5)
    add = ("user", "add", "--agency", "pekalongan", "--person", "baru", "--name", "Orang Baru", "--role", "courier")
    await asyncio.to_thread(fresh_product.command, *add)
    await asyncio.sleep(1.1)
    samples = await heard(fresh_product)
    assert total(samples, "caraka_relay_lag_events", service="organisation") == 2, (
        "a person, and that he has a password"
    )
    assert total(samples, "caraka_relay_lag_seconds", service="organisation") > 1
    assert total(samples, "caraka_relay_lag_events", service="intake") == 0


def test_a_lag_in_seconds_is_the_age_of_the_oldest_head_that_is_not_reached() -> None:
    now = 0.0
    lag = Lag(lambda: now)
    assert lag.seconds(10, 10) == 0
    assert lag.seconds(10, 20) == 0
    now = 15.0
    assert lag.seconds(15, 40) == 15
    now = 30.0
    assert lag.seconds(25, 60) == 15  # 20 is reached, 40 was there at 15
    now = 31.0
    assert lag.seconds(60, 60) == 0


def test_a_part_that_waits_or_is_stopped_is_not_up() -> None:
    told = {name: {"state": name} for name in ("feeding", "idle", "following", "waiting", "stopped", "starting")}
    up = {labels[0]: value for labels, value in PartRows().rows(told)["caraka_part_up"]}
    assert up == {"feeding": 1, "idle": 1, "following": 1, "waiting": 0, "stopped": 0}


def test_codes_beyond_measure_are_counted_together() -> None:
    tally = CommandTally()
    now = datetime.now(UTC)
    job = SimpleNamespace(ask=SimpleNamespace(kind="intake.X.v1", asked_at=now - timedelta(seconds=2)))
    tally.batch([(job, Refusal(code=f"intake.{n}")) for n in range(MOST_CODES + 50)], 0.01, now)
    tally.batch(
        [(job, Accepted(command_id=uuid4(), stream="x", version=1, after="a.1.1")), (job, OSError())], 0.01, now
    )
    rows = merged(tally.rows())
    codes = dict(rows["caraka_refusals"])
    assert len(codes) == MOST_CODES + 1
    assert codes["other",] == 50
    assert dict(rows["caraka_commands"]) == {
        ("intake.X.v1", "refused"): MOST_CODES + 50, ("intake.X.v1", "accepted"): 1, ("intake.X.v1", "failed"): 1,
    }  # fmt: skip
    (_, (counts, seconds)) = rows["caraka_command_seconds"][0]
    assert sum(counts) == MOST_CODES + 52
    assert seconds == pytest.approx(2 * (MOST_CODES + 52))
