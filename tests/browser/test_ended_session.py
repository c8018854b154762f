"""The session ends while somebody writes: what he sent waits for him behind the login, and for nobody else."""

from playwright.sync_api import Browser, expect

from tests.browser.pages import Person, log_in
from tests.parts.product import Product

WORDS = "Antre dua jam di loket tiga"


def sent_too_late(chromium: Browser, product: Product) -> Person:
    """At the login, with words that were sent without a session."""
    person = log_in(chromium, product.base_url, "operator@pekalongan", product.password)
    page = person.goes("/pengaduan/catat").page
    page.get_by_label("Yang disampaikan").fill(WORDS)
    page.get_by_text("Isian lain").click()
    page.get_by_label("Tempat kejadian").fill("Loket 3")
    person.context.clear_cookies()
    person.presses("Catat dan tampilkan").sees("Sesi Anda berakhir")
    assert person.barriers() == []
    return person


def logs_in(person: Person, product: Product, name: str) -> None:
    person.page.get_by_label("Nama masuk").fill(name)
    person.page.get_by_label("Kata sandi").fill(product.password)
    person.page.get_by_role("button", name="Masuk", exact=True).click()


def test_what_was_sent_after_the_session_waits_behind_the_login(chromium: Browser, product: Product) -> None:
    person = sent_too_late(chromium, product)
    logs_in(person, product, "operator@pekalongan")
    page = person.page
    expect(page.get_by_label("Yang disampaikan")).to_have_value(WORDS)
    expect(page.get_by_label("Tempat kejadian")).to_have_value("Loket 3")
    person.presses("Catat dan tampilkan").sees("Tanda terima")
    assert person.goes("/pengaduan/catat").page.get_by_label("Yang disampaikan").input_value() == ""


def test_another_person_at_the_same_desk_finds_nothing_of_it(chromium: Browser, product: Product) -> None:
    person = sent_too_late(chromium, product)
    logs_in(person, product, "pengaduan@pekalongan")
    expect(person.page.get_by_label("Yang disampaikan")).to_have_value("")
    assert person.page.evaluate("sessionStorage.getItem('caraka:sent')") is None
