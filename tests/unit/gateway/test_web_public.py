"""Pages for whoever comes by: the front door, a form sent in, how far a case is; without script, in both languages."""

import html
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import altcha
import httpx
import pytest
from fastapi import FastAPI

from contracts.base import Accepted, Command, Query, Refusal
from contracts.offices import AgencyRow
from contracts.tracking import Tracked, TrackedAnswer, TrackedStep
from contracts.words import ADDRESSES
from gateway.edge.problems import Problem
from gateway.edge.slips import LASTS_SECONDS
from gateway.web.page import WEB
from tests.parts.routes import routes
from tests.parts.wishes import KIND, AddToWish, FileWish, TrackWish
from tests.unit.gateway.test_web_pages import Page, broken_rules
from tests.unit.gateway.web_office import AGENCY, PaperDesk, web_app

FORM = f"/{AGENCY}/ajukan/usulan"
LACAK = f"/{AGENCY}/lacak"
NUMBER = "USL-2026-0001"
FILED_AT = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
NEIGHBOUR = AgencyRow(agency="purbalingga", name="Pemerintah Kabupaten Purbalingga")
MOST_BYTES = 100_000


@dataclass
class PublicDesk(PaperDesk):
    """Wishes on paper: what was filed can be found by number and code."""

    filed: dict[str, FileWish] = field(default_factory=dict)
    by_key: dict[Any, FileWish] = field(default_factory=dict)

    async def do(self, visitor: Any, command: Command, *, key: Any = None, **_: Any) -> Accepted:
        accepted = await super().do(visitor, command, key=key)
        if not isinstance(command, FileWish):
            return accepted
        if self.by_key.setdefault(key, command) != command:
            raise Problem.of(Refusal(code="kit.key-reused", status=422))
        number = f"USL-2026-{list(self.by_key).index(key) + 1:04d}"
        self.filed[number] = command
        return accepted.model_copy(update={"result": {"number": number, "filed_at": FILED_AT.isoformat()}})

    def _answer(self, query: Query) -> Any:
        if not isinstance(query, TrackWish):
            return super()._answer(query)
        found = self.filed.get(query.number)
        if found is None or found.code_mac != query.code_mac:
            return TrackedAnswer()
        case = Tracked(
            case_id=found.wish_id, number=query.number, stage="filed", filed_at=FILED_AT,
            due_at=FILED_AT + timedelta(days=5), replies=("supplement", "withdraw"),
            steps=(TrackedStep(step="filed", at=FILED_AT),),
        )  # fmt: skip
        return TrackedAnswer(case=case)


@pytest.fixture
def desk() -> PublicDesk:
    return PublicDesk()


@pytest.fixture
def app(desk: PublicDesk) -> FastAPI:
    return web_app(desk, (KIND,))


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    headers = {"accept": "text/html"}
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
        yield client


