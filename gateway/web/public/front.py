"""The front door: the agencies of this installation, and what each offers to whoever comes by. Staff go on to their
work.
"""

from collections.abc import Awaitable, Callable, Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from gateway.edge.principals import Principals
from gateway.edge.problems import Problem
from gateway.web.login.session import HOME, works_here
from gateway.web.offices import Office
from gateway.web.page import Pages, onward, rendered
from gateway.web.public import accounts
from gateway.web.public.kinds import PublicKind
from gateway.web.public.standards import PLEDGE, in_force

LOOKING = ["GET", "HEAD"]
"""Who watches whether the site is there asks for heads."""


class NothingElse(APIRoute):
    """An agency's name fits any first word of an address: what it does not serve there is not found, as elsewhere."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, found = super().matches(scope)
        return (Match.NONE, {}) if match is Match.PARTIAL else (match, found)


def router(pages: Pages, principals: Principals, kinds: Sequence[PublicKind]) -> APIRouter:
    made = APIRouter(route_class=NothingElse)

    @made.api_route("/", methods=LOOKING, name="home")
    async def home(request: Request) -> Response:
        if await works_here(principals, request):
            return onward(HOME)
        agencies = await pages.agencies.rows()
        if len(agencies) == 1:
            return onward(f"/{agencies[0].agency}/")
        return rendered(request, "public/muka.html", 200, office=Office(""), counts={}, agencies=agencies)

    @made.api_route("/{agency}", methods=LOOKING, name="page.office")
    async def beside(agency: str) -> Response:
        """Without its last slash; elsewhere than the framework would, no address of the request comes back in it."""
        found = await pages.agencies.row(agency)
        return RedirectResponse(f"/{found.agency}/", 308)

    @made.api_route("/{agency}/", methods=LOOKING, name="page.office")
    async def office(request: Request, agency: str) -> Response:
        await pages.agencies.row(agency)
        rows = await in_force(pages, agency)
        return rendered(
            request, "public/kantor.html", 200, office=await pages.offices.of(agency), counts={}, rows=rows,
            forms=[kind.here(rows) for kind in kinds if kind.offered(rows)], accounts=accounts.offered(rows),
            pledge=PLEDGE,
        )  # fmt: skip

    for kind in kinds:
        made.add_api_route(f"/{{agency}}/{kind.slug}", _leads(pages, kind), methods=LOOKING, name="filing.address")
    return made


def _leads(pages: Pages, kind: PublicKind) -> Callable[[str], Awaitable[Response]]:
    """From the address that outsiders know to the form; from one that the agency does not serve, nowhere."""

    async def lead(agency: str) -> Response:
        found = await pages.agencies.row(agency)
        if not kind.offered(await in_force(pages, agency)):
            raise Problem("gateway.not-found", 404)
        return RedirectResponse(f"/{found.agency}/ajukan/{kind.slug}", 308)

    return lead
