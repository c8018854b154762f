"""Complaints at the browser: one by telephone in ten seconds of keys, one without a name from the public page, to the
end of each; at a desk, on a phone, at 400 % zoom, without a barrier.
"""

import re
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import DESK, PHONE, ZOOMED, Person, arrive, log_in
from tests.parts.product import Product

SIZES = {"desk": DESK, "phone": PHONE, "zoom": ZOOMED}
AGENCY = "purbalingga"
NETWORKS = count(1)
SCRIPT = "<script>document.title='jahat'</script>"


class Looking:
    """Each page that somebody comes by: no barrier, no wider than its window, a picture of it."""

    def __init__(self, folder: Path, size: str) -> None:
        self.folder, self.size = folder, size

    def __call__(self, person: Person, name: str) -> None:
        assert person.barriers() == [], (name, person.page.locator("main").inner_text()[:500])
        assert person.flaws() == [], name
        assert person.sideways() == 0, name
        person.page.screenshot(path=self.folder / f"{name}-{self.size}.png", full_page=True)


def works(person: Person) -> None:
    """Until the browser has found what it was looking for."""
    for _ in range(600):
        if person.page.evaluate("document.querySelector('input[name=altcha]')?.value || ''"):
            return
        person.page.wait_for_timeout(100)
    raise AssertionError("no proof")


def files(person: Person, words: str, stance: str, looks: Looking) -> tuple[str, str]:
    """One thing after the other; number and code."""
    page = person.goes(f"/{AGENCY}/ajukan/pengaduan").page
    looks(person, "ajukan-1-jenis")
    person.presses("Lanjut")
    page.get_by_text("Pengaduan", exact=True).last.click()
    person.presses("Lanjut").sees("Ceritakan dengan kata-kata Anda sendiri")
    page.get_by_label("Ceritakan").fill(words)
    looks(person, "ajukan-2-isi")
    person.presses("Lanjut").sees("Di mana dan kapan?")
    page.get_by_label("Tempat").fill("Loket 3")
    looks(person, "ajukan-3-tempat")
    person.presses("Lanjut").sees("Ada foto atau berkas?")
    looks(person, "ajukan-4-berkas")
    person.presses("Lanjut").sees("Siapa yang boleh tahu nama Anda?")
    page.get_by_text(stance).click()
    looks(person, "ajukan-4-sikap")
    person.presses("Lanjut").sees("Periksa isian Anda")
    looks(person, "ajukan-5-periksa")
    works(person)
    person.presses("Kirim sekarang").sees("Sudah kami terima")
    looks(person, "ajukan-6-terkirim")
    number, code = page.locator(".ticket dd").all_inner_texts()
    return number, code


def tracks(person: Person, number: str, code: str) -> Person:
    person.goes(f"/{AGENCY}/lacak")
    person.page.locator("#nomor").fill(number)
    person.page.locator("#kode").fill(code)
    for place in ("#nomor", "#kode"):
        hidden = person.page.locator(place).evaluate("each => each.scrollWidth - each.clientWidth")
        assert hidden <= 0, "what was typed can be read to its end"
    person.page.locator(".track button").click()
    person.sees(number)
    return person