def entered(shown: str, action: str) -> dict[str, str]:
    """What a browser would send of this form without anybody's doing."""
    form = next(each for each in re.findall(r"<form\b.*?</form>", shown, re.DOTALL) if f'action="{action}"' in each)
    tags = re.findall(r"<input [^>]*>", form)
    pairs = [(re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in tags]
    return {name[1]: html.unescape(value[1]) if value else "" for name, value in pairs if name}


def ticket(shown: str) -> tuple[str, str]:
    """Number and code, as they stand on the page."""
    number, code = re.findall(r"<dd>([A-Z0-9-]+)</dd>", shown)[:2]
    return number, code


def solved(shown: str) -> str:
    """What a browser with script finds in a second or two."""
    found = re.search(r'data-challenge="([^"]*)"', shown)
    assert found
    challenge = altcha.Challenge.from_dict(json.loads(html.unescape(found[1])))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


async def filed(browser: httpx.AsyncClient, words: str = "Buka hari Sabtu") -> tuple[dict[str, str], httpx.Response]:
    form = entered((await browser.get(FORM)).text, FORM) | {"isi": words}
    return form, await browser.post(FORM, data=form)


# ── the front door ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_who_works_here_goes_on_to_his_work(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("peran", "kasi")
    answer = await browser.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/tugas")


async def test_a_visitor_is_led_to_the_only_agency_and_chooses_among_several(
    browser: httpx.AsyncClient, desk: PublicDesk
) -> None:
    answer = await browser.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/{AGENCY}/")
    desk.agencies = (*desk.agencies, NEIGHBOUR)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=web_app(desk)), base_url="http://testserver"
    ) as another:
        shown = (await another.get("/")).text
    assert f'href="/{AGENCY}/"' in shown
    assert 'href="/purbalingga/"' in shown


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    ("address", "status"),
    [("/pekalongan/", 200), (LACAK, 200), (f"{LACAK}?nomor={NUMBER}", 200), (FORM, 200), ("/tidak-ada/", 404),
     ("/pekalongan/ajukan/lain", 404)],
)  # fmt: skip
async def test_every_page_keeps_the_rules_in_both_languages(
    browser: httpx.AsyncClient, address: str, status: int, language: str
) -> None:
    browser.cookies.set("caraka-language", language)
    answer = await browser.get(address)
    assert answer.status_code == status
    assert Page(answer.text).lang == language
    assert broken_rules(answer.text) == []


async def test_the_front_page_is_light_and_needs_no_script(browser: httpx.AsyncClient) -> None:
    shown = (await browser.get(f"/{AGENCY}/")).text
    assert "<script" not in shown
    assert "Pelayanan Penerimaan Naskah Berita Biasa" in shown
    assert f'href="/maklumat/{AGENCY}"' in shown
    assert f'action="{LACAK}"' in shown
    assert 'href="/masuk"' in shown
    assets = {name.split("?")[0] for name in re.findall(r'(?:href|src)="/static/([^"#]*)', shown)}
    styles = [(WEB / "static" / name).read_text() for name in assets if name.endswith(".css")]
    pictured = {found for text in styles for found in re.findall(r"url\(\.\./([^)]*)\)", text)}
    weight = len(shown.encode()) + sum((WEB / "static" / name).stat().st_size for name in assets | pictured)
    assert weight < MOST_BYTES


async def test_what_is_not_there_says_so_in_a_visitors_words(browser: httpx.AsyncClient) -> None:
    shown = (await browser.get("/pekalongan-lama/")).text
    assert "Halaman ini tidak ada" in shown
    assert "Ke halaman depan" in shown
    assert "Tugas saya" not in shown


async def test_an_agency_is_found_without_the_last_slash_and_the_host_is_not_believed(
    browser: httpx.AsyncClient,
) -> None:
    answer = await browser.get(f"/{AGENCY}", headers={"host": "jahat.example", "x-forwarded-host": "jahat.example"})
    assert (answer.status_code, answer.headers["location"]) == (308, f"/{AGENCY}/")


async def test_who_watches_the_site_hears_that_it_is_there(browser: httpx.AsyncClient) -> None:
    assert (await browser.head(f"/{AGENCY}/")).status_code == 200
    assert (await browser.head("/tidak-ada/")).status_code == 404
    assert (await browser.post(f"/{AGENCY}/")).status_code == 404


def test_no_agency_can_be_named_like_an_address_of_the_gateway(tmp_path: Path) -> None:
    first = {route.path.split("/")[1] for route in routes(tmp_path)} - {""}
    assert {each for each in first if "{" not in each} == ADDRESSES


# ── sending in ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_stranger_files_and_sees_number_and_code_once(browser: httpx.AsyncClient, desk: PublicDesk) -> None:
    form, answer = await filed(browser)
    assert answer.status_code == 200
    assert broken_rules(answer.text) == []
    number, code = ticket(answer.text)
    assert number == NUMBER
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", code)
    [(command, key, _)] = desk.done
    assert isinstance(command, FileWish)
    assert isinstance(key, UUID)
    assert key == command.wish_id
    assert (desk.askers[0].actor.id, desk.askers[0].roles) == ("public", frozenset({"public"}))
    assert code not in command.model_dump_json()
    assert code.replace("-", "") not in command.model_dump_json()
    again = await browser.post(FORM, data=form)
    assert ticket(again.text) == (number, code), "the same form is the same case with the same code"
    assert {key for _, key, _ in desk.done} == {command.wish_id}


