"""What is attached is looked at without a barrier; a letter whose attachment is marked shows nothing of itself."""

from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser

from services.cli.demo import FIELDS
from tests.browser.pages import PHONE, Person, log_in
from tests.browser.test_every_page import SIZES
from tests.hostile_mail import with_attachment
from tests.parts.papers import pdf_saying
from tests.parts.product import Product


def does(person: Person, path: str, said: Any, kind: str = "application/json") -> dict[str, Any]:
    """A command over the API, in his browser's session."""
    token = person.page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    headers = {"Content-Type": kind, "X-CSRF-Token": token}
    sent = person.page.request.post(f"/api/v1{path}", data=said, headers=headers)
    assert sent.ok, sent.text()
    told: dict[str, Any] = sent.json()
    return told


def uploaded(operator: Person, raw: bytes) -> str:
    operator.goes("/kotak-masuk")
    own = raw.replace(b"surat-1@contoh.go.id", uuid4().hex.encode() + b"@contoh.go.id")  # or it would be a twin
    letter: str = does(operator, "/letters/upload", own, "message/rfc822")["result"]["letter_id"]
    return letter


@pytest.mark.parametrize("size", SIZES)
def test_the_page_of_an_attachment_has_no_barrier(chromium: Browser, product: Product, size: str) -> None:
    operator = log_in(chromium, product.base_url, "operator@pekalongan", product.password, SIZES[size])
    raw = with_attachment(pdf_saying("Sifat : Biasa\nUndangan rapat", "Lampiran kedua"), "undangan.pdf")
    letter = uploaded(operator, raw)
    operator.waits(f"/kotak-masuk/{letter}", "undangan.pdf")
    operator.page.get_by_role("link", name="undangan.pdf").first.click()
    operator.sees("2 halaman")
    operator.page.locator(".drawn-pages img").first.wait_for()
    assert operator.barriers() == []
    assert operator.sideways() == 0
    assert operator.complaints == []


def test_a_head_reads_what_is_attached_on_his_phone_and_initials(chromium: Browser, product: Product) -> None:
    operator = log_in(chromium, product.base_url, "operator@pekalongan", product.password)
    letter = uploaded(operator, with_attachment(pdf_saying("Sifat : Biasa\nJadwal rapat", "Peta ruang"), "jadwal.pdf"))
    for deed, said in (("examine", {"fields": FIELDS}), ("register", {}), ("print", {}), ("forward", {})):
        does(operator, f"/letters/{letter}/{deed}", said)
    head = log_in(chromium, product.base_url, "kasi@pekalongan", product.password, PHONE)
    head.waits(f"/paraf/{letter}", "jadwal.pdf").page.get_by_role("link", name="jadwal.pdf").click()
    head.sees("2 halaman")
    first = head.page.locator(".drawn-pages img").first
    first.wait_for()
    assert first.evaluate("image => image.decode().then(() => image.naturalWidth)") > PHONE["width"]
    assert head.sideways() == 0
    head.page.go_back()
    head.page.get_by_role("button", name="Paraf", exact=True).click()
    head.sees("Keputusan tersimpan: 1.")
    assert head.complaints == []


def test_a_letter_whose_attachment_alone_is_marked_is_shut_away(chromium: Browser, product: Product) -> None:
    operator = log_in(chromium, product.base_url, "operator@pekalongan", product.password)
    raw = with_attachment(pdf_saying("Sifat : Rahasia\nUndangan rapat"), "undangan.pdf")
    letter = uploaded(operator, raw.replace(b"Undangan rapat", b"Undangan tertutup"))
    operator.waits(f"/surat/{letter}", "Bertanda di atas biasa")
    shown = operator.page.locator("main").inner_text()
    assert "Undangan tertutup" not in shown
    assert "undangan.pdf" not in shown
