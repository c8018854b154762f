"""Pengaturan › Orang: who works here, with roles, dated qualifications and absences."""

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from contracts import organisation as o
from contracts.base import Command
from gateway.api_commands import visitor_of
from gateway.problems import Problem
from gateway.rights import RIGHTS
from gateway.web.forms import line
from gateway.web.page import Pages
from gateway.web.settings import words as w
from gateway.web.settings.deeds import carried_out, command_of
from gateway.web.settings.positions import absence, people_of

DEEDS = ("people.add", "qualifications.grant", "qualifications.withdraw", "absences.enter", "absences.withdraw")


def router(pages: Pages) -> APIRouter:
    made = APIRouter(prefix="/pengaturan/orang")

    @made.get("", name="page.settings")
    async def people(request: Request) -> Response:
        return await people_page(pages, request)

    @made.post("", name="people.add")
    async def add(request: Request) -> Response:
        async def again(request: Request, **entered: Any) -> Response:
            return await people_page(pages, request, **entered)

        place = lambda form: f"/pengaturan/orang/{line(form, 'person_id')}"  # noqa: E731 - where it leads
        return await carried_out(pages, request, "people.add", _add, place, again)

    @made.get("/{person_id}", name="page.settings")
    async def person(request: Request, person_id: str) -> Response:
        return await person_page(pages, request, person_id)

    _deed(made, pages, "kualifikasi", "qualifications.grant", _qualify)
    _deed(made, pages, "kualifikasi/cabut", "qualifications.withdraw", _disqualify)
    _deed(made, pages, "berhalangan", "absences.enter", lambda form, _person: absence(form))
    _deed(made, pages, "berhalangan/cabut", "absences.withdraw", _present)
    return made


def _deed(made: APIRouter, pages: Pages, path: str, right: str, make: Any) -> None:
    async def endpoint(request: Request, person_id: str) -> Response:
        async def again(request: Request, **entered: Any) -> Response:
            return await person_page(pages, request, person_id, **entered)

        place = f"/pengaturan/orang/{(await _person(pages, request, person_id)).person_id}"
        return await carried_out(pages, request, right, lambda form: make(form, person_id), place, again)

    made.add_api_route(f"/{{person_id}}/{path}", endpoint, methods=["POST"], name=right)


def _add(form: FormData) -> Command:
    roles = tuple(str(each) for each in form.getlist("roles"))
    fields = {name: line(form, name) for name in ("person_id", "name", "nip")}
    return command_of(o.AddUser, ("person_id", "name"), **fields, roles=roles)


def _qualify(form: FormData, person_id: str) -> Command:
    fields = {name: line(form, name) for name in ("qualification", "from_on", "until_on", "certificate")}
    return command_of(o.GrantQualification, ("qualification", "from_on"), person_id=person_id, **fields)


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
        "pengaturan-orang.html",
        status=status,
        problem=problem,
        w=w,
        people=await people_of(pages, request),
        may=may(request),
        **{"deed": "", "values": {}, "errors": {}, **entered},
    )


async def person_page(
    pages: Pages, request: Request, person_id: str, *, status: int = 200, problem: str = "", **entered: Any
) -> Response:
    return await pages.show(
        request,
        "pengaturan-orang-satu.html",
        status=status,
        problem=problem,
        w=w,
        person=await _person(pages, request, person_id),
        may=may(request),
        just=request.query_params.get("baru", ""),
        **{"deed": "", "values": {}, "errors": {}, **entered},
    )


def may(request: Request) -> set[str]:
    return {right for right in DEEDS if RIGHTS[right].allows(visitor_of(request).roles)}


async def _person(pages: Pages, request: Request, person_id: str) -> o.PersonRow:
    found = next((each for each in await people_of(pages, request) if each.person_id == person_id), None)
    if found is None:
        raise Problem("gateway.not-found", 404)
    return found
