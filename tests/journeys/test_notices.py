"""A letter's road with three heads, one absent: who heard what, by which way; and why somebody did not."""

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.cli.demo import Person
from services.organisation.adapters.standards_files import own_standards
from tests.journeys.road import Office, office
from tests.parts.mailserver import Postbox, mail_server
from tests.parts.product import Product, start_product

pytestmark = pytest.mark.real
PHONE = "0812-0000-0001"


@pytest.fixture
def box() -> Iterator[Postbox]:
    with mail_server() as found:
        yield found


@pytest.fixture
def told(tmp_path: Path, box: Postbox) -> Iterator[Product]:
    """Mail goes to the test's own server; nothing waits for the office to open, whatever day the tests run on."""
    standards = tmp_path / "standards"
    shutil.copytree(own_standards(), standards, ignore=shutil.ignore_patterns("*.py", "__pycache__", "samples"))
    notify = (standards / "notify.toml").read_text(encoding="utf-8")
    rows, words = notify.replace("urgent = true\n", "").split("\n[[notify_templates]]", 1)
    urgent = re.sub(r"(?m)^template = .*$", r"\g<0>\nurgent = true", rows)
    (standards / "notify.toml").write_text(f"{urgent}\n[[notify_templates]]{words}", encoding="utf-8")
    env = {
        "CARAKA_STANDARDS_DIR": str(standards), "CARAKA_SMTP_HOST": "127.0.0.1", "CARAKA_SMTP_PORT": str(box.port),
        "CARAKA_SMTP_SECURITY": "plain", "CARAKA_SMTP_SENDER": "caraka@kota.example",
    }  # fmt: skip
    running = start_product(tmp_path / "product", env=env)
    yield running
    running.discard()


async def until(found: Callable[[], Any], *, seconds: float = 20) -> Any:
    ends = time.monotonic() + seconds
    while not (got := found()):
        if time.monotonic() > ends:
            raise TimeoutError
        await asyncio.sleep(0.1)
    return got


async def heard(person: Person, *, seconds: float = 20, of: str = "") -> list[dict[str, Any]]:
    """His inbox, once something (``of``: this) is in it."""
    ends = time.monotonic() + seconds
    while True:
        notices: list[dict[str, Any]] = (await person.see("/notices"))["notices"]
        if any(of in each["subject"] for each in notices):
            return notices
        if time.monotonic() > ends:
            raise TimeoutError(notices)
        await asyncio.sleep(0.1)


@asynccontextmanager
async def reached(product: Product) -> AsyncIterator[tuple[Office, Person]]:
    """The heads have an address each, the courier a telephone, and the administrator stated them."""
    async with office(product) as people, product.person("admin") as admin:
        for name in ("kasi", "kabid", "kadis"):
            await admin.do(f"/people/{name}/contact", {"email": f"{name}@kota.example"})
        await admin.do("/people/caraka-1/contact", {"phone": PHONE})
        yield people, admin


async def test_the_right_person_hears_by_a_way_that_works(told: Product, box: Postbox) -> None:
    async with reached(told) as (people, admin):
        today = datetime.now(UTC).date()
        await admin.do("/positions/kabid-aplikasi-persandian/substitute", {"substitute": "kasi-persandian"})
        await told.agree()
        days = {"from_on": str(today - timedelta(days=1)), "until_on": str(today + timedelta(days=1))}
        await admin.do("/people/kabid/absences", {**days, "reason": "cuti"})

        letter = await people.forwarded()
        number = (await people.kasi.see(f"/letters/{letter}"))["row"]["agenda"]
        (first,) = await heard(people.kasi)
        assert first["subject"] == f"Surat {number} menunggu paraf Anda"
        assert (await people.kasi.see("/notices", language="en"))["notices"][0]["subject"].startswith("Letter")
        assert (await people.kadis.see("/notices"))["notices"] == [], "it is not his turn"

        (mail,) = await until(lambda: box.to("kasi@kota.example"))
        assert mail["Subject"] == first["subject"]
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["List-Id"].endswith("<pekalongan.caraka.kota.example>")
        assert re.fullmatch(r"<[0-9a-f-]{36}@kota\.example>", mail["Message-ID"])
        body = mail.get_body(("plain",)).get_content()
        assert f"/pemberitahuan/{first['notice_id']}" in body
        assert "<a href=" in mail.get_body(("html",)).get_content()

        await people.initial(letter, "kasi")
        second = await heard(people.kasi, of="giliran")
        assert {each["position"] for each in second} == {"kasi-persandian", "kabid-aplikasi-persandian"}, "he is Plh."
        assert len(await until(lambda: box.to("kasi@kota.example")[1:])) == 1
        assert box.to("kabid@kota.example") == [], "he is on leave"


