"""The bell in a real browser: it rings where somebody looks, is read, and every page of notices has no barrier."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.pages import DESK, PHONE, log_in
from tests.journeys.road import office
from tests.parts.product import Product

SIZES = {"desk": DESK, "phone": PHONE}
PICTURES = os.environ.get("CARAKA_PICTURES")


def a_letter_waits_for_the_kasi(product: Product) -> None:
    """In a thread of its own: the browser's hands have a loop in this one."""

    async def forwarded() -> None:
        async with office(product) as people:
            await people.forwarded()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(forwarded())).result()


def what_others_began_has_rung(product: Product) -> None:
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(product.until_quiet())).result()


def a_contact_waits_to_be_verified_and_one_is_blocked(product: Product) -> None:
    async def stated() -> None:
        async with product.people("kasi", "operator") as (kasi, operator):
            await kasi.do("/people/kasi/contact", {"email": "kasi@kota.example", "phone": "0812 3456 7890"})
            await operator.do("/people/kabid/contact/email/block", {"reason": "salah orang"})
            await operator.do("/people/kadis/contact/email/block", {"reason": "salah orang"})
            await operator.do("/people/kadis/contact/email/unblock", {"reason": "kotak suratnya sudah ada lagi"})

    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(stated())).result()


def picture(page: Any, name: str, size: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}-{size}.png"), full_page=True)


def test_the_bell_rings_on_an_open_page_and_is_read(chromium: Browser, product: Product) -> None:
    what_others_began_has_rung(product)
    kasi = log_in(chromium, product.base_url, "kasi@pekalongan", product.password, DESK)
    kasi.goes("/tugas")
    bell = kasi.page.locator("[data-bell-count]")
    before = int(bell.text_content() or 0)
    a_letter_waits_for_the_kasi(product)
    expect(bell).to_have_text(str(before + 1))
    kasi.page.locator("[data-bell]").click()
    kasi.sees("menunggu paraf Anda")
    first = kasi.page.locator(".notice-new .notice-open").first
    said = first.inner_text()
    first.click()
    kasi.page.wait_for_url("**/surat/*")
    assert said.rpartition("\n")[2].split()[1] in kasi.page.content(), "the letter that it was about"
    kasi.goes("/pemberitahuan")
    expect(kasi.page.locator("[data-bell-count]")).to_have_text(str(before))
    assert kasi.complaints == []
    kasi.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_of_notices_have_no_barrier(chromium: Browser, product: Product, size: str) -> None:
    a_letter_waits_for_the_kasi(product)
    a_contact_waits_to_be_verified_and_one_is_blocked(product)
    pages = {
        "kasi": {"pemberitahuan": "/pemberitahuan", "cara": "/pemberitahuan/cara"},
        "operator": {
            "diblokir": "/kontak-diblokir",
            "catatan": "/catatan-pemberitahuan",
            "tidak-terkirim": "/catatan-pemberitahuan?keadaan=given-up",
        },
        "caraka-1": {"pemberitahuan-caraka": "/pemberitahuan"},
        "admin": {"kanal": "/kanal", "catatan-admin": "/catatan-pemberitahuan", "kontak": "/pengaturan/orang/kasi"},
    }
    for name, paths in pages.items():
        person = log_in(chromium, product.base_url, f"{name}@pekalongan", product.password, SIZES[size])
        for of, path in paths.items():
            person.goes(path)
            picture(person.page, of, size)
            assert person.barriers() == [], path
            assert person.sideways() == 0, path
        if name == "operator":
            tell = person.page.locator("a[href$='/sampaikan']")
            person.goes("/catatan-pemberitahuan")
            if tell.count():
                tell.first.click()
                picture(person.page, "sampaikan", size)
                assert person.barriers() == []
                assert person.sideways() == 0
        assert person.complaints == []
        person.context.close()
