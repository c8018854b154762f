"""The pages of complaints: who sees what, what is offered when, what each form asks for, the strip, the book."""

import io
import zipfile
from typing import Any

import httpx
import pytest

from contracts import complaint as c
from contracts import projections as p
from contracts.offices import PersonRow, PositionsAnswer
from gateway.edge import complaints
from gateway.edge.problems import Problem
from gateway.edge.rights import COMPLAINT_READERS, RIGHTS
from gateway.web import complaint_words as words
from gateway.web.complaints import permits
from gateway.web.complaints.actions import DEEDS
from gateway.web.complaints.entering import named
from gateway.web.complaints.register import people_of
from gateway.web.complaints.story import TOLD
from gateway.web.words import ROLES
from services.complaint import policy
from services.projections.views.shared.history import SENTENCES
from tests.unit.gateway import web_complaints
from tests.unit.gateway.test_web_pages import Page
from tests.unit.gateway.web_complaints import CONTACT, NAME, OF_STAGE, complaint
from tests.unit.gateway.web_office import CSRF, PEOPLE, PaperDesk, visitor, web_app

STAGES = p.COMPLAINT_STAGES
OFFICER = "complaint-officer"
FORMS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "akui": ({}, {}),
    "perbaiki": ({"paper_number": "18/2025", "channel": "kotak", "complaint_kind": "saran", "reason": "Salah lihat"},
                 {"paper_number": "18/2025", "channel": "kotak", "complaint_kind": "saran", "received_at": None}),
    "golongkan": ({"complaint_class": "ringan", "gist": "Antrean", "examiner": "", "reason": ""},
                  {"complaint_class": "ringan", "gist": "Antrean", "examiner": None}),
    "teradu": ({"person": "kasi|kasi-persandian|lain", "unit": "Seksi"},
               {"person_id": "kasi", "positions": ("kasi-persandian", "lain"), "unit": "Seksi"}),
    "tugaskan": ({"position": "kabid-aplikasi"}, {"position": "kabid-aplikasi"}),
    "catatan": ({"note_words": "Untuk kami"}, {"words": "Untuk kami"}),
    "tanya": ({"reason": "menunggu-pelapor", "words": "Kapan?\r\nDi mana?"}, {"words": "Kapan?\nDi mana?"}),
    "jawab": ({"answer": "Sudah"}, {"words": "Sudah"}),
    "usulkan": ({"answer": "Sudah"}, {"words": "Sudah"}),
    "setujui": ({}, {}),
    "kembalikan": ({"note": "Kurang"}, {"note": "Kurang"}),
    "teruskan": ({"office": "Dishub", "how": "Jl. Merdeka"}, {"office": "Dishub", "how": "Jl. Merdeka"}),
    "kesampingkan": ({"why": "spam"}, {"why": "spam"}),
    "naikkan": ({"reason": "Lama"}, {"reason": "Lama"}),
    "balasan": (
        {"words": "Senin", "channel": "whatsapp"}, {"words": "Senin", "channel": "whatsapp", "code_mac": ""},
    ),
    "rahasia": ({"stance": "anonymous"}, {"stance": "anonymous", "code_mac": ""}),
    "tarik": ({"reason": "Beres"}, {"reason": "Beres"}),
    "keberatan": ({"reason": "Belum"}, {"reason": "Belum"}),
    "terima": ({}, {}),
}  # fmt: skip


async def post(browser: httpx.AsyncClient, role: str, place: str, /, **fields: object) -> httpx.Response:
    browser.cookies.set("peran", role)
    return await browser.post(place, data={"csrf_token": CSRF, "key": "satu", "version": "5", **fields})


def said(html: str) -> str:
    return " ".join(Page(html).text)


@pytest.mark.parametrize("path", FORMS)
async def test_each_form_sends_its_one_command(browser: httpx.AsyncClient, desk: PaperDesk, path: str) -> None:
    form, fields = FORMS[path]
    action = next(each for each in DEEDS if each.path == path)
    found = OF_STAGE["assigned"]
    answer = await post(browser, OFFICER, f"/pengaduan/{found}/{path}", **form)
    allowed = RIGHTS[action.right].allows(visitor(OFFICER).roles)
    assert answer.status_code == (303 if allowed else 403), said(answer.text)
    [(command, key, version)] = desk.done
    assert (key, version) == (f"satu:{path}", 5)
    assert {name: getattr(command, name) for name in fields} == fields
    assert command.complaint_id == found  # type: ignore[attr-defined]  # of every command about a complaint


