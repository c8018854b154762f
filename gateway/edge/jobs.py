"""An agency's jobs (effects on the outside world), for the pages and the API alike: what waits, and what is done to it.

Another agency's job is as unknown as none. What is done is noted in the agency's history before, with who does it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from contracts.organisation import NoteOperation
from gateway.edge.principals import Visitor
from gateway.edge.problems import Problem
from services.kit.bus import Bus, BusTimeout, NoResponder, RemoteFault
from services.kit.operations import request_operation

SECONDS = 2.0
MOST = 200
AWAY = (NoResponder, BusTimeout)
DEEDS = {"retry": "job-retry", "discard": "job-discard", "pause": "job-pause", "resume": "job-resume"}
PARKED = ("parked",)


async def jobs_of(
    bus: Bus, agency: str, services: Sequence[str], *, states: Sequence[str] = PARKED, limit: int = MOST, **more: Any
) -> tuple[list[dict[str, Any]], list[str]]:
    """Up to ``limit``, those whose moment comes first; and which services are away now. ``more``: of
    `JobRows.listed`. A service without queues has none.
    """
    asked = {"agency": agency, "states": list(states), "limit": limit, **more}
    told = await asyncio.gather(*(_asked(bus, service, asked) for service in services))
    found = [{**job, "service": name} for name, jobs in zip(services, told, strict=True) for job in jobs or ()]
    found.sort(key=lambda job: (datetime.fromisoformat(job["look_at"]), job["job_id"]))
    return found[:limit], [name for name, jobs in zip(services, told, strict=True) if jobs is None]


def noted(visitor: Visitor, service: str, action: str, said: Mapping[str, str]) -> tuple[NoteOperation, dict[str, str]]:
    """The note, and what its service is asked (without the note's id). ``said``: job, queue, reason."""
    what = f"job:{said['job']}" if said["job"] else f"queue:{said['queue']}"
    note = NoteOperation(
        operation=DEEDS[action], of_service=service, parked=f"{visitor.agency}/{what}", case_kind=said["queue"],
        reason=said["reason"],
    )  # fmt: skip
    return note, {**said, "agency": visitor.agency, "by": visitor.actor.id}


async def carry_out(bus: Bus, note: NoteOperation, note_id: str, body: Mapping[str, str]) -> None:
    """Raises Problem: 409 the service refuses, 503 it is away (the same may be asked again: it has one effect)."""
    service = note.of_service
    try:
        await request_operation(bus, service, note.operation, {**body, "note": note_id})
    except RemoteFault as fault:
        raise Problem("gateway.operation-refused", 409, service=service, reason=str(fault)) from fault
    except AWAY as away:
        raise Problem("gateway.unavailable", 503, service=service) from away


def micros(moment: str) -> int:
    """A moment as the lists say it, in microseconds: a place in them."""
    since = datetime.fromisoformat(moment) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


async def _asked(bus: Bus, service: str, asked: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """None: the service is away."""
    try:
        found: list[dict[str, Any]] = await request_operation(bus, service, "jobs-page", asked, seconds=SECONDS)
    except RemoteFault:
        return []
    except AWAY:
        return None
    return found
