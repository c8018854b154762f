"""Pengaturan › Orang: who works here, with roles, dated qualifications and absences, and whether they can log in.

A first password is shown once, in the answer that made it.
"""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from contracts import organisation as o
from contracts.base import Command, Slug
from contracts.offices import PositionRow, PositionsAnswer
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.client import identity_of
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.web.forms import form_of, key, line
from gateway.web.page import Pages, onward, told
from gateway.web.settings import access
from gateway.web.settings import words as w
from gateway.web.settings.actions import WAITING, carried_out, command_of
from gateway.web.settings.positions import absence, holders, people_of

HOME = "/pengaturan/orang"
DEEDS = (
    "people.add",
    "people.password",
    "people.contact",
    "people.end",
    "qualifications.grant",
    "qualifications.withdraw",
    "absences.enter",
    "absences.withdraw",
)


def router(pages: Pages) -> APIRouter:
    made = APIRouter(prefix=HOME)

    @made.get("", name="page.settings")
    async def people(request: Request) -> Response:
        return await people_page(pages, request)

    @made.post("", name="people.add")
    async def add(request: Request) -> Response:
        async def again(request: Request, **entered: Any) -> Response:
            return await people_page(pages, request, **entered)

        place = lambda form: f"/pengaturan/orang/{line(form, 'person_id')}"  # noqa: E731 - where it leads
        answer = await carried_out(pages, request, "people.add", _add, place, again)
        form = await form_of(request)
        if answer.status_code != HTTPStatus.SEE_OTHER or not line(form, "first_password"):
            return answer
        waits = "tunggu=1" in answer.headers["location"]
        return await first_password(pages, request, line(form, "person_id"), waits=waits)

    @made.get("/{person_id}", name="page.settings")
    async def person(request: Request, person_id: Slug) -> Response:
        return await person_page(pages, request, person_id)

    @made.post("/{person_id}/kata-sandi", name="people.password")
    async def password(request: Request, person_id: Slug) -> Response:
        return await first_password(pages, request, (await _person(pages, request, person_id)).person_id)

    _action(made, pages, "kontak", "people.contact", _contact)
    _action(made, pages, "akhiri", "people.end", _end, HOME)
    _action(made, pages, "kualifikasi", "qualifications.grant", _qualify)
    _action(made, pages, "kualifikasi/cabut", "qualifications.withdraw", _disqualify)
    _action(made, pages, "berhalangan", "absences.enter", lambda form, _person: absence(form))
    _action(made, pages, "berhalangan/cabut", "absences.withdraw", _present)
    return made


def _action(  # noqa: PLR0913 - what an action is made of
    made: APIRouter, pages: Pages, path: str, right: str, make: Any, onto: str = ""
) -> None:
    """``onto``: where it leads; else back to the person."""

    async def endpoint(request: Request, person_id: Slug) -> Response:
        async def again(request: Request, **entered: Any) -> Response:
            return await person_page(pages, request, person_id, **entered)

        place = onto or f"{HOME}/{(await _person(pages, request, person_id)).person_id}"
        return await carried_out(pages, request, right, lambda form: make(form, person_id), place, again)

    made.add_api_route(f"/{{person_id}}/{path}", endpoint, methods=["POST"], name=right)


async def first_password(pages: Pages, request: Request, person_id: str, *, waits: bool = False) -> Response:
    """Makes one and shows it, this once; or it waits for a leader. ``waits``: so does a role that came with him."""
    visitor, form = visitor_of(request), await form_of(request)
    try:
        identity = identity_of(visitor, key(form, "people.password"))
        query = o.GrantFirstPassword(person_id=person_id, by=visitor.actor, command_id=identity)
        granted = await pages.client.ask(visitor, query, o.FirstPasswordGranted)
    except Problem as problem:
        said = told(request, problem)
        return await person_page(pages, request, person_id, status=problem.status, problem=said)
    if granted.waits_until is not None:
        return onward(f"/pengaturan/orang/{person_id}", granted.after, **WAITING)
    more: dict[str, Any] = {"waits": True} if waits else {}
    return await person_page(pages, request, person_id, granted=granted, **more)


