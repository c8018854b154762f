"""What is attached is looked at without a barrier; a letter whose attachment is marked shows nothing of itself."""

from uuid import uuid4

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import Person, log_in
from tests.browser.test_every_page import SIZES
from tests.hostile_mail import with_attachment
from tests.parts.papers import pdf_saying
from tests.parts.product import Product


def uploaded(operator: Person, raw: bytes) -> str:
    page = operator.goes("/kotak-masuk").page
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    own = raw.replace(b"surat-1@contoh.go.id", uuid4().hex.encode() + b"@contoh.go.id")  # or it would be a twin
    sent = page.request.post(
        "/api/v1/letters/upload", data=own, headers={"Content-Type": "message/rfc822", "X-CSRF-Token": token}
    )
    assert sent.ok, sent.text()
    letter: str = sent.json()["result"]["letter_id"]
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


def test_a_letter_whose_attachment_alone_is_marked_is_shut_away(chromium: Browser, product: Product) -> None:
    operator = log_in(chromium, product.base_url, "operator@pekalongan", product.password)
    raw = with_attachment(pdf_saying("Sifat : Rahasia\nUndangan rapat"), "undangan.pdf")
    letter = uploaded(operator, raw.replace(b"Undangan rapat", b"Undangan tertutup"))
    operator.waits(f"/surat/{letter}", "Bertanda di atas biasa")
    shown = operator.page.locator("main").inner_text()
    assert "Undangan tertutup" not in shown
    assert "undangan.pdf" not in shown
