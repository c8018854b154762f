"""What people do by habit: back, reload, and sending again when nobody has answered."""

from playwright.sync_api import Browser, Route, expect

from tests.browser.pages import PHONE, Person, arrive, log_in
from tests.parts.product import Product

WORDS = "Antre dua jam di loket tiga"


def enters(chromium: Browser, product: Product, name: str) -> Person:
    return log_in(chromium, product.base_url, f"{name}@pekalongan", product.password)


def test_back_from_the_first_page_shows_no_login_and_no_question(chromium: Browser, product: Product) -> None:
    person = arrive(chromium, product.base_url, PHONE).goes("/masuk")
    for password in ("bukan itu sandinya", product.password):
        person.page.get_by_label("Nama masuk").fill("operator@pekalongan")
        person.page.get_by_label("Kata sandi").fill(password)
        person.page.get_by_label("Kata sandi").press("Enter")
        person.sees("Nama masuk atau kata sandi salah." if password != product.password else "Tugas saya")
    person.page.go_back()
    expect(person.page.get_by_role("heading", name="Tugas saya")).to_be_visible()


def test_a_refused_form_is_reloaded_with_its_words(chromium: Browser, product: Product) -> None:
    page = enters(chromium, product, "pengaduan").goes("/pengaduan/catat").page
    page.get_by_label("Yang disampaikan").fill(WORDS)
    page.get_by_text("Isian lain").click()
    page.get_by_label("Nomor di buku kertas").fill("B-17/2026")
    page.get_by_role("button", name="Catat dan tampilkan").click()
    expect(page.get_by_text("Isian belum benar.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Yang disampaikan")).to_have_value(WORDS)
    expect(page.get_by_label("Nomor di buku kertas")).to_be_visible()
    expect(page.get_by_text("Isian belum benar.")).to_have_count(0)
    page.goto("/pengaduan/catat")
    expect(page.get_by_label("Yang disampaikan")).to_have_value("")


def test_what_nobody_answered_is_sent_again_as_the_same(chromium: Browser, product: Product) -> None:
    """The line is lost after the form has arrived: whoever sends his words once more has not complained twice."""
    person = enters(chromium, product, "pengaduan").goes("/pengaduan")
    page = person.page
    before = page.locator("main").inner_text().count("ADU-")
    person.goes("/pengaduan/catat")
    page.get_by_label("Yang disampaikan").fill(WORDS)

    def arrives_unanswered(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/pengaduan/catat", arrives_unanswered, times=1)
    page.get_by_role("button", name="Catat dan tampilkan").click()
    page.wait_for_url("chrome-error://**")
    page.goto("/pengaduan/catat")
    expect(page.get_by_label("Yang disampaikan")).to_have_value(WORDS)
    page.get_by_role("button", name="Catat dan tampilkan").click()
    person.sees("Tanda terima")
    person.waits("/pengaduan", page.locator(".ticket dd").first.inner_text())
    assert page.locator("main").inner_text().count("ADU-") == before + 1
