"""Direktori akun: every account with its state and holder, and one of them with all that happened to it."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from contracts import projections as p
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.cases import account_of, accounts_of
from gateway.web import request_words as words
from gateway.web.accounts.story import story
from gateway.web.cases.lists import asked_of
from gateway.web.page import Pages

ORDERS = ("address", "changed")


def router(pages: Pages) -> APIRouter:
    made = APIRouter()

    @made.get("/akun/direktori", name="page.directory")
    async def directory(request: Request) -> Response:
        query, shown = asked_of(request, p.AccountList, p.ACCOUNT_STATES, ORDERS)
        answer = await accounts_of(pages.client, visitor_of(request), query)
        return await pages.show(request, "accounts/direktori.html", answer=answer, said=words, **shown)

    @made.get("/akun/direktori/{account_id}", name="page.account")
    async def one(request: Request, account_id: UUID) -> Response:
        visitor = visitor_of(request)
        found = await account_of(pages.client, visitor, account_id, after_of(request))
        office = await pages.offices.of(visitor.agency)
        told = story(None, found.entries, {}, office.moments(request.state.language))
        return await pages.show(request, "accounts/akun.html", found=found, row=found.row, said=words, told=told)

    return made
