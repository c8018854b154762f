"""Live changes over SSE at ``/api/v1/stream``; ``Last-Event-ID`` resumes.

A visitor hears of the cases of his own agency that he may see, and of nothing but which case moved to which stage; an
empty stage: it is not shown to him any more. Ids are opaque and his own: they tell nobody how much else happens. Too
old or unknown ids get the event ``reset``: the client loads its page again. A client that does not read loses the
oldest and is told ``reset``.
"""

import time
from collections.abc import AsyncIterator
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from contracts import projections as p
from contracts import subjects
from contracts.base import Reader
from gateway.api.commands import visitor_of
from gateway.edge.cases import changes_since
from gateway.edge.client import ServiceClient, reader_of
from gateway.edge.parts import hears
from gateway.edge.principals import Principals, Visitor
from gateway.edge.problems import Problem
from services.kit.access import Access

HEARTBEAT_SECONDS = 15.0
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
UNKNOWN = "0.0"  # of no generation: the answer is ``reset``
Told = tuple[str, str, object]
"""(name of the event, its id as the views have it, body)."""


def router(client: ServiceClient, principals: Principals) -> APIRouter:
    made = APIRouter()

    @made.get("/stream", name="stream", tags=["dashboards"])
    async def stream(request: Request) -> StreamingResponse:
        if not hears(visitor_of(request)):
            raise Problem("gateway.forbidden", 403)
        last = request.headers.get("last-event-id") or request.query_params.get("since", "")
        lines = changes(client, principals, request, visitor_of(request), last[:200])
        return StreamingResponse(lines, media_type="text/event-stream", headers=HEADERS)

    return made


async def changes(
    client: ServiceClient, principals: Principals, request: Request, visitor: Visitor, last: str
) -> AsyncIterator[bytes]:
    """First what was missed, then what happens; a comment every 15 s keeps the line open and checks who listens."""
    known = client.opaque.plain(last, visitor.actor.id)
    async with await client.bus.subscribe_live(subjects.live_of(visitor.agency)) as feed:
        seen = UNKNOWN if known is None else known
        for event, identity, body in await missed(client, visitor, seen):
            yield _event(client, visitor, event, identity, body)
            seen = identity
        reader = reader_of(visitor)
        lost, beat = feed.lost, time.monotonic() + HEARTBEAT_SECONDS
        yield b"retry: 2000\n: open\n\n"
        while (come := await feed.some(max(beat - time.monotonic(), 0))) is not None:
            if time.monotonic() >= beat:  # also on a busy day: who has logged out hears no more
                now = await principals.of(request)
                if now is None or not hears(now):
                    return
                reader = reader_of(now)
                beat = time.monotonic() + HEARTBEAT_SECONDS
                yield b": beat\n\n"
            told = []
            if feed.lost != lost:
                lost = feed.lost
                told.append(_event(client, visitor, "reset", seen, {}))
            for data in come:
                change = _change(data)
                if change is not None and _later(change["id"], seen):
                    seen = change["id"]
                    if (body := heard(change, reader)) is not None:
                        told.append(_event(client, visitor, "change", seen, body))
            if told:
                yield b"".join(told)


def heard(change: dict[str, Any], reader: Reader) -> dict[str, Any] | None:
    """What this reader hears of a live change: nothing of a case that he saw neither before nor now."""
    roles = p.READERS.get(change["kind"], frozenset())
    was, access = Access(**change.pop("was")), Access(**change.pop("access"))
    if access.lets(reader, roles):
        return change if change["stage"] else None
    return {**change, "stage": "", "event": ""} if was.lets(reader, roles) else None


async def missed(client: ServiceClient, visitor: Visitor, last: str) -> list[Told]:
    """What has changed since ``last`` in every kind of case, in order; or ``reset``, where that cannot be told."""
    if not last:
        return []
    found: list[Told] = []
    for kind in p.READERS:
        at = last
        while True:
            answer = await changes_since(client, visitor, kind, at)
            if answer.reset:
                return [("reset", answer.last, {})]
            found += [("change", change.id, change.model_dump(mode="json")) for change in answer.changes]
            if answer.last in {at, ""}:
                break
            at = answer.last
    return sorted(found, key=lambda each: _parts(each[1]))


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


def _event(client: ServiceClient, visitor: Visitor, name: str, identity: str, body: Any) -> bytes:
    own = client.opaque.name(identity, visitor.actor.id)
    shown = {**body, "id": own} if body else {}
    return f"event: {name}\nid: {own}\ndata: ".encode() + orjson.dumps(shown) + b"\n\n"
