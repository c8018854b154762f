"""Who asks for more readers of letters is told to wait; the leaders see it among their tasks, and decide."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from contracts import organisation as o
from contracts.base import Accepted, Command
from gateway.edge.principals import Visitor
from tests.unit.gateway.test_web_pages import broken_rules
from tests.unit.gateway.web_grants import grant_id
from tests.unit.gateway.web_office import CSRF, web_app
from tests.unit.gateway.web_rules import RulesDesk, rules_desk


class Waiting(RulesDesk):
    """An organisation that lets a leader confirm first."""

    async def do(self, someone: Visitor, command: Command, **more: Any) -> Accepted:
        accepted = await super().do(someone, command, **more)
        return accepted.model_copy(update={"result": {"waits_until": "2026-03-05T07:00:00+00:00"}})


@pytest.fixture
def desk() -> RulesDesk:
    return Waiting(rules_desk().letters, waits=True)


@pytest.fixture
async def browser(desk: RulesDesk) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=web_app(desk), raise_app_exceptions=True)
    headers = {"accept": "text/html"}
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
        client.cookies.set("peran", "admin")
        yield client


FORMS = [
    ("/pengaturan/orang", {"person_id": "kasi-2", "name": "Nama Baru", "roles": ["kasi"]}),
    ("/pengaturan/jabatan/kadis/angkat", {"person_id": "kabid", "capacity": "holder"}),
    ("/pengaturan/token", {"token_id": "uji", "role": "operator", "label": "Uji"}),
    ("/pengaturan/token/aplikasi/perbarui", {}),
    ("/pengaturan/orang/kabid/kata-sandi", {}),
]


@pytest.mark.parametrize(("address", "fields"), FORMS)
async def test_what_waits_for_a_leader_says_so(
    browser: httpx.AsyncClient, address: str, fields: dict[str, str]
) -> None:
    done = await browser.post(address, data={**fields, "csrf_token": CSRF, "key": "k1"})
    assert done.status_code == 303, done.text[:500]
    assert "tunggu=1" in done.headers["location"]
    if "kasi-2" in done.headers["location"]:
        return  # an office on paper does not know him yet
    shown = (await browser.get(done.headers["location"])).text
    assert "Menunggu persetujuan pimpinan" in shown
    assert broken_rules(shown) == []
    assert "crk_" not in shown


async def test_a_person_who_is_added_with_a_first_password_is_told_of_both(
    browser: httpx.AsyncClient, desk: RulesDesk
) -> None:
    desk.waits = False  # the newcomer sees no letter yet: his password is handed over at once
    fields = {"person_id": "kabid", "name": "Endah", "roles": ["kasi"], "first_password": "ya"}
    shown = await browser.post("/pengaturan/orang", data={**fields, "csrf_token": CSRF, "key": "k1"})
    assert shown.status_code == 200
    assert "abcd-efgh-jkmn-pqrs" in shown.text
    assert 'data-answers=""' in shown.text  # shown once: a reload asks for the same again, it does not lead away
    assert "Menunggu persetujuan pimpinan" in shown.text
    assert broken_rules(shown.text) == []


@pytest.mark.parametrize("role", ["kadis", "leader"])
async def test_a_leader_finds_it_among_his_tasks_and_decides(
    browser: httpx.AsyncClient, desk: RulesDesk, role: str
) -> None:
    browser.cookies.set("peran", role)
    shown = (await browser.get("/tugas")).text
    assert "Akses surat yang perlu Anda putuskan" in shown
    assert "Semua beres" not in shown, "what waits for a decision is no peace"
    assert "Peran Operator untuk Endah Pramesti" in shown
    assert "Diminta Dimas Arya Nugraha" in shown
    assert "Diminta konsol mesin" in shown, "what was given at the console is shown too"
    assert "Berlaku tanpa persetujuan: 24 jam lewat" in shown
    assert "Tidak perlu" not in shown, "what is decided is no task"
    form = {"csrf_token": CSRF, "key": "k1", "kembali": "tugas"}
    done = await browser.post(f"/pengaturan/akses/{grant_id(0)}/setujui", data=form)
    assert (done.status_code, done.headers["location"].partition("?")[0]) == (303, "/tugas")
    assert desk.done[-1][0] == o.ConfirmAccess(grant_id=grant_id(0))
    said = {**form, "reason": "Tidak dikenal"}
    await browser.post(f"/pengaturan/akses/{grant_id(1)}/tolak", data=said)
    assert desk.done[-1][0] == o.RefuseAccess(grant_id=grant_id(1), reason="Tidak dikenal")


@pytest.mark.parametrize("role", ["admin", "inspector", "kasi", "operator", "secretary", "courier"])
async def test_nobody_else_decides(browser: httpx.AsyncClient, desk: RulesDesk, role: str) -> None:
    browser.cookies.set("peran", role)
    assert "Akses surat yang perlu Anda putuskan" not in (await browser.get("/tugas")).text
    answer = await browser.post(f"/pengaturan/akses/{grant_id(0)}/setujui", data={"csrf_token": CSRF, "key": "k"})
    assert answer.status_code == 403
    assert desk.done == []


async def test_a_secret_that_was_agreed_to_is_fetched_once_where_it_was_asked_for(
    browser: httpx.AsyncClient, desk: RulesDesk
) -> None:
    desk.waits = False
    shown = (await browser.get("/pengaturan/token")).text
    assert shown.count("Ambil rahasianya") == 2
    assert 'action="/pengaturan/token/pemindai/perbarui"' in shown
    assert 'name="token_id" value="aplikasi-2"' in shown
    fetched = await browser.post("/pengaturan/token/aplikasi/perbarui", data={"csrf_token": CSRF, "key": "k"})
    assert "crk_pekalongan_uji_rahasia" in fetched.text
    (asked,) = [each for each in desk.asked if isinstance(each, o.GrantRenewal)]
    assert asked.command_id is not None
    await browser.post("/pengaturan/token/aplikasi/perbarui", data={"csrf_token": CSRF, "key": "k"})
    assert [each.command_id for each in desk.asked if isinstance(each, o.GrantRenewal)] == [asked.command_id] * 2
    assert (
        await browser.post("/pengaturan/token/siapa/perbarui", data={"csrf_token": CSRF, "key": "k"})
    ).status_code == 404
