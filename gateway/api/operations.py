"""For those who keep the machine: liveness, readiness, metrics, the two published contracts, parked cases."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from contracts import projections as p
from contracts.organisation import IssueToken
from gateway.api.commands import visitor_of
from gateway.edge.client import ServiceClient, idempotency_key
from services.kit.bus import Bus
from services.kit.operations import HealthReport, ask_health


def router(bus: Bus) -> APIRouter:
    made = APIRouter(include_in_schema=False)

    @made.get("/healthz", name="healthz")
    async def healthz() -> dict[str, str]:
        """This process lives."""
        return {"status": "ok"}

    @made.get("/readyz", name="readyz")
    async def readyz() -> Response:
        """Every service answers and none is stopped; 503 with the reasons otherwise."""
        reports = await ask_health(bus, seconds=1.0, enough=len(NEEDED))
        troubles = [f"{report.service}: {trouble}" for report in reports for trouble in report.troubles]
        missing = sorted(set(NEEDED) - {report.service for report in reports})
        ready = bus.connected and not missing and not troubles
        body: dict[str, Any] = {"ready": ready, "missing": missing, "troubles": troubles}
        return JSONResponse(body, 200 if ready else 503, {"Cache-Control": "no-store"})

    return made


NEEDED = ("organisation", "intake", "approval", "dispatch", "projections", "audit")


async def overview(client: ServiceClient, request: Request) -> dict[str, Any]:
    """What the operations room shows: services, projections, parked cases."""
    reports, views = await asyncio.gather(
        ask_health(client.bus, seconds=1.0), client.ask(visitor_of(request), p.Operations(), p.OperationsAnswer)
    )
    return {"services": [report.as_dict() for report in reports], "projections": views.model_dump(mode="json")}


__all__ = ["NEEDED", "HealthReport", "IssueToken", "idempotency_key", "overview", "router"]
