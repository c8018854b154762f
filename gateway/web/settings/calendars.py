"""Pengaturan › Kalender kerja: a year sheet, its draft, the decree that confirms it, the office's own closed days.

Hours of a season stand in `gateway.web.settings.seasons`.
"""

import re
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from contracts import organisation as o
from contracts import projections as p
from contracts.offices import CalendarsAnswer, CalendarYear, StandardsAnswer
from contracts.words import ClosedDay, Season
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.cases import every_letter_of, reads_letters
from gateway.edge.i18n import mark as _
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.web.forms import form_of, key, line
from gateway.web.page import Pages, onward, tell, told
from gateway.web.settings import sheet
from gateway.web.settings import words as w
from gateway.web.settings.actions import WrongFields, carried_out, command_of
from gateway.web.settings.standard_text import hours_in_words
from services.kit.worktime import Calendar, with_seasons

FIRST, LAST = 2000, 2200
MOST_DAYS = 60
MOST_OPEN = 2000  # a year of an office's open letters
SPARE_ROWS = 3
OPEN_STAGES = ("registered", "printed", "forwarded", "returned", "released", "assigned", "delivering")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
Year = Annotated[int, Path(ge=FIRST, le=LAST)]
BAD_ROW = _("Baris {n}: isi tanggal di tahun {year} dan keterangannya.")
TWICE = _("Baris {n}: tanggal itu sudah ada di atas.")


def router(pages: Pages) -> APIRouter:
    made = APIRouter(prefix="/pengaturan/kalender")

    @made.get("", name="page.settings")
    async def show(request: Request) -> Response:
        return await calendar_page(pages, request, await _year(pages, request, request.query_params.get("tahun", "")))

    @made.post("/{year}/rancang", name="calendars.draft")
    async def draft(request: Request, year: Year) -> Response:
        async def again(request: Request, **entered: Any) -> Response:
            return await calendar_page(pages, request, year, **entered)

        return await carried_out(
            pages, request, "calendars.draft", lambda _form: command_of(o.DraftCalendar, year=year),
            f"/pengaturan/kalender?tahun={year}", again,
        )  # fmt: skip

    @made.post("/{year}/sahkan", name="calendars.confirm")
    async def confirm(request: Request, year: Year) -> Response:
        return await confirmed(pages, request, year)

    for path, right, kind in (
        ("tutup", "calendars.close", o.CloseOffice),
        ("buka", "calendars.reopen", o.ReopenOffice),
    ):
        made.add_api_route(f"/{path}", _local(pages, right, kind), methods=["POST"], name=right)
    return made


def _local(pages: Pages, right: str, kind: type[o.CloseOffice] | type[o.ReopenOffice]) -> Any:
    async def endpoint(request: Request) -> Response:
        form = await form_of(request)
        year = await _year(pages, request, line(form, "on")[:4])

        async def again(request: Request, **entered: Any) -> Response:
            return await calendar_page(pages, request, year, **entered)

        def make(form: FormData) -> Any:
            if not DATE.fullmatch(line(form, "on")):
                raise WrongFields({"on": _("Tanggal belum benar. Tulis seperti 2026-03-13.")})
            return command_of(kind, ("reason",), on=line(form, "on"), reason=line(form, "reason"))

        return await carried_out(pages, request, right, make, f"/pengaturan/kalender?tahun={year}", again)

    return endpoint


async def confirmed(pages: Pages, request: Request, year: int) -> Response:
    """First what the revision would move, then (``action`` = confirm, the same days) the decree."""
    visitor, form = visitor_of(request), await form_of(request)
    language = request.state.language
    rows = entered_rows(form)
    number, decreed_on = line(form, "number"), line(form, "decreed_on")
    kept: dict[str, Any] = {
        "rows": rows,
        "values": {"number": number, "decreed_on": decreed_on},
        "action": "calendars.confirm",
    }
    days, problem = days_of(rows, year, language)
    errors = {name: _("Wajib diisi.") for name in ("number", "decreed_on") if not line(form, name)}
    if problem or errors:
        said = problem or told(request, Problem("gateway.malformed", 422))
        return await calendar_page(pages, request, year, status=422, problem=said, errors=errors, **kept)
    seen = _digest(days)
    if line(form, "action") != "confirm" or line(form, "seen") != seen:
        now = (await _known(pages, visitor, year)).days
        return await calendar_page(
            pages, request, year, effect=await effect_of(pages, visitor, year, now, days), seen=seen, **kept
        )
    try:
        command = command_of(o.ConfirmCalendar, year=year, number=number, decreed_on=decreed_on, closed=tuple(days))
        accepted = await pages.client.do(visitor, command, key=key(form, "confirm"))
    except WrongFields as wrong:
        said = told(request, Problem("gateway.malformed", 422))
        return await calendar_page(pages, request, year, status=422, problem=said, errors=wrong.errors, **kept)
    except Problem as refused:
        return await calendar_page(pages, request, year, status=refused.status, problem=told(request, refused), **kept)
    return onward("/pengaturan/kalender", accepted.after, tahun=str(year), baru="calendars.confirm")


