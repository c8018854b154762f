"""A letter from the mailbox to the archive, through the pages alone, each officer at his own browser."""

import re

from playwright.sync_api import Browser, expect

from tests.browser.pages import PHONE, Person, arrive, log_in
from tests.parts.product import Product

AGENCY = "pekalongan"


def test_a_letter_is_carried_from_the_inbox_to_the_archive(chromium: Browser, product: Product) -> None:
    def enters(name: str, *, phone: bool = False) -> Person:
        size = PHONE if phone else None
        return log_in(chromium, product.base_url, f"{name}@{AGENCY}", product.password, size)

    operator = enters("operator")
    letter = registered_by_keyboard(operator)
    operator.presses("Cetak dan teruskan").presses("Cetak berkas")
    operator.page.get_by_role("link", name="Buka berkas cetak (PDF)").wait_for(timeout=60_000)
    operator.presses("Teruskan untuk paraf").sees("Surat diteruskan untuk paraf.")

    for officer in ("kasi", "kabid", "kadis"):
        person = enters(officer, phone=True).waits(
            f"/paraf/{letter}", "Setelah ini" if officer != "kadis" else "terakhir"
        )
        assert person.barriers() == []
        person.page.get_by_role("button", name="Paraf", exact=True).click()
        person.sees("Keputusan tersimpan: 1.")
        assert person.complaints == []

    kasi = enters("kasi").waits(f"/surat/{letter}", "Tugaskan")
    kasi.page.get_by_label("Caraka", exact=True).select_option("caraka-1")
    kasi.page.get_by_role("button", name="Tugaskan", exact=True).click()
    kasi.sees("Caraka ditugaskan.")

    courier = enters("caraka-1", phone=True)
    keeps_what_he_typed_while_the_line_is_lost(courier)
    while courier.waits("/kurir", "Belum diantar").page.locator(".stop-link").count():
        assert courier.barriers() == []
        courier.page.locator(".stop-link").first.click()
        courier.page.get_by_label("Nama penerima").fill("Wulan Maharani")
        courier.page.get_by_label("Jabatan penerima").fill("Ajudan")
        courier.page.get_by_role("button", name="Diterima", exact=True).click()
        courier.sees("Tercatat: sudah diterima.")
    assert courier.complaints == []

    held = operator.page.request.get(f"/api/v1/letters/{letter}").json()
    looks_at_the_paper(arrive(chromium, product.base_url, PHONE), held["copies"][0], held["row"]["agenda"])
    operator.waits(f"/surat/{letter}", "Arsipkan")
    operator.page.get_by_label("Tempat simpan").fill("Lemari 2, map 14")
    operator.page.get_by_label("Klasifikasi arsip").fill("005")
    operator.presses("Arsipkan").sees("Surat diarsipkan.")
    assert operator.barriers() == []
    assert operator.complaints == []

    inspector = enters("inspektorat").waits(f"/surat/{letter}", "Diarsipkan di Lemari 2, map 14")
    story = inspector.page.locator(".timeline").inner_text()
    for sentence in ("Didaftarkan dengan nomor agenda", "Diparaf oleh Kepala Seksi", "diterima Wulan Maharani"):
        assert sentence in story
    assert "Bentuk asli peristiwa" in story
    assert "Tindakan" not in inspector.page.locator("main").inner_text()


def keeps_what_he_typed_while_the_line_is_lost(courier: Person) -> None:
    page = courier.waits("/kurir", "Belum diantar").page
    page.locator(".stop-link").first.click()
    page.get_by_label("Nama penerima").fill("Sari Dewi")
    page.get_by_role("heading", name="Sudah diterima").click()
    courier.context.set_offline(True)
    page.get_by_role("button", name="Diterima", exact=True).click()
    expect(page.locator("form.card [data-away]")).to_be_visible()
    assert page.get_by_label("Nama penerima").input_value() == "Sari Dewi"
    courier.context.set_offline(False)
    page.reload()
    assert page.get_by_label("Nama penerima").input_value() == "Sari Dewi"
    assert courier.barriers() == []


def looks_at_the_paper(guest: Person, copy: dict[str, str], number: str) -> None:
    """Whose camera reads no QR types what stands below it."""
    guest.goes("/pekalongan/salinan")
    assert guest.barriers() == []
    guest.page.get_by_label("Nomor agenda").fill(number)
    short = copy["copy_id"].upper()
    guest.page.get_by_label("Kode di bawah QR").fill(f"{short[:4]}-{short[4:8]}")
    guest.presses("Periksa").sees("Salinan ini asli")
    assert guest.sees(copy["office"])
    assert guest.barriers() == []
    assert guest.sideways() == 0


def registered_by_keyboard(operator: Person) -> str:
    """Without the mouse: the first message that is no twin, its recipient, Enter, and Enter again. Its letter id."""
    page = operator.waits("/kotak-masuk", "Isian agenda").page
    for _ in range(10):
        if page.locator("[data-register]").count() and not page.get_by_text("Kembar dengan surat").count():
            break
        page.keyboard.press("j")
        page.wait_for_load_state()
    assert operator.barriers() == []
    letter = page.locator("[data-register]").get_attribute("data-draft") or ""
    page.locator("[name=office]").first.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Kepala Dinas Kesehatan")
    page.keyboard.press("Enter")
    operator.sees("Mendaftar dalam")
    page.keyboard.press("u")
    assert page.get_by_role("button", name=re.compile("Daftarkan")).is_visible()
    assert f"/kotak-masuk/{letter}" in page.url or page.url.endswith("/kotak-masuk")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    operator.sees("Terdaftar dengan nomor agenda")
    assert re.search(r"\d{4}/\d{4}", page.locator(".agenda-big").inner_text())
    return letter