def test_every_command_of_an_officer_has_its_form() -> None:
    assert set(FORMS) == {each.path for each in DEEDS}
    made = {type(each.make(OF_STAGE["filed"], FORMS[each.path][0], "")) for each in DEEDS}  # type: ignore[arg-type]  # a form
    of_timers = {c.FlagUnacknowledged, c.EscalateByTime, c.FlagSilence, c.CloseSilent, c.EndRetention, c.MoveDeadline,
                 c.RemindDeadline, c.FlagOverdue, c.AdoptStandard, c.AdoptCalendar, c.AdoptSeasons}  # fmt: skip
    elsewhere = {c.FileComplaint, c.OpenRegister, c.CorrectOpening, c.TakeInMessage, c.LeaveMessage}
    assert made == set(c.COMMANDS) - of_timers - elsewhere


def test_every_fact_has_its_sentence() -> None:
    told = {each.kind().rpartition(".")[0] for each in SENTENCES if each.service() == "complaint"}
    assert told - set(TOLD) == set()


def test_the_words_of_the_office_are_whole() -> None:
    assert set(words.STAGES) == set(STAGES)
    assert set(words.KINDS) == set(policy.KINDS)
    assert set(words.CHANNELS) == set(policy.CHANNELS)
    assert set(words.STANCES) == set(policy.STANCES)


@pytest.mark.parametrize("role", PEOPLE)
async def test_who_may_not_see_it_finds_none(role: str) -> None:
    desk: Any = PaperDesk()
    someone = visitor(role)
    for found, each in web_complaints.COMPLAINTS.items():
        seen = bool(someone.roles & COMPLAINT_READERS) and f"/pengaduan/{found}" not in web_complaints.not_for(someone)
        if seen:
            assert await complaints.complaint_of(desk, someone, found) == each
            continue
        with pytest.raises(Problem) as refused:
            await complaints.complaint_of(desk, someone, found)
        assert refused.value.status == 404


async def test_why_an_anonymous_one_is_due_would_tell_the_hour_and_is_told_to_nobody() -> None:
    desk: Any = PaperDesk()
    for each in web_complaints.COMPLAINTS.values():
        if not each.row.dated:
            assert await complaints.complaint_deadline_of(desk, visitor(OFFICER), each)
            continue
        with pytest.raises(Problem) as refused:
            await complaints.complaint_deadline_of(desk, visitor(OFFICER), each)
        assert refused.value.status == 404


@pytest.mark.parametrize("known_by", ["views", "service"])
def test_whoever_sorts_it_in_the_officers_place_is_offered_what_the_officer_is(known_by: str) -> None:
    found, sheet, head = complaint(0, "filed"), web_complaints.sheet(OF_STAGE["filed"]), visitor("kadis")
    assert not permits.actions(head, found, sheet) & (permits.SORTED | permits.HANDLING)
    above = head.actor.holdings[0].position
    if known_by == "views":
        found = found.model_copy(update={"desk": above})
    else:
        sheet = sheet.model_copy(update={"desk": above})
    offered = permits.actions(head, found, sheet)
    assert {"complaints.acknowledge", "complaints.classify", "complaints.about", "complaints.set-aside"} <= offered
    assert "complaints.correct-entry" not in offered, "its reporter sent it himself"
    mine = found.model_copy(update={"entered": True, "desk": above})
    assert "complaints.correct-entry" in permits.actions(head, mine, sheet)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("role", [OFFICER, "kasi", "kabid", "kadis", "inspector", "operator"])
def test_what_is_offered_is_what_the_stage_and_the_office_allow(role: str, stage: str) -> None:
    found = complaint(0, stage)
    someone, sheet = visitor(role), web_complaints.sheet(OF_STAGE[stage])
    offered = permits.actions(someone, found, sheet)
    assert all(RIGHTS[name].allows(someone.roles) for name in offered)
    assert all(stage in permits.STAGES[name] for name in offered)
    handles = role == OFFICER or (role == "kasi" and found.row.handler == web_complaints.HANDLER)
    assert bool(offered & permits.HANDLING) <= handles
    assert not {"complaints.answer", "complaints.propose"} <= offered
    if role in {"kadis", "inspector"}:
        assert offered == frozenset()


