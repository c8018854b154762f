"""The pages of requests: who sees what of an applicant, what is offered when, and what each form asks for."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from contracts import account_provisioning as accounts
from contracts import projections as p
from contracts.base import Command, Query
from gateway.edge import cases
from gateway.edge.problems import Problem
from gateway.edge.rights import REQUEST_READERS
from gateway.web import request_words as words
from gateway.web.accounts import permits
from gateway.web.accounts.actions import DEEDS
from gateway.web.accounts.story import TOLD
from gateway.web.page import WEB
from services.account_provisioning import policy
from services.projections.views.shared.history import SENTENCES
from tests.unit.gateway import web_requests
from tests.unit.gateway.test_web_deeds import commands
from tests.unit.gateway.test_web_pages import Page
from tests.unit.gateway.web_letters import STANDARD
from tests.unit.gateway.web_office import CSRF, PEOPLE, PaperDesk, letter_id, visitor
from tests.unit.gateway.web_requests import CONTACT, NIP, OF_STAGE, STAGES, WRITTEN, request

CODE = re.compile(r"<dd>[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}</dd>")
HANDLING = {"operator", "kasi"}
READING = {"kabid", "kadis", "leader", "inspector", "personnel", "unit-admin"}
FORM = {
    "request_kind": "create", "cause": "", "holder": "pns", "name": "Siti Nuraini", "nip": NIP,
    "unit": "Dinas Kesehatan", "contact": CONTACT, "address": "", "letter_number": "800/123", "letter_on": "2026-11-18",
    "wishes": "siti.nuraini, sitinur", "received_at": "",
}  # fmt: skip


async def post(browser: httpx.AsyncClient, role: str, place: str, /, **fields: object) -> httpx.Response:
    browser.cookies.set("peran", role)
    return await browser.post(place, data={"csrf_token": CSRF, "key": "satu", "version": "5", **fields})


def said(html: str) -> str:
    return " ".join(Page(html).text)


@pytest.mark.parametrize("role", sorted(HANDLING | READING))
async def test_number_contact_and_words_are_for_who_handles_the_request(browser: httpx.AsyncClient, role: str) -> None:
    browser.cookies.set("peran", role)
    for found in OF_STAGE.values():
        shown = await browser.get(f"/akun/{found}")
        assert shown.status_code == 200
        for word in (NIP, CONTACT, WRITTEN, "sitinur"):
            assert (word in shown.text) is (role in HANDLING), (role, word)


@pytest.mark.parametrize("role", sorted(READING - {"inspector"} | {"inspector", "courier", "admin", "secretary"}))
async def test_the_sheet_is_not_even_asked_for_by_anybody_else(role: str) -> None:
    desk: Any = PaperDesk()
    with pytest.raises(Problem) as refused:
        await cases.sheet_of(desk, visitor(role), request(1, "complete"))
    assert (refused.value.code, refused.value.status, desk.asked) == ("gateway.forbidden", 403, [])


@pytest.mark.parametrize("role", sorted(set(PEOPLE) - HANDLING - READING))
async def test_who_reads_no_requests_finds_none(role: str) -> None:
    desk: Any = PaperDesk()
    assert not visitor(role).roles & REQUEST_READERS
    assert (await cases.requests_of(desk, visitor(role), p.RequestList())).requests == ()
    with pytest.raises(Problem) as refused:
        await cases.request_of(desk, visitor(role), OF_STAGE["complete"])
    assert refused.value.status == 404


async def test_whatever_the_views_tell_a_stranger_to_them_is_shown_no_row() -> None:
    class Careless(PaperDesk):
        def _answer(self, query: Query) -> Any:
            if isinstance(query, p.RequestList):
                query = query.model_copy(update={"reader": query.reader.model_copy(update={"roles": ("operator",)})})
            return super()._answer(query)

    desk: Any = Careless()
    assert (await cases.requests_of(desk, visitor("courier"), p.RequestList())).requests == ()
    assert len((await cases.requests_of(desk, visitor("kadis"), p.RequestList())).requests) == len(STAGES)


async def test_stored_events_are_for_the_inspector_alone() -> None:
    desk: Any = PaperDesk()
    for role in sorted(HANDLING | READING):
        told = await cases.request_history_of(desk, visitor(role), request(0, "incomplete"))
        assert {entry.raw is None for entry in told} == {role != "inspector"}


async def test_without_the_service_of_accounts_the_request_is_shown_and_nothing_is_offered_to_decide(
    browser: httpx.AsyncClient, desk: PaperDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Problem("gateway.unavailable", 503, service="account_provisioning")

    monkeypatch.setattr("gateway.web.accounts.register.sheet_of", away)
    browser.cookies.set("peran", "operator")
    shown = await browser.get(f"/akun/{OF_STAGE['complete']}")
    assert shown.status_code == 200
    assert "sedang tidak dapat ditampilkan" in said(shown.text)
    assert 'id="f-setujui"' not in shown.text
    assert 'id="f-tarik"' in shown.text


async def test_nobody_has_received_what_nobody_has_opened(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.cookies.set("peran", "operator")
    place = OF_STAGE["notified"]
    for hand_over, offered in (("sent", False), ("opened", False), ("set", True), ("expired", True)):
        found = web_requests.REQUESTS[place].model_copy(update={"hand_over": hand_over})
        monkeypatch.setitem(web_requests.REQUESTS, place, found)
        assert ('id="f-diterima"' in (await browser.get(f"/akun/{place}")).text) is offered, hand_over


OFFERED = {
    "incomplete": {"lengkapi", "tarik"},
    "complete": {"setujui", "minta", "tolak", "tarik"},
    "asked": {"lengkapi", "tolak", "tarik"},
    "failed": {"ulangi", "lepas"},
    "provisioned": {"balas", "kabari", "perbarui"},
    "rejected": {"balas", "kabari"},
    "given-up": {"balas", "kabari"},
    "notified": {"balas", "perbarui"},
    "received": {"balas"},
    "closed": {"balas"},
}


@pytest.mark.parametrize("stage", STAGES)
async def test_what_is_offered_is_what_the_stage_allows(browser: httpx.AsyncClient, stage: str) -> None:
    browser.cookies.set("peran", "operator")
    shown = (await browser.get(f"/akun/{OF_STAGE[stage]}")).text
    assert {deed.path for deed in DEEDS if f'id="f-{deed.path}"' in shown} == OFFERED.get(stage, set())
    browser.cookies.set("peran", "inspector")
    assert 'id="f-' not in (await browser.get(f"/akun/{OF_STAGE[stage]}")).text


def test_his_own_request_and_one_that_he_has_agreed_to_are_not_offered() -> None:
    sheet, found, reviewer = web_requests.sheet(), request(1, "complete"), visitor("operator")
    assert permits.actions(reviewer, found, sheet) >= permits.DECISIONS
    his = replace(reviewer, actor=reviewer.actor.model_copy(update={"nip": "19850410 201001 2 001"}))
    assert permits.actions(his, found, sheet) & permits.DECISIONS == set()
    first = found.model_copy(update={"row": found.row.model_copy(update={"seconded_by": reviewer.actor.id})})
    assert permits.DECISIONS - permits.actions(reviewer, first, sheet) == {"requests.approve"}
    other = found.model_copy(update={"reviewers": ("staf-informatika-1",)})
    assert permits.actions(reviewer, other, sheet) & permits.DECISIONS == set()


async def test_who_is_the_applicant_is_told_that_somebody_else_decides(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.web.accounts.register.own", lambda *_: True)
    browser.cookies.set("peran", "operator")
    shown = await browser.get(f"/akun/{OF_STAGE['complete']}")
    assert "Ini permohonan Anda sendiri" in said(shown.text)


ONE = OF_STAGE["complete"]
ASKED: list[tuple[str, dict[str, object], Command]] = [
    ("setujui", {"address": "a@x.go.id", "other": ""}, accounts.ApproveRequest(request_id=ONE, address="a@x.go.id")),
    (
        "setujui",
        {"address": "a@x.go.id", "other": "b@x.go.id", "reason": "Nama resmi"},
        accounts.ApproveRequest(request_id=ONE, address="b@x.go.id", reason="Nama resmi"),
    ),
    (
        "tolak",
        {"reason": "bukan-pns", "words": "Maaf"},
        accounts.RejectRequest(request_id=ONE, reason="bukan-pns", words="Maaf"),
    ),
    (
        "minta",
        {"reason": "menunggu-pemohon", "words": "NIP?"},
        accounts.AskForCompletion(request_id=ONE, reason="menunggu-pemohon", words="NIP?"),
    ),
    (
        "lengkapi",
        {"letter_number": "800/9", "letter_on": "2026-11-20", "contact": "0812", "note": "", "nip": "1992"},
        accounts.SupplementRequest(
            request_id=ONE,
            letter=accounts.ApplicationLetter(number="800/9", on="2026-11-20"),
            contact="0812",
            nip="1992",
        ),
    ),
    ("tarik", {"reason": "Batal"}, accounts.WithdrawRequest(request_id=ONE, reason="Batal")),
    ("ulangi", {}, accounts.RetryProvisioning(request_id=ONE)),
    ("lepas", {"reason": "Salah"}, accounts.AbandonProvisioning(request_id=ONE, reason="Salah")),
    ("kabari", {"how": "phone", "told_at": ""}, accounts.RecordNotice(request_id=ONE, how="phone")),
    (
        "kabari",
        {"how": "letter", "told_at": "2026-11-20T09:30"},
        accounts.RecordNotice(request_id=ONE, how="letter", told_at=datetime(2026, 11, 20, 2, 30, tzinfo=UTC)),
    ),
    ("diterima", {}, accounts.ConfirmReceipt(request_id=ONE)),
    ("perbarui", {"way": "slip"}, accounts.RenewHandOver(request_id=ONE, way="slip")),
    ("pastikan", {}, accounts.ConfirmClaimant(request_id=ONE)),
    ("balas", {}, accounts.IssueReply(request_id=ONE)),
]


@pytest.mark.parametrize(("path", "fields", "command"), ASKED, ids=[f"{n} {row[0]}" for n, row in enumerate(ASKED)])
async def test_a_form_is_one_command_with_its_key_and_the_version_that_was_shown(
    browser: httpx.AsyncClient, desk: PaperDesk, path: str, fields: dict[str, object], command: Command
) -> None:
    answer = await post(browser, "personnel" if path == "pastikan" else "operator", f"/akun/{ONE}/{path}", **fields)
    assert answer.status_code == 303
    right = next(deed.right for deed in DEEDS if deed.path == path)
    assert answer.headers["location"] == f"/akun/{ONE}?after=ab.1.9&baru={right}"
    assert desk.done == [(command, f"satu:{path}", 5)]


def test_every_form_was_tried() -> None:
    assert {row[0] for row in ASKED} == {deed.path for deed in DEEDS}
    assert {deed.right for deed in DEEDS} | {"requests.slip"} == set(permits.STAGES)


@pytest.mark.parametrize("path", ["tarik", "lepas"])
async def test_a_reason_that_is_missing_is_told_and_nothing_is_sent(
    browser: httpx.AsyncClient, desk: PaperDesk, path: str
) -> None:
    answer = await post(browser, "operator", f"/akun/{ONE}/{path}", reason="")
    assert (answer.status_code, commands(desk)) == (422, [])
    assert 'role="alert"' in answer.text


async def test_a_refusal_stands_above_the_form_and_what_was_written_stays(
    browser: httpx.AsyncClient, desk: PaperDesk
) -> None:
    desk.refuses[accounts.RejectRequest] = Problem("account_provisioning.own-request", 403)
    answer = await post(browser, "operator", f"/akun/{ONE}/tolak", reason="bukan-pns", words="Surat belum sah")
    assert answer.status_code == 403
    assert "Anda tidak dapat mengkaji permohonan Anda sendiri." in said(answer.text)
    assert "Surat belum sah" in answer.text


async def test_an_officer_files_for_whom_stands_at_the_counter(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    answer = await post(browser, "operator", "/akun/catat", **FORM)
    assert answer.status_code == 200
    [command] = commands(desk)
    assert command == accounts.FileRequest(
        request_kind="create",
        applicant=accounts.Applicant(name="Siti Nuraini", nip=NIP, unit="Dinas Kesehatan", contact=CONTACT),
        letter=accounts.ApplicationLetter(number="800/123", on="2026-11-18"),
        wishes=("siti.nuraini", "sitinur"),
    )
    shown = said(answer.text)
    assert "Tercatat. Berikan potongan ini kepada pemohon." in shown
    strip = ("ADU-00003-QX7ZK", "<svg", "data-print", f"/akun/{letter_id(3)}?after=")
    assert [each for each in strip if each not in answer.text] == []
    assert CODE.search(answer.text) is not None
    again = await post(browser, "operator", "/akun/catat", **FORM)
    assert again.headers["cache-control"] == "no-store"


async def test_the_admin_of_a_unit_files_for_it_and_vouches_and_is_offered_nothing_else(
    browser: httpx.AsyncClient, desk: PaperDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = {"accounts": {"unit_admins": [{"unit": "Dinas Kesehatan", "position": "admin-surel-dinkes"},
                                          {"unit": "Dinas Sosial", "position": "admin-surel-dinsos"}]}}  # fmt: skip
    monkeypatch.setattr("tests.unit.gateway.web_office.STANDARD", STANDARD.model_copy(update={"rules": rules}))
    browser.cookies.set("peran", "unit-admin")
    shown = (await browser.get("/akun/catat")).text
    assert ('<option value="Dinas Kesehatan">' in shown, "Dinas Sosial" in shown) == (True, False)
    filed = await post(browser, "unit-admin", "/akun/catat", **FORM)
    assert (filed.status_code, "Berikan potongan ini" in filed.text) == (200, True)
    assert [type(each) for each in commands(desk)] == [accounts.FileRequest]
    for stage in STAGES:
        page = (await browser.get(f"/akun/{OF_STAGE[stage]}")).text
        offered = {deed.path for deed in DEEDS if f'id="f-{deed.path}"' in page}
        assert offered == ({"pastikan"} if stage in {"provisioned", "notified"} else set()), stage
    for path in ("setujui", "tolak", "tarik", "kabari", "perbarui"):
        assert (await post(browser, "unit-admin", f"/akun/{ONE}/{path}", reason="x")).status_code == 403


async def test_a_change_may_ask_for_a_quota_of_the_standard_and_the_page_shows_it(
    browser: httpx.AsyncClient, desk: PaperDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.cookies.set("peran", "operator")
    assert 'name="quota"' not in (await browser.get("/akun/catat")).text
    rules = {"accounts": {"quotas": [1024, 2048]}}
    monkeypatch.setattr("tests.unit.gateway.web_office.STANDARD", STANDARD.model_copy(update={"rules": rules}))
    assert "2048 MB" in (await browser.get("/akun/catat")).text
    said_of = {**FORM, "request_kind": "change", "address": "a@x.go.id", "quota": "2048"}
    for fields in (said_of, {**said_of, "quota": ""}, {**said_of, "request_kind": "close"}):
        await post(browser, "operator", "/akun/catat", **fields)
    assert [each.quota for each in commands(desk) if isinstance(each, accounts.FileRequest)] == [2048, None, None]
    found = web_requests.REQUESTS[ONE].model_copy(update={"quota": 2048})
    monkeypatch.setitem(web_requests.REQUESTS, ONE, found)
    assert "Kuota yang diminta 2048 MB" in said((await browser.get(f"/akun/{ONE}")).text)


ALIAS = "siti.aminah@pekalongankota.go.id"


async def test_a_change_may_ask_for_an_additional_address_where_the_directory_keeps_such(
    browser: httpx.AsyncClient, desk: PaperDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.cookies.set("peran", "operator")
    assert 'name="alias"' in (await browser.get("/akun/catat")).text
    said_of = {**FORM, "request_kind": "change", "address": "a@x.go.id", "alias": ALIAS, "alias_ends": "b@x.go.id"}
    for fields in (said_of, {**said_of, "request_kind": "close"}):
        await post(browser, "operator", "/akun/catat", **fields)
    filed = [each for each in commands(desk) if isinstance(each, accounts.FileRequest)]
    assert [(each.alias, each.alias_ends) for each in filed] == [(ALIAS, "b@x.go.id"), ("", "")]
    desk.refuses[accounts.FileRequest] = Problem("account_provisioning.alias-not-kept", 409)
    refused = await post(browser, "operator", "/akun/catat", **said_of)
    assert "tidak menyimpan alamat tambahan" in said(refused.text)
    assert f'value="{ALIAS}"' in refused.text
    rules = {"accounts": {"connector": "passwd-file"}}
    monkeypatch.setattr("tests.unit.gateway.web_office.STANDARD", STANDARD.model_copy(update={"rules": rules}))
    assert 'name="alias"' not in (await browser.get("/akun/catat")).text


@pytest.mark.parametrize(("state", "checked"), [("free", ALIAS), ("unusual", ALIAS), ("taken", "siti.nuraini2")])
async def test_who_decides_sees_the_additional_address_and_may_choose_another(
    browser: httpx.AsyncClient, desk: PaperDesk, monkeypatch: pytest.MonkeyPatch, state: str, checked: str
) -> None:
    browser.cookies.set("peran", "operator")
    sheet = web_requests.sheet()
    wished = accounts.AddressProposal.model_validate({"address": ALIAS, "state": state})
    asked = sheet.model_copy(update={"alias": ALIAS, "proposals": (wished, *sheet.proposals)})
    monkeypatch.setattr(web_requests, "sheet", lambda: asked)
    found = web_requests.REQUESTS[ONE]
    row = found.row.model_copy(update={"request_kind": "change", "address": "siti@pekalongankota.go.id"})
    monkeypatch.setitem(web_requests.REQUESTS, ONE, found.model_copy(update={"row": row, "alias_ends": "b@x.go.id"}))
    shown = (await browser.get(f"/akun/{ONE}")).text.replace("<wbr>", "")
    assert f"Alamat tambahan yang diminta {ALIAS} Alamat tambahan yang diakhiri b@x.go.id" in said(shown)
    [chosen] = re.findall(r'name="address" value="([^"]*)" checked', shown)
    assert chosen.startswith(checked)
    await post(browser, "operator", f"/akun/{ONE}/setujui", address=ALIAS, other="", reason="")
    assert commands(desk) == [accounts.ApproveRequest(request_id=ONE, address=ALIAS)]


async def test_the_directory_shows_additional_addresses(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.cookies.set("peran", "operator")
    state = web_requests.ACCOUNT_IDS["active"]
    row = web_requests.ACCOUNTS[state].model_copy(update={"aliases": (ALIAS,)})
    monkeypatch.setitem(web_requests.ACCOUNTS, state, row)
    for place in ("/akun/direktori", f"/akun/direktori/{state}"):
        assert ALIAS in (await browser.get(place)).text.replace("<wbr>", ""), place


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"name": " "}, "name"),
        ({"unit": ""}, "unit"),
        ({"request_kind": "reset", "address": "a@x.go.id"}, "cause"),
        ({"request_kind": "close"}, "address"),
        ({"received_at": "kemarin"}, "received_at"),
        ({"name": "x" * 3000}, "name"),
        ({"nip": "9" * 60}, "nip"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
async def test_what_is_missing_or_wrong_is_named_and_the_rest_stays(
    browser: httpx.AsyncClient, desk: PaperDesk, wrong: dict[str, str], named: str
) -> None:
    answer = await post(browser, "operator", "/akun/catat", **{**FORM, **wrong})
    assert (answer.status_code, commands(desk)) == (422, [])
    assert f'id="{named}-error"' in answer.text
    assert 'value="800/123"' in answer.text


async def test_what_the_service_refuses_is_told_above_the_form(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    desk.refuses[accounts.FileRequest] = Problem("account_provisioning.open-request-exists", 409, number="0007/2026")
    answer = await post(browser, "operator", "/akun/catat", **FORM)
    assert answer.status_code == 409
    assert "0007/2026" in said(answer.text)
    assert 'value="Siti Nuraini"' in answer.text


@pytest.mark.parametrize("path", ["/papan/akun", "/akun", f"/akun/{OF_STAGE['notified']}"])
async def test_that_a_link_was_sent_is_not_that_it_was_opened(browser: httpx.AsyncClient, path: str) -> None:
    browser.cookies.set("peran", "operator")
    shown = said((await browser.get(path)).text)
    assert "Terkirim, belum dibuka" in shown
    assert "Sedang dibuka" not in shown


async def test_the_directory_says_whether_its_holder_has_ever_logged_in(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("peran", "operator")
    assert said((await browser.get("/akun/direktori")).text).count("Belum pernah masuk") == 1
    for state, words_of_it in (
        ("active", "Belum pernah masuk Diperiksa"),
        ("suspended", "Masuk pertama kali"),
        ("closed", "Direktori ini tidak mencatatnya"),
    ):
        shown = said((await browser.get(f"/akun/direktori/{web_requests.ACCOUNT_IDS[state]}")).text)
        assert words_of_it in shown, state


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x>'])
async def test_what_an_applicant_writes_stays_text(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    found = request(1, "complete")
    row = found.row.model_copy(update={"name": text, "unit": text, "title": text, "who": text})
    monkeypatch.setitem(web_requests.REQUESTS, ONE, found.model_copy(update={"row": row, "namesakes": (row,)}))
    browser.cookies.set("peran", "operator")
    for address in ("/akun", f"/akun/{ONE}", "/papan/akun"):
        shown = (await browser.get(address)).text
        assert "<script>alert" not in shown
        assert "<img" not in shown


def test_every_stage_kind_reason_and_way_has_its_word_and_every_fact_its_sentence() -> None:
    assert set(words.STAGES) == set(p.REQUEST_STAGES)
    assert (set(words.KINDS), set(words.CAUSES), set(words.WAYS)) == (
        set(policy.KINDS), set(policy.CAUSES), set(policy.NOTICES),
    )  # fmt: skip
    facts = {f"account_provisioning.{fact.__name__}" for fact in SENTENCES if fact.service() == "account_provisioning"}
    assert facts == set(TOLD) - {"organisation.OperationNoted"}
    page = (WEB / "templates/accounts/permohonan.html").read_text(encoding="utf-8")
    done = page.partition("{% set done = {")[2].partition("} %}")[0]
    assert [deed.right for deed in DEEDS if f'"{deed.right}"' not in done] == []
