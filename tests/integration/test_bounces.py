"""The mailbox of what comes back, a folder and a real IMAP server: each report once, forged ones never, none lost."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from contracts.base import Accepted, Ask
from services.notifications.adapters.bounces import Bounces, Folder, Imap, return_path, token_of
from services.notifications.settings import BounceSettings
from tests.parts.mail_server import MailServer, start_mail_server
from tests.unit.notifications.test_receipts import report

pytestmark = pytest.mark.real
KEYS = {"pekalongan": b"p" * 32, "purbalingga": b"q" * 32}
ADDRESS = "caraka+{token}@kota.example"


class Owner:
    """Keeps what was asked; ``dies``: the process does, with the first."""

    def __init__(self) -> None:
        self.asked: list[Ask] = []
        self.dies = False

    async def execute(self, ask: Ask) -> Accepted:
        if self.dies:
            raise ConnectionResetError
        self.asked.append(ask)
        return Accepted(command_id=ask.command_id, stream="notice:1", version=1, after="")

    async def agencies(self) -> tuple[str, ...]:
        return tuple(KEYS)


def bounces(owner: Owner, inbox: Any) -> Bounces:
    settings = BounceSettings(address=ADDRESS, maildir=Path("unused"))
    return Bounces(settings, inbox, owner.agencies, KEYS.__getitem__, owner.execute, lambda: datetime.now(UTC))


def folder(tmp_path: Path, *reports: bytes) -> Folder:
    (tmp_path / "new").mkdir(exist_ok=True)
    for number, raw in enumerate(reports):
        (tmp_path / "new" / f"{number}.mail").write_bytes(raw)
    return Folder(tmp_path)


async def test_each_report_is_recorded_for_the_agency_whose_key_made_its_token(tmp_path: Path) -> None:
    owner, notice = Owner(), uuid4()
    path = await return_path(ADDRESS, KEYS.__getitem__)("purbalingga", notice, 2)
    assert len(path.partition("@")[0]) <= 64
    reading = bounces(owner, folder(tmp_path, report(path[7:].partition("@")[0])))
    await reading.once()
    await reading.once()
    (ask,) = owner.asked
    assert (ask.agency, ask.body["notice_id"], ask.body["generation"]) == ("purbalingga", str(notice), 2)
    assert (ask.body["what"], ask.body["reason"]) == ("failed", "mailbox-unknown")
    assert [each.name for each in (tmp_path / "cur").iterdir()] == ["0.mail:2,S"]


async def test_a_forged_one_and_another_notices_are_counted_and_nothing_follows(tmp_path: Path) -> None:
    owner, notice = Owner(), uuid4()
    real = token_of(KEYS["pekalongan"], notice, 1)
    others = (token_of(b"x" * 32, notice, 1), f"{uuid4().hex}{real[32:]}", real.replace("-1-", "-2-"))
    forged = [real[:-12] + "0" * 12, *others]
    reading = bounces(owner, folder(tmp_path, *map(report, forged), b"Subject: promosi\n\nbeli"))
    await reading.once()
    assert owner.asked == []
    assert reading.health()["strange"] == 5
    assert list((tmp_path / "new").iterdir()) == []


async def test_what_was_not_recorded_is_read_again_under_the_same_name(tmp_path: Path) -> None:
    owner, notice = Owner(), uuid4()
    reading = bounces(owner, folder(tmp_path, report(token_of(KEYS["pekalongan"], notice, 1))))
    owner.dies = True
    with pytest.raises(ConnectionResetError):
        await reading.once()
    owner.dies = False
    await reading.once()
    assert len(owner.asked) == 1
    (tmp_path / "cur" / "0.mail:2,S").rename(tmp_path / "new" / "1.mail")
    await reading.once()
    first, second = owner.asked
    assert first.command_id == second.command_id, "the same receipt is one command"


async def test_a_mailbox_on_a_server_is_read_and_marked(tmp_path: Path) -> None:
    server: MailServer = await asyncio.to_thread(start_mail_server, tmp_path / "dovecot")
    try:
        server.users.write_text("caraka@kota.example:{PLAIN}rahasia::::::\n")
        owner, notice = Owner(), uuid4()
        raw = report(token_of(KEYS["pekalongan"], notice, 1)).decode()
        await asyncio.to_thread(deliver, server, raw)
        await asyncio.to_thread(deliver, server, "Subject: cuti\n\nsaya cuti\n")
        secret = tmp_path / "secret"
        secret.write_text("rahasia\n")
        said = {"host": server.host, "port": server.imap, "security": "plain", "user": "caraka@kota.example"}
        settings = BounceSettings.model_validate({"address": ADDRESS, "password_file": secret, **said})
        reading = bounces(owner, Imap(settings))
        await reading.once()
        await reading.once()
        assert [ask.body["notice_id"] for ask in owner.asked] == [str(notice)]
        assert reading.health()["strange"] == 1
    finally:
        await asyncio.to_thread(server.discard)


def deliver(server: MailServer, raw: str) -> None:
    import smtplib

    with smtplib.LMTP(server.host, server.lmtp) as client:
        client.sendmail("", ["caraka@kota.example"], raw.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    "said",
    [
        {"address": "caraka@kota.example", "maildir": "/x"}, {"address": "{token}", "maildir": "/x"},
        {"address": ADDRESS}, {"address": f"terlalu-panjang-{ADDRESS}", "maildir": "/x"},
        {"address": ADDRESS, "host": "mail.kota.example", "user": "caraka", "security": "plain"},
    ],
)  # fmt: skip
def test_nonsense_is_refused_at_the_start(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="CARAKA_BOUNCES"):
        BounceSettings.model_validate(said)
