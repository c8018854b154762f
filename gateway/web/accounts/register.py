"""Akun surel: the register of requests, and one request with its applicant, hints and timeline."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from contracts import projections as p
from contracts.account_provisioning import RequestSheetAnswer
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.cases import handles, request_deadline_of, request_history_of, request_of, requests_of, sheet_of
from gateway.edge.complaints import complaints_about
from gateway.edge.i18n import mark as _
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.edge.uploads import numbered
from gateway.web import request_words as words
from gateway.web.accounts.permits import actions, own
from gateway.web.accounts.story import story
from gateway.web.cases.deadlines import deadline_page
from gateway.web.cases.lists import asked_of
from gateway.web.complaint_words import STAGES
from gateway.web.on_behalf import TO_REQUEST, Files, none_yet
from gateway.web.page import Pages
from gateway.web.public.attaching import word_of
from gateway.web.public.strangers import Strangers
from gateway.web.story import last_of


def router(pages: Pages, desk: Strangers) -> APIRouter:
    made = APIRouter()

    @made.get("/akun", name="page.requests")
    async def requests(request: Request) -> Response:
        visitor = visitor_of(request)
        query, shown = asked_of(request, p.RequestList, p.REQUEST_STAGES)
        answer = await requests_of(pages.client, visitor, query)
        return await pages.show(
            request,
            "accounts/daftar.html",
            answer=answer,
            said=words,
            **shown,
            enters=RIGHTS["requests.file"].allows(visitor.roles),
        )

    @made.get("/akun/{request_id}", name="page.request")
    async def one(request: Request, request_id: UUID) -> Response:
        found = await request_of(pages.client, visitor_of(request), request_id, after_of(request))
        return await request_page(pages, desk, request, found)

    @made.get("/akun/{request_id}/tenggat", name="page.request-deadline")
    async def deadline(request: Request, request_id: UUID) -> Response:
        visitor = visitor_of(request)
        found = await request_of(pages.client, visitor, request_id, after_of(request))
        answer = await request_deadline_of(pages.client, visitor, found, after_of(request))
        return await deadline_page(
            pages,
            request,
            found.row,
            answer,
            register=("/akun", _("Akun surel")),
            nothing=_("Tenggat dihitung sejak permohonan lengkap."),
        )

    return made


async def request_page(  # noqa: PLR0913 - a page, and what was wrong with its form
    pages: Pages,
    desk: Strangers,
    request: Request,
    found: p.AccountRequest,
    *,
    status: int = 200,
    problem: str = "",
    action: str = "",
    values: Any = None,
    brought: Files | None = None,
) -> Response:
    """``action`` names the form that failed, ``values`` keep what was entered there."""
    visitor, after = visitor_of(request), after_of(request)
    office = await pages.offices.of(visitor.agency)
    entries = await request_history_of(pages.client, visitor, found, after)
    sheet, away = await sheet_or_none(pages, visitor, found, after)
    written = sheet.words if sheet else {}
    return await pages.show(
        request,
        "accounts/permohonan.html",
        status=status,
        problem=problem,
        found=found,
        row=found.row,
        sheet=sheet,
        away=away,
        asked=last_of(entries, written, "account_provisioning.CompletionAsked"),
        files=numbered(sheet.files.values()) if sheet else [],
        word_of=word_of,
        own=sheet is not None and own(visitor, sheet),
        said=words,
        allowed=actions(visitor, found, sheet),
        griped=await complaints_about(pages.client, visitor, "account_provisioning", found.row.request_id),
        gripes=RIGHTS["complaints.enter"].allows(visitor.roles),
        complained=STAGES,
        told=story(found.row.received_at, entries, written, office.moments(request.state.language)),
        just=request.query_params.get("baru", ""),
        action=action,
        values=values or {},
        brought=brought or none_yet(TO_REQUEST),
        uploads=desk.uploads,
    )


async def sheet_or_none(
    pages: Pages, visitor: Visitor, found: p.AccountRequest, after: str | None
) -> tuple[RequestSheetAnswer | None, bool]:
    """The sheet for who handles it; whether it is his and nobody answers now (the page still shows the request)."""
    if not handles(visitor, found):
        return None, False
    try:
        return await sheet_of(pages.client, visitor, found, after), False
    except Problem:
        return None, True
