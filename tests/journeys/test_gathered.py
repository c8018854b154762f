"""Three letters wait for the Kasi: one e-mail with a link to each, and each notice is accepted by it."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.cli.demo import Person
from services.organisation.adapters.standards_files import own_standards
from tests.journeys.road import office
from tests.journeys.test_notices import heard, logged, until, verified
from tests.parts.clock import Clock
from tests.parts.mailserver import mail_server
from tests.parts.product import start_product

pytestmark = pytest.mark.real
MORNING = datetime(2027, 3, 1, 2, 0, tzinfo=UTC)
"""A Monday, 09:00 in Pekalongan."""
ROW = 'kind = "approval.RoundOpened"\naudience = "tier"\n'


async def test_several_notices_to_one_person_are_one_message(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock", MORNING)
    standards = tmp_path / "standards"
    shutil.copytree(own_standards(), standards, ignore=shutil.ignore_patterns("*.py", "__pycache__", "samples"))
    routes = (standards / "notify.toml").read_text(encoding="utf-8")
    assert routes.count(ROW) == 1
    (standards / "notify.toml").write_text(routes.replace(ROW, f"{ROW}gather = 5\n"), encoding="utf-8")
    with mail_server() as box:
        env = {
            **clock.environment(), "CARAKA_STANDARDS_DIR": str(standards), "CARAKA_SMTP_HOST": "127.0.0.1",
            "CARAKA_SMTP_PORT": str(box.port), "CARAKA_SMTP_SECURITY": "plain",
            "CARAKA_SMTP_SENDER": "caraka@kota.example",
        }  # fmt: skip
        product = start_product(tmp_path / "product", env=env)
        try:
            async with office(product) as people:
                await people.kasi.do("/people/kasi/contact", {"email": "kasi@kota.example"})
                await verified(product, box, "kasi")
                for _ in range(3):
                    await people.forwarded()
                told = await heard(people.kasi)
                while len(told) < 3:
                    told = await heard(people.kasi)
                assert box.came == []
            clock.set(clock.now + timedelta(minutes=6))
            (mail,) = await until(lambda: box.to("kasi@kota.example"))
            assert mail["Subject"] == "3 pemberitahuan dari Caraka"
            body = mail.get_body(("plain",)).get_content()
            for notice in told:
                assert notice["subject"] in body
                assert f"/pemberitahuan/{notice['notice_id']}" in body
            async with product.client() as client:
                operator = await Person.login(client, "operator", product.password, "pekalongan")
                for notice in told:
                    await logged(operator, "accepted", notice["notice_id"])
            await product.until_quiet()
            assert len(box.came) == 1
            assert await product.breaches() == []
        finally:
            product.discard()
