"""Who knocks: a session cookie or a bearer token becomes a principal; CSRF for cookies.

The secret itself is never stored or logged: the organisation service knows its SHA-256. A principal is remembered for
a few seconds, so that a busy client does not ask for every request; a revoked token stops within that time. What a
person does is asked for anew each time: who has just gone on leave, or has lost his position, decides nothing more.
"""

import asyncio
import hmac
import time
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b, sha256
from urllib.parse import urlsplit

from fastapi import Request, Response

from contracts.base import Actor
from contracts.organisation import EndSession, Identified, Identify
from gateway.edge.bodies import bounded_form
from gateway.edge.problems import Problem
from gateway.edge.requests import put
from services.kit.bus import Bus
from services.kit.settings import LOOPBACK

COOKIE = "__Host-caraka"
REMEMBERED_SECONDS = 3.0
KEPT = 4096
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
ASK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Visitor:
    """A principal in one request; ``csrf`` is what forms must send back (empty for tokens)."""

    agency: str
    actor: Actor
    roles: frozenset[str]
    machine: bool
    csrf: str
    secret_sha256: str


class Principals:
    def __init__(self, bus: Bus, csrf_key: bytes, base_url: str) -> None:
        self._bus = bus
        self._csrf_key = csrf_key
        self._origin = _origin(base_url)
        self._remembered: OrderedDict[str, tuple[float, Visitor]] = OrderedDict()
        self._asking: dict[tuple[str, str], asyncio.Task[Identified]] = {}

    async def of(self, request: Request) -> Visitor | None:
        """The visitor, or None for nobody. Raises Problem 401 for a credential that is no longer good, 403 for CSRF."""
        header = request.headers.get("authorization", "")
        if header:
            scheme, _, token = header.partition(" ")
            if scheme.lower() != "bearer" or not token.startswith("crk_"):
                raise Problem("gateway.bad-credentials", 401)
            visitor = await self._identify(token.split("_", 2)[1], token, machine=True, at_once=False)
            if visitor is None:
                raise Problem("gateway.bad-credentials", 401)
            return visitor
        cookie = request.cookies.get(COOKIE, "")
        agency, dot, secret = cookie.partition(".")
        if not dot or not secret:
            return None
        changes = request.method not in SAFE
        visitor = await self._identify(agency, secret, machine=False, at_once=changes)
        if visitor is not None and changes:
            await self._own_form(request, visitor)
        return visitor

    def csrf_of(self, cookie: str) -> str:
        """The token that belongs to a cookie's value."""
        return self._csrf(sha256(cookie.partition(".")[2].encode()).hexdigest())

    def _csrf(self, digest: str) -> str:
        return blake2b(digest.encode(), key=self._csrf_key, digest_size=16).hexdigest()

    async def logout(self, visitor: Visitor) -> None:
        self._remembered.pop(visitor.secret_sha256, None)
        query = EndSession(secret_sha256=visitor.secret_sha256)
        await put(self._bus, visitor.agency, query, Identified, seconds=ASK_SECONDS)

    async def _identify(self, agency: str, secret: str, *, machine: bool, at_once: bool) -> Visitor | None:
        digest = sha256(secret.encode()).hexdigest()
        found = None if at_once else self._remembered.get(digest)
        if found is not None and found[0] > time.monotonic() and found[1].agency == agency:
            return found[1]
        if not is_agency(agency):
            return None
        principal = (await self._identified(agency, digest, at_once=at_once)).principal
        if principal is None or principal.agency != agency or principal.machine != machine:
            self._remembered.pop(digest, None)
            return None
        csrf = "" if machine else self._csrf(digest)
        visitor = Visitor(agency, principal.actor, frozenset(principal.actor.roles), machine, csrf, digest)
        self._remembered[digest] = (time.monotonic() + REMEMBERED_SECONDS, visitor)
        while len(self._remembered) > KEPT:
            self._remembered.popitem(last=False)
        return visitor

    async def _identified(self, agency: str, digest: str, *, at_once: bool) -> Identified:
        """Asked once however many requests of one client wait; `at_once` an answer under way would be too old."""
        query = Identify(secret_sha256=digest, at_once=at_once)
        if at_once:
            return await put(self._bus, agency, query, Identified, seconds=ASK_SECONDS)
        asking = self._asking.get((agency, digest))
        if asking is None:
            question = put(self._bus, agency, query, Identified, seconds=ASK_SECONDS)
            asking = self._asking[agency, digest] = asyncio.create_task(question)
            asking.add_done_callback(lambda _: self._asking.pop((agency, digest), None))
        return await asyncio.shield(asking)

    async def _own_form(self, request: Request, visitor: Visitor) -> None:
        """An unsafe request with a cookie must come from our own page: Origin, and the token that only it knows."""
        origin = request.headers.get("origin")
        if origin is not None and origin != self._origin and not _same_machine(origin, request):
            raise Problem("gateway.foreign-origin", 403)
        sent = request.headers.get("x-csrf-token") or ""
        if not sent and request.headers.get("content-type", "").startswith(
            ("application/x-www-form-urlencoded", "multipart/form-data")
        ):
            sent = str((await bounded_form(request)).get("csrf_token", ""))
        if not hmac.compare_digest(sent.encode(), visitor.csrf.encode()):
            raise Problem("gateway.csrf", 403)


def set_cookie(response: Response, value: str) -> None:
    response.set_cookie(COOKIE, value, max_age=8 * 3600, path="/", secure=True, httponly=True, samesite="lax")


def drop_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")


def _same_machine(origin: str, request: Request) -> bool:
    """The page came from this very host, which is the reader's own machine (``localhost`` for ``127.0.0.1``)."""
    return origin == _origin(str(request.base_url)) and request.base_url.hostname in LOOPBACK


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_agency(text: str) -> bool:
    return 2 <= len(text) <= 32 and all(c.isascii() and (c.isdigit() or c.islower() or c == "-") for c in text)  # noqa: PLR2004 - `contracts.base.Agency`
