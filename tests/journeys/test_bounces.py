"""An e-mail that a server took and gave back: its report is read, the notice has failed, and its address is blocked."""

from pathlib import Path

import pytest

from tests.journeys.road import office
from tests.journeys.test_notices import blocked, logged, until, verified
from tests.parts.mailserver import mail_server
from tests.parts.product import start_product
from tests.unit.notifications.test_receipts import report

pytestmark = pytest.mark.real


async def test_a_report_that_comes_later_says_that_it_did_not_arrive(tmp_path: Path) -> None:
    folder = tmp_path / "bounces"
    (folder / "new").mkdir(parents=True)
    with mail_server() as box:
        env = {
            "CARAKA_SMTP_HOST": "127.0.0.1", "CARAKA_SMTP_PORT": str(box.port), "CARAKA_SMTP_SECURITY": "plain",
            "CARAKA_SMTP_SENDER": "caraka@kota.example", "CARAKA_BOUNCES_ADDRESS": "caraka+{token}@kota.example",
            "CARAKA_BOUNCES_MAILDIR": str(folder), "CARAKA_BOUNCES_POLL_SECONDS": "0.2",
        }  # fmt: skip
        product = start_product(tmp_path / "product", env=env)
        try:
            async with office(product) as people, product.person("admin") as admin:
                await admin.do("/people/admin/contact", {"email": "admin@kota.example"})
                await verified(product, box, "admin")
                await admin.do("/channels/email/test")
                (mail,) = await until(lambda: box.to("admin@kota.example"))
                assert mail["From"] == "Caraka <caraka@kota.example>"
                (path,) = box.return_paths
                token = path.removeprefix("caraka+").partition("@")[0]
                sent = await logged(admin, "accepted")
                (folder / "new" / "1.palsu").write_bytes(report(f"{token[:-1]}{'0' if token[-1] != '0' else '1'}"))
                (folder / "new" / "2.sah").write_bytes(report(token))
                failed = await logged(admin, "given-up", sent["notice_id"])
                assert failed["reason"] == "mailbox-unknown"
                (row,) = await blocked(people.operator)
                assert (row["person_id"], row["channel"]) == ("admin", "email")
                (folder / "new" / "3.terlambat").write_bytes(report(token, action="delivered", status="2.0.0"))
                await until(lambda: not list((folder / "new").iterdir()))
                assert (await logged(admin, "given-up", sent["notice_id"]))["reason"] == "mailbox-unknown"
            await product.until_quiet()
            assert len(product.events("notifications", "NoticeBounced")) == 1, "the forged one brought nothing"
            assert await product.breaches() == []
        finally:
            product.discard()
