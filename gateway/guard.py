"""The one place where a request is let in: language, limits, principal, and the route's row in the table of rights."""

import re
import secrets

import structlog
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.principals import Principals
from gateway.problems import Problem, answer
from gateway.rights import PUBLIC, RIGHTS

LANGUAGES = ("id", "en")
LANGUAGE_COOKIE = "caraka-language"
MOST_JSON = 1024 * 1024
DEEPEST = 200


async def guard(request: Request) -> None:
    """An application-wide dependency. Raises Problem 401 or 403; a route without a row is refused to everybody."""
    right = RIGHTS.get(getattr(request.scope.get("route"), "name", ""))
    if right is None:
        raise Problem("gateway.forbidden", 403)
    principals: Principals = request.app.state.principals
    if right.roles is PUBLIC:
        request.state.visitor = None
        return
    visitor = await principals.of(request)
    if visitor is None:
        raise Problem("gateway.login-needed", 401)
    request.state.visitor = visitor
    structlog.contextvars.bind_contextvars(agency=visitor.agency, person=visitor.actor.id)
    if not right.allows(visitor.roles):
        raise Problem("gateway.forbidden", 403)


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
        policy = (
            f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data: blob:; "
            "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
            "frame-src 'self'; frame-ancestors 'self'; base-uri 'none'"
        )
        added = [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(self), geolocation=(), microphone=()"),
        ]

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
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
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > MOST_JSON:
                await answer(Request(scope), Problem("gateway.too-large", 413, most=MOST_JSON))(scope, receive, send)
                return
        if depth(bytes(body)) > DEEPEST:
            await answer(Request(scope), Problem("gateway.malformed", 422))(scope, receive, send)
            return
        sent = False

        async def again() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self._app(scope, again, send)

    @staticmethod
    def _is_json(scope: Scope) -> bool:
        kind = dict(scope["headers"]).get(b"content-type", b"")
        return b"json" in kind or (not kind and scope["method"] in {"POST", "PUT", "PATCH"})


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


__all__ = ["BoundedJson", "Headers", "guard", "language_of"]
