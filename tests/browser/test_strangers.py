"""Whoever comes by, at his own browser: without script and with it, at a desk, on a phone, at 400 % zoom."""

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import DESK, PHONE, ZOOMED, Person, arrive
from tests.parts.wishes import WishOffice, start_office

SIZES = {"desk": DESK, "phone": PHONE, "zoom": ZOOMED}
MOST_BYTES = 100_000
NETWORKS = count(1)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WishOffice]:
    """A small office that takes wishes, behind a proxy that says where somebody comes from."""
    running = start_office(tmp_path_factory.mktemp("wishes"))
    yield running
    running.stop()


def comes(browser: Browser, office: WishOffice, size: dict[str, int] | None = None, **options: Any) -> Person:
    """Somebody from a network of his own."""
    from_there = {"X-Forwarded-For": f"10.7.{next(NETWORKS)}.9"}
    return arrive(browser, office.base_url, size, extra_http_headers=from_there, **options)


def files(person: Person, words: str) -> tuple[str, str]:
    """From the front page to number and code."""
    person.goes("/pekalongan/").presses("Sampaikan usulan")
    person.page.get_by_label("Usulan Anda").fill(words)
    person.page.get_by_role("button", name="Kirim usulan").click()
    person.sees("Usulan Anda kami terima")
    number, code = person.page.locator(".ticket dd").all_inner_texts()
    return number, code


def works(person: Person) -> None:
    """Until the browser has found what it was looking for."""
    for _ in range(300):
        if person.page.evaluate("document.querySelector('input[name=altcha]')?.value || ''"):
            return
        person.page.wait_for_timeout(100)
    raise AssertionError("no proof")


def tracks(person: Person, number: str, code: str) -> Person:
    person.goes("/pekalongan/")
    person.page.locator("#nomor").fill(number)
    person.page.locator("#kode").fill(code)
    person.page.locator(".track button").click()
    return person


def test_without_script_a_wish_is_filed_tracked_supplemented_and_withdrawn(
    chromium: Browser, office: WishOffice
) -> None:
    person = comes(chromium, office, PHONE, java_script_enabled=False)
    number, code = files(person, "Buka hari Sabtu,\nsampai jam dua belas saja.")
    assert re.fullmatch(r"USL-\d{4}-\d{4}", number)
    assert code not in person.page.url
    tracks(person, number.lower(), code.lower()).sees("Usulan Anda menunggu dibaca petugas.")
    assert code not in person.page.url
    page = person.page
    page.get_by_text("Tambahkan keterangan").click()
    page.get_by_label("Keterangan").fill("Juga pada bulan Ramadan.")
    page.get_by_role("button", name="Kirim tambahan").click()
    person.sees("Tambahan Anda kami terima")
    assert page.get_by_text("Juga pada bulan Ramadan.").count() == 0
    page.get_by_text("Tarik usulan", exact=True).click()
    page.get_by_role("button", name="Tarik usulan ini").click()
    person.sees("Usulan Anda sudah ditarik")
    assert page.get_by_text("Tambahkan keterangan").count() == 0
    tracks(person, number, "AAAA-BBBB-CCCC").sees("Nomor dan kode itu tidak cocok.")
    assert page.get_by_label("Nomor").input_value() == number


def test_a_form_sent_again_by_reloading_is_the_same_case(chromium: Browser, office: WishOffice) -> None:
    person = comes(chromium, office, java_script_enabled=False)
    first = files(person, "Kursi tunggu")
    person.page.reload()
    assert tuple(person.page.locator(".ticket dd").all_inner_texts()) == first


def test_with_script_nobody_waits_and_nothing_is_clicked_for_it(chromium: Browser, office: WishOffice) -> None:
    person = comes(chromium, office)
    for n in range(6):  # two more than a network without script may
        person.goes("/pekalongan/ajukan/usulan")
        works(person)
        person.page.get_by_label("Usulan Anda").fill(f"Usulan ke-{n}")
        assert person.barriers() == []
        person.page.get_by_role("button", name="Kirim usulan").click()
        assert person.sees("Usulan Anda kami terima")
    assert person.complaints == []


def test_without_script_who_sends_too_much_waits_with_his_words(chromium: Browser, office: WishOffice) -> None:
    person = comes(chromium, office, PHONE, java_script_enabled=False)
    for n in range(4):
        files(person, f"Usulan ke-{n}")
    person.goes("/pekalongan/ajukan/usulan")
    person.page.get_by_label("Usulan Anda").fill("Yang kelima")
    person.page.get_by_role("button", name="Kirim usulan").click()
    assert person.sees("Tunggu sebentar")
    assert person.page.locator("input[name=isi]").input_value() == "Yang kelima"


@pytest.mark.parametrize("size", SIZES)
def test_no_page_of_strangers_has_a_barrier(chromium: Browser, office: WishOffice, size: str) -> None:
    person = comes(chromium, office, SIZES[size])

    def fine(place: str) -> None:
        person.page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
        assert person.barriers() == [], place
        assert person.sideways() == 0, place

    for path in ("/", "/pekalongan/", "/purbalingga/", "/pekalongan/lacak", "/pekalongan/ajukan/usulan",
                 "/standar/pekalongan/berita-biasa-sanapati", "/maklumat/pekalongan"):  # fmt: skip
        person.goes(path)
        fine(path)
    assert person.complaints == []
    number, code = files(person, "Buka hari Sabtu")
    fine("filed")
    tracks(person, number, code).sees("menunggu dibaca")
    fine("tracked")
    person.presses("English").sees("How far is your matter?")
    fine("english")
    assert person.complaints == []
    tracks(person, number, "AAAA-BBBB-CCCC").page.locator("[role=alert]").wait_for()
    fine("unknown")
    person.goes("/tidak-ada")
    fine("lost")


@pytest.mark.parametrize("path", ["/", "/pekalongan/"])
def test_the_front_page_weighs_less_than_a_photo(chromium: Browser, office: WishOffice, path: str) -> None:
    person = comes(chromium, office)
    sizes: dict[str, int] = {}
    person.page.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}))
    person.page.goto(path, wait_until="networkidle")
    assert len(sizes) > 2
    assert sum(sizes.values()) < MOST_BYTES
    assert person.page.locator("script").count() == 0
