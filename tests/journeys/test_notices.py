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
PATIENCE = 60.0
"""Seconds that something may take on a machine that does other things too: nothing is said by it."""


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


async def until(found: Callable[[], Any], *, seconds: float = PATIENCE) -> Any:
    ends = time.monotonic() + seconds
    while not (got := found()):
        if time.monotonic() > ends:
            raise TimeoutError
        await asyncio.sleep(0.1)
    return got


async def heard(person: Person, *, seconds: float = PATIENCE, of: str = "") -> list[dict[str, Any]]:
    """His inbox, once something (``of``: this) is in it."""
    ends = time.monotonic() + seconds
    while True:
        notices: list[dict[str, Any]] = (await person.see("/notifications"))["notices"]
        if any(of in each["subject"] for each in notices):
            return notices
        if time.monotonic() > ends:
            raise TimeoutError(notices)
        await asyncio.sleep(0.1)


async def verified(product: Product, box: Postbox, name: str) -> None:
    """He reads the code where it was sent, and says it."""
    address = f"{name}@kota.example"
    mails = await until(lambda: [each for each in box.to(address) if "Kode Caraka" in each["Subject"]])
    async with product.person(name) as person:
        code = mails[-1]["Subject"].rpartition(" ")[2]
        done = await person.do(f"/people/{name}/contact/email/verify", {"code": code})
        assert done["result"]["verified"] is True
    box.forget()


@asynccontextmanager
async def reached(product: Product, box: Postbox) -> AsyncIterator[tuple[Office, Person]]:
    """The heads have an address each, the courier a telephone, which an operator told a code to: all is verified."""
    async with office(product) as people, product.person("admin") as admin:
        for name in ("kasi", "kabid", "kadis"):
            await admin.do(f"/people/{name}/contact", {"email": f"{name}@kota.example"})
            await verified(product, box, name)
        await admin.do("/people/caraka-1/contact", {"phone": PHONE})
        await rung(people.operator, people.courier)
        yield people, admin


async def rung(operator: Person, courier: Person) -> None:
    """The operator writes the code to the telephone that was stated; whoever has it says it."""
    task = await logged(operator, "manual")
    assert task["event_kind"] == "organisation.ContactCodeIssued"
    page = await operator._client.get(
        f"/catatan-pemberitahuan/{task['notice_id']}/whatsapp", headers=operator._headers, follow_redirects=False
    )
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", page.headers["location"])
    assert code is not None
    await operator.do(f"/notifications/{task['notice_id']}/tick", {"how": "whatsapp"})
    done = await courier.do("/people/caraka-1/contact/phone/verify", {"code": code[0]})
    assert done["result"]["verified"] is True


async def test_a_stated_address_hears_nothing_but_its_code_until_it_was_said(told: Product, box: Postbox) -> None:
    async with office(told) as people:
        refused = await people.kasi.send("POST", "/people/kabid/contact", json={"email": "kabid@kota.example"})
        assert (refused.status_code, refused.json()["code"]) == (403, "organisation.not-your-contact")
        said = await people.kasi.do("/people/kasi/contact", {"email": "Kasi@KOTA.example", "phone": ""})
        shown = await people.kasi.see("/people/kasi/contact", after=said["after"])
        assert (shown["email"], shown["to_verify"], list(shown["codes"])) == ("Kasi@kota.example", ["email"], ["email"])
        strange = await people.operator.send("GET", "/people/kasi/contact")
        assert strange.status_code == 403, "nobody else is shown how he is reached"
        (mail,) = await until(lambda: box.to("Kasi@kota.example"))
        code = mail["Subject"].rpartition(" ")[2]
        assert mail.get_body(("plain",)).get_content().count(code) == 1
        assert "/pemberitahuan/cara" in mail.get_body(("plain",)).get_content()

        await people.forwarded()
        await heard(people.kasi)
        given_up = await logged(people.operator, "given-up")
        assert (given_up["person_id"] or given_up["position"], given_up["reason"]) == (
            "kasi-persandian", "contact-unverified"
        )  # fmt: skip
        page = await people.kasi._client.get("/pemberitahuan/cara", headers=people.kasi._headers)
        assert "Surel Anda belum dibuktikan" in page.text

        wrong = await people.kasi.do("/people/kasi/contact/email/verify", {"code": "0000-0000"})
        assert wrong["result"] == {"verified": False, "left": 4}
        right = await people.kasi.do("/people/kasi/contact/email/verify", {"code": code.lower().replace("-", " ")})
        assert right["result"]["verified"] is True
        await people.forwarded()
        await until(lambda: len(box.to("Kasi@kota.example")) == 2)
        page = await people.kasi._client.get("/pemberitahuan/cara", headers=people.kasi._headers)
        assert "belum dibuktikan" not in page.text
    await told.until_quiet()
    kept = told.said() + str([told.events(each) for each in ("organisation", "notifications")])
    assert code not in kept, "neither in a log nor in a fact"
    assert code.replace("-", "") not in kept


async def test_the_right_person_hears_by_a_way_that_works(told: Product, box: Postbox) -> None:
    async with reached(told, box) as (people, admin):
        today = datetime.now(UTC).date()
        await admin.do("/positions/kabid-aplikasi-persandian/substitute", {"substitute": "kasi-persandian"})
        await told.agree()
        days = {"from_on": str(today - timedelta(days=1)), "until_on": str(today + timedelta(days=1))}
        await admin.do("/people/kabid/absences", {**days, "reason": "cuti"})

        letter = await people.forwarded()
        number = (await people.kasi.see(f"/letters/{letter}"))["row"]["agenda"]
        (first,) = await heard(people.kasi)
        assert first["subject"] == f"Surat {number} menunggu paraf Anda"
        assert (await people.kasi.see("/notifications", language="en"))["notices"][0]["subject"].startswith("Letter")
        assert (await people.kadis.see("/notifications"))["notices"] == [], "it is not his turn"

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


