"""Pengaturan, the public standards, what is at risk, why a letter is due: for every role, in both languages."""

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from contracts import organisation as o
from contracts import projections as p
from contracts.base import Command
from contracts.offices import Mistake, StandardPreviewAnswer
from contracts.words import STAND_IN, ClosedDay
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.web.settings import sheet, standard_file, standard_text
from tests.unit.gateway import test_web_pages as pages
from tests.unit.gateway import web_rules
from tests.unit.gateway.test_web_pages import NOT_HIS, Page, broken_rules, forms
from tests.unit.gateway.web_complaints import OF_STAGE as COMPLAINTS
from tests.unit.gateway.web_complaints import not_for
from tests.unit.gateway.web_grants import grant_id
from tests.unit.gateway.web_letters import HOURS, letter_id, row
from tests.unit.gateway.web_office import CSRF, PEOPLE, visitor, web_app
from tests.unit.gateway.web_requests import OF_STAGE
from tests.unit.gateway.web_rules import EMAIL, HOLIDAYS, SANAPATI, RulesDesk, changing, rules_desk

STANDARD = "/pengaturan/standar/berita-biasa-sanapati"
PAGES = {
    "/pengaturan/standar": "page.settings",
    STANDARD: "page.settings",
    f"{STANDARD}?versi=2": "page.settings",
    f"{STANDARD}/beda?dari=1&ke=2": "page.settings",
    f"{STANDARD}/1.toml": "page.settings",
    f"{STANDARD}/versi-baru": "standards.publish",
    f"{STANDARD}/versi-baru?cara=berkas": "standards.publish",
    "/pengaturan/standar-baru": "standards.publish",
    "/pengaturan/kalender?tahun=2026": "page.settings",
    "/pengaturan/kalender?tahun=2031": "page.settings",
    "/pengaturan/jabatan": "page.settings",
    "/pengaturan/jabatan?pada=2026-03-04": "page.settings",
    "/pengaturan/jabatan?pada=kemarin": "page.settings",
    "/pengaturan/jabatan/kabid-aplikasi-persandian": "page.settings",
    "/pengaturan/jabatan/kadis": "page.settings",
    "/pengaturan/orang": "page.settings",
    "/pengaturan/orang/kabid": "page.settings",
    "/pengaturan/token": "page.settings",
    "/pengaturan/akses": "page.access",
    "/berisiko": "page.risk",
    **{f"/akun/{OF_STAGE[stage]}/tenggat": "page.request-deadline" for stage in ("incomplete", "complete", "received")},
    **{f"/pengaduan/{COMPLAINTS[stage]}/tenggat": "page.complaint-deadline" for stage in ("filed", "answered")},
    **{f"/surat/{letter_id(n)}/tenggat": "page.deadline" for n in range(len(p.STAGES))},
}
PUBLIC = ("/standar/pekalongan/berita-biasa-sanapati", "/maklumat/pekalongan")


def test_every_page_is_opened_by_one_of_these_tests() -> None:
    opened = {*PAGES.values(), *pages.PAGES.values(), "page.standard", "page.pledge", "page.office", "page.attachment"}
    opened |= {"page.complaint-file", "page.request-scan"}  # `tests.journeys.test_files`: with real files
    assert {name for name in RIGHTS if name.startswith("page.")} - opened == set()


@pytest.fixture
def desk() -> RulesDesk:
    return rules_desk()


@pytest.fixture
async def browser(desk: RulesDesk) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=web_app(desk), raise_app_exceptions=True)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver", headers={"accept": "text/html"}
    ) as client:
        yield client


def sent(desk: RulesDesk, kind: type[Command]) -> list[Command]:
    return [command for command, _, _ in desk.done if isinstance(command, kind)]


