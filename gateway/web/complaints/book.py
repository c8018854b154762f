"""Buku pengaduan: the register of some days, as a page, for the printer, and as a spreadsheet; without reporters."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from contracts import projections as p
from contracts.complaint import OpenRegister
from gateway.api.commands import visitor_of
from gateway.edge.complaints import complaint_book_of
from gateway.edge.i18n import mark as _
from gateway.edge.i18n import translate
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.web import complaint_words as words
from gateway.web.complaints.printing import Bound, Papers
from gateway.web.forms import form_of, key, line, wrong
from gateway.web.moments import Moments
from gateway.web.page import Pages, onward, told
from gateway.web.words import text, word

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_DAYS = 800
LONGEST_NUMBER = 7
HEADINGS = (
    _("No."), _("Diterima"), _("Lewat"), _("Jenis"), _("Golongan"), _("Pokok"), _("Hasil"), _("Jatuh tempo"),
    _("Dijawab"), _("Tepat waktu"),
)  # fmt: skip
GIST = 5
"""Which of them takes the most room."""
DAYS = (1, 7, 8)
"""Which of them are days."""
EXCLUDED = _("dikecualikan")
ON_TIME = {True: _("ya"), False: _("tidak")}


@dataclass(frozen=True, slots=True)
class Days:
    first: date
    last: date

    @property
    def query(self) -> p.ComplaintBook:
        return p.ComplaintBook(from_on=self.first.isoformat(), until_on=self.last.isoformat())


def router(pages: Pages, papers: Papers) -> APIRouter:
    made = APIRouter()

    @made.get("/pengaduan/buku", name="complaints.book")
    async def page(request: Request) -> Response:
        days, time, lines, more = await _read(pages, request)
        return await pages.show(
            request, "complaints/buku.html", days=days, rows=[_shown(each, time) for each in lines], more=more,
            headings=HEADINGS, main=GIST, days_at=DAYS, opens=await _opens(pages, request, time),
            year=_today(time).year, just=request.query_params.get("baru", ""), said="",
        )  # fmt: skip

    @made.post("/pengaduan/buku/pembukaan", name="complaints.open-register")
    async def opening(request: Request) -> Response:
        form, visitor = await form_of(request), visitor_of(request)
        time = (await pages.offices.of(visitor.agency)).moments(request.state.language)
        try:
            said = line(form, "opening")
            if not (said.isascii() and said.isdecimal() and len(said) <= LONGEST_NUMBER):
                wrong()
            command = OpenRegister(year=_today(time).year, opening=int(said))
            accepted = await pages.client.do(visitor, command, key=key(form, "pembukaan"))
        except Problem as problem:
            days = asked("", "", time)
            return await pages.show(
                request, "complaints/buku.html", status=problem.status, days=days, rows=[], more=False,
                headings=HEADINGS, main=GIST, days_at=DAYS, opens=True, year=_today(time).year,
                problem=told(request, problem), just="", said=line(form, "opening")[:80],
            )  # fmt: skip
        return onward("/pengaduan/buku", accepted.after, baru="complaints.open-register")

    @made.get("/pengaduan/buku.pdf", name="complaints.book")
    async def pdf(request: Request) -> Response:
        bound, name = await _bound(pages, request)
        return _file(await papers.pdf(bound), "application/pdf", f"{name}.pdf")

    @made.get("/pengaduan/buku.xlsx", name="complaints.book")
    async def xlsx(request: Request) -> Response:
        bound, name = await _bound(pages, request)
        return _file(await papers.xlsx(bound), XLSX, f"{name}.xlsx")

    return made


async def _read(pages: Pages, request: Request) -> tuple[Days, Moments, tuple[p.BookLine, ...], bool]:
    visitor = visitor_of(request)
    office = await pages.offices.of(visitor.agency)
    time = office.moments(request.state.language)
    days = asked(request.query_params.get("dari", ""), request.query_params.get("sampai", ""), time)
    answer = await complaint_book_of(pages.client, visitor, days.query)
    return days, time, answer.lines, answer.more


async def _opens(pages: Pages, request: Request, time: Moments) -> bool:
    """Whether this visitor may say where the paper register ended: before the year's first."""
    visitor, today = visitor_of(request), _today(time)
    if not RIGHTS["complaints.open-register"].allows(visitor.roles):
        return False
    query = p.ComplaintBook(from_on=f"{today.year}-01-01", until_on=today.isoformat(), limit=1)
    return not (await complaint_book_of(pages.client, visitor, query)).lines


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
        line.gist or "–",
        time.told(outcome),
        time.civil(line.due_on),
        time.civil(line.answered_on) or "–",
        "–" if line.on_time is None else time.told(ON_TIME[line.on_time]),
    ]


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers: dict[str, Any] = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
