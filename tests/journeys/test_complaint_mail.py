"""Complaints by mail, with a real Dovecot and a real SMTP server: in, a receipt, a question, an answer by mail."""

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.cli.demo import Person
from tests.parts.dovecot import Dovecot, start_dovecot
from tests.parts.mailserver import Postbox, mail_server
from tests.parts.product import Product, start_product

pytestmark = pytest.mark.real
AGENCY = "purbalingga"
SITI, WORDS = "siti@contoh.example", "Petugas loket burung-kenari datang terlambat dua jam."
DESK = "pengaduan@dinas.example"


@pytest.fixture
def box() -> Iterator[Postbox]:
    with mail_server() as found:
        yield found


@pytest.fixture
def dovecot(tmp_path: Path) -> Iterator[Dovecot]:
    server = start_dovecot(tmp_path / "dovecot")
    (tmp_path / "kata-sandi").write_text(server.password)
    yield server
    server.discard()


@pytest.fixture
def product(tmp_path: Path, dovecot: Dovecot, box: Postbox) -> Iterator[Product]:
    own = {
        "agency": AGENCY, "name": "pengaduan", "purpose": "pengaduan", "kind": "imap", "host": dovecot.host,
        "port": dovecot.port, "user": dovecot.user, "password_file": str(tmp_path / "kata-sandi"),
        "security": "plain", "poll_seconds": 0.5,
    }  # fmt: skip
    env = {
        "CARAKA_MAILBOXES": json.dumps([own]), "CARAKA_SMTP_HOST": "127.0.0.1", "CARAKA_SMTP_PORT": str(box.port),
        "CARAKA_SMTP_SECURITY": "plain", "CARAKA_SMTP_SENDER": "caraka@dinas.example",
        "CARAKA_SMTP_REPLIES": json.dumps({AGENCY: DESK}),
    }  # fmt: skip
    running = start_product(tmp_path / "product", env=env)
    yield running
    running.discard()


def mail(number: int, *heads: str, text: str = WORDS, sender: str = f"Siti Aminah <{SITI}>") -> bytes:
    lines = [f"From: {sender}", f"To: {DESK}", f"Message-ID: <surel-{number}@contoh.example>", *heads, "", text, ""]
    return "\r\n".join(lines).encode()


async def until(found: Callable[[], Any], *, seconds: float = 60) -> Any:
    ends = time.monotonic() + seconds
    while not (got := found()):
        if time.monotonic() > ends:
            raise TimeoutError
        await asyncio.sleep(0.1)
    return got


def facts(product: Product, kind: str) -> list[dict[str, Any]]:
    return [each["data"] for each in product.events("complaint", kind)]


async def sheet(person: Person, complaint_id: str) -> str:
    return json.dumps(await person.see(f"/complaints/{complaint_id}/sheet"), ensure_ascii=False)


async def test_mail_in_question_out_answer_by_mail(product: Product, dovecot: Dovecot, box: Postbox) -> None:
    dovecot.append(mail(1, "Subject: Loket terlambat"))
    (filed,) = await until(lambda: facts(product, "ComplaintFiled"))
    assert (filed["channel"], filed["stance"], filed["message_id"] is not None) == ("email", "confidential", True)
    case, number = filed["complaint_id"], filed["number"]
    (receipt,) = await until(lambda: box.to(SITI))
    words = receipt.get_body(("plain",)).get_content()
    code = re.search(r"(?:[0-9A-Z]{4}-){2}[0-9A-Z]{4}", words)
    assert code is not None
    assert number in words
    assert "burung-kenari" not in receipt.as_string()
    assert (receipt["Auto-Submitted"], receipt["Reply-To"]) == ("auto-generated", DESK)

    async with product.people("pengaduan", "tim-pengaduan", agency=AGENCY) as (officer, team):
        assert "burung-kenari" in await sheet(officer, case)
        assert "Siti" not in await sheet(officer, case), "he has not chosen to be named"
        await officer.do(f"/complaints/{case}/classify", {"complaint_class": "ringan", "gist": "Jam buka loket"})
        await officer.do(f"/complaints/{case}/assign", {"position": "tim-pengelola-pengaduan"})
        await team.do(f"/complaints/{case}/ask", {"reason": "menunggu-pelapor", "words": "Hari apa kejadiannya?"})

        # Somebody who knows number and sender writes into no case; a machine's answer is left and answered by nobody.
        dovecot.append(mail(2, f"Subject: Re: {number}", text="Saya cabut pengaduan saya.", sender=SITI))
        await until(lambda: len(facts(product, "ComplaintFiled")) == 2)
        again = receipt["Message-ID"]
        dovecot.append(
            mail(3, "Subject: Tidak di kantor", "Auto-Submitted: auto-replied", f"In-Reply-To: {again}"),
            mail(4, "Subject: Tidak di kantor", "Precedence: bulk", f"In-Reply-To: {again}"),
            mail(5, "Subject: Gagal", "Return-Path: <>"),
            mail(1, "Subject: Loket terlambat"),
        )
        left = await until(lambda: (found := facts(product, "MessageLeft")) and len(found) == 5 and found)
        whys = sorted(each["why"] for each in left if not each["complaint_id"])
        assert whys == ["automatic", "automatic", "automatic", "twin"]
        assert [each["complaint_id"] for each in left if each["complaint_id"]] == [case], "one line of the case"
        assert (await officer.see(f"/complaints/{case}"))["row"]["stage"] == "asked"

        quoted = "\r\n".join(f"> {line}" for line in words.splitlines())
        dovecot.append(mail(6, f"Subject: Re: {receipt['Subject']}", text=f"Hari Senin, 6 April.\r\n\r\n{quoted}"))
        (wrote,) = await until(lambda: facts(product, "ReporterWrote"))
        assert wrote["complaint_id"] == case
        said = await sheet(officer, case)
        assert "Hari Senin, 6 April." in said
        assert code[0] not in said, "who handles it does not get what opens it"
        await officer.see(f"/complaints/{case}")
    await product.until_quiet()

    def receipts() -> int:
        return sum(each["Subject"].startswith("Surel Anda kami catat") for each in box.to(SITI))

    await until(lambda: receipts() >= 2)
    assert receipts() == 2, "nothing automatic was answered"
    for stored in (*product.events("intake"), *product.events("complaint"), *product.events("notifications")):
        assert not re.search(r"burung-kenari|siti@|Siti|" + code[0], json.dumps(stored))
    assert not re.search(r"burung-kenari|siti@|" + code[0], product.said())
    assert await product.breaches() == []


@pytest.mark.parametrize("point", ["intake.after-fetch", "intake.after-blob", "intake.after-commit"])
async def test_a_death_between_fetch_and_fact_loses_nothing_and_files_nothing_twice(
    product: Product, dovecot: Dovecot, box: Postbox, point: str
) -> None:
    product.stop()
    product.start(env={"CARAKA_CRASH": point})
    dovecot.append(mail(1, "Subject: Loket terlambat"), mail(2, "Subject: Hal lain", text="Parkirnya penuh."))
    await until(product.dead)
    product.forget_dead()
    product.start()
    await until(lambda: len(facts(product, "ComplaintFiled")) == 2)
    await until(lambda: len(box.to(SITI)) == 2)
    await product.until_quiet()
    assert (len(facts(product, "ComplaintFiled")), len(facts(product, "RegisterNumberTaken"))) == (2, 2)
    assert len(box.to(SITI)) == 2
    assert await product.breaches() == []
