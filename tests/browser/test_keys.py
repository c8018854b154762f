"""Keys at the inbox: one that is held is no second word, and what was undone is seen."""

from playwright.sync_api import Browser, expect

from services.cli.demo import message
from tests.browser.pages import log_in
from tests.parts.product import Product


def test_a_held_enter_leaves_the_five_seconds_and_an_undone_draw_is_seen(chromium: Browser, product: Product) -> None:
    person = log_in(chromium, product.base_url, "operator@pekalongan", product.password)
    page = person.goes("/kotak-masuk").page
    sent = page.request.post(
        "/api/v1/letters/upload",
        data=message(),
        headers={
            "Content-Type": "message/rfc822",
            "X-CSRF-Token": page.locator("meta[name=csrf-token]").get_attribute("content") or "",
        },
    )
    assert sent.ok, sent.text()
    letter = sent.json()["result"]["letter_id"]
    person.goes(f"/kotak-masuk/{letter}")
    page.get_by_label("Jabatan atau kantor penerima 1").fill("Kepala Dinas Pendidikan")
    page.locator("h1").click()
    for _ in range(15):  # the first begins the five seconds, the others are the same key, held
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    expect(page.locator("[data-countdown-bar]")).to_be_visible()
    page.keyboard.press("u")
    undone = page.locator("[data-undone-note]")
    expect(undone).to_be_visible()
    expect(undone).to_have_text("Pendaftaran diurungkan. Nomor belum diambil.")
    expect(page.locator("[data-countdown-bar]")).to_be_hidden()
    page.keyboard.press("?")
    sheet = page.locator("#tombol")
    expect(sheet).to_be_visible()
    for words in ("Duplikat atau bukan surat", "ke isian", "urungkan"):
        expect(sheet).to_contain_text(words)
    assert person.barriers() == []
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.keyboard.press("i")
    assert page.evaluate("document.activeElement.name") == "sender"
    assert page.request.get(f"/api/v1/letters/{letter}").json()["row"]["agenda"] in {None, ""}
    assert person.complaints == []
