"""A form becomes one command with its own key; the next page covers the write; what is refused keeps the entries."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import httpx
import pytest

from contracts import approval, dispatch, intake
from contracts import projections as p
from contracts.base import Command, Event, Holding
from gateway.edge.problems import Problem
from gateway.web.letters import permits
from gateway.web.letters.actions import DEEDS
from gateway.web.page import WEB
from gateway.web.story import SENTENCES
from tests.unit.gateway import web_office
from tests.unit.gateway.test_web_pages import broken_rules
from tests.unit.gateway.web_letters import copy_id, letter, letter_id
from tests.unit.gateway.web_office import CSRF, PaperDesk

LETTERS = {stage: letter_id(n) for n, stage in enumerate(p.STAGES)}
FIELDS = {
    "sender": "BPBD",
    "letter_number": "005/1187",
    "letter_on": "2026-11-18",
    "subject": "Rapat koordinasi",
    "summary": "",
    "urgency": "segera",
    "classification": "005",
    "recipient_class": ["walikota", "kepala-opd", "kepala-opd"],
    "office": ["", "Kepala Dinas Kesehatan", ""],
    "copy_kind": ["asli", "tembusan", "asli"],
}


async def post(browser: httpx.AsyncClient, role: str, address: str, **fields: object) -> httpx.Response:
    browser.cookies.set("peran", role)
    return await browser.post(address, data={"csrf_token": CSRF, "key": "satu", "version": "5", **fields})


def commands(desk: PaperDesk) -> list[Command]:
    return [command for command, _, _ in desk.done]


async def test_one_enter_examines_and_registers(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    found = LETTERS["captured"]
    answer = await post(browser, "operator", f"/kotak-masuk/{found}/daftar", **FIELDS)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/kotak-masuk?after=ab.1.9&terdaftar={found}"
    examine, register = commands(desk)
    assert isinstance(examine, intake.ExamineMessage)
    assert [each.office for each in examine.fields.recipients] == ["Wali Kota", "Kepala Dinas Kesehatan"]
    assert register == intake.RegisterLetter(letter_id=found)
    assert [key for _, key, _ in desk.done] == ["satu:examine", "satu:register"]
    assert [version for _, _, version in desk.done] == [5, 6]


async def test_the_number_is_shown_and_the_next_page_covers_the_write(
    browser: httpx.AsyncClient, desk: PaperDesk
) -> None:
    browser.cookies.set("peran", "operator")
    shown = await browser.get(f"/kotak-masuk?after=ab.1.9&terdaftar={LETTERS['registered']}")
    assert "0848/2026" in shown.text
    assert f'data-done="{LETTERS["registered"]}"' in shown.text
    asked = [query for query in desk.asked if isinstance(query, p.LetterList)]
    assert asked[-1].after == "ab.1.9"


async def test_what_is_missing_is_named_and_nothing_is_sent(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    answer = await post(
        browser, "operator", f"/kotak-masuk/{LETTERS['captured']}/daftar", **{**FIELDS, "subject": " ", "sender": "PLN"}
    )
    assert answer.status_code == 422
    assert commands(desk) == []
    assert 'id="subject-error"' in answer.text
    assert 'value="PLN"' in answer.text
    assert 'value="Kepala Dinas Kesehatan"' in answer.text


async def test_a_refusal_is_told_above_the_form_and_the_entries_stay(
    browser: httpx.AsyncClient, desk: PaperDesk
) -> None:
    desk.refuses[intake.RegisterLetter] = Problem("intake.no-standard", 409)
    answer = await post(browser, "operator", f"/kotak-masuk/{LETTERS['captured']}/daftar", **FIELDS)
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert "Belum ada standar pelayanan" in answer.text
    assert 'value="Rapat koordinasi"' in answer.text
    asked = [query for query in desk.asked if isinstance(query, p.LetterDetail)]
    assert asked[-1].after == "ab.1.9"  # the examination before it stands


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "=HYPERLINK(1)", '"><img src=x>'])
async def test_what_a_sender_writes_stays_text(browser: httpx.AsyncClient, desk: PaperDesk, text: str) -> None:
    found = desk.letters[LETTERS["captured"]]
    row = found.row.model_copy(update={"subject": text, "sender": text})
    desk.letters[found.row.letter_id] = found.model_copy(
        update={"row": row, "text": text, "message_subject": text, "from_name": text}
    )
    browser.cookies.set("peran", "operator")
    for address in (
        "/tugas",
        "/papan",
        "/surat",
        f"/surat/{found.row.letter_id}",
        f"/kotak-masuk/{found.row.letter_id}",
    ):
        shown = (await browser.get(address)).text
        assert "<script>alert" not in shown
        assert "<img" not in shown


ONE_COMMAND: list[tuple[str, str, str, dict[str, object], Command]] = [
    ("operator", "printed", "teruskan", {}, intake.ForwardLetter(letter_id=LETTERS["printed"])),
    ("operator", "registered", "cetak", {}, intake.ProducePrintPack(letter_id=LETTERS["registered"])),
    (
        "operator",
        "printed",
        "batal",
        {"reason": "Salah kirim"},
        intake.CancelLetter(letter_id=LETTERS["printed"], reason="Salah kirim"),
    ),
    (
        "kasi",
        "forwarded",
        "kembalikan",
        {"to": "operator", "note": "Lampiran kurang"},
        approval.ReturnLetter(letter_id=LETTERS["forwarded"], note="Lampiran kurang"),
    ),
    (
        "kasi",
        "released",
        "bebaskan",
        {"copy_id": str(copy_id(8, 0)), "reason": "Diserahkan di rapat"},
        dispatch.WaiveProof(letter_id=LETTERS["released"], copy_id=copy_id(8, 0), reason="Diserahkan di rapat"),
    ),
    (
        "kasi",
        "released",
        "tugaskan",
        {"courier_id": "caraka-1", "copy_ids": [str(copy_id(8, 1))], "courier_name": "Orang Lain"},
        dispatch.AssignCourier(
            letter_id=LETTERS["released"],
            courier_id="caraka-1",
            courier_name="Slamet Widodo Jati",
            copy_ids=(copy_id(8, 1),),
        ),
    ),
    (
        "operator",
        "released",
        "kirim",
        {"copy_id": str(copy_id(8, 1)), "route": "fax", "reference": "TX 12"},
        dispatch.RecordTransmission(
            letter_id=LETTERS["released"], copy_id=copy_id(8, 1), route="fax", reference="TX 12"
        ),
    ),
    (
        "operator",
        "proven",
        "arsipkan",
        {"classification": "005", "place": "Lemari 2"},
        dispatch.ArchiveLetter(letter_id=LETTERS["proven"], classification="005", place="Lemari 2"),
    ),
]


@pytest.mark.parametrize(("role", "stage", "deed", "fields", "command"), ONE_COMMAND, ids=lambda value: str(value)[:20])
async def test_each_form_on_a_letter_sends_its_command(  # a row of the table above
    browser: httpx.AsyncClient,
    desk: PaperDesk,
    role: str,
    stage: str,
    deed: str,
    fields: dict[str, object],
    command: Command,
) -> None:
    browser.cookies.set("peran", role)
    page = (await browser.get(f"/surat/{LETTERS[stage]}")).text
    assert deed == "kembalikan" or f'action="/surat/{LETTERS[stage]}/{deed}"' in page
    answer = await post(browser, role, f"/surat/{LETTERS[stage]}/{deed}", **fields)
    assert answer.status_code == 303, answer.text[:300]
    assert answer.headers["location"].startswith(f"/surat/{LETTERS[stage]}?after=ab.1.9")
    assert commands(desk) == [command]
    assert desk.done[0][1:] != (None, None)


async def test_a_reason_that_is_missing_is_asked_for(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    for address in (f"/surat/{LETTERS['printed']}/batal", f"/kotak-masuk/{LETTERS['captured']}/sisihkan"):
        answer = await post(browser, "operator", address, reason="  ")
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    assert commands(desk) == []


async def test_one_tap_initials_and_the_next_page_is_the_list(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    answer = await post(browser, "kasi", f"/paraf/{LETTERS['forwarded']}", note="")
    assert answer.headers["location"] == "/paraf?after=ab.1.9&selesai=1"
    assert commands(desk) == [approval.InitialLetter(letter_id=LETTERS["forwarded"])]


async def test_returning_without_a_note_is_asked_for_it(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    answer = await post(browser, "kasi", f"/paraf/{LETTERS['forwarded']}/kembalikan", note="")
    assert answer.status_code == 422
    assert commands(desk) == []


async def test_who_stands_in_reads_as_what_he_initials(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.cookies.set("peran", "kasi")
    place = f"/paraf/{LETTERS['forwarded']}"
    assert "Anda memaraf sebagai" not in (await browser.get(place)).text
    monkeypatch.setattr(web_office, "Holding", partial(Holding, capacity="plh"))
    assert "Anda memaraf sebagai Plh. Kepala Seksi" in (await browser.get(place)).text


async def test_a_batch_is_one_command_per_letter_with_a_key_each(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    chosen = [str(letter_id(n)) for n in (6, 16, 17)]
    answer = await post(browser, "kasi", "/paraf", letter_id=chosen)
    assert answer.headers["location"] == "/paraf?after=ab.1.9&selesai=3"
    assert [str(getattr(command, "letter_id", "")) for command in commands(desk)] == chosen
    assert len({key for _, key, _ in desk.done}) == 3


async def test_an_officer_sees_no_form_for_a_letter_that_is_not_his_turn(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("peran", "kabid")
    shown = (await browser.get(f"/paraf/{LETTERS['forwarded']}")).text
    assert "Bukan giliran Anda" in shown
    assert f'action="/paraf/{LETTERS["forwarded"]}"' not in shown


async def test_one_signature_covers_all_copies_at_a_stop(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    stop, other = copy_id(9, 0), copy_id(19, 0)
    answer = await post(
        browser,
        "courier",
        f"/kurir/{stop}",
        outcome="delivered",
        receiver_name="Wulan",
        also=[str(other), str(copy_id(9, 2))],
    )
    where, _, said = answer.headers["location"].partition("&salinan=")
    assert where == "/kurir?after=ab.1.9&tercatat=diterima"
    assert said.startswith(str(copy_id(9, 0)))
    recorded = [command for command in commands(desk) if isinstance(command, dispatch.RecordDelivery)]
    assert [each.copy_id for each in recorded] == [stop, other]  # the third is for another office


async def test_a_delivery_sent_twice_is_answered_as_the_first_time(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    """The service knows its key; the page must not say that there is no such copy, only because it is delivered now."""
    proven = next(copy for copy in desk._copies("delivered"))
    address, said = f"/kurir/{proven.copy_id}", {"outcome": "delivered", "receiver_name": "Wulan Maharani"}
    assert (await post(browser, "courier", address, **said)).status_code == 303
    desk.refuses[dispatch.RecordDelivery] = Problem("dispatch.copy-proven", 409)  # another tab, another key
    answer = await post(browser, "courier", address, **said)
    assert answer.status_code == 409
    assert "Salinan ini sudah mempunyai bukti terima." in answer.text
    assert "Tidak ditemukan" not in answer.text


async def test_a_receiver_without_a_name_is_asked_for(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    answer = await post(browser, "courier", f"/kurir/{copy_id(9, 0)}", outcome="delivered", receiver_position="Ajudan")
    assert answer.status_code == 422
    assert 'id="receiver_name-error"' in answer.text
    assert 'value="Ajudan"' in answer.text
    assert commands(desk) == []


async def test_a_failed_delivery_needs_its_reason(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    address = f"/kurir/{copy_id(9, 0)}"
    assert (await post(browser, "courier", address, outcome="failed")).status_code == 422
    assert (await post(browser, "courier", address, outcome="failed", reason="Kantor tutup")).status_code == 303
    assert [getattr(command, "delivered", None) for command in commands(desk)] == [False]


async def test_an_eml_is_uploaded_and_opened(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    browser.cookies.set("peran", "operator")
    form = {"csrf_token": CSRF, "key": "unggah-1", "received_at": "2026-11-18T09:15"}
    answer = await browser.post("/unggah", data=form, files={"file": ("surat.eml", b"From: a@b.id\r\n\r\nIsi")})
    assert answer.status_code == 303
    (command,) = commands(desk)
    assert isinstance(command, intake.UploadMessage)
    assert command.received_at.isoformat() == "2026-11-18T02:15:00+00:00"


async def test_the_second_clerk_hears_which_number_and_by_whom(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    desk.refuses[intake.ExamineMessage] = Problem("kit.stale-version", 412)
    answer = await post(browser, "operator", f"/kotak-masuk/{LETTERS['registered']}/daftar", **FIELDS)
    assert answer.status_code == 409
    agenda = desk.letters[LETTERS["registered"]].row.agenda
    assert f"Surat ini sudah bernomor {agenda}, didaftarkan oleh " in answer.text
    assert "Muat ulang" not in answer.text


async def test_paper_is_entered_by_hand_in_the_office_s_own_time(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    day = (datetime.now(UTC) - timedelta(days=3)).date()
    answer = await post(browser, "operator", "/catat", channel="fax", received_at=f"{day}T09:15", **FIELDS)
    assert answer.status_code == 303
    (command,) = commands(desk)
    assert isinstance(command, intake.EnterLetter)
    assert (command.channel, command.received_at.isoformat()) == ("fax", f"{day}T02:15:00+00:00")


async def test_an_arrival_of_another_year_is_asked_about_once(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    old = {"channel": "paper", "received_at": "1990-03-12T09:15", **FIELDS}
    asked = await post(browser, "operator", "/catat", **old)
    assert asked.status_code == 422
    assert "lebih dari dua bulan yang lalu" in asked.text
    assert 'value="1990-03-12T09:15"' in asked.text
    assert commands(desk) == []
    sure = await post(browser, "operator", "/catat", **old, long_ago="1")
    assert sure.status_code == 303
    (command,) = commands(desk)
    assert isinstance(command, intake.EnterLetter)
    assert command.received_at.isoformat() == "1990-03-12T02:15:00+00:00"


async def test_a_form_without_the_page_s_token_is_refused(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    browser.cookies.set("peran", "operator")
    answer = await browser.post(f"/surat/{LETTERS['printed']}/teruskan", data={"key": "x"})
    assert answer.status_code == 403
    assert commands(desk) == []


async def test_login_keeps_the_name_and_leads_on(browser: httpx.AsyncClient) -> None:
    wrong = await browser.post("/masuk", data={"login": "kasi@pekalongan", "password": "salah", "lanjut": "/paraf"})
    assert wrong.status_code == 401
    assert 'value="kasi@pekalongan"' in wrong.text
    right = await browser.post("/masuk", data={"login": "kasi@pekalongan", "password": "rahasia", "lanjut": "/paraf"})
    assert (right.status_code, right.headers["location"]) == (303, "/paraf")


@pytest.mark.parametrize(
    "onto", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:x"]
)
async def test_login_leads_nowhere_else(browser: httpx.AsyncClient, onto: str) -> None:
    answer = await browser.post("/masuk", data={"login": "a@pekalongan", "password": "rahasia", "lanjut": onto})
    assert answer.headers["location"] == "/tugas"


async def test_login_from_another_site_is_refused(browser: httpx.AsyncClient) -> None:
    form = {"login": "a@pekalongan", "password": "rahasia"}
    answer = await browser.post("/masuk", data=form, headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 403


async def test_a_language_is_remembered(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/bahasa", data={"lang": "en", "lanjut": "/masuk"})
    assert answer.headers["location"] == "/masuk"
    assert "caraka-language=en" in answer.headers["set-cookie"]


def test_every_action_has_its_form_its_hour_and_its_word_when_it_is_done() -> None:
    """The heads' forms stand on a page of their own, Paraf."""
    page = (WEB / "templates/letters/surat.html").read_text(encoding="utf-8")
    for action in DEEDS:
        if action.service != "approval":
            form = f'case.action_form(place, "{action.path}", row.versions.get("{action.service}")'
            assert form in page, action.right
        assert f'"{action.right}": _(' in page, action.right
        assert action.right in permits.STAGES


