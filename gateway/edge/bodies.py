"""Bodies with a ceiling: nobody parses or keeps more of one than its address may take."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from itertools import accumulate
from tempfile import gettempdir
from typing import Any

from fastapi import Request, Response
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.edge.problems import Problem

MOST = 1024 * 1024
MOST_MESSAGE = 30 * 1024 * 1024
FORM_AROUND = 64 * 1024
"""What a form adds to its file."""
MOST_FILES = 130 * 1024 * 1024
"""Of a form with files; each of them has its own ceiling, which is told beside it (`gateway.edge.uploads`)."""
MOST_PARTS = 20
"""Files of one form that are looked at; what is too many is told by the page."""
MOST_LOGIN = 16 * 1024
PLACES: Mapping[str, int] = {
    "/unggah": MOST_MESSAGE + FORM_AROUND,
    "/api/v1/letters/upload": MOST_MESSAGE,
    "/masuk": MOST_LOGIN,
    "/masuk/kata-sandi": MOST_LOGIN,
    "/bahasa": MOST_LOGIN,
    "/api/v1/sessions": MOST_LOGIN,
    "/api/v1/sessions/first": MOST_LOGIN,
}
WITH_FILES = re.compile(
    r"/[a-z0-9-]+/(ajukan|lacak)/[a-z-]+|/(pengaduan|akun)/catat|/pengaduan/[0-9a-f-]{36}/balasan|"
    r"/akun/[0-9a-f-]{36}/lengkapi|/api/v1/(complaints|account-requests)(/[0-9a-f-]{36})?/files|"
    r"/api/v1/public/[a-z0-9-]+/[a-z-]+/files"
)
"""Addresses whose forms have files."""
LARGE = frozenset(path for path, most in PLACES.items() if most >= MOST_MESSAGE)
LARGE_AT_ONCE = 6
"""Files that come in at once; they lie in the temporary folder (``TMPDIR``) meanwhile, which may be small."""
ROOM = 1024 * 1024 * 1024
"""Bytes of forms with files that may be on their way at once, as their heads announce them."""
MOST_FIELDS = 400
DEEPEST = 200
MOST_BRACKETS = 20_000
MOST_QUOTES = 100_000
STRING = re.compile(rb'"[^"]*+"?+')
"""Of a body without escapes; an open one reaches to the end, so that nothing is looked at twice."""
STEPS = bytes(1 if sign in b"[{" else 2 if sign in b"]}" else 0 for sign in range(256))
BETWEEN = bytes(sign for sign in range(256) if sign not in b"[]{}")
DOWN = (0, 1, -1)


class BoundedBody:
    """Refuses a body that is larger than its address may take; of JSON also one that is nested too deep."""

    def __init__(self, app: ASGIApp, tell: Callable[[Request, Problem], Response]) -> None:
        self._app = app
        self._tell = tell
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)
        self._room = Room(min(ROOM, max(2 * MOST_FILES, shutil.disk_usage(gettempdir()).free // 2)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            received = await self._received(scope, receive, most_for(scope["path"]))
        except Problem as problem:
            await self._tell(Request(scope), problem)(scope, receive, send)
        except ClientDisconnect:
            return
        else:
            async with self._gate(scope):
                await self._app(scope, received, send)

    def _gate(self, scope: Scope) -> AbstractAsyncContextManager[Any]:
        """Whoever sends no file waits for nobody who does."""
        if scope["path"] in LARGE:
            return self._large
        size = announced(scope)
        return self._room.for_bytes(size) if size > MOST else nullcontext()

    async def _received(self, scope: Scope, receive: Receive, most: int) -> Receive:
        size = announced(scope)
        if size > most:
            raise Problem("gateway.too-large", 413, most=most)
        if most == MOST_FILES:
            most = size or MOST  # a length that was not announced has got no room
        return again(await bounded(receive, most), receive) if _is_json(scope) else counted(receive, most)


def most_for(path: str) -> int:
    return PLACES.get(path) or (MOST_FILES if WITH_FILES.fullmatch(path) else MOST)


class Room:
    """Bytes, handed out while there are some: forms with files lie in the temporary folder meanwhile."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def for_bytes(self, size: int) -> AsyncIterator[None]:
        async with self._changed:
            await self._changed.wait_for(lambda: self._left >= size)
            self._left -= size
        try:
            yield
        finally:
            async with self._changed:
                self._left += size
                self._changed.notify_all()


def announced(scope: Scope) -> int:
    """How many bytes the head says; the HTTP parser holds that it is a number, and one."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length"), 0)


def counted(receive: Receive, most: int) -> Receive:
    """Raises Problem 413 where it is read, once more than ``most`` bytes have come."""
    size = 0

    async def told() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise Problem("gateway.too-large", 413, most=most)
        return message

    return told


async def bounded(receive: Receive, most: int = MOST) -> bytes:
    """A whole JSON body. Raises Problem 413 and 422, ClientDisconnect."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > most:
            raise Problem("gateway.too-large", 413, most=most)
    return readable(bytes(body))


async def body_of(request: Request) -> bytes:
    """The same behind the door, of whatever kind the sender says that it is. Raises Problem 422."""
    try:
        return readable(await request.body())
    except RuntimeError:  # it has been read as a form already, to find the token of a page in it
        raise Problem("gateway.malformed", 422) from None


def readable(whole: bytes) -> bytes:
    """It, where a parser of JSON may have it. Raises Problem 422."""
    if b"\0" in whole:  # no JSON in UTF-8 has one; other encodings would be read by some parsers and not by others
        raise Problem("gateway.malformed", 422, errors=[{"at": "", "what": "json_invalid"}])
    if too_deep(whole):
        raise Problem("gateway.malformed", 422, errors=[{"at": "", "what": "nested_too_deep"}])
    return whole


async def bounded_form(request: Request) -> FormData:
    """For whoever reads it first: the guard, who looks for its token, or the page."""
    try:
        return await request.form(max_files=MOST_PARTS, max_fields=MOST_FIELDS)
    except OSError as full:  # the temporary folder
        raise Problem("gateway.unavailable", 503, service="files") from full


def again(body: bytes, receive: Receive) -> Receive:
    """Tells a body that has been read; what comes after it, from where it came."""
    waiting = [body]

    async def told() -> Message:
        if not waiting:
            return await receive()
        return {"type": "http.request", "body": waiting.pop(), "more_body": False}

    return told


def too_deep(body: bytes) -> bool:
    """Whether brackets outside strings nest deeper than `DEEPEST`, or there are more than any message of ours has.

    Linear, and nearly all of it below Python: whoever sends a body need not be anybody.
    """
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    if body.count(b'"') > MOST_QUOTES:
        return True
    outside = STRING.sub(b"", body.replace(b"\\\\", b"").replace(b'\\"', b""))
    brackets = outside.translate(STEPS, delete=BETWEEN)
    if len(brackets) > MOST_BRACKETS:
        return True
    return max(accumulate(DOWN[sign] for sign in brackets), default=0) > DEEPEST


def _is_json(scope: Scope) -> bool:
    """Whatever some parser could take for it."""
    kinds = [value.lower() for name, value in scope["headers"] if name == b"content-type"]
    return any(b"json" in kind for kind in kinds) or (not any(kinds) and scope["method"] in {"POST", "PUT", "PATCH"})
