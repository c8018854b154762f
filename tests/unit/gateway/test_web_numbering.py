"""Where numbered books begin: of letters and of complaints, said and corrected on pages in one way."""

from datetime import timedelta

import httpx

from contracts import complaint as c
from contracts import intake as i
from contracts.numbering import NumberingAnswer, OpeningStep
from tests.unit.gateway.web_letters import NOW
from tests.unit.gateway.web_office import CSRF, PaperDesk

OFFICER = "complaint-officer"


def numbering(*openings: int, given_out: bool = False) -> NumberingAnswer:
    steps = tuple(
        OpeningStep(
            at=NOW + timedelta(minutes=at), opening=each, was=openings[at - 1] if at else None,
            reason="salah ketik" if at else "", name="Retno", title="Pejabat pengelola pengaduan",
        )
        for at, each in enumerate(openings)
    )  # fmt: skip
    return NumberingAnswer(opening=openings[-1], given_out=given_out, steps=steps)


async def get(browser: httpx.AsyncClient, role: str, place: str) -> httpx.Response:
    browser.cookies.set("peran", role)
    return await browser.get(place)


async def post(browser: httpx.AsyncClient, role: str, place: str, /, **fields: object) -> httpx.Response:
    browser.cookies.set("peran", role)
    return await browser.post(place, data={"csrf_token": CSRF, "key": "satu", **fields})


async def test_a_wrong_start_is_corrected_with_a_reason_and_who_did_what_stays_to_be_read(
    browser: httpx.AsyncClient, desk: PaperDesk
) -> None:
    desk.numbering = numbering(41, 43)
    shown = (await get(browser, OFFICER, "/pengaduan/buku")).text
    for word in ("Nomor awal diubah dari 41 menjadi 43", "salah ketik", "Retno", "Perbaiki nomor awal"):
        assert word in shown
    without = await post(browser, OFFICER, "/pengaduan/buku/perbaikan", opening="44", reason="")
    assert (without.status_code, desk.done) == (422, [])
    assert 'value="44"' in without.text, "nothing typed is lost"
    wrong = await post(browser, OFFICER, "/pengaduan/buku/perbaikan", opening="-4", reason="salah lihat")
    assert (wrong.status_code, "salah lihat" in wrong.text) == (422, True)
    done = await post(browser, OFFICER, "/pengaduan/buku/perbaikan", opening="44", reason="salah lihat")
    assert done.status_code == 303
    [(command, _, _)] = desk.done
    assert isinstance(command, c.CorrectOpening)
    assert command == c.CorrectOpening(year=command.year, opening=44, reason="salah lihat")
    assert (await post(browser, "operator", "/pengaduan/buku/perbaikan", opening="4", reason="x")).status_code == 403


async def test_what_was_given_out_is_not_offered_to_be_changed(browser: httpx.AsyncClient, desk: PaperDesk) -> None:
    desk.numbering = numbering(41, given_out=True)
    shown = (await get(browser, OFFICER, "/pengaduan/buku")).text
    assert "tidak dapat diubah lagi" in shown
    assert "/pengaduan/buku/perbaikan" not in shown
    assert "tidak dapat diubah lagi" not in (await get(browser, "inspector", "/pengaduan/buku")).text


async def test_agenda_books_are_begun_and_corrected_in_the_same_way(
    browser: httpx.AsyncClient, desk: PaperDesk
) -> None:
    assert "Simpan nomor" in (await get(browser, "operator", "/surat/buku")).text
    assert (await post(browser, "operator", "/surat/buku/pembukaan", book="masuk", opening="7")).status_code == 303
    desk.numbering = numbering(7)
    shown = (await get(browser, "operator", "/surat/buku")).text
    assert "/surat/buku/perbaikan" in shown
    assert "/surat/buku/perbaikan" not in (await get(browser, "inspector", "/surat/buku")).text
    wrong = await post(browser, "operator", "/surat/buku/perbaikan", book="masuk", opening="delapan", reason="salah")
    assert (wrong.status_code, 'value="delapan"' in wrong.text, "salah" in wrong.text) == (422, True, True)
    strange = await post(browser, "operator", "/surat/buku/perbaikan", book="a b", opening="8", reason="salah")
    assert strange.status_code == 422
    await post(browser, "operator", "/surat/buku/perbaikan", book="masuk", opening="8", reason="salah")
    opened, corrected = [command for command, _, _ in desk.done]
    assert isinstance(opened, i.OpenBook)
    assert (opened.book, opened.opening) == ("masuk", 7)
    assert corrected == i.CorrectOpening(book="masuk", year=opened.year, opening=8, reason="salah")
    assert (
        await post(browser, "kasi", "/surat/buku/perbaikan", book="masuk", opening="8", reason="x")
    ).status_code == 403