def test_every_event_of_a_letter_has_its_sentence() -> None:
    events: list[type[Event]] = [*intake.EVENTS, *approval.EVENTS, *dispatch.EVENTS]
    of_letters = {event.kind().rpartition(".")[0] for event in events if "letter_id" in event.model_fields}
    assert of_letters - set(SENTENCES) == set()
    assert isinstance(LETTERS["captured"], UUID)


async def test_a_reason_is_not_lost_with_its_turn(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    desk.refuses[approval.ReturnLetter] = Problem("kit.stale-version", 412)
    late = f"/paraf/{LETTERS['released']}/kembalikan"
    assert "Nomor keliru" in (await post(browser, "kasi", late, to="operator", note="Nomor keliru")).text
    desk.refuses[dispatch.WaiveProof] = Problem("kit.stale-version", 412)
    gone = {"copy_id": str(copy_id(12, 0)), "reason": "Hilang di jalan"}
    assert "Hilang di jalan" in (await post(browser, "kasi", f"/surat/{LETTERS['archived']}/bebaskan", **gone)).text
    desk.refuses[intake.PauseClock] = Problem("kit.stale-version", 412)
    pause = {"reason": "sebab-menurut-standar", "note": "Menunggu pengirim"}
    shown = (await post(browser, "kasi", f"/surat/{LETTERS['archived']}/jeda", **pause)).text
    assert "Menunggu pengirim" in shown
    assert pause["reason"] not in shown


async def test_what_is_beyond_a_page_of_tasks_is_on_the_next_one(
    browser: httpx.AsyncClient, desk: PaperDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_office, "MOST", 1)
    other = letter(90, "forwarded")
    kept = {key: each for key, each in desk.letters.items() if each.row.stage != "forwarded"}
    first = desk.letters[LETTERS["forwarded"]]
    desk.letters = {**kept, LETTERS["forwarded"]: first, other.row.letter_id: other}
    browser.cookies.set("peran", "kasi")
    mine = [str(LETTERS["forwarded"]), str(other.row.letter_id)]
    for list_, count in (("/paraf?", "Menunggu paraf Anda: 2."), ("/tugas?bagian=initial&", "Halaman")):
        shown = [(await browser.get(f"{list_}halaman={page}")).text for page in (1, 2)]
        assert [broken_rules(each) for each in shown] == [[], []]
        assert [[each in page for each in mine] for page in shown] == [[True, False], [False, True]]
        assert all(count in page for page in shown)
        assert "Halaman berikutnya" in shown[0]
        assert "Halaman sebelumnya" in shown[1]
        beyond = await browser.get(f"{list_}halaman=3")
        assert beyond.headers["location"] == list_.rstrip("?&"), "all of it was done meanwhile"
    assert (await browser.get("/tugas?bagian=initial&halaman=x")).status_code == 200
    assert (await browser.get("/tugas?bagian=lain")).status_code == 200
