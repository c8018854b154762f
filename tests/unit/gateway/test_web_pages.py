"""Every page for every role: it opens or says why not, in the reader's language, and keeps the rules of the house."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import pytest

from contracts import projections as p
from contracts.words import STAND_IN
from gateway.edge.rights import RIGHTS
from gateway.web.page import WEB
from tests.unit.gateway.web_complaints import OF_STAGE as COMPLAINTS
from tests.unit.gateway.web_complaints import not_for
from tests.unit.gateway.web_letters import copy_id, letter_id
from tests.unit.gateway.web_notices import notice_id
from tests.unit.gateway.web_office import CSRF, PEOPLE, PaperDesk, visitor
from tests.unit.gateway.web_requests import ACCOUNTS, OF_STAGE

LETTERS = {stage: letter_id(n) for n, stage in enumerate(p.STAGES)}
PAGES: dict[str, str] = {
    "/tugas": "page.tasks",
    "/kotak-masuk": "page.inbox",
    f"/kotak-masuk/{LETTERS['twin']}": "page.inbox",
    "/catat": "letters.enter",
    "/surat": "page.letters",
    "/surat?cari=rapat&tahap=printed&urut=due": "page.letters",
    "/surat/buku": "books.show",
    "/papan": "page.board",
    "/paraf": "page.initial",
    f"/paraf/{LETTERS['forwarded']}": "page.initial",
    f"/paraf/{LETTERS['returned']}": "page.initial",
    "/kurir": "page.courier",
    f"/kurir/{copy_id(9, 0)}": "page.courier",
    "/akun": "page.requests",
    "/akun?cari=siti&tahap=complete&urut=due": "page.requests",
    "/akun?cari=tidak-ada": "page.requests",
    "/akun/direktori": "page.directory",
    "/akun/direktori?cari=siti&tahap=active&urut=changed": "page.directory",
    "/akun/direktori?cari=tidak-ada": "page.directory",
    **{f"/akun/direktori/{found}": "page.account" for found in ACCOUNTS},
    "/akun/catat": "requests.file",
    "/papan/akun": "page.board.requests",
    **{f"/akun/{found}": "page.request" for found in OF_STAGE.values()},
    "/pengaduan": "page.complaints",
    "/pengaduan?cari=pungutan&tahap=assigned&urut=due": "page.complaints",
    "/pengaduan?cari=tidak-ada": "page.complaints",
    "/pengaduan/catat": "complaints.enter",
    "/pengaduan/buku": "complaints.book",
    "/pengaduan/buku?dari=2026-11-01&sampai=2026-10-01": "complaints.book",
    "/pengaduan/buku?dari=kemarin&sampai=9999-12-31": "complaints.book",
    "/papan/pengaduan": "page.board.complaints",
    **{f"/pengaduan/{found}": "page.complaint" for found in COMPLAINTS.values()},
    "/operasi": "page.operations",
    "/pemberitahuan": "page.notices",
    "/catatan-pemberitahuan": "page.notice-log",
    "/kanal": "page.channels",
    "/kontak-diblokir": "page.blocked-contacts",
    "/pengaturan/pemberitahuan": "page.settings",
    "/pengaturan/pemberitahuan/ubah": "notices.publish-routes",
    "/pemberitahuan/cara": "page.ways",
    "/kata-sandi": "page.password",
    "/catatan-pemberitahuan?keadaan=given-up": "page.notice-log",
    f"/catatan-pemberitahuan/{notice_id(2)}/sampaikan": "page.notice-tell",
    **{f"/surat/{found}": "page.letter" for found in LETTERS.values()},
    **{f"/kotak-masuk/{LETTERS[stage]}": "page.inbox" for stage in ("captured", "quarantined", "examined")},
}
# A stand-in sees the letters in which he would act for the registrar; here that is any with a round of initials.
UNASKED = {"captured", "twin", "quarantined", "examined", "registered", "printed", "cancelled"}
NOT_HIS = {f"/surat/{LETTERS[stage]}" for stage in UNASKED}
PUBLIC = (
    "/masuk",
    "/pekalongan/salinan",
    f"/s/{copy_id(9, 0)}",
    f"/s/pekalongan/{copy_id(9, 0)}",
    f"/s/{letter_id(99)}",
)
WORDS_OF_MACHINES = re.compile(r"\b(None|True|False|Undefined|msgid|Traceback)\b|\{[a-z_]+\}")


class Page(HTMLParser):
    """What a test must see of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lang = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag == "html":
            self.lang = found.get("lang") or ""
        self._silent += tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text.append(data)

    def all(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attrs for name, attrs in self.tags if name == tag)


