"""Hours of Ramadan on the page of the calendar: entered, seen on the year sheet with what they move, confirmed."""

import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from contracts import organisation as o
from contracts.base import Query, Shape
from contracts.words import Season, SeasonHours
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.web.settings.seasons import slug_of
from tests.unit.gateway.test_web_pages import broken_rules
from tests.unit.gateway.web_office import CSRF, PEOPLE, full_desk, visitor, web_app
from tests.unit.gateway.web_rules import RulesDesk

PAGE = "/pengaturan/kalender?tahun=2027"
KNOWN = Season(
    season="ramadan-1448-h-2027", name="Ramadan 1448 H", from_on="2027-02-08", until_on="2027-03-08",
    hours=(SeasonHours(days=("mon", "tue", "wed", "thu"), open="08:00", close="15:00", breaks=(("12:00", "12:30"),)),),
    number="SE 800/12 Tahun 2027", decreed_on="2027-02-01",
)  # fmt: skip
ENTERED = {
    "csrf_token": CSRF, "key": "k", "name": "Ramadan 1448 H", "from_on": "2027-02-08", "until_on": "2027-03-08",
    "mon-thu-open": "08:00", "mon-thu-close": "15:00", "mon-thu-break_from": "12:00", "mon-thu-break_until": "12:30",
    "number": "SE 800/12 Tahun 2027", "decreed_on": "2027-02-01",
}  # fmt: skip


@dataclass
class SeasonDesk(RulesDesk):
    """``known``: whether the season has been confirmed."""

    known: bool = False

    def _answer(self, query: Query) -> Shape:
        found = super()._answer(query)
        if isinstance(query, o.Calendars):
            return found.model_copy(update={"seasons": (KNOWN,) if self.known else ()})
        return found

    @property
    def confirmed(self) -> list[Season]:
        return [command.season for command, _, _ in self.done if isinstance(command, o.ConfirmSeason)]


@pytest.fixture
def desk() -> SeasonDesk:
    return SeasonDesk(full_desk().letters)


@pytest.fixture
async def browser(desk: SeasonDesk) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=web_app(desk), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        client.cookies.set("peran", "kadis")
        yield client


def seen(shown: str) -> str:
    found = re.search(r'name="seen" value="([^"]*ramadan[^"]*)"', shown)
    assert found
    return html.unescape(found[1])


async def test_it_is_shown_with_what_it_moves_before_anything_is_sent(
    browser: httpx.AsyncClient, desk: SeasonDesk
) -> None:
    answer = await browser.post("/pengaturan/kalender/musim", data={**ENTERED, "action": "preview"})
    assert answer.status_code == 200
    assert desk.done == []
    assert "Akibat jam musiman" in answer.text
    assert answer.text.count("square-season") > 15, "the year sheet shows its days"
    assert broken_rules(answer.text) == []
    assert answer.text.count('value="SE 800/12 Tahun 2027"') == 1, "the year's own decree is another form"
    again = {**ENTERED, "action": "confirm", "seen": seen(answer.text)}
    sent = await browser.post("/pengaturan/kalender/musim", data=again)
    assert sent.headers["location"].startswith("/pengaturan/kalender?")
    assert desk.confirmed == [KNOWN]


async def test_what_was_changed_after_the_look_is_looked_at_again(browser: httpx.AsyncClient, desk: SeasonDesk) -> None:
    shown = (await browser.post("/pengaturan/kalender/musim", data={**ENTERED, "action": "preview"})).text
    changed = {**ENTERED, "until_on": "2027-03-09", "action": "confirm", "seen": seen(shown)}
    answer = await browser.post("/pengaturan/kalender/musim", data=changed)
    assert (answer.status_code, desk.done) == (200, [])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "Wajib diisi."),
        ({"until_on": "besok"}, "Tanggal belum benar"),
        ({"mon-thu-close": ""}, "Isi jam buka dan tutup, dan kedua jam istirahat"),
        ({"mon-thu-break_until": ""}, "kedua jam istirahat"),
        ({"mon-thu-open": "", "mon-thu-close": "", "mon-thu-break_from": "", "mon-thu-break_until": ""}, "satu baris"),
        ({"mon-thu-close": "07:00"}, "jam tutup harus setelah jam buka"),
        ({"from_on": "2027-03-09"}, "musim berakhir sebelum dimulai"),
    ],
)
async def test_what_is_wrong_is_said_beside_it_and_nothing_is_sent(
    browser: httpx.AsyncClient, desk: SeasonDesk, change: dict[str, str], words: str
) -> None:
    answer = await browser.post("/pengaturan/kalender/musim", data={**ENTERED, **change, "action": "preview"})
    assert answer.status_code == 422
    assert words in answer.text
    assert desk.done == []
    assert 'value="SE 800/12 Tahun 2027"' in answer.text, "what was entered stays"
    assert broken_rules(answer.text) == []


async def test_a_refusal_is_told_on_the_page(browser: httpx.AsyncClient, desk: SeasonDesk) -> None:
    desk.refuses[o.ConfirmSeason] = Problem("organisation.decree-older", 409, newest="SE 9")
    shown = (await browser.post("/pengaturan/kalender/musim", data={**ENTERED, "action": "preview"})).text
    again = {**ENTERED, "action": "confirm", "seen": seen(shown)}
    answer = await browser.post("/pengaturan/kalender/musim", data=again)
    assert answer.status_code == 409
    assert "SE 9" in answer.text


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("language", ["id", "en"])
async def test_who_reads_the_calendar_reads_it_and_only_officers_change_it(
    browser: httpx.AsyncClient, desk: SeasonDesk, role: str, language: str
) -> None:
    desk.known = True
    browser.cookies.update({"peran": role, "caraka-language": language})
    shown = await browser.get(PAGE)
    if not RIGHTS["page.settings"].allows(visitor(role).roles):
        assert shown.status_code == 403
        return
    assert "Ramadan 1448 H" in shown.text
    assert "square-season" in shown.text
    may = role in {"kadis", "admin"}
    assert ('action="/pengaturan/kalender/musim"' in shown.text) is may
    assert ('action="/pengaturan/kalender/musim/cabut"' in shown.text) is may
    assert broken_rules(shown.text) == []
    answer = await browser.post("/pengaturan/kalender/musim", data={**ENTERED, "action": "preview"})
    assert answer.status_code == (200 if may else 403)


async def test_it_is_withdrawn_with_a_reason(browser: httpx.AsyncClient, desk: SeasonDesk) -> None:
    desk.known = True
    form = {"csrf_token": CSRF, "key": "k", "year": "2027", "season": KNOWN.season, "reason": ""}
    assert (await browser.post("/pengaturan/kalender/musim/cabut", data=form)).status_code == 422
    answer = await browser.post("/pengaturan/kalender/musim/cabut", data={**form, "reason": "Dibatalkan"})
    assert answer.status_code == 303
    assert [command for command, _, _ in desk.done] == [o.WithdrawSeason(season=KNOWN.season, reason="Dibatalkan")]


async def test_another_year_does_not_show_it(browser: httpx.AsyncClient, desk: SeasonDesk) -> None:
    desk.known = True
    assert "square-season" not in (await browser.get("/pengaturan/kalender?tahun=2031")).text


def test_the_same_name_in_the_same_year_is_the_same_season() -> None:
    assert slug_of("Ramadan 1448 H", "2027-02-08") == KNOWN.season
    assert slug_of("رمضان", "2027-02-08") == "musim-2027"
    assert len(slug_of("Ramadan " * 40, "2027-02-08")) <= 64
