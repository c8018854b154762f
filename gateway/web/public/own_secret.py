"""Ganti kata sandi surel: who knows his present secret changes it himself, without a request or a login here.

Secrets stand in the form that is sent and in the one answer to it: in no address, no log, no event. A wrong try costs
its network, and the account that it was tried at; what has no more is tried in turns, never shut.
"""

from typing import Any

from fastapi import APIRouter, Request, Response

from contracts.account_provisioning import ChangeOwnSecret, SecretSetAnswer
from gateway.edge.budgets import Budget, network_of
from gateway.edge.client import SLOW_SECONDS
from gateway.edge.i18n import mark as _
from gateway.edge.problems import Problem, retry_after
from gateway.edge.turns import Turns
from gateway.web.forms import form_of, line
from gateway.web.login.first_password import from_own_page
from gateway.web.page import Pages, rendered, told
from gateway.web.public.accounts import offered
from gateway.web.public.claims import LONGEST_SECRET, OWN, chosen
from gateway.web.public.standards import in_force
from gateway.web.public.strangers import Strangers

TRIES = Budget("own secrets", 12, 1 / 60)
"""Of a network: an office stands behind one address."""
AT_ONE = Budget("own secret", 5, 1 / 120)
"""Of an account, from wherever."""
LONGEST_ADDRESS = 254
CHANGED = _("Kata sandi surel Anda sudah diganti")


def router(pages: Pages, desk: Strangers) -> APIRouter:
    made = APIRouter()
    turns = Turns(desk.budgets)

    @made.get("/{agency}/sandi", name="secrets.page")
    async def page(request: Request, agency: str) -> Response:
        await serves(pages, agency)
        return await shown(pages, request, agency)

    @made.post("/{agency}/sandi", name="secrets.change")
    async def change(request: Request, agency: str) -> Response:
        await serves(pages, agency)
        form = await form_of(request)
        address, own = line(form, "alamat")[:LONGEST_ADDRESS], line(form, "cara") == OWN
        secret, again = str(form.get("sandi", "")), str(form.get("ulang", ""))
        try:
            from_own_page(request, desk.base_url)
            if own:
                chosen(secret, again)
            asked = ChangeOwnSecret(
                address=address,
                present=str(form.get("sekarang", ""))[:LONGEST_SECRET],
                secret=secret[:LONGEST_SECRET] if own else "",
            )
            answer = await changed(pages, desk, turns, agency, asked, network_of(request))
        except Problem as problem:
            return await shown(pages, request, agency, problem=problem, own=own, address=address)
        return rendered(
            request, "public/klaim-terbuka.html", 200, office=await pages.offices.of(agency), counts={}, answer=answer,
            own=own, heading=CHANGED, back=f"/{agency}/sandi",
        )  # fmt: skip

    return made


async def changed(  # noqa: PLR0913 - who asks what, of whom, at whose cost
    pages: Pages, desk: Strangers, turns: Turns, agency: str, asked: ChangeOwnSecret, network: str
) -> SecretSetAnswer:
    """Raises Problem. Only a wrong secret costs: what the directory or the checker does not like is no try."""
    desk.budgets.spend(TRIES, network)
    async with turns.turn(AT_ONE, f"{agency} {asked.address.strip().lower()}") as right:
        wrong = False
        try:
            return await pages.client.ask_for(agency, asked, SecretSetAnswer, seconds=SLOW_SECONDS)
        except Problem as problem:
            wrong = problem.code == "account_provisioning.present-secret-wrong"
            raise
        finally:
            if not wrong:
                right.append(True)
                desk.budgets.give_back(TRIES, network)


async def serves(pages: Pages, agency: str) -> None:
    """Raises Problem 404 where no standard of the agency gives out accounts."""
    await pages.agencies.row(agency)
    if not offered(await in_force(pages, agency)):
        raise Problem("gateway.not-found", 404)


async def shown(  # noqa: PLR0913 - a page and what stands on it
    pages: Pages, request: Request, agency: str, *, problem: Problem | None = None, own: bool = False, address: str = ""
) -> Response:
    context: dict[str, Any] = {"own": own, "address": address, "problem": told(request, problem) if problem else ""}
    page = rendered(
        request, "public/sandi.html", problem.status if problem else 200, office=await pages.offices.of(agency),
        counts={}, back=f"/{agency}/sandi", **context,
    )  # fmt: skip
    page.headers.update(retry_after(problem) if problem else {})
    return page
