"""Cara saya diberi tahu: a person's own contact, the code that shows that it is his, and the ways that he wants."""

import asyncio
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from contracts.base import Accepted, Command
from contracts.notices import EMAIL
from contracts.notifications import SetPreferences
from contracts.organisation import AskContactCode, StateContact, VerifyContact
from contracts.organisation.contacts import ContactWay
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.i18n import mark as _
from gateway.edge.notices import own_contact_of, ways_of
from gateway.edge.problems import Problem
from gateway.web.forms import form_of, key, line
from gateway.web.notices import words as w
from gateway.web.page import Pages, onward, tell, told

HOME = "/pemberitahuan/cara"
WRONG = _("Kode itu tidak cocok. Sisa percobaan: {left}.")
SPENT = _("Kode itu tidak cocok, dan percobaannya habis. Minta kode baru.")


def add(made: APIRouter, pages: Pages) -> None:
    """Before any notice's own address."""

    @made.get("/cara", name="page.ways")
    async def ways(request: Request) -> Response:
        return await ways_page(pages, request)

    @made.post("/cara", name="contacts.prefer")
    async def prefer(request: Request) -> Response:
        form = await form_of(request)
        muted = () if line(form, EMAIL) else (EMAIL,)
        person_id = visitor_of(request).actor.id
        return await _done(pages, request, "contacts.prefer", SetPreferences(person_id=person_id, muted=muted))

    @made.post("/cara/kontak", name="people.contact")
    async def state(request: Request) -> Response:
        form = await form_of(request)
        entered = {name: line(form, name) for name in ("email", "phone", "language")}
        try:
            command = StateContact.model_validate({**entered, "person_id": visitor_of(request).actor.id})
        except ValidationError:
            said = told(request, Problem("organisation.contact-unreadable", 422))
            return await ways_page(pages, request, status=422, problem=said, entered=entered)
        return await _done(pages, request, "people.contact", command, entered)

    @made.post("/cara/{way}/kode", name="contacts.code")
    async def code(request: Request, way: ContactWay) -> Response:
        command = AskContactCode(person_id=visitor_of(request).actor.id, way=way)
        return await _done(pages, request, "contacts.code", command)

    @made.post("/cara/{way}/buktikan", name="contacts.verify")
    async def verify(request: Request, way: ContactWay) -> Response:
        form = await form_of(request)
        person_id = visitor_of(request).actor.id
        command = VerifyContact(person_id=person_id, way=way, code=line(form, "code")[:40])
        return await _done(pages, request, "contacts.verify", command)


async def _done(
    pages: Pages, request: Request, right: str, command: Command, entered: Mapping[str, str] | None = None
) -> Response:
    form = await form_of(request)
    try:
        accepted = await pages.client.do(visitor_of(request), command, key=key(form, right))
    except Problem as problem:
        said = told(request, problem)
        return await ways_page(pages, request, status=problem.status, problem=said, entered=entered)
    if accepted.result.get("verified") is False:
        return await _wrong(pages, request, accepted)
    return onward(HOME, accepted.after, baru=right)


async def _wrong(pages: Pages, request: Request, accepted: Accepted) -> Response:
    left = int(accepted.result.get("left", 0))
    said = tell(request.state.language, WRONG, left=left) if left else tell(request.state.language, SPENT)
    return await ways_page(pages, request, status=422, problem=said, after=accepted.after)


async def ways_page(  # noqa: PLR0913 - a page and what was entered
    pages: Pages,
    request: Request,
    *,
    status: int = 200,
    problem: str = "",
    entered: Mapping[str, str] | None = None,
    after: str | None = None,
) -> Response:
    visitor = visitor_of(request)
    ways, contact = await asyncio.gather(
        ways_of(pages.client, visitor, visitor.actor.id),
        own_contact_of(pages.client, visitor, visitor.actor.id, after or after_of(request)),
    )
    return await pages.show(
        request,
        "notices/cara.html",
        status=status,
        problem=problem,
        w=w,
        ways=ways,
        contact=contact,
        entered={**contact.model_dump(include={"email", "phone", "language"}), **(entered or {})},
        just=request.query_params.get("baru", ""),
    )
