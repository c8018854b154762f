"""Ruang operasi: services, lag, parked cases with retry and discard, projections."""

import asyncio
import json
from typing import Any

from fastapi import APIRouter, Request, Response

from contracts.base import Slug
from gateway.api.commands import visitor_of
from gateway.api.operations import NEEDED, overview
from gateway.edge.i18n import mark
from gateway.edge.problems import Problem
from gateway.web.forms import form_of, line
from gateway.web.operations import jobs
from gateway.web.page import Pages, onward, told
from services.kit.bus import BusTimeout, NoResponder, RemoteFault
from services.kit.operations import request_operation

HOME = "/operasi"
PARKING = ("intake", "approval", "dispatch", "organisation")
DEEDS = ("replay", "discard")
DONE = {"replay": mark("Kasus akan dicoba lagi."), "discard": mark("Kasus dikesampingkan."), **jobs.DONE}


def router(pages: Pages) -> APIRouter:
    made = APIRouter()

    @made.get(HOME, name="page.operations")
    async def room(request: Request) -> Response:
        return await room_page(pages, request)

    @made.post(HOME + "/{service}/{action}", name="operations.replay")
    async def parked(request: Request, service: Slug, action: Slug) -> Response:
        form = await form_of(request)
        case, reason = line(form, "case")[:200], line(form, "reason")[:500]
        if service not in PARKING or action not in DEEDS:
            raise Problem("gateway.not-found", 404)
        if not case or (action == "discard" and not reason):
            said = told(request, Problem("gateway.malformed", 422))
            return await room_page(pages, request, status=422, problem=said)
        by = visitor_of(request).actor.id
        try:
            await request_operation(pages.client.bus, service, action, {"case": case, "reason": reason, "by": by})
        except (NoResponder, BusTimeout, RemoteFault):
            said = told(request, Problem("gateway.unavailable", 503, service=service))
            return await room_page(pages, request, status=503, problem=said)
        return onward(HOME, selesai=action)

    jobs.add_route(made, pages, PARKING, room_page)
    return made


async def room_page(pages: Pages, request: Request, *, status: int = 200, problem: str = "") -> Response:
    seen, *parked = await asyncio.gather(_seen(pages, request), *(_parked(pages, service) for service in PARKING))
    services, parked_jobs = seen["services"], await jobs.parked(pages, request, PARKING)
    queues = jobs.queues(services)
    missing = sorted(set(NEEDED) - {each["service"] for each in services})
    cases = [case for each in parked for case in each]
    behind = [row for row in seen["projections"] if row["behind"] or row["state"] == "stopped"]
    return await pages.show(
        request,
        "operations/operasi.html",
        status=status,
        problem=problem or seen["problem"],
        services=[{**each, "loops": _lags(each["parts"]), "notes": _notes(each["parts"])} for each in services],
        missing=missing,
        projections=seen["projections"],
        cases=cases,
        queues=queues,
        jobs=parked_jobs,
        healthy=not (missing or cases or behind or parked_jobs or any(each["troubles"] for each in services)),
        just=request.query_params.get("selesai", ""),
        done=DONE,
    )


async def _seen(pages: Pages, request: Request) -> dict[str, Any]:
    """Health as far as anybody answers: this page must work when the projections do not."""
    try:
        found = await overview(pages.client, request)
    except Problem as problem:
        return {"services": [], "projections": [], "problem": told(request, problem)}
    return {"services": found["services"], "projections": found["projections"]["projections"], "problem": ""}


async def _parked(pages: Pages, service: str) -> list[dict[str, Any]]:
    try:
        cases = await request_operation(pages.client.bus, service, "parked", {}, seconds=2.0)
    except (NoResponder, BusTimeout, RemoteFault):
        return []  # a service that is away is named as missing
    return [{**case, "service": service, **_because(case["detail"])} for case in cases]


def _because(detail: str) -> dict[str, str]:
    """Which row of the data stands in the way, and why, where the refusal says so."""
    try:
        said = json.loads(detail)
    except ValueError:
        said = None
    told = said if isinstance(said, dict) else {}
    return {"place": str(told.get("place", "")), "because": str(told.get("reason", ""))}


def _notes(parts: dict[str, Any]) -> list[str]:
    """What a person should know of a service although nothing is wrong now."""
    found = ((name, part) for name, part in parts.items() if isinstance(part, dict))
    return [f"{name}: {part['note']}" for name, part in found if part.get("note")]


def _lags(parts: dict[str, Any]) -> list[dict[str, Any]]:
    """Those parts of a process that follow something, with how far they are behind."""
    return [
        {"name": name, "behind": part["behind"], "state": part.get("state", ""), "reason": part.get("reason", "")}
        for name, part in parts.items()
        if isinstance(part, dict) and "behind" in part
    ]