def entered(shown: str) -> dict[str, str | list[str]]:
    """What a browser would send of the form of a new version, as it stands."""
    form = next(each for each in forms(shown) if 'id="terbit"' in each)
    found: dict[str, str | list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        kind, name, value = (re.search(rf' ?{n}="([^"]*)"', tag) for n in ("type", "name", "value"))
        if name and (not kind or kind[1] not in {"checkbox", "file"} or " checked" in tag):
            found[name[1]] = html.unescape(value[1]) if value else "1"
    for name, text in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, flags=re.DOTALL):
        found[name] = html.unescape(text)
    tiers: list[str] = []
    for name, body in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, flags=re.DOTALL):
        picked = re.search(r'value="([^"]*)" selected', body)
        if name == "tier":
            tiers.append(picked[1] if picked else "")
        else:
            found[name] = picked[1] if picked else ""
    found["tier"] = tiers
    return {**found, "csrf_token": CSRF}


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("role", PEOPLE)
async def test_every_page_opens_for_those_who_may_and_for_nobody_else(
    browser: httpx.AsyncClient, role: str, language: str
) -> None:
    browser.cookies.update({"peran": role, "caraka-language": language})
    for address, right in PAGES.items():
        answer = await browser.get(address)
        allowed = RIGHTS[right].allows(visitor(role).roles)
        case = address.removesuffix("/tenggat")
        hidden = (role == STAND_IN and case in NOT_HIS) or case in not_for(visitor(role))
        expected = 404 if hidden else 200
        assert answer.status_code == (expected if allowed else 403), (address, answer.text[:500])
        if not address.endswith(".toml"):
            assert Page(answer.text).lang == language
            assert broken_rules(answer.text) == [], address


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("address", PUBLIC)
async def test_everybody_reads_the_standards(browser: httpx.AsyncClient, address: str, language: str) -> None:
    browser.cookies.set("caraka-language", language)
    answer = await browser.get(address)
    assert answer.status_code == 200
    assert broken_rules(answer.text) == []


@pytest.mark.parametrize(
    "address",
    [
        "/standar/pekalongan/tidak-ada",
        "/standar/purbalingga/berita-biasa-sanapati",
        "/standar/A_B/x",
        "/maklumat/tidak-ada",
        "/standar/A_B/x.pdf",
    ],
)
async def test_what_does_not_exist_is_not_found(browser: httpx.AsyncClient, address: str) -> None:
    assert (await browser.get(address)).status_code == 404


async def test_the_public_page_says_the_six_components_word_for_word(browser: httpx.AsyncClient) -> None:
    page = Page((await browser.get(PUBLIC[0])).text)
    text = " ".join(" ".join(page.text).split())
    for key in ("requirements", "procedure", "completion-time", "fee", "product", "complaints"):
        part = SANAPATI["components"][key]
        for words in (part["title"], *part.get("items", ()), *(part.get("text", "").split("\n"))):
            assert " ".join(words.split()) in text
    assert SANAPATI["decree"] in text
    for inside in ("legal-basis", "competence", "staff-number"):
        assert SANAPATI["components"][inside]["title"] not in text
    assert "gafe.pekalongankota" not in text, "the superseded text is not published"


async def test_a_channel_without_an_address_is_not_shown(browser: httpx.AsyncClient) -> None:
    shown = dict(standard_text.components(EMAIL["components"], published=True))["complaints"]
    labels = [channel["label"] for channel in shown["sections"][0]["channels"]]
    assert "WA" not in labels
    assert "Tertulis disampaikan ke Kotak Pengaduan" in labels
    assert "Telepon" in labels
    assert browser.cookies.get("peran") is None


async def test_a_reader_is_offered_no_deed(browser: httpx.AsyncClient) -> None:
    for role in ("inspector", "kasi", "kabid"):
        browser.cookies.set("peran", role)
        for address, right in PAGES.items():
            if right == "page.settings" and not address.endswith(".toml"):
                posts = [form for form in forms((await browser.get(address)).text) if 'method="post"' in form]
                targets = {re.search(r'action="([^"]*)"', form).group(1) for form in posts}  # type: ignore[union-attr]
                assert targets <= {"/bahasa", "/keluar"}, (role, address, targets)


@pytest.mark.parametrize("said", [SANAPATI, EMAIL], ids=lambda said: said["standard"])
def test_a_standard_written_as_a_file_reads_back_the_same(said: dict[str, object]) -> None:
    assert standard_file.read(standard_file.written(said["standard"], said["version"], said)) == said  # type: ignore[arg-type]


