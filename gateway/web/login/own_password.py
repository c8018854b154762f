"""Another password of one's own, by who is logged in and says the one he has. All his other sessions end with it."""

from fastapi import APIRouter, Request, Response

from gateway.api.commands import visitor_of
from gateway.edge.logins import Logins
from gateway.edge.problems import Problem
from gateway.web.forms import form_of
from gateway.web.login.first_password import PASSWORD_LENGTH
from gateway.web.page import Pages, onward, told

HERE = "/kata-sandi"


def router(pages: Pages, logins: Logins) -> APIRouter:
    made = APIRouter()

    @made.get(HERE, name="page.password")
    async def page(request: Request) -> Response:
        return await asking(pages, request)

    @made.post(HERE, name="sessions.password")
    async def change(request: Request) -> Response:
        form = await form_of(request)
        now, chosen, again = (str(form.get(name, ""))[:PASSWORD_LENGTH] for name in ("now", "password", "again"))
        if chosen != again:
            return await asking(pages, request, Problem("gateway.passwords-differ", 422))
        try:
            opened = await logins.change(request, visitor_of(request), now[: PASSWORD_LENGTH - 1], chosen)
        except Problem as problem:
            return await asking(pages, request, problem)
        response = onward(HERE, baru="1")
        logins.let_in(request, response, opened)
        return response

    return made


async def asking(pages: Pages, request: Request, problem: Problem | None = None) -> Response:
    """What was typed is never given back."""
    return await pages.show(
        request,
        "login/ganti-kata-sandi.html",
        status=problem.status if problem else 200,
        problem=told(request, problem) if problem else "",
        done=request.query_params.get("baru", "") == "1",
    )
