"""For those who keep the machine: liveness, readiness, metrics, the two published contracts, parked cases."""

import asyncio
import time
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from contracts import projections as p
from contracts.organisation import IssueToken
from gateway.api.commands import visitor_of
from gateway.edge.client import ServiceClient, idempotency_key
from services.kit.bus import Bus
from services.kit.operations import HealthReport, ask_health

FRESH_SECONDS = 1.0


def router(bus: Bus) -> APIRouter:
    made = APIRouter(include_in_schema=False)
    looked = Looked(bus).reports

    @made.get("/healthz", name="healthz")
    async def healthz() -> dict[str, str]:
        """This process lives."""
        return {"status": "ok"}

    @made.get("/readyz", name="readyz")
    async def readyz() -> Response:
        """Every service answers and none is stopped; 503 with the reasons otherwise.

        ``warnings``: what is outside and does not answer (a mail server), or waits for a person, makes nobody less
        ready.
        """
        reports = await looked()
        troubles = [f"{report.service}: {trouble}" for report in reports for trouble in report.troubles]
        missing = sorted(set(NEEDED) - {report.service for report in reports})
        if not bus.connected:
            troubles.append("bus: NATS tidak menjawab")
        ready = not missing and not troubles
        warnings = sorted({f"{report.service}: {said}" for report in reports for said in report.warnings})
        body: dict[str, Any] = {"ready": ready, "missing": missing, "troubles": troubles, "warnings": warnings}
        return JSONResponse(body, 200 if ready else 503, {"Cache-Control": "no-store"})

    return made


class Looked:
    """What the services said of themselves, asked at most once a second however many want to know."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._one = asyncio.Lock()
        self._found: list[HealthReport] = []
        self._until = float("-inf")

    async def reports(self) -> list[HealthReport]:
        async with self._one:
            if time.monotonic() > self._until:
                self._found = await ask_health(self._bus, seconds=1.0, enough=NEEDED)
                self._until = time.monotonic() + FRESH_SECONDS
            return self._found


NEEDED = (
    "organisation",
    "intake",
    "approval",
    "dispatch",
    "account_provisioning",
    "complaint",
    "notifications",
    "projections",
    "audit",
)


async def overview(client: ServiceClient, request: Request) -> dict[str, Any]:
    """What the operations room shows: services, projections, parked cases."""
    reports, views = await asyncio.gather(
        ask_health(client.bus, seconds=1.0), client.ask(visitor_of(request), p.Operations(), p.OperationsAnswer)
    )
    return {"services": [report.as_dict() for report in reports], "projections": views.model_dump(mode="json")}


__all__ = ["NEEDED", "HealthReport", "IssueToken", "idempotency_key", "overview", "router"]