@pytest.mark.parametrize("size", SIZES)
def test_without_a_name_from_the_public_page_to_its_closing(  # noqa: PLR0915 - a whole road
    chromium: Browser, product: Product, size: str, tmp_path: Path
) -> None:
    """Pictures of each page lie in the test's own folder."""
    looks, window = Looking(tmp_path, size), SIZES[size]
    visitor = arrive(chromium, product.base_url, window)
    words = f"Petugas meminta uang. {SCRIPT} ({size})"
    number, code = files(visitor, words, "Tanpa nama (anonim)", looks)
    assert re.fullmatch(r"ADU-[0-9A-Z]{5}-[0-9A-Z]{5}", number)

    officer = log_in(chromium, product.base_url, f"pengaduan@{AGENCY}", product.password, window)
    page = officer.waits(f"/pengaduan?cari={number}", number).page
    looks(officer, "daftar")
    page.get_by_role("link", name="Belum digolongkan").first.click()
    officer.sees("Pelapor anonim")
    officer.sees("Petugas meminta uang.")
    assert page.title() != "jahat"
    looks(officer, "pengaduan-baru")
    told, deeds, rest = (page.locator(f"#h-{name}").bounding_box() for name in ("isi", "tindakan", "isian"))
    assert told is not None
    assert deeds is not None
    assert rest is not None
    if size != "desk":
        assert told["y"] < deeds["y"] < rest["y"], "what is done follows what has to be read for it"
    place = page.url.partition("?")[0]
    page.get_by_label("Golongan menurut standar").select_option("normatif")
    page.get_by_label("Pokok pengaduan").fill(f"Dugaan pungutan di loket ({size})")
    officer.presses("Simpan penggolongan").sees("Penggolongan tersimpan.")
    looks(officer, "pengaduan-digolongkan")
    page.get_by_label("Yang menangani").first.select_option("tim-pengelola-pengaduan")
    officer.presses("Tugaskan").sees("Penugasan tersimpan.")

    handler = log_in(chromium, product.base_url, f"tim-pengaduan@{AGENCY}", product.password, window)
    handler.waits("/tugas", "Jawab pengaduan")
    looks(handler, "tugas")
    page = handler.waits(place, "Yang disampaikan").page
    page.get_by_text("Tanya pelapor").first.click()
    page.locator("#tanya-kata").fill("Pada hari apa?")
    looks(handler, "pengaduan-ditangani")
    handler.presses("Kirim pertanyaan").sees("Pertanyaan tersimpan; hitungan waktu dijeda.")

    tracks(visitor, number, code).sees("Pada hari apa?")
    looks(visitor, "lacak-ditanya")
    visitor.page.locator("summary", has_text="Tulis kepada petugas").click()
    visitor.page.get_by_label("Tulisan Anda").fill("Senin pagi")
    visitor.page.get_by_role("button", name="Kirim", exact=True).click()
    visitor.sees("Tulisan Anda kami terima")

    page = handler.waits(place, "Senin pagi").page
    page.get_by_label("Jawaban untuk pelapor").fill("Sudah kami tindak. Terima kasih.")
    handler.presses("Kirim jawaban").sees("Jawaban tersimpan")
    looks(handler, "pengaduan-dijawab")

    tracks(visitor, number, code).sees("Sudah kami tindak. Terima kasih.")
    looks(visitor, "lacak-dijawab")
    visitor.page.locator("summary", has_text="Ajukan keberatan").click()
    visitor.page.get_by_label("Mengapa jawabannya belum cukup?").fill("Uang belum kembali")
    visitor.presses("Kirim keberatan").sees("Keberatan Anda kami terima")

    page = handler.waits(place, "Uang belum kembali").page
    page.get_by_label("Jawaban untuk pelapor").fill("Uang sudah dikembalikan.")
    handler.presses("Kirim jawaban").sees("Jawaban tersimpan")
    tracks(visitor, number, code).sees("Uang sudah dikembalikan.")
    visitor.page.locator("summary", has_text="Terima jawaban").click()
    visitor.presses("Ya, saya menerima jawabannya").sees("Terima kasih. Pengaduan selesai")
    looks(visitor, "lacak-selesai")

    officer.waits(place, "Jawaban diterima pelapor")
    looks(officer, "pengaduan-selesai")
    for name, path in {"papan": "/papan/pengaduan", "buku": "/pengaduan/buku", "berisiko": "/berisiko"}.items():
        officer.goes(path)
        looks(officer, name)
    officer.goes("/pengaduan/buku").sees(f"Dugaan pungutan di loket ({size})")
    for kind in ("pdf", "xlsx"):
        answer = officer.context.request.get(f"{product.base_url}/pengaduan/buku.{kind}")
        assert answer.ok, answer.text()[:300]
        (tmp_path / f"buku.{kind}").write_bytes(answer.body())
    for person in (visitor, officer, handler):
        assert person.complaints == []
        person.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_by_telephone_with_keys_alone_and_the_strip_at_once(
    chromium: Browser, product: Product, size: str, tmp_path: Path
) -> None:
    """From any page: one key, the words, one field, Enter on the button; the strip waits to be printed."""
    looks, window = Looking(tmp_path, size), SIZES[size]
    clerk = log_in(chromium, product.base_url, f"operator@{AGENCY}", product.password, window)
    page = clerk.goes("/tugas").page
    page.keyboard.press("a")
    clerk.sees("Tiga isian cukup")
    looks(clerk, "catat")
    assert page.evaluate("document.activeElement.id") == "channel"
    page.keyboard.press("Tab")
    page.keyboard.type("Lampu di depan balai desa padam sejak Jumat.")
    page.keyboard.press("Tab")
    page.keyboard.type("0812 9990 1111")
    page.keyboard.press("Enter")
    clerk.sees("Tercatat. Berikan potongan ini kepada pelapor.")
    looks(clerk, "tercatat")
    assert page.evaluate("document.activeElement.hasAttribute('data-print')")
    number, code = page.locator(".ticket dd").all_inner_texts()
    visitor = arrive(chromium, product.base_url, window)
    tracks(visitor, number, code).sees("Lampu di depan balai desa padam sejak Jumat.")

    officer = log_in(chromium, product.base_url, f"pengaduan@{AGENCY}", product.password, window)
    officer.waits(f"/pengaduan?cari={number}", number)
    officer.page.locator("a.cell-link").first.click()
    officer.sees("0812 9990 1111")
    looks(officer, "pengaduan-bernama")
    head = log_in(chromium, product.base_url, f"kadis@{AGENCY}", product.password, window)
    head.goes(officer.page.url).sees("Lampu di depan balai desa padam")
    assert "0812 9990 1111" not in head.page.content()
    answer = clerk.page.goto(officer.page.url)
    assert answer is not None
    assert answer.status == 404
    for person in (visitor, officer, head):
        assert person.complaints == []
        person.context.close()
    clerk.context.close()