async def calendar_page(  # noqa: PLR0913 - a sheet and its forms
    pages: Pages,
    request: Request,
    year: int,
    *,
    status: int = 200,
    problem: str = "",
    rows: list[dict[str, str]] | None = None,
    effect: sheet.Effect | None = None,
    trial: Season | None = None,
    **entered: Any,
) -> Response:
    """``trial``: a season that is looked at before it is confirmed."""
    visitor, language = visitor_of(request), request.state.language
    answer = await pages.client.ask(visitor, o.Calendars(after=after_of(request)), CalendarsAnswer)
    known = {each.year: each for each in answer.calendars}
    this = known.get(year) or CalendarYear(year=year, state="draft", in_use=False)
    shown = this.draft or this.days
    if rows is not None:
        shown = tuple(_tolerant(rows, year)) or shown
    rights = (
        "calendars.draft", "calendars.confirm", "calendars.close", "calendars.reopen", "seasons.confirm",
        "seasons.withdraw",
    )  # fmt: skip
    return await pages.show(
        request,
        "settings/kalender.html",
        status=status,
        problem=problem,
        w=w,
        year=year,
        years=sorted({*known, year, *(await _around(pages, request))}),
        this=this,
        shown=sorted(shown, key=lambda day: day.on),
        months=sheet.months(year, _hours(answer, trial), shown, this.days, language),
        seasons=[each for each in answer.seasons if each.from_on[:4] <= str(year) <= each.until_on[:4]],
        trial=trial,
        season_hours=season_hours,
        rows=rows if rows is not None else _rows(this.draft or this.days),
        spare=SPARE_ROWS,
        effect=effect,
        sees_letters=reads_letters(visitor),
        may={right for right in rights if RIGHTS[right].allows(visitor.roles)},
        just=request.query_params.get("baru", ""),
        **{"action": "", "values": {}, "errors": {}, "seen": "", "season_effect": None, "season_seen": "", **entered},
    )


async def effect_of(
    pages: Pages, visitor: Visitor, year: int, now: tuple[ClosedDay, ...], then: list[ClosedDay]
) -> sheet.Effect:
    """Against the open letters under the rules in force. Nothing is sent."""
    return sheet.effect(year, now, then, await rules_of(pages, visitor), await open_letters(pages, visitor))


async def rules_of(pages: Pages, visitor: Visitor) -> dict[str, Any]:
    """Those that letters run under: of the standard in force that has books."""
    standards = (await pages.client.ask(visitor, o.Standards(), StandardsAnswer)).standards
    return max((row.rules for row in standards), key=lambda each: bool(each.get("books")), default={})


async def open_letters(pages: Pages, visitor: Visitor) -> list[p.LetterRow]:
    return await every_letter_of(pages.client, visitor, OPEN_STAGES, MOST_OPEN)


async def _known(pages: Pages, visitor: Visitor, year: int) -> CalendarYear:
    answer = await pages.client.ask(visitor, o.Calendars(years=(year,)), CalendarsAnswer)
    return answer.calendars[0]


def entered_rows(form: FormData) -> list[dict[str, str]]:
    """The rows with anything in them; a row whose date was emptied is taken out."""
    columns = [[str(each).strip() for each in form.getlist(name)] for name in ("on", "kind", "reason")]
    rows = [dict(zip(("on", "kind", "reason"), row, strict=True)) for row in zip(*columns, strict=False)]
    return [row for row in rows if row["on"] or row["reason"]][:MOST_DAYS]


def days_of(rows: list[dict[str, str]], year: int, language: str) -> tuple[list[ClosedDay], str]:
    """The days, or the sentence about the first row that is wrong."""
    days: list[ClosedDay] = []
    for at, row in enumerate(rows, 1):
        try:
            day = ClosedDay.model_validate(row)
            fits = date.fromisoformat(day.on).year == year
        except (ValidationError, ValueError):
            fits = False
        if not fits:
            return [], tell(language, BAD_ROW, n=at, year=year)
        if any(each.on == day.on for each in days):
            return [], tell(language, TWICE, n=at)
        days.append(day)
    return sorted(days, key=lambda day: day.on), ""


def _tolerant(rows: list[dict[str, str]], year: int) -> list[ClosedDay]:
    """What of the rows can be drawn."""
    return [day for row in rows for day in days_of([row], year, "id")[0]]


def _rows(days: tuple[ClosedDay, ...]) -> list[dict[str, str]]:
    return [day.model_dump() for day in sorted(days, key=lambda each: each.on)]


def _hours(answer: CalendarsAnswer, trial: Season | None = None) -> Calendar | None:
    """The agency's hours with its seasons, and one more that is looked at."""
    told = [each for each in answer.seasons if trial is None or each.season != trial.season]
    seasons = [each.model_dump(mode="json") for each in (*told, *([trial] if trial else []))]
    try:
        return Calendar.from_rules(
            with_seasons({"zone": answer.zone, "hours": list(answer.hours), "holidays": []}, seasons)
        )
    except ValueError:
        return None


def season_hours(season: Season, language: str) -> list[tuple[str, str, str]]:
    return list(hours_in_words([each.model_dump() for each in season.hours], language))


def _digest(days: list[ClosedDay]) -> str:
    return "|".join(f"{day.on}{day.kind[0]}" for day in days)


async def _year(pages: Pages, request: Request, text: str) -> int:
    """The year that was asked for, else the agency's present one."""
    office = await pages.offices.of(visitor_of(request).agency)
    time = office.moments(request.state.language)
    wanted = int(text) if re.fullmatch(r"\d{4}", text) else time.local(time.now).year
    return min(max(wanted, FIRST), LAST)


async def _around(pages: Pages, request: Request) -> tuple[int, int]:
    this = await _year(pages, request, "")
    return this, this + 1
