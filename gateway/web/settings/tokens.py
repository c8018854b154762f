"""Pengaturan › Token mesin: issued (the secret is shown once, in that very answer), listed, revoked."""

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from contracts import organisation as o
from contracts.base import Command, Slug
from contracts.offices import TokensAnswer
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.web.forms import form_of, line
from gateway.web.page import Pages, told
from gateway.web.settings import words as w
from gateway.web.settings.actions import WrongFields, carried_out, command_of


def router(pages: Pages) -> APIRouter:
    made = APIRouter(prefix="/pengaturan/token")

    @made.get("", name="page.settings")
    async def tokens(request: Request) -> Response:
        return await tokens_page(pages, request)

    @made.post("", name="tokens.issue")
    async def issue(request: Request) -> Response:
        visitor, form = visitor_of(request), await form_of(request)
        values = {name: line(form, name) for name in ("token_id", "role", "label")}
        try:
            command_of(o.IssueToken, ("token_id", "label"), **values)
            query = o.GrantToken(**values, by=visitor.actor)
            granted = await pages.client.ask(visitor, query, o.TokenGranted)
        except WrongFields as wrong:
            said = told(request, Problem("gateway.malformed", 422))
            return await tokens_page(
                pages, request, status=422, problem=said, action="tokens.issue", values=values, errors=wrong.errors
            )
        except Problem as problem:
            return await tokens_page(
                pages,
                request,
                status=problem.status,
                problem=told(request, problem),
                action="tokens.issue",
                values=values,
            )
        return await tokens_page(pages, request, secret=granted.token, named=values["token_id"])

    @made.post("/{token_id}/cabut", name="tokens.revoke")
    async def revoke(request: Request, token_id: Slug) -> Response:
        def make(form: FormData) -> Command:
            return command_of(o.RevokeToken, ("reason",), token_id=token_id, reason=line(form, "reason"))

        async def again(request: Request, **entered: Any) -> Response:
            return await tokens_page(pages, request, **{**entered, "action": f"tokens.revoke:{token_id}"})

        return await carried_out(pages, request, "tokens.revoke", make, "/pengaturan/token", again)

    return made


async def tokens_page(  # noqa: PLR0913 - a list and its forms
    pages: Pages,
    request: Request,
    *,
    status: int = 200,
    problem: str = "",
    secret: str = "",
    named: str = "",
    **entered: Any,
) -> Response:
    visitor = visitor_of(request)
    query = o.Tokens(after=after_of(request))
    return await pages.show(
        request,
        "settings/token.html",
        status=status,
        problem=problem,
        w=w,
        tokens=(await pages.client.ask(visitor, query, TokensAnswer)).tokens,
        secret=secret,
        named=named,
        may={right for right in ("tokens.issue", "tokens.revoke") if RIGHTS[right].allows(visitor.roles)},
        just=request.query_params.get("baru", ""),
        **{"action": "", "values": {}, "errors": {}, **entered},
    )
