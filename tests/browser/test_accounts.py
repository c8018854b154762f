"""From the application on a phone to the mailbox: a stranger asks, the office decides, a sealed slip opens the account,
and a real Dovecot lets its holder in.
"""

import json
import re
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from tests.browser.pages import DESK, PHONE, Person, arrive, log_in
from tests.parts.mail_server import MailServer, start_mail_server
from tests.parts.product import ROOT, Product

NIP = "197901022006041001"
ADDRESS = "siti.nuraini@purbalinggakab.go.id"
ANSWERS = (
    ("Akun baru", {}),
    ("PNS", {}),
    ("", {"Nama lengkap dan gelar": "dr. Hj. Siti Nur'aini, S.Kom.", "NIP": NIP, "Unit kerja": "Dinas Kesehatan"}),
    ("", {}),
    ("", {"Nomor telepon atau alamat surel Anda": "0812 0000 1111"}),
    ("", {"Nomor surat permohonan": "800/123", "Tanggal surat": "2026-03-11"}),
)


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailServer]:
    running = start_mail_server(tmp_path / "mail", None)
    yield running
    running.discard()


@pytest.fixture
def office(tmp_path: Path, mail: MailServer) -> Iterator[Product]:
    """Purbalingga gives its accounts out by Dovecot's passwd-file."""
    standards = tmp_path / "standards"
    shutil.copytree(ROOT / "contracts/standards", standards)
    standard = standards / "purbalingga/standard-email-kedinasan.toml"
    standard.write_text(standard.read_text().replace('connector = "embedded"', 'connector = "passwd-file"'))
    key = tmp_path / "doveadm-key"
    key.write_text(mail.key)
    row = {
        "agency": "purbalingga", "kind": "passwd-file", "path": str(mail.users),
        "doveadm": {"url": mail.administration, "key_file": str(key)},
        "servers": {"imap": "surel.contoh:993", "smtp": "surel.contoh:465", "webmail": "https://surel.contoh/"},
    }  # fmt: skip
    env = {"CARAKA_STANDARDS_DIR": str(standards), "CARAKA_DIRECTORIES": json.dumps([row])}
    running = Product(tmp_path / "product", env=env)
    running.begin()
    yield running
    running.discard()


def looks(person: Person, name: str, folder: Path) -> None:
    assert person.barriers() == [], name
    assert person.sideways() == 0, name
    person.page.screenshot(path=folder / f"{name}.png", full_page=True)


def applies(person: Person, folder: Path) -> tuple[str, str]:
    """One thing after the other; number and code."""
    page = person.goes("/purbalingga/").presses("Ajukan permohonan surel kedinasan").page
    for at, (choice, fields) in enumerate(ANSWERS):
        looks(person, f"form-{at}", folder)
        if choice:
            page.get_by_label(choice, exact=True).check()
        for label, said in fields.items():
            page.get_by_label(label, exact=False).first.fill(said)
        person.presses("Lanjut")
    person.sees("Periksa isian Anda")
    looks(person, "periksa", folder)
    person.presses("Kirim permohonan").sees("Permohonan Anda kami terima")
    looks(person, "terkirim", folder)
    number, code = page.locator(".ticket dd").all_inner_texts()
    return number, code


def tracks(person: Person, number: str, code: str, says: str) -> None:
    for _ in range(30):
        person.goes("/purbalingga/lacak")
        person.page.locator("#nomor").fill(number)
        person.page.locator("#kode").fill(code)
        person.page.locator("main form button").first.click()
        if person.page.get_by_text(says).count():
            return
        person.page.wait_for_timeout(500)
    raise AssertionError(person.page.locator("main").inner_text())


def slip_of(clerk: Person, place: str) -> tuple[str, str]:
    """What its holder reads in it: the path of his link, and his code."""
    cookies = {each["name"]: each["value"] for each in clerk.context.cookies()}
    page = clerk.goes(place).page
    token = page.locator("#f-slip input[name=csrf_token]").input_value()
    answer = clerk.context.request.post(f"{place}/slip", form={"csrf_token": token, "key": "slip-1"})
    assert (answer.status, bool(cookies)) == (200, True), answer.text()[:300]
    said = "".join(each.extract_text() for each in PdfReader(BytesIO(answer.body())).pages)
    path = re.search(r"/purbalingga/klaim/[0-9a-f-]{36}/[0-9a-z]{26}", said.replace("\n", ""))
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", said)
    assert path is not None, said
    assert code is not None, said
    return path[0], code[0]


def test_from_the_application_on_a_phone_to_the_mailbox(
    chromium: Browser, office: Product, mail: MailServer, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    siti = arrive(chromium, office.base_url, PHONE)
    clerk, reviewer = (
        log_in(chromium, office.base_url, f"{name}@purbalingga", office.password, DESK)
        for name in ("operator", "operator-2")
    )
    number, code = applies(siti, folder)
    tracks(siti, number, code, "Dikaji")
    looks(siti, "lacak", folder)

    reviewer.waits("/akun", "Siti Nur'aini")
    reviewer.page.get_by_text("Siti Nur'aini").first.click()
    reviewer.sees("Setujui")
    place = reviewer.page.url.partition("?")[0].removeprefix(office.base_url)
    looks(reviewer, "keputusan", folder)
    reviewer.presses("Setujui").sees("Persetujuan tersimpan.")
    clerk.waits(place, "Pemegang belum dikabari")
    looks(clerk, "serah-terima", folder)
    clerk.page.get_by_text("Buka serah terima baru").first.click()
    clerk.page.locator("#perbarui-cara").select_option("slip")
    clerk.page.locator("#f-perbarui button").click()
    clerk.waits(place, "Cetak slip tersegel")
    path, secret_code = slip_of(clerk, place)

    for _ in range(20):
        siti.goes(path).sees("Kode pada slip")
    looks(siti, "klaim", folder)
    assert not any(mail.logs_in(ADDRESS, "").values())
    siti.page.locator("#klaim-kode").fill("AAAA-AAAA-AAAA")
    siti.presses("Buat kata sandi").sees("Belum ada yang memastikan bahwa ini Anda")
    siti.page.locator("#klaim-kode").fill(secret_code.lower())
    siti.presses("Buat kata sandi").sees("Akun surel Anda terbuka")
    looks(siti, "terbuka", folder)
    secret = siti.page.locator("#sandi").inner_text()
    assert mail.logs_in(ADDRESS, secret) == {"imap": True, "pop": True, "smtp": True}
    siti.goes(path).sees("Kata sandi sudah dibuat lewat tautan ini.")
    looks(siti, "sudah", folder)

    clerk.waits(place, "Pemegang akun membuat kata sandinya.")
    looks(clerk, "selesai", folder)
    tracks(siti, number, code, "Selesai")
    siti.page.get_by_text("Sudah saya terima").first.click()
    siti.page.locator("details[open] button").last.click()
    siti.sees("Terima kasih, penerimaan Anda tercatat")
    kept = b"".join(each.read_bytes() for each in office.home.rglob("*") if each.is_file())
    for canary in (secret, secret_code, path.rsplit("/", 1)[1], code):
        assert canary.encode() not in kept, "no secret, code or link is written down anywhere"
    for person in (siti, clerk, reviewer):
        person.context.close()
