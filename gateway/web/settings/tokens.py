"""Pengaturan › Token mesin: issued (the secret is shown once, in that very answer), listed, renewed, revoked.

A token that reads letters waits for a leader first; then its secret is fetched here, once.
"""

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from contracts import organisation as o
from contracts.base import Command, ServiceRequest, Slug
from contracts.offices import TokenRow, TokensAnswer
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.client import identity_of
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.web.forms import form_of, key, line
from gateway.web.page import Pages, onward, told
from gateway.web.settings import access
from gateway.web.settings import words as w
from gateway.web.settings.actions import WAITING, WrongFields, carried_out, command_of

HOME = "/pengaturan/token"
DEEDS = ("tokens.issue", "tokens.renew", "tokens.revoke")


def router(pages: Pages) -> APIRouter:
    made = APIRouter(prefix=HOME)

    @made.get("", name="page.settings")
    async def tokens(request: Request) -> Response:
        return await tokens_page(pages, request)

    @made.post("", name="tokens.issue")
    async def issue(request: Request) -> Response:
        visitor, form = visitor_of(request), await form_of(request)
        values = {name: line(form, name) for name in ("token_id", "role", "label")}
        entered: dict[str, Any] = {"action": "tokens.issue", "values": values}
        try:
            command_of(o.IssueToken, ("token_id", "label"), **values)
        except WrongFields as wrong:
            said = told(request, Problem("gateway.malformed", 422))
            return await tokens_page(pages, request, status=422, problem=said, errors=wrong.errors, **entered)
        identity = identity_of(visitor, key(form, "tokens.issue"))
        asked = o.GrantToken(**values, by=visitor.actor, command_id=identity)
        return await _handed_over(pages, request, asked, values["token_id"], **entered)

    @made.post("/{token_id}/perbarui", name="tokens.renew")
    async def renew(request: Request, token_id: Slug) -> Response:
        visitor, form = visitor_of(request), await form_of(request)
        known = next((each for each in await _tokens(pages, request) if each.token_id == token_id), None)
        if known is None:
            raise Problem("gateway.not-found", 404)
        identity = identity_of(visitor, key(form, "tokens.renew"))
        asked = o.GrantRenewal(token_id=token_id, by=visitor.actor, command_id=identity)
        return await _handed_over(pages, request, asked, token_id, action=f"tokens.renew:{token_id}")

    @made.post("/{token_id}/cabut", name="tokens.revoke")
    async def revoke(request: Request, token_id: Slug) -> Response:
        def make(form: FormData) -> Command:
            return command_of(o.RevokeToken, ("reason",), token_id=token_id, reason=line(form, "reason"))

        async def again(request: Request, **entered: Any) -> Response:
            return await tokens_page(pages, request, **{**entered, "action": f"tokens.revoke:{token_id}"})

        return await carried_out(pages, request, "tokens.revoke", make, HOME, again)

    return made


async def _handed_over(
    pages: Pages, request: Request, asked: ServiceRequest, token_id: str, **entered: Any
) -> Response:
    """The secret, this once; or back to the list, where it waits for a leader."""
    try:
        granted = await pages.client.ask(visitor_of(request), asked, o.TokenGranted)
    except Problem as problem:
        said = told(request, problem)
        return await tokens_page(pages, request, status=problem.status, problem=said, **entered)
    if granted.waits_until is not None:
        return onward(HOME, granted.after, **WAITING)
    return await tokens_page(pages, request, secret=granted.token, named=token_id)


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
    grants = [row for row in await access.grants_of(pages, request) if row.grant.what in {"token", "renewal"}]
    return await pages.show(
        request,
        "settings/token.html",
        status=status,
        problem=problem,
        w=w,
        tokens=await _tokens(pages, request),
        pending=access.lines((row for row in grants if row.state == "waiting" or row.ready), request),
        secret=secret,
        once=bool(secret),
        named=named,
        may={right for right in DEEDS if RIGHTS[right].allows(visitor.roles)},
        just=request.query_params.get("baru", ""),
        **{"action": "", "values": {}, "errors": {}, **entered},
    )


async def _tokens(pages: Pages, request: Request) -> tuple[TokenRow, ...]:
    query = o.Tokens(after=after_of(request))
    return (await pages.client.ask(visitor_of(request), query, TokensAnswer)).tokens
