"""The sealed slip of a hand-over, for the officer who gives it out."""

from base64 import b64decode
from uuid import UUID

from fastapi import APIRouter, Request, Response

from contracts.account_provisioning import PrintSlip, SlipAnswer
from gateway.api.commands import visitor_of
from gateway.edge.cases import request_of
from gateway.edge.client import SLOW_SECONDS, identity_of
from gateway.edge.problems import Problem
from gateway.web.accounts.register import request_page
from gateway.web.forms import form_of, key
from gateway.web.page import Pages, told
from gateway.web.public.strangers import Strangers


def router(pages: Pages, desk: Strangers) -> APIRouter:
    made = APIRouter()

    @made.post("/akun/{request_id}/slip", name="requests.slip")
    async def page(request: Request, request_id: UUID) -> Response:
        form, visitor = await form_of(request), visitor_of(request)
        found = await request_of(pages.client, visitor, request_id)
        try:
            identity = identity_of(visitor, key(form, "slip"))
            asked = PrintSlip(request_id=request_id, by=visitor.actor, command_id=identity)
            answer = await pages.client.ask(visitor, asked, SlipAnswer, seconds=SLOW_SECONDS)
        except Problem as problem:
            return await request_page(
                pages, desk, request, found, status=problem.status, problem=told(request, problem),
                action="requests.slip",
            )  # fmt: skip
        headers = {"Content-Disposition": 'inline; filename="slip.pdf"', "Cache-Control": "no-store"}
        return Response(b64decode(answer.pdf), media_type="application/pdf", headers=headers)

    return made