async def test_no_code_stands_in_an_address(browser: httpx.AsyncClient) -> None:
    _, answer = await filed(browser)
    code = ticket(answer.text)[1]
    assert "location" not in answer.headers
    assert not [each for each in re.findall(r'(?:href|src|action)="([^"]*)"', answer.text) if code in each]


async def test_the_same_form_with_other_words_is_a_new_case_only_when_sent_on_purpose(
    browser: httpx.AsyncClient, desk: PublicDesk
) -> None:
    form, _ = await filed(browser)
    answer = await browser.post(FORM, data=form | {"isi": "Buka hari Minggu"})
    assert answer.status_code == 409
    assert "sudah terkirim dengan isi lain" in answer.text
    assert "Buka hari Minggu" in answer.text
    assert len(desk.filed) == 1
    fresh = entered(answer.text, FORM) | {"isi": "Buka hari Minggu"}
    assert ticket((await browser.post(FORM, data=fresh)).text)[0] == "USL-2026-0002"


async def test_what_is_missing_is_named_and_what_was_written_stays(
    browser: httpx.AsyncClient, desk: PublicDesk
) -> None:
    form = entered((await browser.get(FORM)).text, FORM) | {"isi": "", "nama": "Wulan"}
    answer = await browser.post(FORM, data=form)
    assert answer.status_code == 422
    assert 'value="Wulan"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert broken_rules(answer.text) == []
    assert desk.done == []


async def test_a_slip_of_another_office_another_form_or_another_day_is_none(
    browser: httpx.AsyncClient, app: FastAPI, desk: PublicDesk
) -> None:
    slips = app.state.strangers.slips
    good = slips.new(AGENCY, "usulan").text
    nonce, ends, mac = good.split(".")
    over = slips._signed(AGENCY, "usulan", nonce, int(ends) - LASTS_SECONDS - 1).text
    wrong = [
        "", "x" * 5_000, slips.new("purbalingga", "usulan").text, slips.new(AGENCY, "pengaduan").text, over,
        f"{nonce}.{int(ends) + 1}.{mac}", f"{'0' * 32}.{ends}.{mac}",
    ]  # fmt: skip
    for slip in wrong:
        answer = await browser.post(FORM, data={"lembar": slip, "isi": "Buka hari Sabtu"})
        assert (answer.status_code, "terlalu lama terbuka" in answer.text) == (409, True), slip
        assert "Buka hari Sabtu" in answer.text
    assert desk.done == []
    assert (await browser.post(FORM, data={"lembar": good, "isi": "Buka"})).status_code == 200


async def test_another_site_s_form_is_refused(browser: httpx.AsyncClient, desk: PublicDesk) -> None:
    form = entered((await browser.get(FORM)).text, FORM) | {"isi": "Buka"}
    answer = await browser.post(FORM, data=form, headers={"origin": "https://jahat.example"})
    assert answer.status_code == 403
    assert desk.done == []


async def test_without_script_a_network_waits_after_a_few_and_keeps_its_words(
    browser: httpx.AsyncClient, desk: PublicDesk
) -> None:
    for _ in range(4):
        assert (await filed(browser))[1].status_code == 200
    form, answer = await filed(browser, "Kelima\ndalam dua baris")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "Tunggu sebentar" in answer.text
    assert broken_rules(answer.text) == []
    assert len(desk.filed) == 4
    kept = entered(answer.text, FORM)
    assert kept["isi"] == "Kelima\ndalam dua baris"
    assert kept["lembar"] == form["lembar"]


