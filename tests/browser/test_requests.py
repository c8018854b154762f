"""A request for an account at the counter: entered, decided, told, at a desk and on a phone, without a barrier."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import DESK, PHONE, ZOOMED, Person, arrive, log_in
from tests.browser.test_accounts import tracks
from tests.parts.product import Product

SIZES = {"desk": DESK, "phone": PHONE, "zoom": ZOOMED}
NUMBERS = {"desk": "197901022006041001", "phone": "197901022006042002", "zoom": "197901022006041003"}


def taken_home(clerk: Person) -> list[str]:
    """Number and code of the strip, which waits to be printed; then the request itself is open."""
    assert clerk.page.evaluate("document.activeElement.hasAttribute('data-print')")
    strip: list[str] = clerk.page.locator(".ticket dd").all_inner_texts()
    clerk.page.get_by_role("link", name="Buka permohonan").click()
    clerk.sees("Belum lengkap: hitungan waktu belum dimulai")
    return strip


def follows(applicant: Person, number: str, code: str) -> None:
    tracks(applicant, number, code, "Cara membuat kata sandinya sudah kami kirim")
    applicant.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_from_the_counter_to_the_told_applicant(chromium: Browser, product: Product, size: str, tmp_path: Path) -> None:
    """Pictures of each page lie in the test's own folder."""
    clerk, reviewer = (
        log_in(chromium, product.base_url, f"{login}@purbalingga", product.password, SIZES[size])
        for login in ("operator", "operator-2")
    )

    def looks(person: Person, name: str) -> None:
        assert person.barriers() == [], name
        assert person.flaws() == [], name
        assert person.sideways() == 0, name
        person.page.screenshot(path=tmp_path / f"{name}-{size}.png", full_page=True)

    page = clerk.goes("/akun/catat").page
    looks(clerk, "catat")
    page.get_by_label("Nama lengkap").fill("Dwi Lestari Handayani, S.Sos.")
    page.get_by_label("NIP").fill("123")
    page.get_by_label("Unit kerja").fill(f"Kecamatan Kaligondang {size}")
    page.get_by_label("Nomor surat").fill("800/45")
    page.get_by_label("Tanggal surat").fill("2026-03-11")
    clerk.presses("Catat permohonan").sees("NIP ini tidak mungkin benar")
    looks(clerk, "catat-salah")
    page.get_by_label("NIP").fill(NUMBERS[size])
    clerk.presses("Catat permohonan").sees("Belum lengkap: hitungan waktu belum dimulai")
    looks(clerk, "tercatat")
    strip = taken_home(clerk)
    looks(clerk, "belum-lengkap")
    place = page.url.partition("?")[0]
    page.locator("#lengkap-kontak").fill("0812 1111 2222")
    clerk.presses("Simpan kelengkapan").sees("Kelengkapan tersimpan.")

    reviewer.waits("/tugas", "Putuskan permohonan surel")
    looks(reviewer, "tugas")
    reviewer.goes(f"{place}/tenggat").sees("Rincian perhitungan")
    looks(reviewer, "tenggat")
    reviewer.goes(place).sees("dwi.handayani")
    looks(reviewer, "keputusan")
    read, deeds = (reviewer.page.locator(f"#h-{name}").bounding_box() for name in ("pemohon", "tindakan"))
    assert read is not None
    assert deeds is not None
    assert size == "desk" or read["y"] < deeds["y"], "nobody approves whom he has not read about"
    reviewer.page.get_by_text("Tolak permohonan").first.click()
    looks(reviewer, "penolakan")
    reviewer.presses("Setujui").sees("Persetujuan tersimpan.")

    clerk.waits(place, "Pemohon belum dikabari")
    looks(clerk, "belum-dikabari")
    page.get_by_label("Pemohon dikabari").select_option("whatsapp")
    clerk.presses("Catat pemberitahuan").sees("Pemberitahuan tercatat; hitungan waktu selesai.")
    looks(clerk, "dikabari")
    receipt = page.get_by_role("button", name="Pemohon sudah menerima")
    assert receipt.count() == 0, "nobody has received what nobody has opened yet"
    assert page.get_by_text("Buka serah terima baru").count()
    for name, path in {
        "daftar": "/akun",
        "cari": "/akun?cari=dwi+lestari&tahap=notified",
        "papan": "/papan/akun",
    }.items():
        clerk.goes(path).sees("Dwi Lestari Handayani, S.Sos.")
        looks(clerk, name)
    follows(arrive(chromium, product.base_url, SIZES[size]), *strip)
    for person in (clerk, reviewer):
        assert [each for each in person.complaints if "422" not in each] == []
        person.context.close()


def test_who_only_watches_the_clock_sees_no_number_and_no_form(chromium: Browser, product: Product) -> None:
    clerk = log_in(chromium, product.base_url, "operator@purbalingga", product.password)
    page = clerk.goes("/akun/catat").page
    page.get_by_label("Nama lengkap").fill("Eko Prasetyo Nugroho")
    page.get_by_label("NIP").fill("198207142008011004")
    page.get_by_label("Unit kerja").fill("RSUD")
    clerk.presses("Catat permohonan").sees("Tercatat. Berikan potongan ini kepada pemohon.")
    page.get_by_role("link", name="Buka permohonan").click()
    clerk.sees("198207142008011004")
    place = page.url.partition("?")[0]
    head = log_in(chromium, product.base_url, "kadis@purbalingga", product.password)
    head.goes(place).sees("Eko Prasetyo Nugroho")
    shown = head.page.content()
    assert "198207142008011004" not in shown
    assert '<form method="post" action="/akun' not in shown
    assert head.barriers() == []
    keeper = log_in(chromium, product.base_url, "admin@purbalingga", product.password)
    answer = keeper.page.goto(place)
    assert answer is not None
    assert answer.status == 403
