"""The mail server is down: after the time that its route gives, a person tells by a wa.me link and ticks it off."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.cli.demo import Person, until
from tests.journeys.road import office
from tests.journeys.test_notices import PHONE, logged, rung, verified
from tests.parts.clock import Clock
from tests.parts.mailserver import mail_server
from tests.parts.product import start_product

pytestmark = pytest.mark.real
MORNING = datetime(2027, 3, 1, 2, 0, tzinfo=UTC)
"""A Monday, 09:00 in Pekalongan."""


async def test_a_mail_server_that_is_down_makes_a_task_whose_tick_is_the_proof(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock", MORNING)
    with mail_server() as box:
        env = {
            **clock.environment(), "CARAKA_SMTP_HOST": "127.0.0.1", "CARAKA_SMTP_PORT": str(box.port),
            "CARAKA_SMTP_SECURITY": "plain", "CARAKA_SMTP_SENDER": "caraka@kota.example",
        }  # fmt: skip
        product = start_product(tmp_path / "product", env=env)
        async with product.people("admin", "operator", "caraka-1") as (admin, operator, courier):
            await admin.do("/people/caraka-1/contact", {"email": "caraka-1@kota.example", "phone": PHONE})
            await rung(operator, courier)
            await verified(product, box, "caraka-1")
    try:
        async with office(product) as people:
            letter = await people.forwarded()
            await people.initial(letter)
            await until(people.kasi, letter, "released")
            await people.kasi.do(f"/dispatches/{letter}/assign", {"courier_id": "caraka-1"})
            waiting = await tried(people.operator)
            assert (waiting["stage"], waiting["channel"]) == ("waiting", "email"), "it is not given up by a failure"
        clock.set(clock.now + timedelta(hours=2, minutes=1))
        async with product.client() as client:
            operator = await Person.login(client, "operator", product.password, "pekalongan")
            task = await logged(operator, "manual")
            assert (task["notice_id"], task["reason"]) == (waiting["notice_id"], "too-long")
            notice = task["notice_id"]
            page = await client.get(f"/catatan-pemberitahuan/{notice}/sampaikan", headers=operator._headers)
            assert "Anda ditugaskan" in page.text
            link = await client.get(
                f"/catatan-pemberitahuan/{notice}/whatsapp", headers=operator._headers, follow_redirects=False
            )
            assert link.headers["location"].startswith("https://wa.me/6281200000001?text=Anda%20ditugaskan")
            key = re.search(r'name="key" value="([^"]+)"', page.text)
            csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
            said = {"how": "whatsapp", "key": key and key[1], "csrf": csrf and csrf[1]}
            ticked = await client.post(
                f"/catatan-pemberitahuan/{notice}/sudah", data=said, headers=operator._headers, follow_redirects=False
            )
            assert ticked.status_code == 303, ticked.text
            done = await logged(operator, "accepted", notice)
            assert (done["channel"], done["how"], done["by"]) == ("manual", "whatsapp", "operator")
        assert box.came == []
        await product.until_quiet()
        assert await product.breaches() == []
    finally:
        product.discard()


async def tried(operator: Person) -> dict[str, object]:
    """The courier's notice, once its e-mail has failed."""
    while True:
        row = await logged(operator, "waiting")
        if row["audience"] == "courier" and row["tries"]:
            return row