async def test_a_new_version_is_published_only_as_it_was_seen(browser: httpx.AsyncClient, desk: RulesDesk) -> None:
    browser.cookies.set("peran", "kadis")
    desk.preview = changing()
    form = entered((await browser.get(f"{STANDARD}/versi-baru")).text)
    form |= {"decree": "060/078", "valid_from": "2031-01-01", "amount": "2", "fri-close": "11:30"}
    seen = await browser.post(f"{STANDARD}/versi-baru", data={**form, "action": "preview"})
    assert "2 hari kerja" in seen.text
    assert "tetap memakai versi saat surat itu diagendakan" in seen.text
    assert not sent(desk, o.PublishStandard)
    again = entered(seen.text)
    changed = await browser.post(f"{STANDARD}/versi-baru", data={**again, "amount": "9", "action": "publish"})
    assert changed.status_code == 409
    assert "Isian berubah sejak diperiksa" in changed.text
    assert not sent(desk, o.PublishStandard)
    done = await browser.post(f"{STANDARD}/versi-baru", data={**again, "action": "publish"})
    assert done.status_code == 303
    assert "after=" in done.headers["location"]
    (command,) = sent(desk, o.PublishStandard)
    assert isinstance(command, o.PublishStandard)
    assert command.standard.version == 3
    assert command.standard.decree == "060/078"
    assert command.rules["deadline"] == {"working_days": 2}
    assert [frame["close"] for frame in command.rules["hours"]] == ["15:45", "11:30"]
    assert command.components == SANAPATI["components"], "what nobody touched keeps its words"


async def test_mistakes_name_the_place_and_what_was_typed_stays(browser: httpx.AsyncClient, desk: RulesDesk) -> None:
    browser.cookies.set("peran", "kadis")
    desk.preview = StandardPreviewAnswer(
        version=3,
        mistakes=(
            Mistake(place="valid_from", reason="harus setelah 2022-03-01"),
            Mistake(place="components.complaints.sections[0].channels[1].kind", reason="belum ada"),
            Mistake(place="rules.hours[1].close", reason="sebelum buka"),
        ),
    )
    form = entered((await browser.get(f"{STANDARD}/versi-baru")).text)
    form |= {"decree": "060/078", "valid_from": "2020-01-01", "action": "publish"}
    shown = await browser.post(f"{STANDARD}/versi-baru", data=form)
    assert shown.status_code == 422
    assert "3 hal harus dibetulkan" in shown.text
    assert "Penanganan pengaduan, saran, dan masukan › bagian 1 › saluran 2 › jenis" in shown.text
    assert shown.text.count("harus setelah 2022-03-01") == 2, "in the list and at its field"
    assert 'value="060/078"' in shown.text
    assert broken_rules(shown.text) == []
    assert not sent(desk, o.PublishStandard)


async def test_a_broken_file_names_its_line_and_stays_in_the_field(browser: httpx.AsyncClient, desk: RulesDesk) -> None:
    browser.cookies.set("peran", "kadis")
    form = entered((await browser.get(f"{STANDARD}/versi-baru?cara=berkas")).text)
    source = str(form["source"]).replace("decree = ", "decree == ")
    shown = await browser.post(f"{STANDARD}/versi-baru", data={**form, "source": source, "action": "preview"})
    assert shown.status_code == 422
    assert "Baris 3, kolom" in shown.text
    assert "decree ==" in html.unescape(shown.text)
    file = {"file": ("standar.toml", b"\xff\xfe", "application/toml")}
    shown = await browser.post(f"{STANDARD}/versi-baru", data={**form, "action": "preview"}, files=file)
    assert "bukan teks UTF-8" in shown.text
    foreign = standard_file.written("email-kedinasan", 2, EMAIL).encode()
    shown = await browser.post(
        f"{STANDARD}/versi-baru", data={**form, "action": "preview"}, files={"file": ("x.toml", foreign)}
    )
    assert "milik standar email-kedinasan" in shown.text
    assert not any(isinstance(query, o.StandardPreview) for query in desk.asked)