async def test_a_browser_that_worked_does_not_wait_and_its_proof_is_good_for_its_form_alone(
    browser: httpx.AsyncClient, desk: PublicDesk
) -> None:
    for _ in range(4):
        await filed(browser)
    page = (await browser.get(FORM)).text
    form = entered(page, FORM) | {"isi": "Kelima", "altcha": solved(page)}
    assert (await browser.post(FORM, data=form)).status_code == 200
    assert len(desk.filed) == 5
    other = entered((await browser.get(FORM)).text, FORM) | {"isi": "Keenam", "altcha": form["altcha"]}
    assert (await browser.post(FORM, data=other)).status_code == 429
    for proof in ("", "e30=", "x" * 10_000, "W10=", "bnVsbA=="):
        assert (await browser.post(FORM, data=other | {"altcha": proof})).status_code == 429
    assert len(desk.filed) == 5


async def test_a_refused_form_stays_good_and_a_form_without_an_answer_may_be_sent_again(
    browser: httpx.AsyncClient, desk: PublicDesk
) -> None:
    desk.refuses[FileWish] = Problem("gateway.timeout", 504)
    form, answer = await filed(browser)
    assert answer.status_code == 504
    assert entered(answer.text, FORM)["lembar"] == form["lembar"], "sent again, it is the same case"
    desk.refuses.clear()
    assert (await browser.post(FORM, data=form)).status_code == 200


# ── how far it is ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_number_and_code_show_stage_due_and_what_can_be_done(browser: httpx.AsyncClient) -> None:
    _, answer = await filed(browser)
    number, code = ticket(answer.text)
    shown = await browser.post(LACAK, data={"nomor": f" {number.lower()} ", "kode": code.lower().replace("-", " ")})
    assert shown.status_code == 200
    assert broken_rules(shown.text) == []
    for words in (
        "Usulan Anda menunggu dibaca petugas.",
        "Jumat, 4 Desember 2026",
        "Tambahkan keterangan",
        "Min, 29 Nov 2026, 10.00",
    ):
        assert words in shown.text
    assert "Buka hari Sabtu" not in shown.text


