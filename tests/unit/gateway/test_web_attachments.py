"""What is attached can be looked at by whoever may read the letter, and does nothing."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from contracts import intake
from contracts.base import Query
from contracts.words import AttachmentRef
from gateway.edge.rights import RIGHTS
from tests.unit.gateway.test_web_rules import broken_rules, web_app
from tests.unit.gateway.web_letters import letter_id
from tests.unit.gateway.web_office import PEOPLE, full_desk, visitor
from tests.unit.gateway.web_rules import RulesDesk

LETTER, SHA = letter_id(6), "a" * 64
SCRIPT = "<script>alert(1)</script>"
ADDRESS = f"/surat/{LETTER}/lampiran/{SHA}"
PAGES = intake.AttachmentShownAnswer(form="pages", pages=3)


class Desk(RulesDesk):
    shown = PAGES

    async def ask_for(self, agency: str, query: Query, answer: type[Any], **more: float) -> Any:
        if isinstance(query, intake.AttachmentShown):
            return self.shown
        return await super().ask_for(agency, query, answer, **more)


@pytest.fixture
def desk() -> Desk:
    made = Desk(full_desk().letters)
    letter = made.letters[LETTER]
    inner = AttachmentRef(name="undangan.pdf", media_type="application/pdf", size=18, sha256="b" * 64, within="HUT.eml")
    made.letters[LETTER] = letter.model_copy(update={"attachments": (*letter.attachments, inner)})
    return made


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=web_app(desk), raise_app_exceptions=True)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver", headers={"accept": "text/html"}
    ) as client:
        yield client


@pytest.mark.parametrize("role", PEOPLE)
async def test_whoever_reads_the_letter_opens_what_is_attached(browser: httpx.AsyncClient, role: str) -> None:
    browser.cookies.set("peran", role)
    answer = await browser.get(ADDRESS)
    if not RIGHTS["page.attachment"].allows(visitor(role).roles):
        assert answer.status_code == 403
        return
    assert answer.status_code in {200, 404}  # a stand-in: only letters whose registrar he stands in for
    if answer.status_code == 200:
        assert answer.text.count(f"/attachments/{SHA}/pages/") == 3
        assert broken_rules(answer.text) == []


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (
            intake.AttachmentShownAnswer(form="text", pages=1, text=SCRIPT, cut=True),
            "&lt;script&gt;",
        ),
        (intake.AttachmentShownAnswer(why="locked"), "Berkasnya bersandi"),
        (intake.AttachmentShownAnswer(why="kind"), "hanya dapat diunduh"),
        (intake.AttachmentShownAnswer(form="pages", pages=999), "Hanya 200 halaman pertama"),
    ],
)
async def test_what_cannot_be_shown_says_why_and_text_stays_text(
    desk: Desk, browser: httpx.AsyncClient, shown: intake.AttachmentShownAnswer, said: str
) -> None:
    desk.shown = shown
    browser.cookies.set("peran", "kadis")
    answer = await browser.get(ADDRESS)
    assert said in answer.text
    assert "<script>alert" not in answer.text
    assert "Unduh berkas asli" in answer.text


async def test_what_the_letter_does_not_name_is_not_found(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("peran", "operator")
    assert (await browser.get(f"/surat/{LETTER}/lampiran/{'c' * 64}")).status_code == 404
    assert (await browser.get(f"/surat/{LETTER}/lampiran/nama.pdf")).status_code in {404, 422}


@pytest.mark.parametrize(("role", "page"), [("kasi", f"/paraf/{LETTER}"), ("operator", f"/surat/{LETTER}")])
async def test_the_pages_lead_to_each_attachment_and_count_them(
    browser: httpx.AsyncClient, role: str, page: str
) -> None:
    browser.cookies.set("peran", role)
    shown = (await browser.get(page)).text
    assert f"/surat/{LETTER}/lampiran/{SHA}" in shown
    assert f"/surat/{LETTER}/lampiran/{'b' * 64}" in shown
    assert "di dalam HUT.eml" in shown
    assert '<span class="count">2</span>' in shown
