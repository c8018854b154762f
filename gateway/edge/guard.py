"""The one place where a request is let in: language, limits, principal, and the route's row in the table of rights."""

import re
import secrets
from collections.abc import Iterable

import structlog
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.edge.budgets import BUDGETS, Budgets, client_of
from gateway.edge.principals import Principals
from gateway.edge.problems import Problem, place
from gateway.edge.rights import PUBLIC, RIGHTS

LANGUAGES = ("id", "en")
LANGUAGE_COOKIE = "caraka-language"
CSP = b"content-security-policy"
POLICY = (
    b"default-src 'none'; script-src 'self' 'nonce-%b'; style-src 'self'; img-src 'self' data: blob:; "
    b"font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    b"frame-src 'self'; frame-ancestors 'self'; base-uri 'none'"
)
PROTECTING = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(), microphone=()"),
)


NOT_KEPT = (b"cache-control", b"no-store")


async def guard(request: Request) -> None:
    """An application-wide dependency: who may go on to this route, None on a public one, as ``request.state.visitor``;
    and the reader's ``language``.

    Raises Problem 401 or 403; a route without a row is refused to everybody.
    """
    request.state.language = language_of(request)
    name = getattr(request.scope.get("route"), "name", "")
    refuse_unreadable(request)
    if (budget := BUDGETS.get(name)) is not None:
        budgets: Budgets = request.app.state.budgets
        budgets.spend(budget, client_of(request))
    right = RIGHTS.get(name)
    if right is None:
        raise Problem("gateway.forbidden", 403)
    request.state.visitor = None
    if right.roles is PUBLIC:
        return
    principals: Principals = request.app.state.principals
    visitor = await principals.of(request)
    if visitor is None:
        raise Problem("gateway.login-needed", 401)
    structlog.contextvars.bind_contextvars(agency=visitor.agency, person=visitor.actor.id)
    request.state.visitor = visitor  # who is refused is told so among his own pages
    if not right.allows(visitor.roles):
        raise Problem("gateway.forbidden", 403)


def refuse_unreadable(request: Request) -> None:
    """NUL is in no text of ours, whichever parameter says it. Raises Problem 422 that names the parameter."""
    if "%00" in request.url.query:
        wrong = [name for name, value in request.query_params.multi_items() if "\0" in f"{name}{value}"]
        if wrong:
            errors = [{"at": place([name]), "what": "string_nul"} for name in wrong[:20]]
            raise Problem("gateway.malformed", 422, errors=errors)


def language_of(request: Request) -> str:
    """The reader's language: his choice (cookie), else what his browser prefers, else Indonesian."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    accepted = re.findall(r"\b(id|en)\b", request.headers.get("accept-language", "").lower()[:100])
    return accepted[0] if accepted and not accepted[0].startswith("id") and "id" not in accepted else "id"


def plain_cookies(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Without backslashes, of which our cookies have none: Python's reader of cookies takes a second for a head full of
    them.
    """
    return [(name, value.replace(b"\\", b"") if name == b"cookie" else value) for name, value in headers]


class Headers:
    """Security headers and a nonce on every answer; no foreign origin, no inline script without the nonce.

    Nothing is kept by anybody between us and the reader unless the answer itself says so.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if any(name == b"cookie" and b"\\" in value for name, value in scope["headers"]):
            scope["headers"] = plain_cookies(scope["headers"])
        nonce = secrets.token_urlsafe(12)
        scope.setdefault("state", {})["nonce"] = nonce

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                added = [(CSP, POLICY % nonce.encode()), *PROTECTING]
                if not scope["path"].startswith("/static/"):
                    added.append(NOT_KEPT)
                message["headers"] = [*message["headers"], *(pair for pair in added if pair[0] not in present)]
            await send(message)

        await self._app(scope, receive, with_headers)


__all__ = ["Headers", "guard", "language_of"]
