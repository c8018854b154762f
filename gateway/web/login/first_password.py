"""A person's first login: the first password opens this page alone, on which he chooses his own."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response

from gateway.edge.logins import Logins
from gateway.edge.problems import Problem
from gateway.web.forms import form_of, line
from gateway.web.page import Pages, onward, told

HOME = "/tugas"
TICKET_LENGTH = 120
PASSWORD_LENGTH = 401  # one more than may be: too long is refused, not cut


def router(pages: Pages, logins: Logins, base_url: str) -> APIRouter:
    made = APIRouter()

    @made.post("/masuk/kata-sandi", name="sessions.first")
    async def choose(request: Request) -> Response:
        form = await form_of(request)
        ticket, person, onto = line(form, "ticket"), line(form, "login"), own_path(line(form, "lanjut"))
        password, again = str(form.get("password", "")), str(form.get("again", ""))
        if password != again:
            return await choice(pages, request, ticket, onto, person, Problem("gateway.passwords-differ", 422))
        try:
            from_own_page(request, base_url)
            opened = await logins.choose(request, ticket[:TICKET_LENGTH], password[:PASSWORD_LENGTH])
        except Problem as problem:
            if problem.code != "organisation.ticket-over":
                return await choice(pages, request, ticket, onto, person, problem)
            said = told(request, problem)
            return await pages.show(
                request, "login/masuk.html", status=401, problem=said, login=person, onto=onto, ended=False
            )
        response = onward(onto or HOME)
        logins.let_in(request, response, opened)
        return response

    return made


async def choice(  # noqa: PLR0913 - a page and what stands on it
    pages: Pages, request: Request, ticket: str, onto: str, person: str, problem: Problem | None = None
) -> Response:
    """The page of the choice; the ticket is in its form, never in an address."""
    return await pages.show(
        request,
        "login/kata-sandi.html",
        status=problem.status if problem else 200,
        problem=told(request, problem) if problem else "",
        ticket=ticket[:TICKET_LENGTH],
        login=person[:TICKET_LENGTH],
        onto=onto,
    )


def own_path(text: str) -> str:
    """A path of this site, or nothing: never an address elsewhere."""
    parts = urlsplit(text)
    fine = text.startswith("/") and not text.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return text if fine and text.isprintable() and "\\" not in text else ""


def from_own_page(request: Request, base_url: str) -> None:
    """There is no session yet whose token could be asked for; a login sent by another site is refused all the same."""
    origin = request.headers.get("origin")
    own = {urlsplit(base_url).netloc, urlsplit(str(request.base_url)).netloc}
    if origin is not None and urlsplit(origin).netloc not in own:
        raise Problem("gateway.foreign-origin", 403)
