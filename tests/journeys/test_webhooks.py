"""Another system hears of a letter's road: subscribed, signed, verified, turned over, suspended, resumed."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import standardwebhooks
import svix

from services.cli.demo import Person
from tests.journeys.road import office
from tests.journeys.test_notices import until
from tests.parts.ports import free_port
from tests.parts.product import Product, start_product
from tests.parts.receiver import Receiver, receiver

pytestmark = pytest.mark.real
KINDS = ["intake.LetterRegistered", "approval.RoundOpened"]


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    running = start_product(tmp_path / "product", env={"CARAKA_WEBHOOK_THIS_MACHINE": "1"})
    yield running
    running.discard()


@pytest_asyncio.fixture
async def there() -> AsyncIterator[Receiver]:
    async with receiver() as found:
        yield found


async def subscribe(admin: Person, url: str, key: str = "satu") -> dict[str, Any]:
    said = {"url": url, "event_kinds": KINDS, "label": "Aplikasi persuratan"}
    answer = await admin.send("POST", "/hooks", json=said, headers={"Idempotency-Key": key})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    granted: dict[str, Any] = answer.json()
    return granted


async def hook_of(admin: Person, hook_id: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = (await admin.see("/hooks"))["hooks"]
    return next(each for each in rows if each["hook_id"] == hook_id)


async def test_another_system_hears_and_a_dead_one_delays_itself_alone(product: Product, there: Receiver) -> None:
    async with office(product) as people, product.person("admin") as admin:
        dead = await subscribe(admin, f"http://localhost:{free_port()}/mati", "dua")
        granted = await subscribe(admin, there.url)
        assert await subscribe(admin, there.url) == {**granted, "after": granted["after"]}, "an answer that was lost"
        letter = await people.forwarded()
        number = (await people.kasi.see(f"/letters/{letter}"))["row"]["agenda"]
        await until(lambda: len(set(there.ids())) >= len(KINDS))
        for came in there.came:
            said = standardwebhooks.Webhook(granted["secret"]).verify(came.body, came.headers)
            assert said["type"] in KINDS
            assert said["data"] == {"case_kind": "letters", "case_id": letter, "number": number}
            assert said["id"] == came.headers["webhook-id"]
        assert len(set(there.ids())) == len(KINDS)

        turned = await admin.do(f"/hooks/{granted['hook_id']}/rotate")
        await admin.do(f"/hooks/{granted['hook_id']}/test")
        await until(lambda: "notifications.Test" in [json.loads(each.body)["type"] for each in there.came])
        last = next(each for each in there.came if json.loads(each.body)["type"] == "notifications.Test")
        for secret in (granted["secret"], turned["secret"]):
            svix.Webhook(secret).verify(last.body, last.headers)

        async with asyncio.timeout(60):
            while (  # noqa: ASYNC110 - its own lane tries in its own time
                failing := await hook_of(admin, dead["hook_id"])
            )["state"] == "active":
                await asyncio.sleep(0.1)
        assert (failing["state"], failing["reason"]) == ("failing", "server-away")
        assert (await hook_of(admin, granted["hook_id"]))["state"] == "active"
        assert "kunci" not in str(failing), "what stands behind a question mark may be a secret"
        told = product.command("jobs", "list", "--all", "--json")
        found, _ = json.JSONDecoder().raw_decode(told[told.index('{"ok"') :])
        queues = found["services"]["notifications"]["queues"]
        lanes = {each["queue"]: each["waiting"] + each["sent"] for each in queues}
        assert lanes[f"webhook:{dead['hook_id']}"] == len(KINDS)
    words, stored = product.said(), str(product.events("notifications"))
    for secret in (granted["secret"], turned["secret"], "kunci=rahasia"):
        assert secret not in words, "no secret in a log"
        assert secret not in stored, "nor in an event"
    listed = product.command("hooks", "list", "--agency", "pekalongan")
    assert granted["hook_id"] in listed


async def test_a_suspended_hook_is_kept_what_it_missed(product: Product, there: Receiver) -> None:
    async with office(product) as people, product.person("admin") as admin:
        granted = await subscribe(admin, there.url)
        hook = f"/hooks/{granted['hook_id']}"
        await admin.do(f"{hook}/suspend", {"reason": "pindah server"})
        letter = await people.forwarded()

        def missed() -> bool:
            planned = [each["data"] for each in product.events("notifications", "NoticesPlanned")]
            return ("approval.RoundOpened", letter) in [(each["event_kind"], each["case_id"]) for each in planned]

        await until(missed)
        refused = await admin.send("POST", f"{hook}/test", json={})
        assert (refused.status_code, refused.json()["code"]) == (409, "notifications.hook-suspended")
        assert there.came == []
        await admin.do(f"{hook}/resume")
        await admin.do(f"{hook}/test")
        await until(lambda: "notifications.Test" in [json.loads(each.body)["type"] for each in there.came])
        await admin.do(f"{hook}/end", {"reason": "selesai"})
        assert (await admin.see("/hooks"))["hooks"] == []


async def test_only_an_administrator_and_never_to_this_machine_without_leave(product: Product) -> None:
    async with office(product) as people, product.person("admin") as admin:
        said = {"url": "https://169.254.169.254/", "event_kinds": KINDS, "label": "x"}
        refused = await admin.send("POST", "/hooks", json=said)
        assert (refused.status_code, refused.json()["code"]) == (422, "notifications.hook-address")
        for person in (people.operator, people.kasi, people.courier):
            assert (await person.send("POST", "/hooks", json=said)).status_code == 403
            assert (await person.send("GET", "/hooks")).status_code == 403
