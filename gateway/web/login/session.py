"""Login, logout, language."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.api.commands import visitor_of
from gateway.edge.guard import LANGUAGE_COOKIE, LANGUAGES
from gateway.edge.logins import Logins
from gateway.edge.principals import Principals, drop_cookie
from gateway.edge.problems import Problem, retry_after
from gateway.web.forms import form_of, line
from gateway.web.login.first_password import choice, from_own_page, own_path
from gateway.web.page import Pages, onward, told

YEAR_SECONDS = 365 * 24 * 3600
HOME = "/tugas"


def router(pages: Pages, principals: Principals, logins: Logins, base_url: str) -> APIRouter:
    made = APIRouter()

    @made.get("/masuk", name="login")
    async def login(request: Request) -> Response:
        """Who is logged in goes on: whoever came back to this page by his browser's button sees no login."""
        asked, onto = request.query_params, own_path(request.query_params.get("lanjut", ""))
        if await works_here(principals, request):
            return onward(onto or HOME)
        return await pages.show(request, "login/masuk.html", login="", onto=onto, ended="sesi" in asked)

    @made.post("/masuk", name="login.submit")
    async def submit(request: Request) -> Response:
        form = await form_of(request)
        name, onto = line(form, "login"), own_path(line(form, "lanjut"))
        password = form.get("password", "")
        try:
            from_own_page(request, base_url)
            opened = await logins.login(request, name[:120], str(password)[:400])
        except Problem as problem:
            if ticket := problem.detail.get("ticket"):
                return await choice(pages, request, str(ticket), onto, name)
            page = await pages.show(
                request,
                "login/masuk.html",
                status=problem.status,
                problem=told(request, problem),
                login=name,
                onto=onto,
                ended=False,
            )
            page.headers.update(retry_after(problem))
            return page
        response = onward(onto or HOME)
        logins.let_in(request, response, opened)
        return response

    @made.post("/keluar", name="logout")
    async def logout(request: Request) -> Response:
        await principals.logout(visitor_of(request))
        response = onward("/masuk")
        drop_cookie(response)
        return response

    @made.post("/bahasa", name="language")
    async def language(request: Request) -> Response:
        form = await form_of(request)
        chosen = line(form, "lang")
        response: RedirectResponse = onward(own_path(line(form, "lanjut")) or "/")
        if chosen in LANGUAGES:
            response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR_SECONDS, path="/", samesite="lax", httponly=True)
        return response

    return made


async def works_here(principals: Principals, request: Request) -> bool:
    """Whether somebody is logged in. Who he is cannot be found out: then he is a visitor like others."""
    try:
        return await principals.of(request) is not None
    except Problem:
        return False
