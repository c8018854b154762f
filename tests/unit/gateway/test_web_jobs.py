"""Ruang operasi shows each queue and an agency's parked jobs, and what is done there is done to that agency alone."""

from typing import Any

import httpx
import pytest

from gateway.api import operations
from gateway.edge import jobs as edge_jobs
from gateway.web.operations import jobs
from services.kit.bus import NoResponder
from services.kit.operations import HealthReport
from tests.unit.gateway.web_office import CSRF

SINCE = "2026-11-18T01:00:00+00:00"
WELL = {
    "queue": "mail", "waiting": 0, "sent": 3, "parked": 1, "oldest_at": None, "broken_since": None,
    "paused": [], "sendings": 40, "per_minute": 12,
}  # fmt: skip
BROKEN = {**WELL, "queue": "sms", "waiting": 417, "oldest_at": SINCE, "broken_since": SINCE, "per_minute": 0}
PAUSED = {**WELL, "queue": "wa", "paused": ["pekalongan"]}
ELSEWHERE = {**WELL, "queue": "push", "paused": ["purbalingga"]}
JOB = {
    "job_id": "2f0d2c3e-0000-5000-8000-000000000001", "agency": "pekalongan", "stream": "notice:1", "name": "mail",
    "queue": "mail", "state": "parked", "tries": 4, "publication": 1, "look_at": SINCE, "reason": "550 no such box",
}  # fmt: skip


@pytest.fixture
def asked(browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, dict[str, Any]]]:
    said: list[tuple[str, str, dict[str, Any]]] = []

    async def reports(_bus: object, **_: object) -> object:
        part = {"state": "running", "parked": 1, "jobs": [WELL, BROKEN, PAUSED, ELSEWHERE]}
        return [HealthReport("intake", "a1b2", {"jobs": part, "timers": {"state": "running", "parked": 2}})]

    async def operate(_bus: object, service: str, deed: str, body: dict[str, Any], **_: object) -> object:
        said.append((service, deed, body))
        if service == "dispatch":
            raise NoResponder(service)
        if deed == "jobs-page":
            return [JOB] if service == "intake" and body.get("job") in {None, JOB["job_id"]} else []
        return 1

    monkeypatch.setattr(operations, "ask_health", reports)
    monkeypatch.setattr(jobs, "request_operation", operate)
    monkeypatch.setattr(edge_jobs, "request_operation", operate)
    return said


async def page(browser: httpx.AsyncClient, role: str = "admin") -> str:
    browser.cookies.set("peran", role)
    answer = await browser.get("/operasi")
    assert answer.status_code == 200
    return answer.text


async def test_what_was_not_taken_from_a_file_stands_on_the_page(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def reports(_bus: object, **_: object) -> object:
        part = {"state": "imported", "not_taken": ["kota/berita-biasa: versi 1 sudah diterbitkan <b>"]}
        return [HealthReport("organisation", each, {"standards": part}) for each in ("a1", "b2")]

    monkeypatch.setattr(operations, "ask_health", reports)
    told = await page(browser)
    assert told.count("kota/berita-biasa: versi 1 sudah diterbitkan &lt;b&gt;") == 1, "of two processes that say so"
    assert "Sehat" not in told


async def post(browser: httpx.AsyncClient, action: str, role: str = "admin", **fields: str) -> httpx.Response:
    browser.cookies.set("peran", role)
    return await browser.post(f"/operasi/intake/tugas/{action}", data={"csrf_token": CSRF, **fields})


async def test_a_broken_queue_is_seen_with_what_waits_and_since_when(
    browser: httpx.AsyncClient, asked: list[Any]
) -> None:
    shown = await page(browser)
    row = shown.split("<strong>sms</strong>")[1].split("</tr>")[0]
    assert "Gagal sejak" in row
    assert "417" in row
    assert SINCE[:10] in row


async def test_timers_that_were_refused_are_named(browser: httpx.AsyncClient, asked: list[Any]) -> None:
    assert "Pengingat yang ditolak dan dicoba lagi sendiri: 2" in await page(browser)


async def test_a_pause_of_this_agency_can_be_ended_and_that_of_another_is_none_of_it(
    browser: httpx.AsyncClient, asked: list[Any]
) -> None:
    shown = await page(browser)
    assert "tugas/resume" in shown.split("<strong>wa</strong>")[1].split("</tr>")[0]
    assert "tugas/pause" in shown.split("<strong>push</strong>")[1].split("</tr>")[0]


async def test_the_parked_jobs_asked_for_are_this_agency_s(browser: httpx.AsyncClient, asked: list[Any]) -> None:
    assert "550 no such box" in await page(browser)
    assert {body["agency"] for _, deed, body in asked if deed == "jobs-page"} == {"pekalongan"}


async def test_who_only_looks_has_no_forms_and_may_not_send_them(browser: httpx.AsyncClient, asked: list[Any]) -> None:
    shown = await page(browser, "inspector")
    assert "550 no such box" in shown
    assert "/tugas/" not in shown
    for action in jobs.DEEDS:
        assert (await post(browser, action, "inspector", job="x", queue="mail", reason="y")).status_code == 403
    assert [deed for _, deed, _ in asked if deed != "jobs-page"] == []


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("retry", {"job": JOB["job_id"]}),
        ("discard", {"job": JOB["job_id"], "reason": "pindah"}),
        ("pause", {"queue": "mail"}),
        ("resume", {"queue": "wa"}),
    ],
)
async def test_a_deed_names_who_and_his_agency_whatever_the_form_says(
    browser: httpx.AsyncClient, asked: list[Any], action: str, fields: dict[str, str]
) -> None:
    answer = await post(browser, action, **fields, agency="purbalingga", by="somebody")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/operasi?selesai=job-{action}")
    (service, deed, body) = asked[-1]
    assert (service, deed) == ("intake", f"job-{action}")
    assert (body["agency"], body["by"]) == ("pekalongan", "admin")
    assert {name: body[name] for name in fields} == fields


@pytest.mark.parametrize(
    ("action", "fields"), [("retry", {}), ("discard", {"job": "x"}), ("discard", {"reason": "x"}), ("pause", {})]
)
async def test_what_is_missing_is_said_and_nothing_is_asked(
    browser: httpx.AsyncClient, asked: list[Any], action: str, fields: dict[str, str]
) -> None:
    assert (await post(browser, action, **fields)).status_code == 422
    assert [deed for _, deed, _ in asked if deed != "jobs-page"] == []


async def test_an_unknown_deed_or_service_is_not_found(browser: httpx.AsyncClient, asked: list[Any]) -> None:
    assert (await post(browser, "erase", job="x")).status_code == 404
    browser.cookies.set("peran", "admin")
    answer = await browser.post("/operasi/strange/tugas/retry", data={"csrf_token": CSRF, "job": "x"})
    assert answer.status_code == 404
