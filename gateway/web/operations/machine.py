"""Ruang operasi: services, lag, the agency's parked cases with retry and discard, projections; for the deployment's
administrator the housekeeping over all agencies.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from contracts import organisation as o
from contracts.base import ServiceName, Slug
from contracts.subjects import UNREADABLE
from contracts.words import DEPLOYMENT
from gateway.api.commands import visitor_of
from gateway.api.operations import NEEDED, overview
from gateway.edge.i18n import mark, translate
from gateway.edge.problems import Problem
from gateway.web import words
from gateway.web.forms import form_of, line
from gateway.web.operations import jobs
from gateway.web.operations.backups import KEEPER, backups_of
from gateway.web.operations.doing import HOME, done, malformed
from gateway.web.operations.mailboxes import mailboxes_away
from gateway.web.page import Pages, onward, told
from services.kit.bus import BusTimeout, NoResponder, RemoteFault
from services.kit.operations import request_operation

DEEDS = ("replay", "discard")
DECIDING = ("organisation", "intake", "approval", "dispatch", "account_provisioning", "complaint", "notifications")
"""Services with events of their own: they may park cases, have timers, and the audit follows their stores."""
HOUSEKEEPING: Mapping[str, tuple[str, ...]] = {
    "rebuild": ("projections",),
    "retell-timers": DECIDING,
    "adopt": ("audit",),
}
"""What belongs to no single agency: the operation, and who does it."""
DONE = {
    "replay": mark("Kasus akan dicoba lagi."),
    "discard": mark("Kasus dikesampingkan."),
    "rebuild": mark("Tampilan dibangun ulang; yang lama melayani sampai selesai."),
    "retell-timers": mark("Pengingat ditulis ulang dari peristiwanya."),
    "adopt": mark("Simpanan yang dipulihkan diakui."),
    **jobs.DONE,
}


def router(pages: Pages) -> APIRouter:
    made = APIRouter()

    @made.get(HOME, name="page.operations")
    async def room(request: Request) -> Response:
        return await room_page(pages, request)

    @made.post(HOME + "/pemasangan/{action}", name="operations.housekeep")
    async def housekeep(request: Request, action: Slug) -> Response:
        if visitor_of(request).agency != DEPLOYMENT or action not in HOUSEKEEPING:
            raise Problem("gateway.not-found", 404)
        return await _housekeep(pages, request, action)

    @made.post(HOME + "/{service}/{action}", name="operations.replay")
    async def parked(request: Request, service: ServiceName, action: Slug) -> Response:
        if service not in DECIDING or action not in DEEDS:
            raise Problem("gateway.not-found", 404)
        return await _deal_with(pages, request, service, action)

    jobs.add_route(made, pages, DECIDING, room_page)
    return made


async def _housekeep(pages: Pages, request: Request, action: str) -> Response:
    form = await form_of(request)
    source, reason, by = line(form, "service"), line(form, "reason")[:500], visitor_of(request).actor.id
    if action == "adopt" and (source not in DECIDING or not reason):
        return await malformed(pages, request, room_page)
    doers = HOUSEKEEPING[action]
    named = o.NoteOperation(operation=action, of_service=source or doers[0], reason=reason)

    async def carry_out(note: str) -> None:
        body = {"id": note, "note": note, "service": source, "reason": reason, "by": by}
        for service in doers:
            await request_operation(pages.client.bus, service, action, body)

    return await done(pages, request, room_page, named, carry_out)


async def _deal_with(pages: Pages, request: Request, service: str, action: str) -> Response:
    form = await form_of(request)
    case, reason, by = line(form, "case")[:200], line(form, "reason")[:500], visitor_of(request).actor.id
    if not case or (action == "discard" and not reason):
        return await malformed(pages, request, room_page)
    known = next((each for each in await _parked(pages, request, service) if each["case_id"] == case), None)
    if known is None and await _settled(pages, request, service, case):
        return onward(HOME, selesai=action)  # the form came twice, or two persons were at it: it is done
    if known is None:
        raise Problem("gateway.not-found", 404)  # another agency's is as unknown as none
    named = o.NoteOperation(operation=action, of_service=service, parked=case, case_kind=known["kind"], reason=reason)

    async def carry_out(note: str) -> None:
        body = {"agency": known["agency"], "case": case, "reason": reason, "by": by, "note": note}
        await request_operation(pages.client.bus, service, action, body)

    return await done(pages, request, room_page, named, carry_out)


async def room_page(pages: Pages, request: Request, *, status: int = 200, problem: str = "") -> Response:
    seen, parked_jobs, *parked = await asyncio.gather(
        _seen(pages, request),
        jobs.parked(pages, request, DECIDING),
        *(_parked(pages, request, service) for service in DECIDING),
    )
    backups = backups_of(seen["services"])
    services = [each for each in seen["services"] if each["service"] != KEEPER]
    queues = await jobs.named(pages, request, jobs.queues(services))
    missing = sorted(set(NEEDED) - {each["service"] for each in services})
    cases = [case for each in parked for case in each]
    behind = [row for row in seen["projections"] if row["behind"] or row["state"] == "stopped"]
    broken = any(queue["broken_since"] for queue in queues)
    postponed = {each["instance"]: _postponed(each["parts"]) for each in services}
    troubled = broken or any(postponed.values()) or any(each["troubles"] for each in services)
    left = {(each["service"], said): None for each in services for said in _not_taken(each["parts"])}
    return await pages.show(
        request,
        "operations/operasi.html",
        status=status,
        problem=problem or seen["problem"],
        left=left,
        services=[
            {
                **each,
                "loops": _lags(each["parts"], request.state.language),
                "notes": _notes(each["parts"]),
                "chained": _chained(each["parts"]),
            }
            for each in services
        ],
        postponed=sum(postponed.values()),
        missing=missing,
        projections=seen["projections"],
        cases=cases,
        queues=queues,
        jobs=parked_jobs,
        mailboxes=(away := mailboxes_away(services)),
        backups=backups,
        healthy=not any((missing, cases, behind, parked_jobs, away, troubled, left, backups and backups.warnings)),
        just=request.query_params.get("selesai", ""),
        sources=DECIDING if visitor_of(request).agency == DEPLOYMENT else (),
        done=DONE,
    )


async def _seen(pages: Pages, request: Request) -> dict[str, Any]:
    """Health as far as anybody answers: this page must work when the projections do not."""
    try:
        found = await overview(pages.client, request)
    except Problem as problem:
        return {"services": [], "projections": [], "problem": told(request, problem)}
    return {"services": found["services"], "projections": found["projections"]["projections"], "problem": ""}


async def _parked(pages: Pages, request: Request, service: str) -> list[dict[str, Any]]:
    """The cases of the visitor's agency; those whose agency nobody can read are the deployment's."""
    body = {"agencies": _agencies(request)}
    try:
        cases = await request_operation(pages.client.bus, service, "parked", body, seconds=2.0)
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
    """What a person should know of a service although nothing is wrong now; what the page says itself is left out."""
    found = ((name, part) for name, part in parts.items() if isinstance(part, dict))
    return [f"{name}: {part['note']}" for name, part in found if part.get("note") and "chained" not in part]


def _not_taken(parts: dict[str, Any]) -> list[str]:
    """Changes of files that wait for a person: the service works by what it took before."""
    return [str(said) for part in parts.values() if isinstance(part, dict) for said in part.get("not_taken") or ()]


def _postponed(parts: dict[str, Any]) -> int:
    """Timers whose command was refused: they are asked again by themselves, ever more seldom."""
    return int(parts.get("timers", {}).get("parked", 0))


def _chained(parts: dict[str, Any]) -> list[dict[str, Any]]:
    """Since when each store's events are chained, when all of them were last compared, and how many are older and
    proved by nothing.
    """
    rows = parts.get("evidence", {}).get("chained", ())
    seen = {row["service"]: parts.get(f"patrol.{row['service']}", {}).get("whole_at") for row in rows}
    return [{**row, "since": _moment(row["since"]), "seen": _moment(seen[row["service"]])} for row in rows]


def _moment(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


async def _settled(pages: Pages, request: Request, service: str, case: str) -> bool:
    asked = ({"agency": agency, "case": case} for agency in _agencies(request))
    try:
        return any([await request_operation(pages.client.bus, service, "settled", body) for body in asked])
    except (NoResponder, BusTimeout, RemoteFault):
        return False


def _agencies(request: Request) -> list[str]:
    agency = visitor_of(request).agency
    return [agency, *([UNREADABLE] if agency == DEPLOYMENT else [])]


def following(name: str, language: str) -> str:
    """A part of a process in words: ``reactions-intake``, ``views.intake``; as it stands where it is none of these."""
    what, _sign, service = name.replace(".", "-", 1).partition("-")
    said = translate(words.text(words.FOLLOWING, what), language)
    return said.format(service=translate(words.text(words.SERVICES, service), language))


def _lags(parts: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """Those parts of a process that follow something, with how far they are behind."""
    return [
        {
            "name": following(name, language),
            "behind": part["behind"],
            "state": part.get("state", ""),
            "reason": part.get("reason", ""),
        }
        for name, part in parts.items()
        if isinstance(part, dict) and "behind" in part
    ]