def forms(html: str) -> list[str]:
    return re.findall(r"<form\b.*?</form>", html, flags=re.DOTALL)


def broken_rules(html: str) -> list[str]:
    """What breaks a rule of every page."""
    page = Page(html)
    wrong = [
        f"<{tag} {name}>" for tag, attrs in page.tags for name in attrs if name == "style" or name.startswith("on")
    ]
    wrong += [
        f"foreign {attrs}"
        for _, attrs in page.tags
        for value in attrs.values()
        if re.match(r"(https?:)?//", value or "")
    ]
    wrong += ["inline script" for attrs in page.all("script") if "src" not in attrs]
    wrong += [
        f"no csrf: {form[:80]}" for form in forms(html) if 'method="post"' in form and 'name="csrf_token"' not in form
    ]
    wrong += [
        f"files stay behind: {form[:80]}"
        for form in forms(html)
        if 'type="file"' in form and 'enctype="multipart/form-data"' not in form
    ]
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    wrong += [f"twice the id {each}" for each in set(ids) if ids.count(each) > 1]
    labelled = {attrs.get("for") for attrs in page.all("label")}
    wrong += [f"label for nothing: {each}" for each in labelled - set(ids) - {None}]
    visible = " ".join(page.text)
    wrong += WORDS_OF_MACHINES.findall(visible)
    wrong += [f"{n} h1" for n in [sum(1 for _ in page.all("h1"))] if n != 1]
    return wrong


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("role", PEOPLE)
async def test_every_page_opens_for_those_who_may_and_for_nobody_else(
    browser: httpx.AsyncClient, role: str, language: str
) -> None:
    browser.cookies.update({"peran": role, "caraka-language": language})
    for address, right in PAGES.items():
        answer = await browser.get(address)
        allowed = RIGHTS[right].allows(visitor(role).roles)
        hidden = (role == STAND_IN and address in NOT_HIS) or address in not_for(visitor(role))
        expected = 404 if hidden else 200
        assert answer.status_code == (expected if allowed else 403), (address, answer.text[:500])
        assert Page(answer.text).lang == language
        assert broken_rules(answer.text) == [], address


@pytest.mark.parametrize("address", PUBLIC)
async def test_public_pages_keep_the_rules(browser: httpx.AsyncClient, address: str) -> None:
    answer = await browser.get(address)
    assert broken_rules(answer.text) == []


async def test_who_is_not_logged_in_is_led_to_the_login_and_back(browser: httpx.AsyncClient) -> None:
    for address in PAGES:
        answer = await browser.get(address)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/masuk?lanjut=/")


async def test_a_form_that_was_sent_after_the_session_leads_back_to_its_page(browser: httpx.AsyncClient) -> None:
    own, foreign = "http://testserver/pengaduan/catat?tentang=x", "https://example.net/pengaduan/catat"
    answer = await browser.post("/pengaduan/catat", data={"words": "Antre"}, headers={"referer": own})
    assert answer.headers["location"] == "/masuk?sesi=berakhir&lanjut=/pengaduan/catat%3Ftentang%3Dx"
    assert "Sesi Anda berakhir" in (await browser.get(answer.headers["location"])).text
    answer = await browser.post("/pengaduan/catat", data={"words": "Antre"}, headers={"referer": foreign})
    assert answer.headers["location"] == "/masuk?sesi=berakhir"


async def test_no_page_with_an_english_reader_shows_indonesian_from_the_catalogue(browser: httpx.AsyncClient) -> None:
    browser.cookies.update({"peran": "operator", "caraka-language": "en"})
    shown = (await browser.get("/tugas")).text
    assert "My tasks" in shown
    assert "Tugas saya" not in shown