async def test_a_wrong_code_and_an_unknown_number_are_the_same_answer_after_the_same_work(
    browser: httpx.AsyncClient, desk: PublicDesk, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, answer = await filed(browser)
    number, _ = ticket(answer.text)
    macs: list[str] = []
    codes = type(app.state.strangers.codes)
    real = codes.mac

    async def counted(self: Any, agency: str, typed: str) -> str:
        macs.append(typed)
        return await real(self, agency, typed)

    monkeypatch.setattr(codes, "mac", counted)
    told = []
    for said in ((number, "AAAA-BBBB-CCCC"), ("USL-2026-9999", "AAAA-BBBB-CCCC"), (number, ""), (number, "x" * 900)):
        before = (len(desk.asked), len(macs))
        answer = await browser.post(LACAK, data={"nomor": said[0], "kode": said[1]})
        work = (len(desk.asked) - before[0], len(macs) - before[1])
        headers = {name: value for name, value in answer.headers.items() if "policy" not in name}
        told.append((answer.status_code, answer.text.replace(said[0], "NUMBER"), headers.keys(), work))
    assert told[0][0] == 404
    assert all(each == told[0] for each in told)


async def test_wrong_codes_run_out_and_right_ones_do_not(browser: httpx.AsyncClient) -> None:
    _, answer = await filed(browser)
    number, code = ticket(answer.text)
    right = {"nomor": number, "kode": code}
    for _ in range(25):
        assert (await browser.post(LACAK, data=right)).status_code == 200
    statuses = [
        (await browser.post(LACAK, data={"nomor": number, "kode": "AAAA-BBBB-CCCC"})).status_code for _ in range(21)
    ]
    assert statuses == [404] * 20 + [429]
    late = await browser.post(LACAK, data=right)
    assert late.status_code == 429, "the right one tells no more than a wrong one while the budget is used up"
    assert int(late.headers["retry-after"]) > 0


async def test_what_is_added_is_sent_in_the_strangers_name_and_once(
    browser: httpx.AsyncClient, desk: PublicDesk
) -> None:
    _, answer = await filed(browser)
    number, code = ticket(answer.text)
    shown = (await browser.post(LACAK, data={"nomor": number, "kode": code})).text
    place = f"{LACAK}/supplement"
    form = entered(shown, place)
    empty = await browser.post(place, data=form)
    assert empty.status_code == 422
    assert broken_rules(empty.text) == []
    form |= {"tambahan": "Sampai jam 12"}
    done = await browser.post(place, data=form)
    assert done.status_code == 200
    assert "Tambahan Anda kami terima" in done.text
    assert entered(done.text, "/bahasa")["lanjut"] == LACAK, "a page that there is, whose address was a deed's"
    await browser.post(place, data=form)
    added = [(command, key) for command, key, _ in desk.done if isinstance(command, AddToWish)]
    assert len(added) == 2
    assert len({key for _, key in added}) == 1, "sent twice, it is one"
    assert added[0][0].wish_id == desk.filed[number].wish_id


async def test_a_reply_needs_code_slip_and_a_case_that_takes_it(browser: httpx.AsyncClient, desk: PublicDesk) -> None:
    _, answer = await filed(browser)
    number, code = ticket(answer.text)
    shown = (await browser.post(LACAK, data={"nomor": number, "kode": code})).text
    form = entered(shown, f"{LACAK}/supplement") | {"tambahan": "Sampai jam 12"}
    before = len(desk.done)
    for place, change, status in (
        ("supplement", {"kode": "AAAA-BBBB-CCCC"}, 404), ("supplement", {"nomor": "USL-2026-0099"}, 404),
        ("supplement", {"lembar": "x"}, 409), ("withdraw", {}, 409), ("hapus", {}, 409), ("%2e%2e", {}, 409),
    ):  # fmt: skip
        answer = await browser.post(f"{LACAK}/{place}", data=form | change)
        assert answer.status_code == status, (place, change)
        assert broken_rules(answer.text) == []
    assert len(desk.done) == before
    desk.refuses[AddToWish] = Problem("wishes.wrong-code", 404)
    answer = await browser.post(f"{LACAK}/supplement", data=form)
    assert (answer.status_code, "tidak cocok" in answer.text) == (404, True)


async def test_who_only_looks_changes_nothing(browser: httpx.AsyncClient, desk: PublicDesk) -> None:
    for address in ("/", f"/{AGENCY}/", LACAK, f"{LACAK}?nomor={NUMBER}", FORM, f"{LACAK}/supplement"):
        for _ in range(3):
            await browser.get(address)
            await browser.head(address)
    assert desk.done == []


@pytest.mark.parametrize(
    "number", ["<script>alert(1)</script>", "USL-2026-0001\r\nX-Evil: 1", "../../etc/passwd", "é" * 80]
)
async def test_what_stands_in_an_address_is_no_more_than_a_number(browser: httpx.AsyncClient, number: str) -> None:
    answer = await browser.get(LACAK, params={"nomor": number})
    assert answer.status_code == 200
    assert "alert(1)" not in answer.text
    assert "x-evil" not in answer.headers
    posted = await browser.post(LACAK, data={"nomor": number, "kode": "x"})
    assert posted.status_code == 404
    assert "<script>" not in posted.text


# ── the receipt ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_receipt_is_printed_by_who_has_just_filed_and_nobody_forges_its_number(
    browser: httpx.AsyncClient, app: FastAPI
) -> None:
    place = f"/{AGENCY}/tanda-terima"
    _, answer = await filed(browser)
    form = entered(answer.text, place)
    for change in ({"nomor": "USL-2026-0777"}, {"tanda": "0" * 32}, {"jenis": "lain"}, {"lembar": str(uuid4())}):
        assert (await browser.post(place, data=form | change)).status_code == 409, change
    try:
        paper = await browser.post(place, data=form)
        assert paper.status_code == 200, paper.text
        assert paper.headers["content-type"] == "application/pdf"
        assert paper.headers["cache-control"] == "no-store"
        assert paper.content.startswith(b"%PDF")
    finally:
        await app.state.strangers.receipts.close()
