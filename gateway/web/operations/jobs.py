"""Queues of jobs in Ruang operasi: how each does, and an agency's own parked jobs, pauses and second tries."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from contracts.base import ServiceName, Slug
from contracts.notifications import Hooks, HooksAnswer
from gateway.api.commands import visitor_of
from gateway.edge.i18n import mark
from gateway.edge.jobs import DEEDS, jobs_of, noted
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.web.forms import form_of, line
from gateway.web.operations.doing import HOME, RoomPage, done, malformed
from gateway.web.page import Pages
from services.kit.bus import BusTimeout, NoResponder, RemoteFault
from services.kit.operations import request_operation

CHANNELS = "/kanal"
"""The page that a form came from, where it was not Ruang operasi."""
HOOK = "webhook:"
"""Before the id of whose queue it is."""
AWAY = (NoResponder, BusTimeout, RemoteFault)
DONE = {
    "job-retry": mark("Tugas dikirim lagi."),
    "job-discard": mark("Tugas dikesampingkan."),
    "job-pause": mark("Antrean dijeda untuk instansi ini."),
    "job-resume": mark("Antrean berjalan lagi."),
}


def add_route(made: APIRouter, pages: Pages, services: Sequence[str], room_page: RoomPage) -> None:
    """What is done here is done to this agency's jobs, whoever's id stands in the form."""

    @made.post(HOME + "/{service}/tugas/{action}", name="operations.jobs")
    async def work(request: Request, service: ServiceName, action: Slug) -> Response:
        if service not in services or action not in DEEDS:
            raise Problem("gateway.not-found", 404)
        form = await form_of(request)
        said = {name: line(form, name)[:500] for name in ("job", "queue", "reason")}
        wanted = ("job",) if action == "retry" else ("job", "reason") if action == "discard" else ("queue",)
        if not all(said[name] for name in wanted):
            return await malformed(pages, request, room_page)
        actor = visitor_of(request)
        if said["job"]:
            known, _ = await jobs_of(pages.client.bus, actor.agency, (service,), job=said["job"])
            if not known:
                raise Problem("gateway.not-found", 404)  # another agency's is as unknown as none
            said["queue"] = known[0]["queue"]
        named, asked = noted(actor, service, action, said)

        async def carry_out(note: str) -> None:
            await request_operation(pages.client.bus, service, named.operation, {**asked, "note": note})

        home = CHANNELS if line(form, "ke") == "kanal" else HOME
        return await done(pages, request, room_page, named, carry_out, home)


async def parked(pages: Pages, request: Request, services: Sequence[str]) -> list[dict[str, Any]]:
    """This agency's parked jobs; one that is away is named as missing."""
    return (await jobs_of(pages.client.bus, visitor_of(request).agency, services))[0]


def queues(services: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """As the one dispatcher of each service that works tells them."""
    told_of: dict[tuple[str, str], dict[str, Any]] = {}
    for each in services:
        for queue in each["parts"].get("jobs", {}).get("jobs", ()):
            moments = {name: _moment(queue[name]) for name in ("oldest_at", "broken_since")}
            told_of[each["service"], queue["queue"]] = {**queue, **moments, "service": each["service"]}
    return [told_of[key] for key in sorted(told_of)]


async def named(pages: Pages, request: Request, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With what people call each: of a webhook's own queue the end of its id, and for who may know it whose it is."""
    visitor, labels = visitor_of(request), {}
    if any(each["queue"].startswith(HOOK) for each in found) and RIGHTS["hooks.list"].allows(visitor.roles):
        try:
            answer = await pages.client.ask(visitor, Hooks(), HooksAnswer)
            labels = {f"{HOOK}{each.hook_id}": each.label for each in answer.hooks}
        except Problem:
            labels = {}
    return [{**each, "called": labels.get(each["queue"]) or _called(each["queue"])} for each in found]


def _called(queue: str) -> str:
    return f"…{queue[-6:]}" if queue.startswith(HOOK) else ""


async def states(pages: Pages, service: str, agency: str) -> list[dict[str, Any]] | None:
    """How each queue of a service stands for this agency; None: nobody can say now."""
    try:
        said = await request_operation(pages.client.bus, service, "jobs", {"agency": agency}, seconds=2.0)
    except AWAY:
        return None
    return [
        {**each, **{name: _moment(each[name]) for name in ("oldest_at", "broken_since")}} for each in said["queues"]
    ]


def _moment(said: Any) -> datetime | None:
    return datetime.fromisoformat(said) if isinstance(said, str) else said
