"""Pausing and resuming a letter's clock on its page: who may, for which reasons, and what is shown meanwhile."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from contracts import organisation as o
from contracts import projections as p
from contracts.base import Query, Shape
from contracts.intake import LetterDeadline, LetterDeadlineAnswer, PauseClock, PauseReason, ResumeClock
from gateway.edge.problems import Problem
from tests.unit.gateway.test_web_pages import broken_rules
from tests.unit.gateway.web_letters import NOW, STANDARD, letter_id
from tests.unit.gateway.web_office import CSRF, PEOPLE, full_desk, web_app
from tests.unit.gateway.web_rules import RulesDesk, account

REASONS = (PauseReason(reason="menunggu-pengirim", title="Menunggu jawaban pengirim"),)
FORWARDED = letter_id(p.STAGES.index("forwarded"))
ARCHIVED = letter_id(p.STAGES.index("archived"))
PAUSE, RESUME = f'action="/surat/{FORWARDED}/jeda"', f'action="/surat/{FORWARDED}/lanjutkan"'


@dataclass
class PausingDesk(RulesDesk):
    """The standard in force allows a pause (``allows``); `paused` is what stands still."""

    allows: bool = True
    paused: UUID | None = None

    def _answer(self, query: Query) -> Shape:
        match query:
            case o.Standards():
                pauses = [each.model_dump() for each in REASONS] if self.allows else []
                row = STANDARD.model_copy(update={"rules": {**STANDARD.rules, "pauses": pauses}})
                return o.StandardsAnswer(standards=(row,))
            case LetterDeadline():
                since = NOW - timedelta(hours=1) if query.letter_id == self.paused else None
                return LetterDeadlineAnswer(
                    deadline=account(), pauses=REASONS if self.allows else (), paused_since=since,
                    paused_reason=REASONS[0].title if since else "",
                )  # fmt: skip
        return super()._answer(query)

    def pause(self, letter: UUID) -> None:
        found = self.letters[letter]
        still = found.row.model_copy(update={"paused_at": NOW - timedelta(hours=1)})
        self.letters[letter] = found.model_copy(update={"row": still})
        self.paused = letter


@pytest.fixture
def desk() -> PausingDesk:
    return PausingDesk(full_desk().letters)


@pytest.fixture
async def browser(desk: PausingDesk) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=web_app(desk), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        client.cookies.set("peran", "operator")
        yield client


@pytest.mark.parametrize("role", PEOPLE)
async def test_only_the_operator_and_the_kasi_are_offered_to_pause(browser: httpx.AsyncClient, role: str) -> None:
    browser.cookies.set("peran", role)
    for page in (f"/surat/{FORWARDED}", f"/surat/{FORWARDED}/tenggat"):
        shown = (await browser.get(page)).text
        assert (PAUSE in shown) is (role in {"operator", "kasi"}), page
        assert RESUME not in shown


async def test_a_pause_has_one_of_the_standards_reasons_and_a_note(
    browser: httpx.AsyncClient, desk: PausingDesk
) -> None:
    shown = (await browser.get(f"/surat/{FORWARDED}")).text
    assert "Menunggu jawaban pengirim" in shown
    assert broken_rules(shown) == []
    form = {"csrf_token": CSRF, "key": "k1", "version": "5", "reason": "menunggu-pengirim", "note": "Lampiran kurang"}
    answer = await browser.post(f"/surat/{FORWARDED}/jeda", data=form)
    assert answer.status_code == 303
    assert desk.done == [
        (PauseClock(letter_id=FORWARDED, reason="menunggu-pengirim", note="Lampiran kurang"), "k1:jeda", 5)
    ]


async def test_while_it_stands_still_the_pages_say_so_and_offer_to_go_on(
    browser: httpx.AsyncClient, desk: PausingDesk
) -> None:
    desk.pause(FORWARDED)
    shown = (await browser.get(f"/surat/{FORWARDED}")).text
    assert "Perhitungan sedang dihentikan sejak" in shown
    assert "due-paused" in shown
    assert (RESUME in shown, PAUSE in shown) == (True, False)
    explained = (await browser.get(f"/surat/{FORWARDED}/tenggat")).text
    assert "Menunggu jawaban pengirim" in explained
    assert (RESUME in explained, PAUSE in explained) == (True, False)
    assert broken_rules(explained) == []
    board = (await browser.get("/papan")).text
    assert "due-paused" in board


async def test_going_on_leads_back_to_where_it_was_asked(browser: httpx.AsyncClient, desk: PausingDesk) -> None:
    desk.pause(FORWARDED)
    back = f"/surat/{FORWARDED}/tenggat"
    answer = await browser.post(f"/surat/{FORWARDED}/lanjutkan", data={"csrf_token": CSRF, "key": "k", "back": back})
    assert answer.headers["location"].startswith(back)
    assert [command for command, _, _ in desk.done] == [ResumeClock(letter_id=FORWARDED)]


async def test_where_the_standard_allows_no_pause_none_is_offered(
    browser: httpx.AsyncClient, desk: PausingDesk
) -> None:
    desk.allows = False
    for page in (f"/surat/{FORWARDED}", f"/surat/{FORWARDED}/tenggat"):
        assert PAUSE not in (await browser.get(page)).text


async def test_a_letter_that_is_over_is_not_paused(browser: httpx.AsyncClient) -> None:
    assert f'action="/surat/{ARCHIVED}/jeda"' not in (await browser.get(f"/surat/{ARCHIVED}")).text


async def test_a_refused_pause_is_told_above_its_form_and_keeps_the_note(
    browser: httpx.AsyncClient, desk: PausingDesk
) -> None:
    desk.refuses[PauseClock] = Problem("intake.pause-not-allowed", 422)
    form = {"csrf_token": CSRF, "key": "k", "reason": "menunggu-pengirim", "note": "Lampiran kurang"}
    answer = await browser.post(f"/surat/{FORWARDED}/jeda", data=form)
    assert answer.status_code == 422
    assert "tidak mengizinkan jam dihentikan" in answer.text
    assert 'value="Lampiran kurang"' in answer.text
