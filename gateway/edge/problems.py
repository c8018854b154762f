"""RFC 9457 problem documents: a stable code, a sentence in the reader's language, never a traceback or a value."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.base import Refusal
from gateway.edge.messages import sentence
from services.kit.observability import cause_of, named

MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger(__name__)


class Problem(Exception):
    """Ends a request with a problem document (API) or an error page (browser)."""

    def __init__(self, code: str, status: int, **detail: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.detail = detail
        self.headers: dict[str, str] = {}

    @classmethod
    def of(cls, refusal: Refusal) -> "Problem":
        return cls(refusal.code, refusal.status, **refusal.detail)


def told(error: Exception, route: str) -> Problem:
    """What a client is told of what went wrong; the log says more."""
    if not isinstance(error, Problem) and cause_of(error):  # the machine's or the disk's: it may be asked again
        log.error("request.unavailable", path=route, reason=named(error))
        return Problem("gateway.unavailable", 503)
    if not isinstance(error, Problem):
        log.error("request.bug", path=route, error=type(error).__name__, exc_info=error)
        return Problem("gateway.fault", 500)
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("request.problem", code=error.code, status=error.status, path=route)
    return error


class Faults:
    """Middleware: a bug is answered as any problem is, within what dresses and counts the answers."""

    def __init__(self, app: ASGIApp, tell: Callable[[Request, Problem], Response]) -> None:
        self._app = app
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = scope["type"] != "http"

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            if begun:
                raise
            await self._tell(Request(scope), told(error, route_path(scope)))(scope, receive, send)


def route_path(scope: Scope) -> str:
    """As it is declared, without anybody's ids: for the log."""
    return str(getattr(scope.get("route"), "path", "unknown"))


def document(problem: Problem, language: str) -> dict[str, Any]:
    """The body: ``type`` is ``urn:caraka:problem:<code>``; details of the refusal stand beside it."""
    title = sentence(problem.code, problem.detail, language)
    extra = {key: value for key, value in problem.detail.items() if key not in {"type", "title", "status", "code"}}
    return {
        "type": f"urn:caraka:problem:{problem.code}",
        "title": title,
        "status": problem.status,
        "code": problem.code,
        **extra,
    }


def retry_after(problem: Problem) -> dict[str, str]:
    """When it is worth trying again: true seconds where somebody counted them, a moment elsewhere."""
    return {"Retry-After": str(problem.detail.get("seconds", 2))} if problem.status in {429, 503} else {}


def place(steps: Iterable[object]) -> str:
    """Where in a body something is wrong. Its names may be the client's own: what cannot be written is replaced."""
    text = ".".join(str(step) for step in steps)[:200]
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def answer(request: Request, problem: Problem) -> JSONResponse:
    headers = {"Cache-Control": "no-store"}
    if problem.status == 401:  # noqa: PLR2004 - RFC 9110: a 401 names the scheme
        headers["WWW-Authenticate"] = 'Bearer realm="caraka"'
    headers.update(retry_after(problem), **problem.headers)
    language = getattr(request.state, "language", "id")
    return JSONResponse(document(problem, language), problem.status, headers, media_type=MEDIA_TYPE)
