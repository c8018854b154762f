"""At a browser without script: filed with a photo, tracked, supplemented with another, and forgotten; at a desk, on a
phone, at 400 % zoom.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import Person, arrive, log_in
from tests.browser.test_complaints import AGENCY, SIZES
from tests.integration.test_files_of_strangers import SVG, photo
from tests.parts.product import Product

FORGET = """async ([path, token]) => (await fetch(path, {
    method: 'POST', headers: {'X-CSRF-Token': token, 'Content-Type': 'application/json'},
    body: JSON.stringify({reason: 'diminta'}),
})).status"""


def goes_on(person: Person) -> None:
    person.page.get_by_role("button", name="Lanjut", exact=True).last.click()


@pytest.mark.parametrize("size", SIZES)
def test_filed_tracked_supplemented_and_forgotten(  # noqa: PLR0915 - a whole road
    chromium: Browser, product: Product, size: str, tmp_path: Path
) -> None:
    """Pictures of each page lie in the test's own folder."""
    good, bad = tmp_path / "siti-aminah.jpg", tmp_path / "gambar.png"
    good.write_bytes(photo())
    bad.write_bytes(SVG)

    def looks(person: Person, name: str) -> None:
        assert person.sideways() == 0, name
        person.page.screenshot(path=tmp_path / f"{name}-{size}.png", full_page=True)

    visitor = arrive(chromium, product.base_url, SIZES[size], java_script_enabled=False)
    page = visitor.goes(f"/{AGENCY}/ajukan/pengaduan").page
    page.get_by_text("Pengaduan", exact=True).last.click()
    goes_on(visitor)
    page.get_by_label("Ceritakan").fill("Loket tiga meminta uang")
    goes_on(visitor)
    goes_on(visitor)
    page.locator("input[type=file]").set_input_files([good, bad])
    goes_on(visitor)
    visitor.sees("Ada berkas yang tidak diambil")
    visitor.sees("gambar.png")
    looks(visitor, "berkas-ditolak")
    goes_on(visitor)
    page.get_by_text("Tanpa nama (anonim)").click()
    goes_on(visitor)
    visitor.sees("Periksa isian Anda")
    assert page.locator("dd", has_text="Foto 1").count() == 1
    looks(visitor, "periksa")
    visitor.presses("Kirim sekarang").sees("Sudah kami terima")
    number, code = page.locator(".ticket dd").all_inner_texts()

    visitor.presses("Lihat sampai mana").sees(number)
    page.locator("summary", has_text="Tulis kepada petugas").click()
    page.get_by_label("Tulisan Anda").fill("Satu foto lagi")
    page.locator("input[type=file]").set_input_files([good])
    page.get_by_role("button", name="Kirim", exact=True).click()
    visitor.sees("Tulisan Anda kami terima")
    assert page.locator(".letter-files").count() == 2
    looks(visitor, "lacak")

    officer = log_in(chromium, product.base_url, f"pengaduan@{AGENCY}", product.password, SIZES[size])
    seen = officer.waits(f"/pengaduan?cari={number}", number).page
    seen.get_by_role("link", name="Belum digolongkan").first.click()
    officer.sees("Foto dan berkas")
    place = seen.url.partition("?")[0]
    assert officer.barriers() == []
    looks(officer, "petugas")
    seen.get_by_role("link", name="Foto 2").click()
    seen.locator(".drawn-pages img").wait_for()
    assert officer.barriers() == []
    assert seen.evaluate("document.querySelector('.drawn-pages img').naturalWidth") > 0
    looks(officer, "foto")

    admin = log_in(chromium, product.base_url, f"admin@{AGENCY}", product.password, SIZES[size])
    token = admin.page.locator("input[name=csrf_token]").first.get_attribute("value")
    complaint = place.rpartition("/")[2]
    assert admin.page.evaluate(FORGET, [f"/api/v1/subjects/{complaint}/erase", token]) == 200

    officer.waits(place, "Data pelapor sudah dihapus")
    assert seen.get_by_text("Foto dan berkas").count() == 0
    looks(officer, "dihapus")
    page.goto(f"/{AGENCY}/lacak")
    page.locator("#nomor").fill(number)
    page.locator("#kode").fill(code)
    page.locator(".track button").click()
    visitor.sees("(dihapus atas permintaan yang bersangkutan)")
    assert page.locator(".letter-files").count() == 0
    looks(visitor, "lacak-dihapus")
