"""Kontak yang diblokir: whom nothing reaches by a way any more, why, and who lets him be reached again."""

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from contracts import organisation as o
from contracts.base import Slug
from contracts.notifications import UnblockContact
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.notices import contact_blocks_of
from gateway.edge.problems import Problem
from gateway.web.forms import form_of, key, line
from gateway.web.notices import words as w
from gateway.web.page import Pages, onward, told

HOME = "/kontak-diblokir"


def router(pages: Pages) -> APIRouter:
    made = APIRouter(prefix=HOME)

    @made.get("", name="page.blocked-contacts")
    async def blocked(request: Request) -> Response:
        return await blocks_page(pages, request)

    @made.post("/{person_id}/{channel}/buka", name="contacts.unblock")
    async def unblock(request: Request, person_id: Slug, channel: Slug) -> Response:
        form = await form_of(request)
        try:
            command = UnblockContact(person_id=person_id, channel=channel, reason=line(form, "reason"))
            accepted = await pages.client.do(visitor_of(request), command, key=key(form, "contacts.unblock"))
        except ValidationError:
            said = told(request, Problem("gateway.malformed", 422))
            return await blocks_page(pages, request, status=422, problem=said)
        except Problem as problem:
            return await blocks_page(pages, request, status=problem.status, problem=told(request, problem))
        return onward(HOME, accepted.after, baru="contacts.unblock")

    return made


async def blocks_page(pages: Pages, request: Request, *, status: int = 200, problem: str = "") -> Response:
    visitor = visitor_of(request)
    answer = await contact_blocks_of(pages.client, visitor, after_of(request))
    people = (await pages.client.ask(visitor, o.People(), o.PeopleAnswer)).people
    return await pages.show(
        request,
        "notices/diblokir.html",
        status=status,
        problem=problem,
        w=w,
        contacts=answer.contacts,
        called={row.person_id: row.name for row in people},
        just=request.query_params.get("baru", ""),
    )
