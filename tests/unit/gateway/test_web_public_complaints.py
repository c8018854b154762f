"""A complaint from the public page: one thing after the other, who will see what, nothing of who stays anonymous."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from starlette.datastructures import FormData

from contracts import complaint as c
from contracts.base import Accepted, Command, Query
from contracts.organisation import StandardRow
from contracts.tracking import Tracked, TrackedAnswer, TrackedStep
from gateway.web.public.complaints import ABOUT_OFFICER, COMPLAINTS, FORM
from tests.unit.gateway.test_web_pages import broken_rules
from tests.unit.gateway.test_web_public import entered, ticket
from tests.unit.gateway.web_office import AGENCY, PaperDesk, web_app

PLACE, LACAK = f"/{AGENCY}/ajukan/pengaduan", f"/{AGENCY}/lacak"
NUMBER = "ADU-7K2QX-M4RTZ"
AT = datetime(2026, 11, 29, 3, 17, tzinfo=UTC)
CASE = UUID("00000000-0000-4000-8000-000000000007")
WORDS = "Petugas meminta uang.\r\n<script>alert(1)</script>"
NAMED = {"jenis": "pengaduan", "isi": WORDS, "tempat": "Loket 3", "kapan": "", "sikap": "named", "nama": "Sulastri",
         "kontak": "0812", "berkas": "", "teradu": ""}  # fmt: skip


@dataclass
class Desk(PaperDesk):
    stage: str = "answered"
    stance: str = "named"
    replies: tuple[str, ...] = ("reply", "object", "accept", "change-stance", "withdraw")
    macs: list[str] = field(default_factory=list)

    async def do(self, visitor: Any, command: Command, *, key: Any = None, **_: Any) -> Accepted:
        accepted = await super().do(visitor, command, key=key)
        result = {"complaint_id": str(CASE), "number": NUMBER, "filed_at": AT.isoformat()}
        return accepted.model_copy(update={"result": result, "command_id": key})

    def _answer(self, query: Query) -> Any:
        if isinstance(query, c.TrackComplaint):
            self.macs.append(query.code_mac)
            case = Tracked(
                case_id=CASE, number=query.number, stage=self.stage, filed_at=AT, replies=self.replies,
                steps=tuple(TrackedStep(step=each, at=AT) for each in ("filed", "assigned", "answered")),
            )  # fmt: skip
            return TrackedAnswer(case=case if query.number == NUMBER else None)
        if isinstance(query, c.CheckReceipt):
            same = query.sha256 == sha256(WORDS.encode()).hexdigest()
            return c.CheckReceiptAnswer(stands=query.number == NUMBER and same)
        if isinstance(query, c.ReadThread):
            said = (("filed", "reporter", WORDS), ("answer", "office", "Sudah ditindak."))
            return c.ReadThreadAnswer(
                found=True, stance=self.stance, object_until=AT + timedelta(days=10),
                entries=tuple(c.ThreadEntry(at=AT, by=by, kind=kind, words=words) for kind, by, words in said),
            )  # fmt: skip
        return super()._answer(query)


async def test_a_receipt_is_told_yes_or_no_and_nothing_else(browser: httpx.AsyncClient) -> None:
    there, right = f"/{AGENCY}/lacak", sha256(WORDS.encode()).hexdigest()
    good = (await browser.get(there, params={"nomor": NUMBER, "sidik": right})).text
    assert "Terdaftar, tidak berubah" in good
    assert not re.search(
        r"uang|2026|Dijawab|Sulastri", re.sub(r"<head>.*?</head>|<footer.*?</footer>", "", good, flags=re.DOTALL)
    )
    bad = [
        (await browser.get(there, params=asked)).text
        for asked in ({"nomor": NUMBER, "sidik": "0" * 64}, {"nomor": "ADU-00000-00000", "sidik": right})
    ]
    assert all("Tidak dapat dipastikan" in each and "Terdaftar" not in each for each in bad)
    assert bad[0].replace(NUMBER, "") == bad[1].replace("ADU-00000-00000", ""), "an unknown number is no other answer"
    for nothing in ({"nomor": NUMBER}, {"nomor": NUMBER, "sidik": "x"}):
        assert "Terdaftar" not in (await browser.get(there, params=nothing)).text


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def app(desk: Desk) -> FastAPI:
    return web_app(desk, (COMPLAINTS,))


@pytest.fixture
async def browser(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    headers = {"accept": "text/html"}
    monkeypatch.setattr("gateway.web.public.filing.offered", _offered)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
        yield client


async def _offered(*_: object) -> Any:
    return COMPLAINTS


async def turned(browser: httpx.AsyncClient, shown: str, **said: str) -> httpx.Response:
    """The next page, as a browser without script asks for it."""
    form = entered(shown, PLACE)
    for name, value, checked in re.findall(r'<input type="radio" name="([^"]*)" value="([^"]*)"( checked)?', shown):
        if checked:
            form[name] = value
        elif form.get(name) == value:
            del form[name]
    return await browser.post(PLACE, data=form | said)


def page(shown: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", shown, re.DOTALL)
    return found[1] if found else ""


async def walked(browser: httpx.AsyncClient, answers: dict[str, str]) -> list[str]:
    """Every page on the way to the last, which shows all of it."""
    shown = (await browser.get(PLACE)).text
    pages = [shown]
    while "Periksa isian Anda" not in page(shown):
        names = {each.name for each in FORM.on(len(pages) - 1, answers)}
        answer = await turned(browser, shown, **{name: answers[name] for name in names})
        assert answer.status_code == 200, page(answer.text)
        shown = answer.text
        pages.append(shown)
        assert len(pages) < 10
    return pages


async def test_one_thing_per_page_and_all_of_it_to_check(browser: httpx.AsyncClient, desk: Desk) -> None:
    pages = await walked(browser, NAMED)
    assert [page(each) for each in pages] == [*[each.title for each in FORM.pages], "Periksa isian Anda"]
    assert [broken_rules(each) for each in pages] == [[]] * len(pages)
    assert all(text.says in pages[4] for text in FORM.asked[5].choices)  # said before anything is asked of him
    assert "nama" not in entered(pages[4], PLACE)
    assert "<script>alert" not in pages[-1]
    assert desk.done == []
    sent = await turned(browser, pages[-1], ke="kirim")
    [(command, _, _)] = desk.done
    assert isinstance(command, c.FileComplaint)
    assert (command.name, command.contact, command.stance) == ("Sulastri", "0812", "named")
    assert command.words == WORDS.replace("\r\n", "\n")
    assert ticket(sent.text)[0] == NUMBER
    assert sha256(command.words.encode()).hexdigest() in sent.text


async def test_about_the_officer_it_is_asked_where_somebody_is_above_him(
    browser: httpx.AsyncClient, desk: Desk
) -> None:
    pages = await walked(browser, {**NAMED, "teradu": "ya"})
    assert ABOUT_OFFICER[1].says in pages[-1], "what follows is said once more before it is sent"
    await turned(browser, pages[-1], ke="kirim")
    [(command, _, _)] = desk.done
    assert isinstance(command, c.FileComplaint)
    assert command.about_officer
    answers = {"officer": "pejabat"}

    def asked(**rules: Any) -> bool:
        row = StandardRow.model_construct(rules={"complaints": [{"class": "ringan"}], "answers": answers, **rules})
        form = COMPLAINTS.here([row]).form
        assert "teradu" in form.read(FormData({"teradu": "ya"}))[0], "what an app says is never passed over"
        return any("teradu" in each.names for each in form.pages)

    assert not asked()
    assert not asked(ladder=[{"position": "pejabat"}])
    assert asked(ladder=[{"position": "kadis"}])
    assert asked(answers={**answers, "superior": "kadis"})


async def test_an_anonymous_reporter_has_no_field_for_who_he_is(browser: httpx.AsyncClient, desk: Desk) -> None:
    """Whatever his browser still sends of it: nothing is read."""
    pages = await walked(browser, {**NAMED, "sikap": "anonymous"})
    assert FORM.pages[5].title not in [page(each) for each in pages]
    assert "Sulastri" not in "".join(pages)
    await turned(browser, pages[-1], ke="kirim", nama="Sulastri", kontak="0812")
    [(command, _, _)] = desk.done
    assert isinstance(command, c.FileComplaint)
    assert (command.name, command.contact, command.stance) == ("", "", "anonymous")


async def test_what_is_missing_is_asked_on_its_own_page_and_going_back_loses_nothing(
    browser: httpx.AsyncClient, desk: Desk
) -> None:
    first = (await browser.get(PLACE)).text
    again = await turned(browser, first)
    assert (again.status_code, page(again.text)) == (422, FORM.pages[0].title)
    odd = await turned(browser, first, jenis="<b>lain</b>")
    assert (odd.status_code, page(odd.text)) == (422, FORM.pages[0].title)
    pages = await walked(browser, NAMED)
    back = await turned(browser, pages[-1], ke="1")
    assert page(back.text) == FORM.pages[1].title
    assert "Petugas meminta uang." in back.text
    assert entered(back.text, PLACE)["nama"] == "Sulastri"
    skipped = await turned(browser, pages[-1], ke="kirim", isi="")
    assert (skipped.status_code, page(skipped.text)) == (422, FORM.pages[1].title)
    for nonsense in ("-1", "99", "x", "²"):
        assert (await turned(browser, pages[-1], ke=nonsense, halaman=nonsense)).status_code == 200
    assert desk.done == []


async def test_who_tracks_it_sees_four_steps_with_dates_and_what_was_said(
    browser: httpx.AsyncClient, desk: Desk
) -> None:
    shown = (await browser.post(LACAK, data={"nomor": NUMBER, "kode": "ABCD"})).text
    assert broken_rules(shown) == []
    assert len(re.findall(r'class="way-words"', shown)) == 4
    assert shown.count("Min, 29 Nov 2026") >= 3
    assert "Sudah ditindak." in shown
    assert "<script>alert" not in shown
    desk.stance = "anonymous"
    shown = (await browser.post(LACAK, data={"nomor": NUMBER, "kode": "ABCD"})).text
    assert "10.17" not in shown.partition('class="thread"')[2].partition("</ol>")[0]


@pytest.mark.parametrize(
    ("reply", "said", "kind"),
    [
        ("reply", {"balasan": "Senin"}, c.ReplyAsReporter), ("object", {"alasan": "Belum"}, c.Object),
        ("accept", {}, c.AcceptAnswer), ("change-stance", {"sikap": "anonymous"}, c.ChangeStance),
        ("withdraw", {"alasan": ""}, c.WithdrawComplaint),
    ],
)  # fmt: skip
async def test_the_reporter_does_what_the_case_allows(
    browser: httpx.AsyncClient, desk: Desk, reply: str, said: dict[str, str], kind: type[Command]
) -> None:
    shown = (await browser.post(LACAK, data={"nomor": NUMBER, "kode": "ABCD"})).text
    form = entered(shown, f"{LACAK}/{reply}")
    answer = await browser.post(f"{LACAK}/{reply}", data=form | said)
    assert answer.status_code == 200
    [(command, _, _)] = desk.done
    assert type(command) is kind
    assert command.complaint_id == CASE  # type: ignore[attr-defined]  # of every command about a complaint
    assert command.code_mac == desk.macs[0]  # type: ignore[attr-defined]  # of every one of the reporter's
