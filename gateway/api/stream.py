"""Live changes over SSE at ``/api/v1/stream``; ``Last-Event-ID`` resumes.

A visitor hears of the cases of his own agency that he may see, and of nothing but which case moved to which stage; an
empty stage: it is not shown to him any more. Ids are opaque and his own, never the same twice: they tell nobody whether
anything else happens. Too old or unknown ids get the event ``reset``: the client loads its page again. A client that
does not read loses the oldest and is told ``reset``.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from contracts import projections as p
from contracts import subjects
from contracts.base import Reader
from gateway.api.commands import visitor_of
from gateway.api.files import gives
from gateway.edge.cases import changes_since
from gateway.edge.client import ServiceClient, reader_of
from gateway.edge.parts import hears
from gateway.edge.principals import Principals, Visitor
from gateway.edge.problems import Problem
from services.kit.access import Access

HEARTBEAT_SECONDS = 15.0
MOST_STREAMS = 12
"""Of one person: a few browsers with a few boards each."""
Listener = tuple[str, str]
"""Agency and person."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
DAYS_ALONE = frozenset({"complaints"})
UNKNOWN = "0.0"  # of no generation: the answer is ``reset``
Told = tuple[str, str, object]
"""(name of the event, its id as the views have it, body)."""


def router(client: ServiceClient, principals: Principals) -> APIRouter:
    made = APIRouter()

    open_ones: Counter[Listener] = Counter()

    @made.get("/stream", name="stream", tags=["dashboards"], **gives("text/event-stream"))
    async def stream(request: Request, since: Annotated[str, Query(max_length=200)] = "") -> StreamingResponse:
        """Live changes; ``since``, or ``Last-Event-ID``: what was heard last."""
        visitor = visitor_of(request)
        if not hears(visitor):
            raise Problem("gateway.forbidden", 403)
        whose = (visitor.agency, visitor.actor.id)
        if open_ones[whose] >= MOST_STREAMS:
            raise Problem("gateway.too-many-streams", 429, seconds=int(HEARTBEAT_SECONDS))
        last = request.headers.get("last-event-id") or since
        lines = changes(client, principals, request, visitor, last[:200])
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
    """What this reader hears of a live change: nothing of a case that he saw neither before nor now, and nothing of
    what is about a case that is shut to him.
    """
    roles = p.READERS.get(change["kind"], frozenset())
    was, access = Access(**change.pop("was")), Access(**change.pop("access"))
    about = change.pop("about", None)
    if about is not None and not Access(**about).lets(reader, frozenset(reader.roles)):
        return None
    if change["kind"] in DAYS_ALONE:
        change["at"] = day_of(change["at"])
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
            found += [("change", change.id, shown(kind, change)) for change in answer.changes]
            if answer.last in {at, ""}:
                break
            at = answer.last
    return sorted(found, key=lambda each: _parts(each[1]))


def shown(kind: str, change: p.Change) -> dict[str, Any]:
    told = change.model_dump(mode="json")
    return {**told, "at": day_of(told["at"])} if kind in DAYS_ALONE else told


def day_of(moment: str) -> str:
    """The beginning of its day: of an anonymous reporter not even the hour is told, and a change does not say whose."""
    return f"{moment[:10]}T00:00:00Z"


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
    plain = text.isascii() and generation.isdigit() and number.isdigit()
    return (int(generation), int(number)) if plain else (-1, -1)


def _event(client: ServiceClient, visitor: Visitor, name: str, identity: str, body: Any) -> bytes:
    own = client.opaque.name(identity, visitor.actor.id)
    shown = {**body, "id": own} if body else {}
    return f"event: {name}\nid: {own}\ndata: ".encode() + orjson.dumps(shown) + b"\n\n"
