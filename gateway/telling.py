"""How what went wrong is told: a problem document, or a page where a browser asked for one."""

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from contracts import REGISTRY
from contracts.base import Command, Query
from gateway.edge.guard import language_of
from gateway.edge.problems import Problem, answer, place, route_path, told
from gateway.web import routes

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ASKED = frozenset(kind.__name__ for kind in REGISTRY if issubclass(kind, (Command, Query)))
log = structlog.get_logger(__name__)


def tell(request: Request, problem: Problem) -> Response:
    """A problem document, or a page where a browser asked for one."""
    if not hasattr(request.state, "language"):
        request.state.language = language_of(request)
    if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
        return answer(request, problem)
    return routes.problem_page(request, problem)


def tell_problems(app: FastAPI) -> None:
    """A bug, which no handler is told of here, is told by `gateway.edge.problems.Faults`."""

    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return tell(request, told(error, route_path(request.scope)))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        wrong = [{"at": place(one["loc"][1:]), "what": str(one["type"])} for one in error.errors()[:20]]
        return tell(request, Problem("gateway.malformed", 422, errors=wrong))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        code = {404: "gateway.not-found", 405: "gateway.method", 413: "gateway.too-large"}
        status = (
            422 if error.status_code == HTTPStatus.BAD_REQUEST else error.status_code
        )  # a body that is no form, no JSON
        problem = Problem(code.get(status, "gateway.malformed"), status)
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            problem.headers["Allow"] = ", ".join(allowed(app, request))
        return tell(request, problem)

    @app.exception_handler(ValidationError)
    async def unfit(request: Request, error: ValidationError) -> Response:
        """What a client said does not fit the question or command that was to be made of it."""
        if error.title not in ASKED:
            return tell(request, told(error, route_path(request.scope)))
        found = error.errors(include_url=False, include_input=False, include_context=False)[:20]
        log.info("request.unfit", path=route_path(request.scope), shape=error.title)
        wrong = [{"at": place(one["loc"]), "what": one["type"]} for one in found]
        return tell(request, Problem("gateway.malformed", 422, errors=wrong))

    @app.exception_handler(ClientDisconnect)
    async def left(request: Request, error: ClientDisconnect) -> Response:  # noqa: ARG001 - the framework's signature
        return Response(status_code=400)  # nobody reads it


def allowed(app: FastAPI, request: Request) -> list[str]:
    """The methods that some route serves at this address."""
    scope = {**request.scope, "path_params": {}}
    return [
        method
        for method in METHODS
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in app.router.routes)
    ]
