"""The page behind the link to an account: its holder sets his secret there, once, and sees how to go on.

Looking opens nothing and spends nothing, whoever looks (previews, scanners, robots with script): only the form, sent
by a gesture, with the confirmation that the hand-over asks for, does. The secret stands in that one answer.
"""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from contracts.account_provisioning import ClaimStateAnswer, SecretSetAnswer, SetSecret
from gateway.edge.budgets import network_of
from gateway.edge.cases import claim_of
from gateway.edge.client import SLOW_SECONDS
from gateway.edge.i18n import mark as _
from gateway.edge.problems import Problem, retry_after
from gateway.edge.strangers import looking
from gateway.web.forms import form_of, line
from gateway.web.login.first_password import from_own_page
from gateway.web.page import Pages, rendered, told
from gateway.web.public.strangers import Strangers

LONGEST_TOKEN, LONGEST_CODE, LONGEST_SECRET = 60, 60, 400
GONE = 410
OWN = "sendiri"
OPENED = _("Akun surel Anda terbuka")


def router(pages: Pages, desk: Strangers) -> APIRouter:
    made = APIRouter()

    @made.get("/{agency}/klaim/{claim_id}/{token}", name="claims.page")
    async def page(request: Request, agency: str, claim_id: UUID, token: str) -> Response:
        await pages.agencies.row(agency)
        found = await claim_of(pages.client, agency, claim_id, token)
        return await shown(pages, request, agency, found)

    @made.post("/{agency}/klaim/{claim_id}/{token}", name="claims.set")
    async def set_secret(request: Request, agency: str, claim_id: UUID, token: str) -> Response:
        await pages.agencies.row(agency)
        form = await form_of(request)
        found = await claim_of(pages.client, agency, claim_id, token)
        own = line(form, "cara") == OWN
        secret, again = str(form.get("sandi", "")), str(form.get("ulang", ""))
        try:
            from_own_page(request, desk.base_url)
            if own:
                chosen(secret, again)
            asked = SetSecret(
                request_id=claim_id,
                token=token[:LONGEST_TOKEN],
                code=line(form, "kode")[:LONGEST_CODE],
                secret=secret[:LONGEST_SECRET] if own else "",
            )
            with looking(desk.budgets, network_of(request)) as right:
                answer = await pages.client.ask_for(agency, asked, SecretSetAnswer, seconds=SLOW_SECONDS)
                right.append(answer)
        except Problem as problem:
            return await shown(pages, request, agency, found, problem=problem, own=own)
        return rendered(
            request, "public/klaim-terbuka.html", 200, office=await pages.offices.of(agency), counts={}, answer=answer,
            own=own, heading=OPENED, back=request.url.path,
        )  # fmt: skip

    return made


async def shown(  # noqa: PLR0913 - a page and what stands on it
    pages: Pages, request: Request, agency: str, found: ClaimStateAnswer, *, problem: Problem | None = None,
    own: bool = False,
) -> Response:  # fmt: skip
    """The form, or that the way in has ended."""
    status = problem.status if problem else 200 if found.state == "open" else GONE
    context: dict[str, Any] = {"found": found, "own": own, "problem": told(request, problem) if problem else ""}
    page = rendered(
        request, "public/klaim.html", status, office=await pages.offices.of(agency), counts={}, back=request.url.path,
        **context,
    )  # fmt: skip
    page.headers.update(retry_after(problem) if problem else {})
    return page


def chosen(secret: str, again: str) -> None:
    """Raises Problem 422."""
    if secret != again:
        raise Problem("gateway.passwords-differ", 422)
    if not secret:
        raise Problem("account_provisioning.secret-form", 422)
