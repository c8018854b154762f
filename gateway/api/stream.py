"""Live changes over SSE at ``/api/v1/stream``: ids are ``<generation>.<change>``; ``Last-Event-ID`` resumes.

A visitor hears of his own agency only, and of nothing but which letter moved to which stage. Too old or unknown ids
get the event ``reset``: the client loads its page again. A client that does not read loses the oldest and is told
``reset``.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from contracts import projections as p
from contracts import subjects
from gateway.api.commands import visitor_of
from gateway.api.files import gives
from gateway.edge.client import ServiceClient
from gateway.edge.principals import Principals, Visitor
from gateway.edge.problems import Problem

HEARTBEAT_SECONDS = 15.0
MOST_STREAMS = 12
"""Of one person: a few browsers with a few boards each."""
Reader = tuple[str, str]
"""Agency and person."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def router(client: ServiceClient, principals: Principals) -> APIRouter:
    made = APIRouter()

    open_ones: Counter[Reader] = Counter()

    @made.get("/stream", name="stream", tags=["dashboards"], **gives("text/event-stream"))
    async def stream(request: Request, since: Annotated[str, Query(max_length=60)] = "") -> StreamingResponse:
        """Live changes; ``since``, or ``Last-Event-ID``: what was heard last."""
        visitor = visitor_of(request)
        whose = (visitor.agency, visitor.actor.id)
        if open_ones[whose] >= MOST_STREAMS:
            raise Problem("gateway.too-many-streams", 429, seconds=int(HEARTBEAT_SECONDS))
        last = request.headers.get("last-event-id") or since
        lines = changes(client, principals, request, visitor, last[:60])
        return CountedStream(open_ones, whose, lines)

    return made


class CountedStream(StreamingResponse):
    """Counts itself among the open ones of its reader for as long as it is sent."""

    def __init__(
        self, open_ones: Counter[tuple[str, str]], whose: tuple[str, str], lines: AsyncIterator[bytes]
    ) -> None:
        super().__init__(lines, media_type="text/event-stream", headers=HEADERS)
        self._open_ones = open_ones
        self._whose = whose

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._open_ones[self._whose] += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._open_ones[self._whose] -= 1
            if not self._open_ones[self._whose]:
                del self._open_ones[self._whose]


async def changes(
    client: ServiceClient, principals: Principals, request: Request, visitor: Visitor, last: str
) -> AsyncIterator[bytes]:
    """First what was missed, then what happens; a comment every 15 s keeps the line open and checks the session."""
    async with await client.bus.subscribe_live(subjects.live(visitor.agency, "letters")) as feed:
        seen = last
        async for event, identity, body in missed(client, visitor, last):
            yield _event(event, identity, body)
            seen = identity
        lost, beat = feed.lost, time.monotonic() + HEARTBEAT_SECONDS
        yield b"retry: 2000\n: open\n\n"
        while (come := await feed.some(max(beat - time.monotonic(), 0))) is not None:
            if time.monotonic() >= beat:  # also on a busy day: who has logged out hears no more
                if await principals.of(request) is None:
                    return
                beat = time.monotonic() + HEARTBEAT_SECONDS
                yield b": beat\n\n"
            told = []
            if feed.lost != lost:
                lost = feed.lost
                told.append(_event("reset", seen, {}))
            for data in come:
                change = orjson.loads(data)
                if _later(change["id"], seen):
                    seen = change["id"]
                    told.append(_event("change", seen, change))
            if told:
                yield b"".join(told)


async def missed(client: ServiceClient, visitor: Visitor, last: str) -> AsyncIterator[tuple[str, str, object]]:
    """What has changed since ``last``, page after page; or ``reset``, where that cannot be told any more."""
    while True:
        answer = await client.ask(visitor, p.ChangesSince(change=last), p.ChangesSinceAnswer)
        if answer.reset:
            yield "reset", answer.last, {}
        for change in answer.changes:
            yield "change", change.id, change.model_dump(mode="json")
        if answer.reset or answer.last in {last, ""} or not last:
            return
        last = answer.last


def _later(one: str, other: str) -> bool:
    return _parts(one) > _parts(other)


def _parts(text: str) -> tuple[int, int]:
    generation, _, number = text.partition(".")
    plain = text.isascii() and generation.isdigit() and number.isdigit()
    return (int(generation), int(number)) if plain else (-1, -1)


def _event(name: str, identity: str, body: object) -> bytes:
    return f"event: {name}\nid: {identity}\ndata: ".encode() + orjson.dumps(body) + b"\n\n"