async def test_a_first_standard_comes_from_a_file(browser: httpx.AsyncClient, desk: RulesDesk) -> None:
    browser.cookies.set("peran", "admin")
    file = {"file": ("standar.toml", standard_file.written("email-kedinasan", 1, EMAIL).encode())}
    desk.preview = StandardPreviewAnswer(version=1)
    seen = await browser.post(
        "/pengaturan/standar-baru", data={"csrf_token": CSRF, "key": "a", "action": "preview"}, files=file
    )
    assert seen.status_code == 200
    done = await browser.post("/pengaturan/standar-baru", data={**entered(seen.text), "action": "publish"})
    assert done.headers["location"].startswith("/pengaturan/standar/email-kedinasan?")
    (command,) = sent(desk, o.PublishStandard)
    assert isinstance(command, o.PublishStandard)
    assert command.rules == EMAIL["rules"]


async def test_the_year_sheet_marks_every_closed_day_with_its_reason(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("peran", "kasi")
    shown = (await browser.get("/pengaturan/kalender?tahun=2026")).text
    for day in HOLIDAYS:
        assert re.search(rf'<td class="square square-{day.kind}[^"]*" title="{day.reason}">', shown)
    assert shown.count('<table class="month">') == 12
    assert len(re.findall(r'<td class="square ', shown)) == 365


async def test_a_decree_is_confirmed_only_after_its_effect_was_seen(
    browser: httpx.AsyncClient, desk: RulesDesk
) -> None:
    browser.cookies.set("peran", "kadis")
    days = [*HOLIDAYS[:2], HOLIDAYS[2].model_copy(update={"on": "2026-04-02"})]
    form = {
        "csrf_token": CSRF, "key": "k", "number": "SKB 2", "decreed_on": "2026-02-01",
        "on": [day.on for day in days], "kind": [day.kind for day in days], "reason": [day.reason for day in days],
    }  # fmt: skip
    seen = await browser.post("/pengaturan/kalender/2026/sahkan", data={**form, "action": "confirm"})
    assert seen.status_code == 200
    assert "Menjadi hari libur" in seen.text
    assert "2 April 2026" in seen.text
    assert "Menjadi hari kerja" in seen.text
    assert not sent(desk, o.ConfirmCalendar)
    token = re.search(r'name="seen" value="([^"]+)"', seen.text)
    assert token
    done = await browser.post("/pengaturan/kalender/2026/sahkan", data={**form, "seen": token[1], "action": "confirm"})
    assert "tahun=2026" in done.headers["location"]
    (command,) = sent(desk, o.ConfirmCalendar)
    assert isinstance(command, o.ConfirmCalendar)
    assert command.closed == tuple(sorted(days, key=lambda day: day.on))


@pytest.mark.parametrize(
    ("on", "said"),
    [("2025-04-02", "Baris 1: isi tanggal di tahun 2026"), ("2026-02-30", "Baris 1"), ("", "Baris 1")],
)
async def test_a_wrong_row_of_a_decree_is_named_and_kept(
    browser: httpx.AsyncClient, desk: RulesDesk, on: str, said: str
) -> None:
    browser.cookies.set("peran", "admin")
    form = {"csrf_token": CSRF, "number": "SKB 2", "decreed_on": "2026-02-01", "on": on, "kind": "national"}
    shown = await browser.post("/pengaturan/kalender/2026/sahkan", data={**form, "reason": "Hari baik"})
    assert shown.status_code == 422
    assert said in shown.text
    assert 'value="Hari baik"' in shown.text
    assert broken_rules(shown.text) == []
    assert not sent(desk, o.ConfirmCalendar)


def test_a_moved_holiday_moves_the_letters_that_it_touches_and_no_others() -> None:
    """Received Thursday 2 April 2026 at 14.00, one working day: due on Friday, or on Monday when that day closes."""
    rules = {"zone": "Asia/Jakarta", "hours": HOURS, "holidays": [], "deadline": {"working_days": 1}}
    received = datetime(2026, 4, 2, 7, tzinfo=UTC)
    touched = row(5, "forwarded", received_at=received, due_at=datetime(2026, 4, 3, 4, tzinfo=UTC))
    other = row(6, "forwarded", received_at=received - timedelta(days=7), due_at=datetime(2026, 3, 27, 4, tzinfo=UTC))
    paused = row(7, "forwarded", received_at=received, due_at=datetime(2026, 4, 9, 4, tzinfo=UTC))
    friday = ClosedDay(on="2026-04-03", kind="national", reason="Wafat Yesus Kristus")
    found = sheet.effect(2026, (), (friday,), rules, (touched, other, paused))
    assert [(move.letter.letter_id, move.new_due_at) for move in found.moves] == [
        (touched.letter_id, datetime(2026, 4, 6, 8, 45, tzinfo=UTC))
    ]
    assert found.closes == (friday,)
    assert found.opens == ()
    assert found.unsure == 1, "what runs under a pause or another version is left to its own service"
    assert sheet.effect(2026, (friday,), (friday,), rules, (touched,)).moves == ()


DEEDS = [
    ("/pengaturan/kalender/2027/rancang", {}, o.DraftCalendar),
    ("/pengaturan/kalender/tutup", {"on": "2026-04-02", "reason": "Banjir rob"}, o.CloseOffice),
    ("/pengaturan/kalender/buka", {"on": "2026-04-01", "reason": "Dibatalkan"}, o.ReopenOffice),
    (
        "/pengaturan/jabatan",
        {"position": "kasi-baru", "title": "Kepala Seksi Baru", "role": "kasi"},
        o.EstablishPosition,
    ),
    (
        "/pengaturan/jabatan/kadis/angkat",
        {"person_id": "kabid", "capacity": "plh", "from_on": "2026-03-01", "until_on": "2026-03-09"},
        o.AppointHolder,
    ),
    (
        "/pengaturan/jabatan/kabid-aplikasi-persandian/akhiri",
        {"capacity": "holder", "on": "2026-03-01", "reason": "Purnatugas"},
        o.EndHolding,
    ),
    ("/pengaturan/jabatan/kadis/pengganti", {"substitute": "kabid-aplikasi-persandian"}, o.NameSubstitute),
    ("/pengaturan/jabatan/kadis/pengganti", {"substitute": ""}, o.NameSubstitute),
    (
        "/pengaturan/jabatan/kadis/berhalangan",
        {"person_id": "kabid", "from_on": "2026-03-01", "until_on": "2026-03-09", "reason": "Cuti"},
        o.EnterAbsence,
    ),
    ("/pengaturan/orang", {"person_id": "kasi-2", "name": "Nama Baru", "roles": ["kasi"]}, o.AddUser),
    (
        "/pengaturan/orang/kabid/kualifikasi",
        {"qualification": "sandi", "from_on": "2026-03-01"},
        o.GrantQualification,
    ),
    (
        "/pengaturan/orang/kabid/kualifikasi/cabut",
        {"qualification": "sandi", "on": "2026-03-01", "reason": "Kedaluwarsa"},
        o.WithdrawQualification,
    ),
    ("/pengaturan/orang/kabid/berhalangan/cabut", {"from_on": "2026-03-02"}, o.WithdrawAbsence),
    ("/pengaturan/token/aplikasi/cabut", {"reason": "Bocor"}, o.RevokeToken),
    (f"/pengaturan/akses/{grant_id(0)}/tolak", {"reason": "Salah orang"}, o.RefuseAccess),
]


@pytest.mark.parametrize(("address", "fields", "kind"), DEEDS)
async def test_each_form_sends_its_one_command_and_leads_back(
    browser: httpx.AsyncClient, desk: RulesDesk, address: str, fields: dict[str, str], kind: type[Command]
) -> None:
    browser.cookies.set("peran", "admin")
    done = await browser.post(address, data={**fields, "csrf_token": CSRF, "key": "k1"})
    assert done.status_code == 303, done.text[:2000]
    back = await browser.get(done.headers["location"])
    assert back.status_code == (404 if kind in {o.AddUser, o.EstablishPosition} else 200)
    assert len(sent(desk, kind)) == 1
    assert desk.done[0][1] is not None, "repeated by a double click it has one effect"


@pytest.mark.parametrize(("address", "fields", "kind"), DEEDS)
async def test_a_refusal_is_told_above_the_form_that_keeps_its_words(
    browser: httpx.AsyncClient, desk: RulesDesk, address: str, fields: dict[str, str], kind: type[Command]
) -> None:
    browser.cookies.set("peran", "admin")
    desk.refuses[kind] = Problem("organisation.not-permitted", 403)
    shown = await browser.post(address, data={**fields, "csrf_token": CSRF, "key": "k1"})
    assert shown.status_code == 403
    assert "Peran Anda tidak berwenang" in shown.text
    assert broken_rules(shown.text) == []
    if "reason" in fields and "token" not in address:
        assert f'value="{fields["reason"]}"' in shown.text


async def test_what_is_missing_is_named_beside_its_field(browser: httpx.AsyncClient, desk: RulesDesk) -> None:
    browser.cookies.set("peran", "admin")
    shown = await browser.post(
        "/pengaturan/jabatan/kadis/angkat", data={"csrf_token": CSRF, "person_id": "kabid", "capacity": "plh"}
    )
    assert shown.status_code == 422
    assert shown.text.count("Wajib diisi.") == 2
    shown = await browser.post(
        "/pengaturan/orang", data={"csrf_token": CSRF, "person_id": "Kasi Dua", "name": "Nama Baru"}
    )
    assert "Hanya huruf kecil" in shown.text
    assert 'value="Nama Baru"' in shown.text
    assert desk.done == []


async def test_the_secret_of_a_token_is_in_that_one_answer_only(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("peran", "admin")
    fields = {"csrf_token": CSRF, "token_id": "uji", "role": "operator", "label": "Uji"}
    shown = await browser.post("/pengaturan/token", data=fields)
    assert "crk_pekalongan_uji_rahasia" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert "crk_" not in (await browser.get("/pengaturan/token")).text


async def test_the_morning_list_says_how_late_and_with_whom(browser: httpx.AsyncClient, desk: RulesDesk) -> None:
    browser.cookies.set("peran", "kasi")
    shown = (await browser.get("/berisiko")).text
    assert shown.index("Terlambat 1 jam 30 menit kerja") < shown.index("Sisa 1 jam kerja")
    assert "menunggu Anda" in shown
    assert "pada Slamet Widodo Jati" in shown
    assert "menunggu salah satu dari staf-1, staf-2" in shown, "each whose turn it is, not the first alone"
    assert 'href="/berisiko"' in (await browser.get("/tugas")).text
    desk.quiet = True
    assert "Tidak ada yang berisiko" in (await browser.get("/berisiko")).text


async def test_every_deadline_leads_to_its_explanation(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("peran", "kasi")
    for address in ("/tugas", "/paraf", "/papan", "/surat", f"/surat/{letter_id(6)}", "/berisiko"):
        assert "/tenggat" in (await browser.get(address)).text, address
    browser.cookies.set("peran", "courier")
    assert "/tenggat" not in (await browser.get("/tugas")).text


async def test_the_explanation_names_what_was_skipped(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("peran", "kasi")
    shown = (await browser.get(f"/surat/{letter_id(6)}/tenggat")).text
    for words in ("Libur nasional: Hari Suci Nyepi", "Cuti bersama: Cuti bersama Idul Fitri", "Bukan hari kerja"):
        assert words in shown
    assert "hari kerja ke-3" in shown
    assert "Hari libur tahun 2027 belum ditetapkan" in shown


async def test_who_is_away_without_a_substitute_is_said_with_the_way_to_one(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.cookies.set("peran", "secretary")
    place = "/pengaturan/orang/kabid?baru=absences.enter"
    shown = (await browser.get(place)).text
    assert "penggantinya yang bertindak" in shown
    assert "2 Maret 2026 – 6 Maret 2026" in shown
    rows = [row.model_copy(update={"substitute": None}) for row in web_rules.positions()]
    monkeypatch.setattr(web_rules, "positions", lambda: tuple(rows))
    alone = (await browser.get(place)).text
    assert "penggantinya yang bertindak" not in alone
    assert "Tidak ada yang akan bertindak" in alone
    assert f'href="/pengaturan/jabatan/{rows[1].position}"' in alone
