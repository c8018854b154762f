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
    number = page.locator(".ticket dd").first.inner_text()
    page.get_by_role("link", name="Tugas saya").click()
    person.sees("Yang menunggu Anda sekarang")
    page.go_back()
    expect(page.get_by_label("Yang disampaikan")).to_have_value("")
    person.waits("/pengaduan", number)
    assert page.locator("main").inner_text().count("ADU-") == before + 1


def test_a_citizen_goes_back_a_step_and_loses_no_word(chromium: Browser, product: Product) -> None:
    person = arrive(chromium, product.base_url, PHONE).goes("/pekalongan/ajukan/pengaduan")
    page = person.page
    page.get_by_label("Pengaduan", exact=True).check()
    person.presses("Lanjut").sees("Ceritakan dengan kata-kata Anda sendiri")
    page.get_by_label("Ceritakan").fill(WORDS)
    person.presses("Lanjut").sees("Di mana dan kapan?")
    page.get_by_label("Tempat").fill("Loket 3")
    page.go_back()
    expect(page.get_by_label("Ceritakan")).to_have_value(WORDS)
    page.go_forward()
    expect(page.get_by_label("Tempat")).to_have_value("Loket 3")
    person.presses("English").sees("Where and when?")
    expect(page.locator("#f-tempat")).to_have_value("Loket 3")
    page.context.set_offline(True)
    page.locator("main").get_by_role("button").first.click()
    expect(page.get_by_role("alert")).to_contain_text("still on this page")
    page.context.set_offline(False)
    assert [each for each in person.complaints if "ERR_INTERNET_DISCONNECTED" not in each] == []
    assert person.barriers() == []
    page.locator("main").get_by_role("button").first.click()
    person.sees("Photos or files?")
