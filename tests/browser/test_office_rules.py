"""The office's own rules on screens: no barrier at any size, without script too, and a version seen before it is
published.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import DESK, PHONE, ZOOMED, arrive, log_in
from tests.parts.product import Product, start_product

STANDARD = "/pengaturan/standar/berita-biasa-sanapati"
PAGES = {
    "kadis": [
        "/pengaturan/standar",
        STANDARD,
        f"{STANDARD}/versi-baru",
        f"{STANDARD}/versi-baru?cara=berkas",
        "/pengaturan/standar-baru",
        "/pengaturan/kalender",
        "/pengaturan/kalender?tahun=2031",
        "/pengaturan/akses",
        "/tugas",
        "/berisiko",
    ],
    "admin": [
        "/pengaturan/jabatan",
        "/pengaturan/jabatan/kadis",
        "/pengaturan/orang",
        "/pengaturan/orang/operator",
        "/pengaturan/token",
        "/pengaturan/akses",
        "/pengaturan/kalender?tahun=2026",
    ],
}
PUBLIC = (
    "/standar/pekalongan/berita-biasa-sanapati",
    "/standar/purbalingga/email-kedinasan",
    "/maklumat/pekalongan",
    "/maklumat/purbalingga",
)
SIZES = {"desk": DESK, "phone": PHONE, "zoom": ZOOMED}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of these tests' own: they publish standards and send officers on leave."""
    running = start_product(tmp_path_factory.mktemp("office"), samples=True)
    yield running
    running.discard()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_nobody_meets_a_barrier(chromium: Browser, product: Product, name: str, size: str) -> None:
    person = log_in(chromium, product.base_url, f"{name}@pekalongan", product.password, SIZES[size])
    for path in PAGES[name]:
        person.goes(path)
        person.page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
        assert person.barriers() == [], path
        assert person.sideways() == 0, path
    assert person.complaints == []
    person.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_what_everybody_may_read_has_no_barrier(chromium: Browser, product: Product, size: str) -> None:
    guest = arrive(chromium, product.base_url, SIZES[size])
    for path in PUBLIC:
        guest.goes(path)
        assert guest.barriers() == [], path
        assert guest.sideways() == 0, path


def test_a_version_is_seen_before_it_is_published_also_without_script(chromium: Browser, product: Product) -> None:
    head = log_in(chromium, product.base_url, "kadis@pekalongan", product.password, java_script_enabled=False)
    page = head.goes(f"{STANDARD}/versi-baru").page
    page.get_by_label("Nomor SK").fill("060/078/XI Tahun 2026")
    page.get_by_label("Berlaku mulai").fill("2020-01-01")
    page.get_by_role("button", name="Periksa akibatnya").last.click()
    assert head.sees("1 hal harus dibetulkan")
    assert page.get_by_label("Nomor SK").input_value() == "060/078/XI Tahun 2026"
    page.get_by_label("Berlaku mulai").fill(f"{datetime.now(UTC).year + 1}-06-01")
    page.get_by_label("Tenggat", exact=True).fill("2")
    page.get_by_role("button", name="Periksa akibatnya").last.click()
    assert head.sees("Belum ada yang berubah")
    page.get_by_role("button", name="Terbitkan versi 2").click()
    assert head.sees("Versi 2 terbit.")
    assert head.goes(f"{STANDARD}/beda?dari=1&ke=2").sees("060/078/XI Tahun 2026")


def test_an_absence_shows_who_acts_and_how_it_is_printed(chromium: Browser, product: Product) -> None:
    admin = log_in(chromium, product.base_url, "admin@pekalongan", product.password)
    page = admin.goes("/pengaturan/jabatan/kadis").page
    page.get_by_text("Tetapkan pengganti").click()
    page.get_by_label("Jabatan pengganti").select_option(label="Kepala Bidang Aplikasi dan Persandian")
    page.get_by_role("button", name="Simpan pengganti").click()
    assert admin.sees("Pengganti tersimpan.")
    page.get_by_text("Catat pejabat berhalangan").click()
    page.get_by_label("Dari").fill("2020-01-01")
    page.get_by_label("Sampai").first.fill("2199-12-31")
    page.get_by_label("Alasan").first.fill("Tugas belajar")
    page.get_by_role("button", name="Simpan", exact=True).click()
    assert admin.sees("Tercetak sebagai: Plh. Kepala Dinas Komunikasi dan Informatika")


def test_a_token_is_shown_once(chromium: Browser, product: Product) -> None:
    admin = log_in(chromium, product.base_url, "admin@pekalongan", product.password)
    page = admin.goes("/pengaturan/token").page
    page.get_by_label("Milik siapa dan untuk apa").fill("Aplikasi persuratan")
    page.get_by_label("Kode token").fill("aplikasi-persuratan")
    page.get_by_label("Peran").select_option(label="Caraka")
    page.get_by_role("button", name="Terbitkan token").click()
    secret = page.locator("#rahasia").input_value()
    assert secret.startswith("crk_pekalongan_aplikasi-persuratan_")
    assert secret not in admin.goes("/pengaturan/token").page.content()


def test_who_comes_to_see_letters_waits_for_the_kadis(chromium: Browser, product: Product) -> None:
    admin = log_in(chromium, product.base_url, "admin@pekalongan", product.password)
    page = admin.goes("/pengaturan/token").page
    page.get_by_label("Milik siapa dan untuk apa").fill("Pemindai loket")
    page.get_by_label("Kode token").fill("pemindai-loket")
    page.get_by_label("Peran").select_option(label="Operator")
    page.get_by_role("button", name="Terbitkan token").click()
    assert admin.sees("Menunggu persetujuan pimpinan")
    head = log_in(chromium, product.base_url, "kadis@pekalongan", product.password)
    tasks = head.goes("/tugas").page
    assert head.sees("Token mesin “Pemindai loket” (pemindai-loket) dengan peran Operator")
    assert head.barriers() == []
    tasks.get_by_role("button", name="Setujui").first.click()
    page = admin.goes("/pengaturan/token").page
    page.get_by_role("button", name="Ambil rahasianya").click()
    assert page.locator("#rahasia").input_value().startswith("crk_pekalongan_pemindai-loket_")
    assert admin.barriers() == []
