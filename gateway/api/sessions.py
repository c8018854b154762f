"""Sessions over the API: for scripts that act for a person. The cookie is the same as the browser's."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.commands import visitor_of
from gateway.edge.logins import Logins, Opened
from gateway.edge.principals import Principals, drop_cookie


class Login(BaseModel):
    """``login`` is ``<person>@<agency>``."""

    model_config = ConfigDict(extra="forbid")
    login: Annotated[str, Field(max_length=120)]
    password: Annotated[str, Field(max_length=400)]


class Choice(BaseModel):
    """``ticket`` comes with the problem ``organisation.first-password`` of a first login; it lasts a quarter of an
    hour.
    """

    model_config = ConfigDict(extra="forbid")
    ticket: Annotated[str, Field(max_length=120)]
    password: Annotated[str, Field(max_length=400)]


class Change(BaseModel):
    """``password``: the present one; ``chosen``: the one in its place."""

    model_config = ConfigDict(extra="forbid")
    password: Annotated[str, Field(max_length=400)]
    chosen: Annotated[str, Field(max_length=400)]


class Session(BaseModel):
    """``csrf`` goes into ``X-CSRF-Token`` with every unsafe request of this session."""

    agency: str
    person: str
    name: str
    roles: tuple[str, ...]
    csrf: str


def router(principals: Principals, logins: Logins) -> APIRouter:
    made = APIRouter()

    def opened(request: Request, response: Response, found: Opened) -> Session:
        logins.let_in(request, response, found)
        actor = found.principal.actor
        csrf = principals.csrf_of(found.cookie)
        return Session(agency=found.principal.agency, person=actor.id, name=actor.name, roles=actor.roles, csrf=csrf)

    @made.post("/sessions", name="sessions.open", tags=["sessions"])
    async def open_session(request: Request, response: Response, body: Login) -> Session:
        return opened(request, response, await logins.login(request, body.login, body.password))

    @made.post("/sessions/first", name="sessions.first", tags=["sessions"])
    async def choose_password(request: Request, response: Response, body: Choice) -> Session:
        """An own password in place of the first one; opens a session."""
        return opened(request, response, await logins.choose(request, body.ticket, body.password))

    @made.post("/sessions/password", name="sessions.password", tags=["sessions"])
    async def change_password(request: Request, response: Response, body: Change) -> Session:
        """Another own password; this session goes on as a new one, all others end."""
        return opened(request, response, await logins.change(request, visitor_of(request), body.password, body.chosen))

    @made.delete("/sessions/own", name="sessions.close", tags=["sessions"], status_code=204)
    async def close_session(request: Request, response: Response) -> None:
        await principals.logout(visitor_of(request))
        drop_cookie(response)

    return made