def _add(form: FormData) -> Command:
    roles = tuple(str(each) for each in form.getlist("roles"))
    fields = {name: line(form, name) for name in ("person_id", "name", "nip")}
    return command_of(o.AddUser, ("person_id", "name"), **fields, roles=roles)


def _qualify(form: FormData, person_id: str) -> Command:
    fields = {name: line(form, name) for name in ("qualification", "from_on", "until_on", "certificate")}
    return command_of(o.GrantQualification, ("qualification", "from_on"), person_id=person_id, **fields)


def _contact(form: FormData, person_id: str) -> Command:
    fields = {name: line(form, name) for name in ("email", "phone", "language")}
    return command_of(o.StateContact, (), person_id=person_id, **fields)


def _end(form: FormData, person_id: str) -> Command:
    return command_of(o.EndAccess, ("reason",), person_id=person_id, reason=line(form, "reason"))


def _disqualify(form: FormData, person_id: str) -> Command:
    fields = {name: line(form, name) for name in ("qualification", "on", "reason")}
    return command_of(o.WithdrawQualification, ("on", "reason"), person_id=person_id, **fields)


def _present(form: FormData, person_id: str) -> Command:
    return command_of(o.WithdrawAbsence, person_id=person_id, from_on=line(form, "from_on"))


async def people_page(
    pages: Pages, request: Request, *, status: int = 200, problem: str = "", **entered: Any
) -> Response:
    return await pages.show(
        request,
        "settings/orang.html",
        status=status,
        problem=problem,
        w=w,
        people=await people_of(pages, request),
        may=may(request),
        just=request.query_params.get("baru", ""),
        **{"action": "", "values": {}, "errors": {}, **entered},
    )


async def person_page(  # noqa: PLR0913 - a page and what stands on it
    pages: Pages,
    request: Request,
    person_id: str,
    *,
    status: int = 200,
    problem: str = "",
    granted: o.FirstPasswordGranted | None = None,
    **entered: Any,
) -> Response:
    person = await _person(pages, request, person_id, after=granted.after if granted else None)
    his = [row for row in await access.grants_of(pages, request) if row.grant.person_id == person.person_id]
    return await pages.show(
        request,
        "settings/orang-satu.html",
        status=status,
        problem=problem,
        w=w,
        person=person,
        unfilled=await _unfilled(pages, request, person),
        pending=access.lines((row for row in his if row.state == "waiting" or row.ready), request),
        granted=granted,
        once=granted is not None,
        may=may(request),
        just=request.query_params.get("baru", ""),
        **{"action": "", "values": {}, "errors": {}, **entered},
    )


async def _unfilled(pages: Pages, request: Request, person: o.PersonRow) -> list[PositionRow]:
    """Positions of his for which nobody would act while he is away."""
    if not person.absences:
        return []
    rows = (
        await pages.client.ask(visitor_of(request), o.Positions(after=after_of(request)), PositionsAnswer)
    ).positions
    return [row for row in rows if row.substitute is None and person.person_id in holders(row)]


def may(request: Request) -> set[str]:
    """A contact is stated here by who keeps the people; everybody's own has a page of its own."""
    roles = visitor_of(request).roles
    return {right for right in DEEDS if RIGHTS[right].allows(roles) and (right != "people.contact" or "admin" in roles)}


async def _person(pages: Pages, request: Request, person_id: str, after: str | None = None) -> o.PersonRow:
    visitor = visitor_of(request)
    query = o.People(access=RIGHTS["people.password"].allows(visitor.roles), after=after or after_of(request))
    people = (await pages.client.ask(visitor, query, o.PeopleAnswer)).people
    found = next((each for each in people if each.person_id == person_id), None)
    if found is None:
        raise Problem("gateway.not-found", 404)
    return found