async def test_seen_is_said_once_and_the_bell_counts_what_is_not(told: Product, box: Postbox) -> None:
    async with reached(told, box) as (people, _admin):
        letter = await people.forwarded()
        (first,) = await heard(people.kasi)
        assert (await people.kasi.see("/notifications", limit="0"))["unseen"] == 1
        answer = await people.kadis.send("POST", f"/notifications/{first['notice_id']}/seen", json={})
        assert (answer.status_code, answer.json()["code"]) == (403, "notifications.not-for-you")
        done = await people.kasi.do(f"/notifications/{first['notice_id']}/seen")
        assert (await people.kasi.see("/notifications", limit="0", after=done["after"]))["unseen"] == 0
        page = await people.kasi._client.get(
            f"/pemberitahuan/{first['notice_id']}", headers=people.kasi._headers, follow_redirects=False
        )
        assert page.headers["location"] == f"/surat/{letter}"
        stranger = await people.courier._client.get(
            f"/pemberitahuan/{first['notice_id']}", headers=people.courier._headers, follow_redirects=False
        )
        assert stranger.status_code == 404


async def test_who_has_no_mail_is_told_by_a_person_whose_tick_is_the_proof(told: Product, box: Postbox) -> None:
    async with reached(told, box) as (people, _admin):
        letter = await people.forwarded()
        await people.initial(letter)
        await people.operator.see(f"/letters/{letter}")
        ends = time.monotonic() + PATIENCE
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
        await people.operator.do(f"/notifications/{notice}/tick", {"how": "whatsapp"})
        done = await logged(people.operator, "accepted", notice)
        assert (done["channel"], done["how"], done["by"]) == ("manual", "whatsapp", "operator")
        assert not any("caraka-1" in each for each in box.recipients)


async def test_why_somebody_heard_and_another_did_not(told: Product, box: Postbox) -> None:
    async with reached(told, box) as (people, admin):
        letter = await people.forwarded()
        await until(lambda: box.to("kasi@kota.example"))
        log = await logged(people.operator, "accepted", kind="approval.RoundOpened")
        for _ in range(200):  # the log is a view of its own: it may know before who is asked does
            answer = await people.operator.see(f"/notifications/why/{log['event_id']}")
            if answer["told"]:
                break
            await asyncio.sleep(0.1)
        (one,) = answer["told"]
        assert (one["audience"], one["position"]) == ("tier", "kasi-persandian")
        assert [step["what"] for step in one["steps"]][:2] == ["planned", "accepted"]
        for plain in ("kota.example", "6281", letter[:0] or "@"):
            assert plain not in str(answer), "no contact is told"
        kept = await admin.see("/notifications/log")
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


async def logged(
    person: Person, stage: str, notice: str = "", *, kind: str = "", seconds: float = PATIENCE
) -> dict[str, Any]:
    """The newest row of the office's log in this state (``kind``: that such a fact has made)."""
    ends = time.monotonic() + seconds
    while True:
        rows: list[dict[str, Any]] = (await person.see("/notifications/log", stage=stage))["notices"]
        found = [row for row in rows if notice in {"", row["notice_id"]} and kind in {"", row["event_kind"]}]
        if found:
            return found[0]
        if time.monotonic() > ends:
            raise TimeoutError(await person.see("/notifications/log"))
        await asyncio.sleep(0.1)


async def test_a_blocked_contact_is_seen_and_let_go_on_by_whoever_gives_a_reason(told: Product, box: Postbox) -> None:
    async with reached(told, box) as (people, _admin):
        box.answers["kasi@kota.example"] = "550 5.1.1 no such user"
        await people.forwarded()
        await logged(people.operator, "given-up")
        (row,) = await blocked(people.operator)
        assert (row["person_id"], row["channel"], row["blocked"]) == ("kasi", "email", True)
        assert [(each["what"], each["reason"], each["by"]) for each in row["steps"]] == [
            ("blocked", "mailbox-unknown", "")
        ]  # fmt: skip
        box.answers.clear()
        await people.forwarded()
        assert len((await people.operator.see("/notifications/log", stage="accepted"))["notices"]) > 0
        page = await people.operator._client.get("/kontak-diblokir", headers=people.operator._headers)
        assert "alamat tidak dikenal server tujuan" in page.text
        for stranger in (people.kasi, people.courier):
            refused = await stranger.send("GET", "/contacts/blocked")
            assert refused.status_code == 403
        refused = await people.operator.send("POST", "/people/kasi/contact/email/unblock", json={})
        assert (refused.status_code, refused.json()["code"]) == (422, "notifications.reason-missing")
        form = {"reason": "kotak suratnya sudah ada lagi", "key": "buka"}
        opened = await people.operator._client.post(
            "/kontak-diblokir/kasi/email/buka", data=form, headers=people.operator._headers, follow_redirects=False
        )
        assert opened.status_code == 303, opened.text
        (row,) = await blocked(people.operator, now=False)
        assert [(each["what"], each["by"]) for each in row["steps"]] == [("unblocked", "operator"), ("blocked", "")]
        box.forget()
        await people.forwarded()
        await until(lambda: box.to("kasi@kota.example"))


async def blocked(person: Person, *, now: bool = True, seconds: float = PATIENCE) -> list[dict[str, Any]]:
    ends = time.monotonic() + seconds
    while True:
        rows: list[dict[str, Any]] = (await person.see("/contacts/blocked"))["contacts"]
        if [each for each in rows if each["blocked"] is now]:
            return rows
        if time.monotonic() > ends:
            raise TimeoutError(rows)
        await asyncio.sleep(0.1)
