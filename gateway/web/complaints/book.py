"""Buku pengaduan: the register of some days, as a page, for the printer, and as a spreadsheet; without reporters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from contracts import projections as p
from contracts.base import Command
from contracts.complaint import CorrectOpening, OpenRegister
from contracts.numbering import NumberingAnswer
from gateway.api.commands import visitor_of
from gateway.edge.complaints import complaint_book_of, register_numbering_of
from gateway.edge.i18n import mark as _
from gateway.edge.i18n import translate
from gateway.edge.problems import Problem
from gateway.web import complaint_words as words
from gateway.web import numbering
from gateway.web.complaints.printing import Bound, Papers
from gateway.web.forms import form_of, key
from gateway.web.moments import Moments
from gateway.web.numbering import Place, Refused, Start
from gateway.web.page import Pages, onward, told
from gateway.web.story import signed
from gateway.web.words import text, word

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_DAYS = 800
PLACE = Place("/pengaduan/buku", "complaints.open-register", "complaints.correct-register")
HEADINGS = (
    _("No."), _("Diterima"), _("Lewat"), _("Jenis"), _("Golongan"), _("Pokok"), _("Hasil"), _("Jatuh tempo"),
    _("Dijawab"), _("Tepat waktu"),
)  # fmt: skip
GIST = 5
"""Which of them takes the most room."""
DAYS = (1, 7, 8)
"""Which of them are days."""
EXCLUDED = _("dikecualikan")
NO_GIST_YET = _("belum digolongkan")
WITHDRAWN_EARLY = _("ditarik pelapor sebelum digolongkan")
ON_TIME = {True: _("ya"), False: _("tidak")}


@dataclass(frozen=True, slots=True)
class Days:
    first: date
    last: date

    @property
    def query(self) -> p.ComplaintBook:
        return p.ComplaintBook(from_on=self.first.isoformat(), until_on=self.last.isoformat())


Read = tuple[Days, Moments, tuple[p.BookLine, ...], bool]


def router(pages: Pages, papers: Papers) -> APIRouter:
    made = APIRouter()

    @made.get(PLACE.address, name="complaints.book")
    async def page(request: Request) -> Response:
        return await show(request, await _read(pages, request))

    async def said(request: Request, right: str) -> Response:
        form, visitor = await form_of(request), visitor_of(request)
        time = (await pages.offices.of(visitor.agency)).moments(request.state.language)
        typed, nothing = numbering.typed(form), (asked("", "", time), time, (), False)
        if found := numbering.faults(typed, reasoned=right == PLACE.correcting):
            return await show(request, nothing, Refused(typed, found), status=422)
        try:
            command = _command(right, _today(time).year, typed)
            accepted = await pages.client.do(visitor, command, key=key(form, right))
        except Problem as problem:
            return await show(request, nothing, Refused(typed), status=problem.status, problem=told(request, problem))
        return onward(PLACE.address, accepted.after, baru=right)

    numbering.add_forms(made, PLACE, said)

    async def show(
        request: Request, read: Read, refused: Refused | None = None, *, status: int = 200, problem: str = ""
    ) -> Response:
        days, time, lines, more = read
        start = await _start(pages, request, _today(time).year, refused)
        return await pages.show(
            request, "complaints/buku.html", status=status, days=days, rows=[_shown(each, time) for each in lines],
            more=more, headings=HEADINGS, main=GIST, days_at=DAYS, start=start,
            just=request.query_params.get("baru", ""), problem=problem, signed=signed,
        )  # fmt: skip

    @made.get("/pengaduan/buku.pdf", name="complaints.book")
    async def pdf(request: Request) -> Response:
        bound, name = await _bound(pages, request)
        return _file(await papers.pdf(bound), "application/pdf", f"{name}.pdf")

    @made.get("/pengaduan/buku.xlsx", name="complaints.book")
    async def xlsx(request: Request) -> Response:
        bound, name = await _bound(pages, request)
        return _file(await papers.xlsx(bound), XLSX, f"{name}.xlsx")

    return made


async def _read(pages: Pages, request: Request) -> Read:
    visitor = visitor_of(request)
    office = await pages.offices.of(visitor.agency)
    time = office.moments(request.state.language)
    days = asked(request.query_params.get("dari", ""), request.query_params.get("sampai", ""), time)
    answer = await complaint_book_of(pages.client, visitor, days.query)
    return days, time, answer.lines, answer.more


async def _start(pages: Pages, request: Request, year: int, refused: Refused | None) -> Start:
    """Where the year's register begins; nothing is told or offered while the service does not answer."""
    visitor = visitor_of(request)
    try:
        answer = await register_numbering_of(pages.client, visitor, year)
    except Problem:
        answer = NumberingAnswer(given_out=True)
    return PLACE.start(visitor, year, answer, refused)


