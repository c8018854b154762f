"""Pengaturan › Jabatan: who acts today and why, terms on a line, appointments, ends, substitutes, absences."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from contracts import organisation as o
from contracts.base import FIRST_YEAR, LAST_YEAR, Command, Slug
from contracts.offices import PeopleAnswer, PersonRow, PositionRow, PositionsAnswer
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.web.forms import line
from gateway.web.page import Pages
from gateway.web.settings import term_line
from gateway.web.settings import words as w
from gateway.web.settings.actions import carried_out, command_of

DEEDS = ("positions.establish", "positions.appoint", "positions.end", "positions.substitute", "absences.enter")


def router(pages: Pages) -> APIRouter:
    made = APIRouter(prefix="/pengaturan/jabatan")

    @made.get("", name="page.settings")
    async def positions(request: Request) -> Response:
        return await positions_page(pages, request)

    @made.post("", name="positions.establish")
    async def establish(request: Request) -> Response:
        def make(form: FormData) -> Command:
            fields = {name: line(form, name) for name in ("position", "title", "role", "unit")}
            return command_of(o.EstablishPosition, ("position", "title"), **fields)

        async def again(request: Request, **entered: Any) -> Response:
            return await positions_page(pages, request, **entered)

        place = lambda form: f"/pengaturan/jabatan/{line(form, 'position')}"  # noqa: E731 - where it leads
        return await carried_out(pages, request, "positions.establish", make, place, again)

    @made.get("/{position}", name="page.settings")
    async def position(request: Request, position: Slug) -> Response:
        return await position_page(pages, request, position)

    _action(made, pages, "angkat", "positions.appoint", _appoint)
    _action(made, pages, "akhiri", "positions.end", _end)
    _action(made, pages, "pengganti", "positions.substitute", _substitute)
    _action(made, pages, "berhalangan", "absences.enter", absence)
    return made


def _action(made: APIRouter, pages: Pages, path: str, right: str, make: Any) -> None:
    async def endpoint(request: Request, position: Slug) -> Response:
        row = await position_of(pages, request, position)

        async def again(request: Request, **entered: Any) -> Response:
            return await position_page(pages, request, position, **entered)

        return await carried_out(
            pages, request, right, lambda form: make(form, row), f"/pengaturan/jabatan/{row.position}", again
        )

    made.add_api_route(f"/{{position}}/{path}", endpoint, methods=["POST"], name=right)


def _appoint(form: FormData, row: PositionRow) -> Command:
    capacity = line(form, "capacity")
    needed = {"holder": (), "plt": ("from_on",), "plh": ("from_on", "until_on")}.get(capacity, ())
    return command_of(
        o.AppointHolder,
        ("person_id", *needed),
        position=row.position,
        title=row.title,
        role=row.role,
        unit=row.unit,
        **{name: line(form, name) for name in ("person_id", "capacity", "from_on", "until_on")},
    )


def _end(form: FormData, row: PositionRow) -> Command:
    fields = {name: line(form, name) for name in ("capacity", "on", "reason")}
    return command_of(o.EndHolding, ("on", "reason"), position=row.position, **fields)


def _substitute(form: FormData, row: PositionRow) -> Command:
    return command_of(o.NameSubstitute, position=row.position, substitute=line(form, "substitute") or None)


def absence(form: FormData, _row: object = None) -> Command:
    """Also from the page of a person."""
    needed = ("person_id", "from_on", "until_on", "reason")
    return command_of(o.EnterAbsence, needed, **{name: line(form, name) for name in needed})


async def positions_page(
    pages: Pages, request: Request, *, status: int = 200, problem: str = "", **entered: Any
) -> Response:
    on, unread = _civil(request.query_params.get("pada", ""))
    answer = await _positions(pages, request, on)
    shown_on = date.fromisoformat(answer.on)
    people = await people_of(pages, request)
    return await pages.show(
        request,
        "settings/jabatan.html",
        status=status,
        problem=problem,
        w=w,
        on=answer.on,
        asked=bool(on),
        unread=unread,
        rows=[(row, _line(row, people, shown_on, request)) for row in answer.positions],
        titles={row.position: row.title for row in answer.positions},
        may=may(request),
        **{"action": "", "values": {}, "errors": {}, **entered},
    )


async def position_page(
    pages: Pages, request: Request, position: str, *, status: int = 200, problem: str = "", **entered: Any
) -> Response:
    answer = await _positions(pages, request, "")
    row = _found(answer, position)
    people = await people_of(pages, request)
    return await pages.show(
        request,
        "settings/jabatan-satu.html",
        status=status,
        problem=problem,
        w=w,
        row=row,
        line=_line(row, people, date.fromisoformat(answer.on), request),
        others=[each for each in answer.positions if each.position != row.position],
        titles={each.position: each.title for each in answer.positions},
        people=people,
        today=answer.on,
        may=may(request),
        just=request.query_params.get("baru", ""),
        last_day=term_line.min_day,
        away=away(row, people),
        **{"action": "", "values": {}, "errors": {}, **entered},
    )


def may(request: Request) -> set[str]:
    return {right for right in DEEDS if RIGHTS[right].allows(visitor_of(request).roles)}


async def position_of(pages: Pages, request: Request, position: str) -> PositionRow:
    return _found(await _positions(pages, request, ""), position)


async def people_of(pages: Pages, request: Request) -> tuple[PersonRow, ...]:
    query = o.People(after=after_of(request))
    return (await pages.client.ask(visitor_of(request), query, PeopleAnswer)).people


async def _positions(pages: Pages, request: Request, on: str) -> PositionsAnswer:
    query = o.Positions(on=on, after=after_of(request))
    return await pages.client.ask(visitor_of(request), query, PositionsAnswer)


def _found(answer: PositionsAnswer, position: str) -> PositionRow:
    row = next((each for each in answer.positions if each.position == position), None)
    if row is None:
        raise Problem("gateway.not-found", 404)
    return row


def _line(row: PositionRow, people: tuple[PersonRow, ...], on: date, request: Request) -> term_line.Line:
    return term_line.line(row.terms, away(row, people), on, request.state.language)


def away(row: PositionRow, people: tuple[PersonRow, ...]) -> list[tuple[str, str, str]]:
    """(from, until, name) of each absence of those who hold the position."""
    own = holders(row)
    return [
        (each.from_on, each.until_on, person.name)
        for person in people
        if person.person_id in own
        for each in person.absences
    ]


def holders(row: PositionRow) -> set[str]:
    return {term.person_id for term in row.terms if not term.ended_on}


def _civil(text: str) -> tuple[str, bool]:
    """The day that was asked for, and whether it could not be read."""
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        return "", True
    if day is None:
        return "", False
    return (day.isoformat(), False) if FIRST_YEAR <= day.year <= LAST_YEAR else ("", True)
