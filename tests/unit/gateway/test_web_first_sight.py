"""What has to be seen at once stands where it is seen at once."""

import httpx
import pytest

from gateway.web.moments import Moments
from services.kit.worktime import Calendar
from tests.unit.gateway.test_web_pages import LETTERS
from tests.unit.gateway.test_web_proposal import CALENDAR, jakarta
from tests.unit.gateway.web_complaints import OBJECTION
from tests.unit.gateway.web_complaints import OF_STAGE as COMPLAINTS
from tests.unit.gateway.web_requests import OF_STAGE as REQUESTS
from tests.unit.gateway.web_requests import WRITTEN


@pytest.mark.parametrize("stage", ["printed", "forwarded", "released", "returned"])
async def test_what_can_be_done_with_a_letter_stands_above_its_files_and_initials(
    browser: httpx.AsyncClient, stage: str
) -> None:
    browser.cookies.set("peran", "kasi" if stage == "released" else "operator")
    side = (await browser.get(f"/surat/{LETTERS[stage]}")).text.partition('class="split-side"')[2]
    headings = [each.partition("</h2>")[0].rpartition(">")[2] for each in side.split("<h2")[1:]]
    assert headings[0] == "Tindakan"
    assert "Berkas" in headings


async def test_who_answers_after_an_objection_reads_it_beside_the_answer_that_it_is_about(
    browser: httpx.AsyncClient,
) -> None:
    browser.cookies.set("peran", "complaint-officer")
    shown = (await browser.get(f"/pengaduan/{COMPLAINTS['assigned']}")).text
    above = shown.partition("Lini masa")[0]
    assert above.index("Keberatan pelapor") < above.index(OBJECTION) < above.index("Jawaban sebelumnya")
    answered = (await browser.get(f"/pengaduan/{COMPLAINTS['answered']}")).text.partition("Lini masa")[0]
    assert OBJECTION not in answered, "it has its answer"
    assert "Jawaban sebelumnya" not in answered


async def test_what_an_applicant_was_asked_stands_in_the_words_that_say_so(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("peran", "operator")
    shown = (await browser.get(f"/akun/{REQUESTS['asked']}")).text
    assert WRITTEN in shown.partition('class="split"')[0]


def test_long_working_time_is_told_in_days_wherever_it_is_told() -> None:
    moments = Moments(jakarta("2026-11-30T10:00"), "Asia/Jakarta", "id", CALENDAR)
    assert isinstance(CALENDAR, Calendar)
    assert moments.working(90, jakarta("2026-11-30T08:30"), moments.now) == "1 jam 30 menit kerja"
    assert moments.working(2000, jakarta("2026-11-23T10:00"), moments.now) == "5 hari kerja"


@pytest.mark.parametrize(("path", "register"), [("/papan/akun", "/akun"), ("/papan/pengaduan", "/pengaduan")])
async def test_a_board_without_a_place_in_the_navigation_leads_back_to_its_list(
    browser: httpx.AsyncClient, path: str, register: str
) -> None:
    browser.cookies.set("peran", "kadis")
    crumbs = (await browser.get(path)).text.partition('class="crumbs"')[2].partition("</nav>")[0]
    assert f'href="{register}"' in crumbs


async def test_who_holds_an_unknown_copy_is_led_on(browser: httpx.AsyncClient) -> None:
    shown = (await browser.get(f"/s/{LETTERS['captured']}")).text
    assert "Kode ini tidak dikenal" in shown
    assert 'class="button button-quiet" href="/"' in shown
