"""Catatan pemberitahuan: what the office sent and what came of it; what has to be told by hand, and its tick."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.datastructures import FormData

from contracts import organisation as o
from contracts import projections as p
from contracts.base import Command
from contracts.notices import WAYS
from contracts.notifications import GiveUp, SendAgain, TickSent
from contracts.offices import PositionsAnswer
from contracts.projections.notices import STAGES
from gateway.api.commands import completed, visitor_of
from gateway.api.reads import after_of
from gateway.edge.i18n import mark as _
from gateway.edge.notices import manual_task_of, notice_log_of
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.web import kinds
from gateway.web.forms import form_of, key, line
from gateway.web.notices import words as w
from gateway.web.notices.inbox import language_of
from gateway.web.page import Pages, onward, told

HOME = "/catatan-pemberitahuan"


def router(pages: Pages) -> APIRouter:
    made = APIRouter(prefix=HOME)

    @made.get("", name="page.notice-log")
    async def log(request: Request) -> Response:
        return await log_page(pages, request)

    @made.get("/{notice_id}/sampaikan", name="page.notice-tell")
    async def tell(request: Request, notice_id: UUID) -> Response:
        return await tell_page(pages, request, notice_id)

    @made.get("/{notice_id}/whatsapp", name="page.notice-tell")
    async def whatsapp(request: Request, notice_id: UUID) -> Response:
        """Opens WhatsApp with the words written: by way of here, so that no page holds the number in a link."""
        task = await manual_task_of(pages.client, visitor_of(request), notice_id, language_of(request))
        if not task.link:
            raise Problem("gateway.not-found", 404)
        return RedirectResponse(task.link, 303, {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"})

    def tick(form: FormData, notice_id: UUID) -> Command:
        return TickSent.model_validate({"notice_id": notice_id, "how": line(form, "how")})

    def again(form: FormData, notice_id: UUID) -> Command:
        return SendAgain(notice_id=notice_id, reason=line(form, "reason"))

    def give_up(form: FormData, notice_id: UUID) -> Command:
        return GiveUp(notice_id=notice_id, reason=line(form, "reason"))

    _deed(made, pages, "sudah", "notices.tick", tick)
    _deed(made, pages, "ulang", "notices.again", again)
    _deed(made, pages, "hentikan", "notices.give-up", give_up)
    return made


def _deed(made: APIRouter, pages: Pages, path: str, right: str, make: Callable[[FormData, UUID], Command]) -> None:
    async def endpoint(request: Request, notice_id: UUID) -> Response:
        form = await form_of(request)
        visitor = visitor_of(request)
        try:
            command = await completed(pages.client, visitor, make(form, notice_id))
            accepted = await pages.client.do(visitor, command, key=key(form, right))
        except ValidationError:
            said = told(request, Problem("gateway.malformed", 422))
            return await log_page(pages, request, status=422, problem=said)
        except Problem as problem:
            return await log_page(pages, request, status=problem.status, problem=told(request, problem))
        return onward(HOME, accepted.after, baru=right)

    made.add_api_route(f"/{{notice_id}}/{path}", endpoint, methods=["POST"], name=right)


async def _called(pages: Pages, visitor: Visitor) -> Mapping[str, str]:
    """Positions and people by what the office calls them."""
    positions, people = await asyncio.gather(
        pages.client.ask(visitor, o.Positions(), PositionsAnswer),
        pages.client.ask(visitor, o.People(), o.PeopleAnswer),
    )
    names = {row.person_id: row.name for row in people.people}
    return names | {row.position: row.title for row in positions.positions}


async def log_page(pages: Pages, request: Request, *, status: int = 200, problem: str = "") -> Response:
    visitor = visitor_of(request)
    stage = request.query_params.get("keadaan", "")
    query = p.NoticeLog(
        stages=(stage,) if stage in STAGES else (), cursor=request.query_params.get("lanjut", "")[:100],
        after=after_of(request),
    )  # fmt: skip
    answer, called = await asyncio.gather(notice_log_of(pages.client, visitor, query), _called(pages, visitor))
    return await pages.show(
        request,
        "notices/catatan.html",
        status=status,
        called=called,
        problem=problem,
        w=w,
        log=answer,
        many=partial(_many, answer),
        stage=stage if stage in STAGES else "",
        place=lambda row: kinds.case_page(row.case_kind, row.case_id) if row.case_id else "",
        may={right for right in ("notices.tick", "notices.again", "notices.give-up") if _may(request, right)},
        sees_blocks=_may(request, "page.blocked-contacts"),
        sees_channels=RIGHTS["page.channels"].allows(visitor.roles),
        just=request.query_params.get("baru", ""),
    )


async def tell_page(pages: Pages, request: Request, notice_id: UUID) -> Response:
    task = await manual_task_of(pages.client, visitor_of(request), notice_id, language_of(request))
    if not (task.name or task.words or task.hidden):
        raise Problem("gateway.not-found", 404)
    return await pages.show(request, "notices/sampaikan.html", w=w, task=task, notice_id=notice_id, ways=WAYS)


def _many(answer: p.NoticeLogAnswer, stage: str) -> str:
    """How many of a stage, as the page says it: after a thousand nobody counts on; none: nothing is said."""
    if stage in answer.more:
        return _("lebih dari 1.000")
    return str(answer.counts.get(stage, "") or "")


def _may(request: Request, right: str) -> bool:
    return RIGHTS[right].allows(visitor_of(request).roles)