@pytest.mark.parametrize("role", [OFFICER, "kadis", "inspector"])
async def test_the_words_of_the_reporter_are_text_and_the_name_is_the_services_to_give(
    browser: httpx.AsyncClient, role: str
) -> None:
    browser.cookies.set("peran", role)
    for stage, found in OF_STAGE.items():
        shown = (await browser.get(f"/pengaduan/{found}")).text
        assert "<script>alert(1)" not in shown, stage
        assert "&lt;script&gt;alert(1)" in shown
        named_ = web_complaints.COMPLAINTS[found].row.stance == "named"
        assert (NAME in shown) is named_
        assert (CONTACT in shown) is named_


async def test_of_an_anonymous_reporters_case_no_page_tells_an_hour(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("peran", OFFICER)
    found = next(each for each in web_complaints.COMPLAINTS.values() if each.row.stance == "anonymous")
    shown = (await browser.get(f"/pengaduan/{found.row.complaint_id}")).text
    assert found.row.received_at.strftime("T%H:%M") not in shown
    assert "title=" not in shown.partition('class="timeline"')[2].partition("</ol>")[0].replace('title="Letak', "")


# ── the counter ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_three_fields_suffice_and_the_strip_comes_at_once(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    form = {"channel": "telepon", "words": "Lampu padam\r\nsejak Jumat", "reporter": "0812 9990 1111"}
    first = await post(browser, "operator", "/pengaduan/catat", **form)
    [(command, key, _)] = desk.done
    assert isinstance(command, c.FileComplaint)
    assert (command.words, command.name, command.contact) == ("Lampu padam\nsejak Jumat", "", "0812 9990 1111")
    assert (command.stance, command.channel, key) == ("named", "telepon", "satu:enter")
    assert "ADU-00003-QX7ZK" in first.text
    assert "<svg" in first.text
    assert "data-print" in first.text


async def test_without_words_the_form_comes_back_with_what_was_typed_and_its_key(
    browser: httpx.AsyncClient, desk: PaperDesk
) -> None:
    answer = await post(browser, "operator", "/pengaduan/catat", channel="whatsapp", words=" ", reporter="Bu Tini")
    assert (answer.status_code, desk.done) == (422, [])
    assert 'value="Bu Tini"' in answer.text
    assert 'name="key" value="satu"' in answer.text
    long = await post(browser, "operator", "/pengaduan/catat", words="x" * 20_001, reporter="")
    assert (long.status_code, desk.done) == (422, [])


async def test_what_ran_on_paper_is_entered_with_its_number_and_its_day(
    browser: httpx.AsyncClient, desk: PaperDesk
) -> None:
    browser.cookies.set("peran", OFFICER)
    assert '<details class="fold" open>' in (await browser.get("/pengaduan/catat?asal=kertas")).text
    said = {"channel": "tatap-muka", "words": "Lampu padam", "paper_number": " 17/2025 "}
    without = await post(browser, "operator", "/pengaduan/catat", **said)
    assert (without.status_code, desk.done) == (422, [])
    assert "17/2025" in without.text
    done = await post(browser, "operator", "/pengaduan/catat", **said, received_at="2026-11-02T09:30")
    [(command, _, _)] = desk.done
    assert isinstance(command, c.FileComplaint)
    assert command.paper_number == "17/2025"
    assert command.received_at is not None
    assert "17/2025" in done.text


async def test_a_register_goes_on_where_the_paper_one_ended(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    wrong = await post(browser, OFFICER, "/pengaduan/buku/pembukaan", opening="lima")
    assert (wrong.status_code, desk.done) == (422, [])
    assert 'value="lima"' in wrong.text
    await post(browser, OFFICER, "/pengaduan/buku/pembukaan", opening="57")
    [(command, _, _)] = desk.done
    assert isinstance(command, c.OpenRegister)
    assert command.opening == 57
    assert "asal=kertas" in (await browser.get("/pengaduan/buku?baru=complaints.open-register")).text
    assert (await post(browser, "operator", "/pengaduan/buku/pembukaan", opening="57")).status_code == 403


@pytest.mark.parametrize(
    ("typed", "found"),
    [("Bu Tini", ("Bu Tini", "")), ("0812 99", ("", "0812 99")), ("a@b.id", ("", "a@b.id")), ("", ("", "")),
     ("Pak RT 03", ("Pak RT 03", ""))],
)  # fmt: skip
def test_one_field_takes_a_name_or_how_to_reach_him(typed: str, found: tuple[str, str]) -> None:
    assert named(typed, "") == found


# ── the book ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_book_is_a_page_a_pdf_and_a_spreadsheet_of_text(desk: PaperDesk) -> None:
    app = web_app(desk)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as browser:
        browser.cookies.set("peran", OFFICER)
        shown = (await browser.get("/pengaduan/buku")).text
        pdf = await browser.get("/pengaduan/buku.pdf?dari=2026-11-01&sampai=2026-11-30")
        xlsx = await browser.get("/pengaduan/buku.xlsx?dari=2026-11-01&sampai=2026-11-30")
    await app.state.papers.close()
    assert "dikecualikan" in shown
    assert NAME not in shown
    assert pdf.content.startswith(b"%PDF-")
    assert "buku-pengaduan-2026-11-01-2026-11-30.xlsx" in xlsx.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(xlsx.content)) as book:
        cells = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
        names = book.namelist()
    for instead in ("Iklan atau kiriman massal", "ditarik pelapor sebelum digolongkan", "belum digolongkan"):
        assert instead in shown
        assert instead in strings, "no line is without its gist or what stands for it"
    assert "<f>" not in cells
    assert "hyperlink" not in cells.lower()
    assert "=HYPERLINK(" in strings
    assert not [each for each in names if "externalLink" in each]


@pytest.mark.parametrize("role", sorted(set(PEOPLE) - {OFFICER, "inspector"}))
async def test_the_book_is_for_the_complaint_officer_and_the_inspector(browser: httpx.AsyncClient, role: str) -> None:
    browser.cookies.set("peran", role)
    for kind in ("", ".pdf", ".xlsx"):
        assert (await browser.get(f"/pengaduan/buku{kind}")).status_code == 403


async def test_a_refused_form_says_why_and_keeps_what_was_written(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    desk.refuses[c.ClassifyComplaint] = Problem("complaint.gist-missing", 422)
    answer = await post(
        browser, OFFICER, f"/pengaduan/{OF_STAGE['filed']}/golongkan", complaint_class="normatif", gist="Tulisan saya"
    )
    assert answer.status_code == 422
    assert "Tulisan saya" in answer.text
    assert desk.done == []


async def test_who_was_too_late_has_his_words_where_the_form_is_gone(
    browser: httpx.AsyncClient, desk: PaperDesk
) -> None:
    desk.refuses[c.AnswerComplaint] = Problem("kit.stale-version", 412)
    lost = "Loket sudah kami tambah."
    for stage, form in (("assigned", True), ("answered", False)):
        answer = await post(browser, OFFICER, f"/pengaduan/{OF_STAGE[stage]}/jawab", answer=lost)
        assert answer.status_code == 412
        assert lost in answer.text
        assert ("salin bila masih perlu" in answer.text) is not form


def test_everybody_of_the_agency_may_be_complained_about_with_what_he_is() -> None:
    courier = PersonRow(person_id="caraka-1", name="Slamet", nip="", roles=("courier",), positions=())
    seats = PositionsAnswer.model_validate({
        "on": "2026-11-30",
        "positions": [
            {"position": "kasi", "title": "Kepala Seksi", "role": "leader", "unit": "", "terms": [
                {"person_id": "budi", "name": "Budi", "capacity": "holder", "from_on": "2020-01-01", "until_on": ""},
                {"person_id": "ani", "name": "Ani", "capacity": "plh", "from_on": "2026-11-01", "until_on": ""},
            ]},
        ],
    })  # fmt: skip
    found = people_of(seats, (courier,), "id")
    assert found == {
        "ani": "Ani, Plh. Kepala Seksi", "budi|kasi": "Budi, Kepala Seksi", "caraka-1": f"Slamet, {ROLES['courier']}",
    }  # fmt: skip
