"""Pemberitahuan: the reader's own inbox behind the bell."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Request, Response

from contracts import projections as p
from contracts.notices import Language
from contracts.notifications import MarkSeen
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.notices import notices_of
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.web import kinds
from gateway.web.forms import form_of, key, line
from gateway.web.notices import ways
from gateway.web.page import Pages, onward, told

HOME = "/pemberitahuan"
MOST_AT_ONCE = 50
PAGE = 50


def router(pages: Pages) -> APIRouter:
    made = APIRouter(prefix=HOME)

    @made.get("", name="page.notices")
    async def inbox(request: Request) -> Response:
        return await inbox_page(pages, request)

    @made.get("/lonceng", name="page.notices")
    async def bell(request: Request) -> dict[str, int]:
        """What the bell shows; asked by the page itself."""
        return {"unseen": await pages.bell(request, visitor_of(request)) or 0}

    ways.add(made, pages)

    @made.get("/{notice_id}", name="page.notices")
    async def onto_the_case(request: Request, notice_id: UUID) -> Response:
        """Where a message's link leads: to the case; whoever may not see it is told so there."""
        row = await _one(pages, request, notice_id)
        return onward(kinds.case_page(row.case_kind, row.case_id))

    @made.post("/dilihat", name="notices.seen")
    async def seen(request: Request) -> Response:
        """One or several, each a command of its own; a second time changes nothing."""
        form, visitor = await form_of(request), visitor_of(request)
        wanted = _ids(form.getlist("notice_id"))
        after = ""
        try:
            for each in wanted:
                command = MarkSeen(notice_id=each)
                after = (await pages.client.do(visitor, command, key=key(form, str(each)))).after
        except Problem as problem:
            return await inbox_page(pages, request, status=problem.status, problem=told(request, problem))
        if line(form, "buka") and len(wanted) == 1:
            return onward(f"{HOME}/{wanted[0]}", after)
        return onward(HOME, after)

    return made


async def inbox_page(pages: Pages, request: Request, *, status: int = 200, problem: str = "") -> Response:
    query = p.NoticeList(
        language=language_of(request), cursor=request.query_params.get("lanjut", "")[:100], limit=PAGE,
        after=after_of(request),
    )  # fmt: skip
    answer = await notices_of(pages.client, visitor_of(request), query)
    titles = {held.position: held.title for held in visitor_of(request).actor.holdings}
    return await pages.show(
        request,
        "notices/pemberitahuan.html",
        status=status,
        problem=problem,
        notices=answer.notices,
        bell=answer.unseen,
        cursor=answer.cursor,
        titles=titles,
        sees_log=RIGHTS["page.notice-log"].allows(visitor_of(request).roles),
    )


def language_of(request: Request) -> Language:
    return "en" if getattr(request.state, "language", "id") == "en" else "id"


async def _one(pages: Pages, request: Request, notice_id: UUID) -> p.NoticeRow:
    """Of those that he was told; 404 for any other."""
    query = p.NoticeList(language=language_of(request), notice_id=notice_id, limit=1, after=after_of(request))
    answer = await notices_of(pages.client, visitor_of(request), query)
    if not answer.notices:
        raise Problem("gateway.not-found", 404)
    return answer.notices[0]


def _ids(said: Sequence[object]) -> list[UUID]:
    found = []
    for each in said[:MOST_AT_ONCE]:
        try:
            found.append(UUID(str(each)))
        except ValueError:
            continue
    return list(dict.fromkeys(found))
