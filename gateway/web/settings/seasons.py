"""Pengaturan › Kalender kerja › Jam musiman: other hours for a time (Ramadan), seen before they are confirmed."""

import re
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from contracts import organisation as o
from contracts.offices import CalendarsAnswer
from contracts.words import Season
from gateway.api.commands import visitor_of
from gateway.edge.i18n import mark as _
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.web.forms import form_of, key, line
from gateway.web.page import Pages, onward, tell, told
from gateway.web.settings import sheet
from gateway.web.settings.actions import NEEDED, NOT_A_DATE, WrongFields, carried_out, command_of
from gateway.web.settings.calendars import FIRST, LAST, calendar_page, open_letters, rules_of
from gateway.web.settings.words import SEASON_ROWS
from services.kit.worktime import with_seasons

DATES = ("from_on", "until_on", "decreed_on")
WORDS = ("name", "number")
CLOCKS = ("open", "close", "break_from", "break_until")
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
NO_HOURS = _("Isi jam buka dan tutup paling sedikit satu baris.")
HALF = _("Isi jam buka dan tutup, dan kedua jam istirahat bila ada.")
UNREADABLE = _("Jam musiman belum benar: {reason}.")


def router(pages: Pages) -> APIRouter:
    made = APIRouter(prefix="/pengaturan/kalender/musim")

    @made.post("", name="seasons.confirm")
    async def confirm(request: Request) -> Response:
        return await confirmed(pages, request)

    @made.post("/cabut", name="seasons.withdraw")
    async def withdraw(request: Request) -> Response:
        year = _year(line(await form_of(request), "year"))

        async def again(request: Request, **entered: Any) -> Response:
            return await calendar_page(pages, request, year, **entered)

        def make(form: FormData) -> o.WithdrawSeason:
            return command_of(
                o.WithdrawSeason, ("season", "reason"), season=line(form, "season"), reason=line(form, "reason")
            )

        return await carried_out(pages, request, "seasons.withdraw", make, f"/pengaturan/kalender?tahun={year}", again)

    return made


async def confirmed(pages: Pages, request: Request) -> Response:
    """First what it would move (the year's sheet shows it too), then, with ``action`` = confirm, the decree."""
    visitor, form = visitor_of(request), await form_of(request)
    values = {name: str(value) for name, value in form.items() if isinstance(value, str)}
    kept: dict[str, Any] = {"action": "seasons.confirm", "values": values}
    year = _year(values.get("from_on", "")[:4])
    try:
        season = season_of(form)
    except WrongFields as wrong:
        said = told(request, Problem("gateway.malformed", 422))
        return await calendar_page(pages, request, year, status=422, problem=said, errors=wrong.errors, **kept)
    try:
        if line(form, "action") != "confirm" or line(form, "seen") != season.model_dump_json():
            effect = await effect_of(pages, visitor, season)
            seen = season.model_dump_json()
            return await calendar_page(
                pages, request, year, trial=season, season_effect=effect, season_seen=seen, **kept
            )
        accepted = await pages.client.do(visitor, o.ConfirmSeason(season=season), key=key(form, "season"))
    except ValueError as unreadable:
        _place, _sign, reason = str(unreadable).partition(": ")
        said = tell(request.state.language, UNREADABLE, reason=reason)
        return await calendar_page(pages, request, year, status=422, problem=said, **kept)
    except Problem as refused:
        return await calendar_page(pages, request, year, status=refused.status, problem=told(request, refused), **kept)
    return onward("/pengaturan/kalender", accepted.after, tahun=str(year), baru="seasons.confirm")


async def effect_of(pages: Pages, visitor: Visitor, season: Season) -> sheet.Effect:
    """Against the open letters under the rules in force. Nothing is sent. Raises ValueError for unreadable hours."""
    known = (await pages.client.ask(visitor, o.Calendars(), CalendarsAnswer)).seasons
    rules = await rules_of(pages, visitor)
    seasons = [each.model_dump(mode="json") for each in known if each.season != season.season]
    new = with_seasons(rules, [*seasons, season.model_dump(mode="json")])
    moves, unsure = sheet.moved(rules, new, await open_letters(pages, visitor))
    return sheet.Effect((), (), moves, unsure)


def season_of(form: FormData) -> Season:
    """What was entered; raises WrongFields with a sentence for each field that is wrong."""
    errors = {name: NEEDED for name in (*WORDS, *DATES) if not line(form, name)}
    errors |= {
        name: NOT_A_DATE
        for name in DATES
        if line(form, name) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", line(form, name))
    }
    hours = []
    for row, (days, _words) in SEASON_ROWS.items():
        clocks = {clock: line(form, f"{row}-{clock}") for clock in CLOCKS}
        if not any(clocks.values()):
            continue
        rest = (clocks["break_from"], clocks["break_until"])
        needed = (clocks["open"], clocks["close"], *(rest if any(rest) else ()))
        if not all(CLOCK.fullmatch(each) for each in needed):
            errors[row] = HALF
            continue
        breaks = [rest] if any(rest) else []
        hours.append({"days": days, "open": clocks["open"], "close": clocks["close"], "breaks": breaks})
    if not hours and not any(row in errors for row in SEASON_ROWS):
        errors["hours"] = NO_HOURS
    if errors:
        raise WrongFields(errors)
    slug = line(form, "season") or slug_of(line(form, "name"), line(form, "from_on"))
    words = {name: line(form, name) for name in (*WORDS, *DATES)}
    made = command_of(o.ConfirmSeason, season={"season": slug, "hours": hours, **words})
    return made.season


def slug_of(name: str, from_on: str) -> str:
    """``Ramadan 1448 H`` from 2027-02-08 on → ``ramadan-1448-h-2027``: the same name and year is the same season."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:50].strip("-")
    return f"{plain or 'musim'}-{from_on[:4]}"


def _year(text: str) -> int:
    return min(max(int(text) if text.isascii() and text.isdigit() else FIRST, FIRST), LAST)