def _command(right: str, year: int, typed: Mapping[str, str]) -> Command:
    opening = int(typed["opening"])
    if right == PLACE.opening:
        return OpenRegister(year=year, opening=opening)
    try:
        return CorrectOpening(year=year, opening=opening, reason=typed["reason"])
    except ValueError:  # longer than the page lets it be
        raise Problem("gateway.malformed", 422) from None


def _today(time: Moments) -> date:
    return time.now.astimezone(ZoneInfo(time.zone)).date()


async def _bound(pages: Pages, request: Request) -> tuple[Bound, str]:
    days, time, lines, more = await _read(pages, request)
    office = await pages.offices.of(visitor_of(request).agency)
    title = time.told(_("Buku pengaduan {first} sampai {last}"), first=time.civil(days.first.isoformat()),
                      last=time.civil(days.last.isoformat()))  # fmt: skip
    headings = tuple(translate(each, time.language) for each in HEADINGS)
    ending = time.told(_("Bersambung: pilih hari yang lebih sedikit.")) if more else ""
    rows = tuple(tuple(_row(each, time)) for each in lines)
    return Bound(office.letterhead, title, headings, rows, ending), f"buku-pengaduan-{days.first}-{days.last}"


def asked(first: str, last: str, time: Moments) -> Days:
    """This month where nothing was said, or nonsense."""
    today = _today(time)
    try:
        days = Days(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        return Days(today.replace(day=1), today)
    if days.last < days.first:
        days = Days(days.last, days.first)
    if days.last - days.first <= timedelta(days=LONGEST_DAYS):
        return days
    return Days(days.first, days.first + timedelta(days=LONGEST_DAYS))


def _shown(line: p.BookLine, time: Moments) -> list[str]:
    """A line on the page: its days short; of what is excluded the word once."""
    row = _row(line, time)
    if line.excluded:
        return row[:2]
    for at, day in zip(DAYS, (line.received_on, line.due_on, line.answered_on), strict=True):
        row[at] = time.civil(day, short=True) or "–"
    return row


def _row(line: p.BookLine, time: Moments) -> list[str]:
    """A line as it is printed."""
    number = f"{line.number}/{line.year}"
    if line.excluded:
        return [number, *[time.told(EXCLUDED)] * (len(HEADINGS) - 1)]
    if line.paper_number:
        number = time.told(_("{number} (kertas: {paper})"), number=number, paper=line.paper_number)
    outcome = words.OUTCOMES.get(line.outcome) or word(words.STAGES, line.outcome).text
    return [
        number,
        time.civil(line.received_on),
        time.told(text(words.CHANNELS, line.channel)),
        time.told(text(words.KINDS, line.complaint_kind)),
        line.class_title or time.told(words.NEVER_CLASSIFIED),
        line.gist or time.told(_without_gist(line)),
        time.told(outcome),
        time.civil(line.due_on),
        time.civil(line.answered_on) or "–",
        "–" if line.on_time is None else time.told(ON_TIME[line.on_time]),
    ]


def _without_gist(line: p.BookLine) -> str:
    """What stands in its place, so that no line is empty."""
    if line.aside:
        return text(words.ASIDE, line.aside)
    return WITHDRAWN_EARLY if line.outcome == "withdrawn" else NO_GIST_YET


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers: dict[str, Any] = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
