"""Catatan pemberitahuan: what is offered of each row, and how many there are."""

import httpx

from tests.unit.gateway.web_notices import notice_id
from tests.unit.gateway.web_office import PaperDesk


async def test_of_a_hidden_reporter_nobody_is_offered_to_tell_him_and_the_row_says_why(
    browser: httpx.AsyncClient, desk: PaperDesk
) -> None:
    browser.cookies.set("peran", "operator")
    page = (await browser.get("/catatan-pemberitahuan")).text
    assert f"/catatan-pemberitahuan/{notice_id(2)}/sampaikan" in page
    assert f"/catatan-pemberitahuan/{notice_id(3)}/sampaikan" not in page
    assert page.count("identitas pelapor dirahasiakan") == 1


async def test_after_a_thousand_it_is_told_that_there_are_more(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    browser.cookies.set("peran", "operator")
    page = (await browser.get("/catatan-pemberitahuan")).text
    assert page.count('<span class="count">lebih dari 1.000</span>') == 1
