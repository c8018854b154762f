"""Buku pengaduan: the register of some days, as a page, for the printer, and as a spreadsheet; without reporters."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from contracts import projections as p
from gateway.api.commands import visitor_of
from gateway.edge.complaints import complaint_book_of
from gateway.edge.i18n import mark as _
from gateway.edge.i18n import translate
from gateway.web import complaint_words as words
from gateway.web.complaints.printing import Bound, Papers
from gateway.web.moments import Moments
from gateway.web.page import Pages
from gateway.web.words import text, word

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_DAYS = 800
HEADINGS = (
    _("No."), _("Diterima"), _("Lewat"), _("Jenis"), _("Golongan"), _("Pokok"), _("Hasil"), _("Jatuh tempo"),
    _("Dijawab"), _("Tepat waktu"),
)  # fmt: skip
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
            request, "complaints/buku.html", days=days, rows=[_row(each, time) for each in lines], more=more,
            headings=HEADINGS,
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


async def _read(pages: Pages, request: Request) -> tuple[Days, Moments, tuple[p.BookLine, ...], bool]:
    visitor = visitor_of(request)
    office = await pages.offices.of(visitor.agency)
    time = office.moments(request.state.language)
    days = asked(request.query_params.get("dari", ""), request.query_params.get("sampai", ""), time)
    answer = await complaint_book_of(pages.client, visitor, days.query)
    return days, time, answer.lines, answer.more


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
    today = time.now.astimezone(ZoneInfo(time.zone)).date()
    try:
        days = Days(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        return Days(today.replace(day=1), today)
    if days.last < days.first:
        days = Days(days.last, days.first)
    if days.last - days.first <= timedelta(days=LONGEST_DAYS):
        return days
    return Days(days.first, days.first + timedelta(days=LONGEST_DAYS))


def _row(line: p.BookLine, time: Moments) -> list[str]:
    """A line as it is printed."""
    number = f"{line.number}/{line.year}"
    if line.excluded:
        return [number, *[time.told(EXCLUDED)] * (len(HEADINGS) - 1)]
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
