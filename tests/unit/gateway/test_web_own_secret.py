"""The page by which somebody changes his own secret: what it costs to guess, and that no secret leaves the answer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from contracts.account_provisioning import ChangeOwnSecret, SecretSetAnswer
from contracts.base import Refusal
from contracts.organisation import StandardsAnswer
from gateway.edge.budgets import Budget, Budgets
from gateway.edge.problems import Problem
from gateway.edge.turns import MOST_AT_ONE, PAUSE_SECONDS, Turns
from gateway.web.public.accounts import ACCOUNTS
from gateway.web.public.own_secret import AT_ONE, TRIES
from tests.unit.gateway.test_web_pages import broken_rules
from tests.unit.gateway.test_web_public import PublicDesk
from tests.unit.gateway.web_office import AGENCY, web_app

PLACE = f"/{AGENCY}/sandi"
ADDRESS = "siti.nuraini@pekalongankota.go.id"
PRESENT, NEXT = "kuda-laut-biru-sekali", "gajah duduk di atap rumah"
PROPOSED = "batu-awan-kopi-sepeda-lampu-kelapa"


@dataclass
class SecretDesk(PublicDesk):
    tried: list[ChangeOwnSecret] = field(default_factory=list)
    away: bool = False

    async def ask_for(self, agency: str, query: Any, answer: Any, **rest: Any) -> Any:
        if not isinstance(query, ChangeOwnSecret):
            found = await super().ask_for(agency, query, answer, **rest)
            return gives_accounts(found) if isinstance(found, StandardsAnswer) else found
        self.tried.append(query)
        if self.away:
            raise Problem.of(Refusal(code="account_provisioning.connector-away", status=503))
        if query.present != PRESENT:
            raise Problem.of(Refusal(code="account_provisioning.present-secret-wrong", status=403))
        return SecretSetAnswer(address=query.address, secret="" if query.secret else PROPOSED)


def gives_accounts(found: StandardsAnswer) -> StandardsAnswer:
    rows = [row.model_copy(update={"rules": {**row.rules, "accounts": {"domain": "x"}}}) for row in found.standards]
    return found.model_copy(update={"standards": tuple(rows)})


@pytest.fixture
def desk() -> SecretDesk:
    return SecretDesk()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("gateway.edge.turns.PAUSE", wait)
    return waits


@pytest.fixture
def app(desk: SecretDesk, slept: list[float]) -> FastAPI:
    return web_app(desk, (ACCOUNTS,), anew=True)


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


def form(**changes: str) -> dict[str, str]:
    return {"alamat": ADDRESS, "sekarang": PRESENT, "cara": "sendiri", "sandi": NEXT, "ulang": NEXT, **changes}


async def test_the_page_keeps_the_rules_and_says_what_to_do_who_forgot(browser: httpx.AsyncClient) -> None:
    shown = await browser.get(PLACE)
    assert shown.status_code == 200
    assert broken_rules(shown.text) == []
    assert f"/{AGENCY}/ajukan/surel" in shown.text
    assert PLACE in (await browser.get(f"/{AGENCY}/")).text


async def test_an_own_secret_is_not_shown_again_and_proposed_words_once(
    browser: httpx.AsyncClient, desk: SecretDesk
) -> None:
    own = await browser.post(PLACE, data=form())
    assert own.status_code == 200
    assert (desk.tried[0].present, desk.tried[0].secret) == (PRESENT, NEXT)
    assert NEXT not in own.text
    proposed = await browser.post(PLACE, data=form(cara="usul", sandi="", ulang=""))
    assert PROPOSED in proposed.text
    for answer in (own, proposed):
        assert PRESENT not in answer.text
        assert "no-store" in answer.headers["cache-control"]
        assert PRESENT not in str(answer.request.url)


@pytest.mark.parametrize(
    ("changes", "status"), [({"ulang": "lain"}, 422), ({"sandi": "", "ulang": ""}, 422), ({"sekarang": "salah"}, 403)]
)
async def test_what_is_wrong_is_said_and_only_the_address_stays_in_the_form(
    browser: httpx.AsyncClient, changes: dict[str, str], status: int
) -> None:
    answer = await browser.post(PLACE, data=form(**changes))
    assert answer.status_code == status
    assert ADDRESS in answer.text
    for secret in (PRESENT, NEXT, "salah"):
        assert f'value="{secret}"' not in answer.text
    assert broken_rules(answer.text) == []


async def test_another_site_may_not_send_the_form(browser: httpx.AsyncClient, desk: SecretDesk) -> None:
    answer = await browser.post(PLACE, data=form(), headers={"origin": "https://jahat.example"})
    assert answer.status_code == 403
    assert desk.tried == []


async def test_who_guesses_waits_and_then_his_network_has_no_more(
    browser: httpx.AsyncClient, desk: SecretDesk, slept: list[float]
) -> None:
    answers = [await browser.post(PLACE, data=form(sekarang=f"salah {n}")) for n in range(TRIES.at_once + 1)]
    assert [each.status_code for each in answers] == [403] * TRIES.at_once + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert slept == [PAUSE_SECONDS] * (TRIES.at_once - AT_ONE.at_once)
    assert len(desk.tried) == TRIES.at_once


async def test_who_is_right_is_let_in_at_his_turn_and_pays_nothing(
    browser: httpx.AsyncClient, desk: SecretDesk, slept: list[float]
) -> None:
    for n in range(AT_ONE.at_once):
        await browser.post(PLACE, data=form(sekarang=f"salah {n}"))
    right = [await browser.post(PLACE, data=form()) for _ in range(TRIES.at_once)]
    assert {each.status_code for each in right} == {200}
    assert len(slept) == TRIES.at_once


async def test_a_directory_that_is_away_costs_nobody_a_try(browser: httpx.AsyncClient, desk: SecretDesk) -> None:
    desk.away = True
    answers = [await browser.post(PLACE, data=form()) for _ in range(2 * TRIES.at_once)]
    assert {each.status_code for each in answers} == {503}


async def test_one_after_the_other_and_no_crowd_at_one_account() -> None:
    budgets = Budgets(lambda: 0.0)
    gate, inside, most = asyncio.Event(), 0, 0

    async def wait(_seconds: float) -> None:
        await gate.wait()

    turns, one = Turns(budgets, wait), Budget("one", 1, 0.001)

    async def tries() -> int:
        nonlocal inside, most
        try:
            async with turns.turn(one, ADDRESS):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1
        except Problem as full:
            return full.status if full.detail["seconds"] >= 1 else 0
        return 200

    assert await tries() == 200
    running = [asyncio.create_task(tries()) for _ in range(10)]
    await asyncio.sleep(0)
    gate.set()
    assert sorted(await asyncio.gather(*running)) == [200] * MOST_AT_ONE + [429] * (10 - MOST_AT_ONE)
    assert most == 1
    assert turns._lines == {}
    assert not any(b"siti" in name for name in budgets._buckets)