async def test_empty_tasks_say_so(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    desk.quiet = True
    browser.cookies.set("peran", "kasi")
    assert "Semua beres" in (await browser.get("/tugas")).text


async def test_a_genuine_copy_names_number_and_addressee_and_nothing_of_the_letter(
    browser: httpx.AsyncClient, desk: PaperDesk
) -> None:
    copy = desk.letters[letter_id(9)].copies[0]
    shown = (await browser.get(f"/s/{copy.copy_id}")).text
    assert "Salinan ini asli" in shown
    assert "Pemerintah Kota Pekalongan" in shown
    assert copy.agenda in shown
    assert copy.office in shown
    for secret in (copy.subject, "Slamet"):
        assert secret not in shown


async def test_the_code_below_a_qr_can_be_typed_with_the_number_of_its_letter(
    browser: httpx.AsyncClient, desk: PaperDesk
) -> None:
    copy, page = desk.letters[letter_id(9)].copies[0], "/pekalongan/salinan"
    digits = copy.copy_id.hex[:8].upper()
    assert "Kode di bawah QR" in (await browser.get(page)).text
    for code in (f"{digits[:4]}-{digits[4:]}", f" {digits.lower()} "):
        found = await browser.post(page, data={"nomor": copy.agenda, "kode": code})
        assert (found.status_code, found.headers["location"]) == (303, f"/s/pekalongan/{copy.copy_id}")
    for number, code in (("9999/2026", digits), (copy.agenda, "0000-0000"), (copy.agenda, "%_"), ("", "")):
        refused = await browser.post(page, data={"nomor": number, "kode": code})
        assert (refused.status_code, "Tidak ada salinan dengan nomor dan kode itu" in refused.text) == (404, True)
    statuses = [(await browser.post(page, data={"nomor": "1/2026", "kode": digits})).status_code for _ in range(25)]
    assert 429 in statuses


async def test_a_wrong_code_and_another_agency_look_the_same(browser: httpx.AsyncClient) -> None:
    wrong = await browser.get(f"/s/pekalongan/{letter_id(99)}")
    foreign = await browser.get(f"/s/purbalingga/{copy_id(9, 0)}")
    assert wrong.status_code == foreign.status_code == 404
    one, other = (re.sub(r'name="lanjut" value="[^"]*"|nonce="[^"]*"', "", each.text) for each in (wrong, foreign))
    assert one == other


async def test_a_classified_message_shows_nothing_and_offers_no_download(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("peran", "operator")
    for address in (f"/kotak-masuk/{LETTERS['quarantined']}", f"/surat/{LETTERS['quarantined']}"):
        shown = (await browser.get(address)).text
        assert "Serahkan ke prosedur sandi" in shown
        assert f"{LETTERS['quarantined']}/raw" not in shown


async def test_a_suspicious_sender_is_named_before_the_text(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("peran", "operator")
    shown = (await browser.get(f"/kotak-masuk/{LETTERS['twin']}")).text
    assert shown.index("Jangan percaya begitu saja") < shown.index('class="message-text"')
    assert "Kemungkinan pengirim palsu" in shown


async def test_what_a_date_was_guessed_from_stands_beside_its_field(
    browser: httpx.AsyncClient, desk: PaperDesk
) -> None:
    browser.cookies.set("peran", "operator")
    letter = desk.letters[LETTERS["twin"]]
    desk.letters[LETTERS["twin"]] = letter.model_copy(update={"text": "Nomor: 7\nTanggal: 03/11/2026\nHal: Rapat"})
    shown = (await browser.get(f"/kotak-masuk/{LETTERS['twin']}")).text
    assert 'value="2026-11-03"' in shown
    assert "Dibaca dari “03/11/2026” sebagai 3 November 2026. Periksa." in shown


async def test_a_list_without_letters_says_so_and_a_search_without_finds_says_something_else(
    browser: httpx.AsyncClient, desk: PaperDesk
) -> None:
    browser.cookies.set("peran", "operator")
    desk.letters.clear()
    assert "Belum ada surat" in (await browser.get("/surat")).text
    assert "Tidak ada surat yang cocok" in (await browser.get("/surat?cari=jetayu")).text


async def test_who_is_refused_a_page_keeps_his_own(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("peran", "operator")
    refused = await browser.get("/operasi")
    assert refused.status_code == 403
    assert "Ke Tugas saya" in refused.text
    assert "Masuk pegawai" not in refused.text


async def test_only_the_inspectorate_sees_events_in_their_raw_form(browser: httpx.AsyncClient) -> None:
    address = f"/surat/{LETTERS['archived']}"
    browser.cookies.set("peran", "kasi")
    assert "Bentuk asli peristiwa" not in (await browser.get(address)).text
    browser.cookies.set("peran", "inspector")
    assert "Bentuk asli peristiwa" in (await browser.get(address)).text


async def test_an_erased_name_is_shown_as_erased(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("peran", "operator")
    shown = (await browser.get(f"/surat/{LETTERS['archived']}")).text
    assert "diterima (dihapus)" in shown
    assert "\u2420" not in shown


async def test_an_inspector_is_offered_no_deed(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("peran", "inspector")
    for address in PAGES:
        answer = await browser.get(address)
        if answer.status_code == 200:
            posts = [form for form in forms(answer.text) if 'method="post"' in form]
            targets = {re.search(r'action="([^"]*)"', form).group(1) for form in posts}  # type: ignore[union-attr]
            # what he was told himself he may read, and say how he wants to be told; his password is his own
            own = {"/bahasa", "/keluar", "/unggah", "/pemberitahuan/dilihat", "/kata-sandi"}
            targets -= {each for each in targets if f"{each}/".startswith("/pemberitahuan/cara/")}
            assert targets <= own, (address, targets)


def test_own_browser_code_is_light_and_styles_use_no_foreign_origin() -> None:
    own = [path for path in (WEB / "static").rglob("*") if path.is_file() and "vendor" not in path.parts]
    assert sum(path.stat().st_size for path in own) < 100_000
    assert not any(re.search(rb"https?://(?!www\.w3\.org/)", path.read_bytes()) for path in own)


def test_every_icon_that_a_page_names_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z]+)"', (WEB / "static/icons/caraka.svg").read_text()))
    named = {
        found
        for path in (WEB / "templates").glob("*.html")
        for found in re.findall(r'icon\("([a-z]+)"|sign="([a-z]+)"', path.read_text())
        for found in found
        if found
    }
    tables = set(re.findall(r'Word\(_\("[^"]*"\), "[a-z]+", "([a-z]+)"\)', (WEB / "words.py").read_text()))
    assert named | tables <= drawn
    assert CSRF


async def test_what_answers_a_form_is_kept_under_the_form_s_own_page(browser: httpx.AsyncClient) -> None:
    """So that reload, back and the change of language open a page, not the address that only takes forms."""
    browser.cookies.set("peran", "operator")
    letter = f"/surat/{LETTERS['printed']}"
    sent = {"csrf_token": CSRF, "reason": ""}
    for referer, kept in (
        (f"http://testserver{letter}?dari=papan", f"{letter}?dari=papan"),
        ("https://a.example/", ""),
    ):
        answer = await browser.post(f"{letter}/batal", data=sent, headers={"referer": referer})
        assert answer.status_code == 422
        assert f'data-answers="{kept}"' in answer.text
        assert f'name="lanjut" value="{kept or letter + "/batal"}"' in answer.text
    assert "data-answers" not in (await browser.get(letter)).text
    assert 'name="lanjut" value="/kotak-masuk?lanjut=9"' in (await browser.get("/kotak-masuk?lanjut=9")).text


async def test_who_is_logged_in_sees_no_login(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/masuk")).status_code == 200
    browser.cookies.set("peran", "operator")
    assert (await browser.get("/masuk")).headers["location"] == "/tugas"
    assert (await browser.get("/masuk?lanjut=/surat")).headers["location"] == "/surat"
    assert (await browser.get("/masuk?lanjut=//elsewhere.example")).headers["location"] == "/tugas"
