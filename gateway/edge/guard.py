"""The one place where a request is let in: language, limits, principal, and the route's row in the table of rights."""

import re
import secrets

import structlog
from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.edge.principals import Principals
from gateway.edge.problems import Problem, answer
from gateway.edge.rights import PUBLIC, RIGHTS

LANGUAGES = ("id", "en")
LANGUAGE_COOKIE = "caraka-language"
MOST_JSON = 1024 * 1024
DEEPEST = 200
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


async def guard(request: Request) -> None:
    """An application-wide dependency: who may go on to this route, None on a public one, as ``request.state.visitor``;
    and the reader's ``language``.

    Raises Problem 401 or 403; a route without a row is refused to everybody.
    """
    request.state.language = language_of(request)
    right = RIGHTS.get(getattr(request.scope.get("route"), "name", ""))
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
    if not right.allows(visitor.roles):
        raise Problem("gateway.forbidden", 403)
    request.state.visitor = visitor


def language_of(request: Request) -> str:
    """The reader's language: his choice (cookie), else what his browser prefers, else Indonesian."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    accepted = re.findall(r"\b(id|en)\b", request.headers.get("accept-language", "").lower()[:100])
    return accepted[0] if accepted and not accepted[0].startswith("id") and "id" not in accepted else "id"


class Headers:
    """Security headers and a nonce on every answer; no foreign origin, no inline script without the nonce."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(12)
        scope.setdefault("state", {})["nonce"] = nonce

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                added = ((CSP, POLICY % nonce.encode()), *PROTECTING)
                message["headers"] = [*message["headers"], *(pair for pair in added if pair[0] not in present)]
            await send(message)

        await self._app(scope, receive, with_headers)


class BoundedJson:
    """Refuses JSON bodies that are too large or nested too deep before anybody parses them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._is_json(scope):
            await self._app(scope, receive, send)
            return
        try:
            body = await bounded(Request(scope, receive))
        except Problem as problem:
            await answer(Request(scope), problem)(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            await self._app(scope, again(body, receive), send)

    @staticmethod
    def _is_json(scope: Scope) -> bool:
        kind = dict(scope["headers"]).get(b"content-type", b"")
        return b"json" in kind or (not kind and scope["method"] in {"POST", "PUT", "PATCH"})


async def bounded(request: Request) -> bytes:
    """A whole JSON body. Raises Problem 413 and 422, ClientDisconnect."""
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > MOST_JSON:
                raise Problem("gateway.too-large", 413, most=MOST_JSON)
    except RuntimeError:  # it has been read as a form already, to find the token of a page in it
        raise Problem("gateway.malformed", 422) from None
    if depth(body) > DEEPEST:
        raise Problem("gateway.malformed", 422)
    return body


def again(body: bytes, receive: Receive) -> Receive:
    """Tells a body that has been read; what comes after it, from where it came."""
    waiting = [body]

    async def told() -> Message:
        if not waiting:
            return await receive()
        return {"type": "http.request", "body": waiting.pop(), "more_body": False}

    return told


def depth(body: bytes) -> int:
    """How deep brackets nest outside strings; 0 where there are too few of them to matter."""
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return 0
    deepest = level = 0
    for found in re.finditer(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', body):
        sign = found.group()
        if sign in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif sign in b"]}":
            level -= 1
    return deepest


__all__ = ["BoundedJson", "Headers", "bounded", "guard", "language_of"]
