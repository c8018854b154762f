"""Live changes over SSE at ``/api/v1/stream``: ids are ``<generation>.<change>``; ``Last-Event-ID`` resumes.

A visitor hears of his own agency only, and of nothing but which letter moved to which stage. Too old or unknown ids
get the event ``reset``: the client loads its page again. A client that does not read loses the oldest and is told
``reset``.
"""

import time
from collections.abc import AsyncIterator
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from contracts import projections as p
from contracts import subjects
from gateway.api.commands import visitor_of
from gateway.edge.client import ServiceClient
from gateway.edge.principals import Principals, Visitor

HEARTBEAT_SECONDS = 15.0
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def router(client: ServiceClient, principals: Principals) -> APIRouter:
    made = APIRouter()

    @made.get("/stream", name="stream", tags=["dashboards"])
    async def stream(request: Request) -> StreamingResponse:
        last = request.headers.get("last-event-id") or request.query_params.get("since", "")
        lines = changes(client, principals, request, visitor_of(request), last[:60])
        return StreamingResponse(lines, media_type="text/event-stream", headers=HEADERS)

    return made


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
                change = _change(data)
                if change is not None and _later(change["id"], seen):
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


def _change(data: bytes) -> Any:
    """None for what is no change: it must end nobody's stream."""
    try:
        found = orjson.loads(data)
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("id"), str) else None


def _later(one: str, other: str) -> bool:
    return _parts(one) > _parts(other)


def _parts(text: str) -> tuple[int, int]:
    generation, _, number = text.partition(".")
    return (int(generation), int(number)) if generation.isdigit() and number.isdigit() else (-1, -1)


def _event(name: str, identity: str, body: object) -> bytes:
    return f"event: {name}\nid: {identity}\ndata: ".encode() + orjson.dumps(body) + b"\n\n"