async def test_seen_is_said_once_and_the_bell_counts_what_is_not(told: Product) -> None:
    async with reached(told) as (people, _admin):
        letter = await people.forwarded()
        (first,) = await heard(people.kasi)
        assert (await people.kasi.see("/notices", limit="0"))["unseen"] == 1
        answer = await people.kadis.send("POST", f"/notices/{first['notice_id']}/seen", json={})
        assert (answer.status_code, answer.json()["code"]) == (403, "notifications.not-for-you")
        done = await people.kasi.do(f"/notices/{first['notice_id']}/seen")
        assert (await people.kasi.see("/notices", limit="0", after=done["after"]))["unseen"] == 0
        page = await people.kasi._client.get(
            f"/pemberitahuan/{first['notice_id']}", headers=people.kasi._headers, follow_redirects=False
        )
        assert page.headers["location"] == f"/surat/{letter}"
        stranger = await people.courier._client.get(
            f"/pemberitahuan/{first['notice_id']}", headers=people.courier._headers, follow_redirects=False
        )
        assert stranger.status_code == 404


async def test_who_has_no_mail_is_told_by_a_person_whose_tick_is_the_proof(told: Product, box: Postbox) -> None:
    async with reached(told) as (people, _admin):
        letter = await people.forwarded()
        await people.initial(letter)
        await people.operator.see(f"/letters/{letter}")
        ends = time.monotonic() + 20
        while (await people.kasi.see(f"/letters/{letter}"))["row"]["stage"] != "released":
            assert time.monotonic() < ends
            await asyncio.sleep(0.1)
        await people.kasi.do(f"/dispatches/{letter}/assign", {"courier_id": "caraka-1"})
        waiting = await logged(people.operator, "manual")
        assert (waiting["audience"], waiting["person_id"], waiting["reason"]) == ("courier", "caraka-1", "no-contact")
        notice = waiting["notice_id"]
        page = await people.operator._client.get(
            f"/catatan-pemberitahuan/{notice}/whatsapp", headers=people.operator._headers, follow_redirects=False
        )
        assert page.headers["location"].startswith("https://wa.me/6281200000001?text=Anda%20ditugaskan")
        for stranger in (people.kasi, people.courier):
            refused = await stranger._client.get(
                f"/catatan-pemberitahuan/{notice}/sampaikan", headers={**stranger._headers, "accept": "text/html"}
            )
            assert refused.status_code == 403
        await people.operator.do(f"/notices/{notice}/tick", {"how": "whatsapp"})
        done = await logged(people.operator, "accepted", notice)
        assert (done["channel"], done["how"], done["by"]) == ("manual", "whatsapp", "operator")
        assert not any("caraka-1" in each for each in box.recipients)


async def test_why_somebody_heard_and_another_did_not(told: Product, box: Postbox) -> None:
    async with reached(told) as (people, admin):
        letter = await people.forwarded()
        await until(lambda: box.to("kasi@kota.example"))
        log = await logged(people.operator, "accepted")
        answer = await people.operator.see(f"/notices/why/{log['event_id']}")
        (one,) = answer["told"]
        assert (one["audience"], one["position"]) == ("tier", "kasi-persandian")
        assert [step["what"] for step in one["steps"]][:2] == ["planned", "accepted"]
        for plain in ("kota.example", "6281", letter[:0] or "@"):
            assert plain not in str(answer), "no contact is told"
        kept = await admin.see("/notices/log")
        assert kept["notices"]
        assert {each["number"] for each in kept["notices"]} == {""}
        assert {each["position"] for each in kept["notices"]} == {None}
        said = told.command("why-notice", log["event_id"], "--agency", "pekalongan")
        assert "kasi-persandian" in said
        assert "email" in said

        await people.initial(letter)
        await people.deliver(letter)
    await told.until_quiet()
    words = told.said()
    assert not re.search(r"kasi@kota\.example|81200000001", words), "no contact in a log"
    for service in ("organisation", "notifications"):
        stored = str(told.events(service))
        assert not re.search(r"@kota\.example|81200000001", stored), "nor in an event"
    told.stop()
    verified = told.command("verify")
    assert "I8" in verified


async def logged(person: Person, stage: str, notice: str = "", *, seconds: float = 20) -> dict[str, Any]:
    """The newest row of the office's log in this state."""
    ends = time.monotonic() + seconds
    while True:
        rows: list[dict[str, Any]] = (await person.see("/notices/log", stage=stage))["notices"]
        found = [row for row in rows if notice in {"", row["notice_id"]}]
        if found:
            return found[0]
        if time.monotonic() > ends:
            raise TimeoutError(await person.see("/notices/log"))
        await asyncio.sleep(0.1)
