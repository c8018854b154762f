"""Every page with axe: at a desk, on a phone, at 400 % zoom; and without script."""

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import DESK, PHONE, ZOOMED, arrive, log_in
from tests.parts.product import Product

PAGES = {
    "operator": [
        "/tugas",
        "/kotak-masuk",
        "/catat",
        "/surat",
        "/papan",
        "/kurir",
        "/pengaduan/catat",
        "/kata-sandi",
        "/pemberitahuan",
        "/pemberitahuan/cara",
        "/berisiko",
    ],
    "kasi": ["/tugas", "/paraf", "/papan"],
    "kadis": [
        "/pengaturan/standar",
        "/pengaturan/standar-baru",
        "/pengaturan/kalender",
        "/pengaturan/pemberitahuan",
    ],
    "caraka-1": ["/tugas", "/kurir"],
    "admin": [
        "/operasi",
        "/pengaturan/orang/kasi",
        "/pengaturan/token",
        "/kanal",
        "/kontak-diblokir",
        "/catatan-pemberitahuan",
    ],
    "operator@purbalingga": ["/tugas", "/akun", "/akun/catat", "/akun/direktori", "/papan/akun", "/pengaduan"],
    "sekretaris": ["/tugas", "/pengaturan/orang", "/pengaturan/jabatan"],
    "inspektorat": ["/kotak-masuk", "/operasi"],
}
PUBLIC = (
    "/masuk",
    "/s/pekalongan/00000000-0000-4000-8000-000000000000",
    "/pekalongan/",
    "/pekalongan/salinan",
    "/pekalongan/lacak",
    "/purbalingga/ajukan/surel",
    "/pekalongan/ajukan/pengaduan",
    "/purbalingga/sandi",
)
SIZES = {"desk": DESK, "phone": PHONE, "zoom": ZOOMED}
LEAST_TARGET = 48
FINGER = 44
SMALLEST = {"width": 320, "height": 640}
SIX = 6


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_nobody_meets_a_barrier(chromium: Browser, product: Product, name: str, size: str) -> None:
    login = name if "@" in name else f"{name}@pekalongan"
    person = log_in(chromium, product.base_url, login, product.password, SIZES[size])
    for path in PAGES[name]:
        person.goes(path)
        assert person.barriers() == [], path
        assert person.flaws() == [], path
        assert person.sideways() == 0, path
    assert person.complaints == []
    person.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_public_pages_have_no_barrier(chromium: Browser, product: Product, size: str) -> None:
    guest = arrive(chromium, product.base_url, SIZES[size])
    for path in PUBLIC:
        guest.goes(path)
        assert guest.barriers() == [], path
        assert guest.flaws() == [], path
        assert guest.sideways() == 0, path


def test_english_pages_have_no_barrier(chromium: Browser, product: Product) -> None:
    person = log_in(chromium, product.base_url, "operator@pekalongan", product.password)
    person.presses("English").sees("My tasks")
    for path in ("/kotak-masuk", "/papan"):
        assert person.goes(path).barriers() == []


def test_everything_works_without_script(chromium: Browser, product: Product) -> None:
    person = log_in(
        chromium, product.base_url, "operator@pekalongan", product.password, java_script_enabled=False
    )  # fmt: skip
    page = person.goes("/catat").page
    page.get_by_label("Pengirim").fill("Kelurahan Kauman")
    page.get_by_label("Perihal").fill("Tanpa skrip")
    page.get_by_label("Jabatan atau kantor penerima 1").fill("Kepala Dinas Pendidikan")
    person.presses("Daftarkan").sees("Surat terdaftar.")
    assert person.goes("/papan").sees("Tanpa skrip")


def test_the_parts_of_a_page_are_one_line_on_a_phone_without_script_too(chromium: Browser, product: Product) -> None:
    admin = log_in(
        chromium, product.base_url, "admin@pekalongan", product.password, PHONE, java_script_enabled=False
    )  # fmt: skip
    for path, other, where in (
        ("/pengaturan/token", "Kalender kerja", "**/pengaturan/kalender"),
        ("/catatan-pemberitahuan", "Tidak terkirim", "**/catatan-pemberitahuan?keadaan=given-up"),
    ):
        parts = admin.goes(path).page.locator(".tabs")
        box = parts.bounding_box()
        assert box is not None
        assert LEAST_TARGET > box["height"] >= FINGER
        parts.locator("summary").click()
        parts.get_by_role("link", name=other).click()
        admin.page.wait_for_url(where)


def test_a_menu_of_six_can_be_read_on_the_smallest_phone(chromium: Browser, product: Product) -> None:
    head = log_in(chromium, product.base_url, "kadis@pekalongan", product.password, SMALLEST)
    assert head.page.locator(".nav li").count() == SIX
    assert head.flaws() == []
    assert head.sideways() == 0


def test_a_draft_survives_a_reload_and_ends_with_the_registration(chromium: Browser, product: Product) -> None:
    person = log_in(chromium, product.base_url, "operator@pekalongan", product.password)
    page = person.goes("/catat").page
    page.get_by_label("Perihal").fill("Belum selesai")
    page.reload()
    assert page.get_by_label("Perihal").input_value() == "Belum selesai"
    page.get_by_label("Pengirim").fill("Kelurahan Kauman")
    page.get_by_label("Jabatan atau kantor penerima 1").fill("Kepala Dinas Pendidikan")
    person.presses("Daftarkan").sees("Surat terdaftar.")
    assert person.goes("/catat").page.get_by_label("Perihal").input_value() == ""


def test_the_board_moves_by_itself_and_leaves_the_focus_where_it_is(chromium: Browser, product: Product) -> None:
    kasi = log_in(chromium, product.base_url, "kasi@pekalongan", product.password)
    board = kasi.goes("/papan").page
    board.get_by_text("langsung", exact=True).wait_for()
    board.locator("[data-card]").first.focus()
    held = board.evaluate("document.activeElement.id")
    operator = log_in(chromium, product.base_url, "operator@pekalongan", product.password, java_script_enabled=False)
    page = operator.goes("/catat").page
    page.get_by_label("Pengirim").fill("Kecamatan Pekalongan Utara")
    page.get_by_label("Perihal").fill("Kartu yang datang sendiri")
    page.get_by_label("Jabatan atau kantor penerima 1").fill("Kepala Dinas Pendidikan")
    operator.presses("Daftarkan").sees("Surat terdaftar.")
    board.get_by_text("Kartu yang datang sendiri").first.wait_for(timeout=60_000)
    assert board.evaluate("document.activeElement.id") == held
    board.keyboard.press("ArrowRight")
    assert board.evaluate("document.activeElement.id") != held
    assert kasi.complaints == []


def test_a_courier_s_buttons_are_large_enough_for_a_thumb(chromium: Browser, product: Product) -> None:
    courier = log_in(chromium, product.base_url, "caraka-1@pekalongan", product.password, PHONE)
    courier.goes("/kurir")
    for link in courier.page.locator("nav.nav a, .stop-link, .back").all():
        box = link.bounding_box()
        assert box is not None
        assert box["height"] >= LEAST_TARGET
