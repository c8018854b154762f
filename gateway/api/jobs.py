"""Jobs (effects on the outside world) of the asker's agency: what waits for a person, and why; once more, or never."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from contracts.base import Accepted, Line, ServiceName
from gateway.api.commands import settle, visitor_of
from gateway.edge.client import ServiceClient, idempotency_key
from gateway.edge.jobs import MOST, PARKED, carry_out, jobs_of, micros, noted
from gateway.edge.problems import Problem

State = Literal["parked", "waiting", "sent", "discarded"]
EVERY_STATE = ("parked", "waiting", "sent", "discarded")
PLACE = r"^([0-9]{1,18}\.[0-9a-f-]{36})?$"


class Job(BaseModel):
    """``state``: *parked* waits for a person, *waiting* for its moment (``due_at``), *sent* is out with a worker until
    then, *discarded* was set aside. ``reason``: the worker's last word. ``queue``: with its lane, ``mail:<host>``.
    """

    job_id: UUID
    service: str
    queue: str
    state: State
    tries: int
    reason: str
    due_at: datetime


class Jobs(BaseModel):
    """``missing``: services that do not answer now; their jobs are not among these. ``cursor``: of the next page."""

    jobs: tuple[Job, ...]
    cursor: str = ""
    missing: tuple[str, ...] = ()


class DiscardBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: Line


class RetryBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


def router(client: ServiceClient, services: Sequence[str]) -> APIRouter:
    """``services``: those that may have queues."""
    made = APIRouter()

    @made.get("/jobs", name="jobs.list", tags=["jobs"])
    async def jobs(  # noqa: PLR0913 - the filters of a list
        request: Request,
        state: Annotated[list[State] | None, Query(max_length=4)] = None,
        queue: Annotated[str, Query(max_length=200)] = "",
        service: ServiceName | None = None,
        cursor: Annotated[str, Query(pattern=PLACE)] = "",
        limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    ) -> Jobs:
        """Unless ``state`` says otherwise those that wait for a person; the longest waiting first."""
        among = [each for each in services if service in {None, each}]
        place, _, last = cursor.partition(".")
        after = [int(place), last] if cursor else None
        found, missing = await jobs_of(
            client.bus, visitor_of(request).agency, among, states=state or PARKED, limit=limit, queue=queue, after=after
        )
        more = f"{micros(found[-1]['look_at'])}.{found[-1]['job_id']}" if len(found) == limit else ""
        return Jobs(jobs=tuple(_shown(job) for job in found), cursor=more, missing=tuple(missing))

    @made.get("/jobs/{job_id}", name="jobs.show", tags=["jobs"])
    async def show(request: Request, job_id: UUID) -> Job:
        """One that is not done yet; a job that is done is gone, and its case says what came of it."""
        return _shown(await _job(request, job_id))

    @made.post("/jobs/{job_id}/retry", name="jobs.retry", tags=["jobs"])
    async def retry(request: Request, response: Response, job_id: UUID, _body: RetryBody | None = None) -> Accepted:
        """Sends it once more, now. The answer is that of the note which says who wanted it."""
        return await _done(request, response, job_id, "retry", "")

    @made.post("/jobs/{job_id}/discard", name="jobs.discard", tags=["jobs"])
    async def discard(request: Request, response: Response, job_id: UUID, body: DiscardBody) -> Accepted:
        """It will never be done; its case hears of that as a permanent failure."""
        return await _done(request, response, job_id, "discard", body.reason)

    async def _done(request: Request, response: Response, job_id: UUID, action: str, reason: str) -> Accepted:
        job, visitor = await _job(request, job_id), visitor_of(request)
        said = {"job": str(job_id), "queue": str(job["queue"]), "reason": reason}
        note, asked = noted(visitor, job["service"], action, said)
        accepted = await client.do(visitor, note, key=idempotency_key(request))
        await carry_out(client.bus, note, str(accepted.command_id), asked)
        await settle(client, request, response, accepted)
        return accepted

    async def _job(request: Request, job_id: UUID) -> dict[str, Any]:
        """Raises Problem: 404 there is none in this agency, 503 nobody can say now."""
        agency = visitor_of(request).agency
        found, missing = await jobs_of(client.bus, agency, services, states=EVERY_STATE, job=str(job_id))
        if found:
            return found[0]
        if missing:
            raise Problem("gateway.unavailable", 503, service=missing[0])
        raise Problem("gateway.not-found", 404)

    return made


def _shown(job: dict[str, Any]) -> Job:
    return Job(**{name: job[name] for name in Job.model_fields if name in job}, due_at=job["look_at"])
