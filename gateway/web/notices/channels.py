"""Kanal pemberitahuan: each way with its backlog, pause and resume; webhooks with their last attempts."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from contracts import notifications as n
from contracts import projections as p
from contracts.base import Command, ServiceRequest, Slug
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.client import identity_of
from gateway.edge.notices import notice_log_of
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.web.forms import form_of, key, line, moment
from gateway.web.notices import words as w
from gateway.web.operations.jobs import DONE as QUEUES_DONE
from gateway.web.operations.jobs import states
from gateway.web.page import Pages, onward, told

HOME = "/kanal"
SERVICE = "notifications"
LAST = 5
Entered = Mapping[str, Any]


def router(pages: Pages) -> APIRouter:
    made = APIRouter(prefix=HOME)

    @made.get("", name="page.channels")
    async def channels(request: Request) -> Response:
        return await channels_page(pages, request)

    @made.post("/webhook", name="hooks.subscribe")
    async def subscribe(request: Request) -> Response:
        visitor, form = visitor_of(request), await form_of(request)
        identity = identity_of(visitor, key(form, "hooks.subscribe"))
        kinds = [str(each) for each in form.getlist("event_kinds")]
        entered = {"url": line(form, "url"), "label": line(form, "label"), "event_kinds": kinds}

        def asked() -> ServiceRequest:
            return n.GrantHookSecret.model_validate(
                {**entered, "hook_id": identity, "command_id": identity, "by": visitor.actor}
            )  # fmt: skip

        return await _granted(pages, request, asked, entered)

    @made.post("/webhook/{hook_id}/rahasia", name="hooks.rotate")
    async def rotate(request: Request, hook_id: UUID) -> Response:
        visitor, form = visitor_of(request), await form_of(request)
        identity = identity_of(visitor, key(form, "hooks.rotate"))

        def asked() -> ServiceRequest:
            return n.GrantHookRotation(hook_id=hook_id, by=visitor.actor, command_id=identity)

        return await _granted(pages, request, asked, {})

    _hook_deeds(made, pages)
    _range_deeds(made, pages)
    return made


def _hook_deeds(made: APIRouter, pages: Pages) -> None:
    def suspend(_zone: str, form: FormData, hook_id: UUID) -> Command:
        return n.SuspendHook(hook_id=hook_id, reason=line(form, "reason"))

    def resume(zone: str, form: FormData, hook_id: UUID) -> Command:
        return n.ResumeHook(hook_id=hook_id, from_at=moment(line(form, "from_at"), zone))

    def end(_zone: str, form: FormData, hook_id: UUID) -> Command:
        return n.EndHook(hook_id=hook_id, reason=line(form, "reason"))

    def test(_zone: str, _form: FormData, hook_id: UUID) -> Command:
        return n.TestHook(hook_id=hook_id)

    for path, right, make in (
        ("henti", "hooks.suspend", suspend), ("lanjut", "hooks.resume", resume), ("hapus", "hooks.end", end),
        ("coba", "hooks.test", test),
    ):  # fmt: skip
        _of_hook(made, pages, path, right, make)


def _range_deeds(made: APIRouter, pages: Pages) -> None:
    @made.post("/rentang", name="hooks.allow")
    async def allow(request: Request) -> Response:
        form = await form_of(request)
        said = {"network": line(form, "network"), "reason": line(form, "reason")}
        return await _done(pages, request, form, "hooks.allow", lambda: n.AllowHookRange.model_validate(said))

    @made.post("/{channel}/coba", name="channels.test")
    async def try_it(request: Request, channel: Slug) -> Response:
        form = await form_of(request)
        return await _done(pages, request, form, "channels.test", lambda: n.TestChannel(channel=channel))

    @made.post("/rentang/cabut", name="hooks.withdraw")
    async def withdraw(request: Request) -> Response:
        form = await form_of(request)
        said = {"network": line(form, "network")}
        return await _done(pages, request, form, "hooks.withdraw", lambda: n.WithdrawHookRange.model_validate(said))


def _of_hook(
    made: APIRouter, pages: Pages, path: str, right: str, make: Callable[[str, FormData, UUID], Command]
) -> None:
    async def endpoint(request: Request, hook_id: UUID) -> Response:
        form = await form_of(request)
        zone = (await pages.offices.of(visitor_of(request).agency)).zone
        return await _done(pages, request, form, right, lambda: make(zone, form, hook_id))

    made.add_api_route(f"/webhook/{{hook_id}}/{path}", endpoint, methods=["POST"], name=right)


async def _done(pages: Pages, request: Request, form: FormData, right: str, make: Callable[[], Command]) -> Response:
    try:
        accepted = await pages.client.do(visitor_of(request), make(), key=key(form, right))
    except ValidationError:
        said = told(request, Problem("gateway.malformed", 422))
        return await channels_page(pages, request, status=422, problem=said)
    except Problem as problem:
        return await channels_page(pages, request, status=problem.status, problem=told(request, problem))
    return onward(HOME, accepted.after, baru=right)


async def _granted(pages: Pages, request: Request, asked: Callable[[], ServiceRequest], entered: Entered) -> Response:
    """The secret, this once; or the form again with what was entered."""
    try:
        granted = await pages.client.ask(visitor_of(request), asked(), n.HookGranted)
    except ValidationError:
        said = told(request, Problem("gateway.malformed", 422))
        return await channels_page(pages, request, status=422, problem=said, entered=entered)
    except Problem as problem:
        said = told(request, problem)
        return await channels_page(pages, request, status=problem.status, problem=said, entered=entered)
    shown = await channels_page(pages, request, secret=granted.secret, after=granted.after)
    shown.headers["Cache-Control"] = "no-store"
    return shown


async def channels_page(  # noqa: PLR0913 - a list and its forms
    pages: Pages,
    request: Request,
    *,
    status: int = 200,
    problem: str = "",
    secret: str = "",
    after: str | None = None,
    entered: Entered | None = None,
) -> Response:
    visitor = visitor_of(request)
    asked = n.Hooks(after=after or after_of(request))
    known, queues = await asyncio.gather(
        pages.client.ask(visitor, asked, n.HooksAnswer), states(pages, SERVICE, visitor.agency)
    )
    attempts = await asyncio.gather(*(_last(pages, request, each.hook_id) for each in known.hooks))
    now = datetime.now(UTC)
    lanes = {each["queue"]: each for each in queues or ()}
    return await pages.show(
        request,
        "notices/kanal.html",
        status=status,
        problem=problem,
        w=w,
        secret=secret,
        once=bool(secret),
        entered={"url": "", "label": "", "event_kinds": [], **(entered or {})},
        channels=[each for each in queues or () if each["queue"] in w.SENT_BY] if queues is not None else None,
        hooks=[
            {
                "row": row,
                "both": row.both_until is not None and row.both_until > now,
                "last": last,
                "queue": lanes.get(f"webhook:{row.hook_id}"),
            }
            for row, last in zip(known.hooks, attempts, strict=True)
        ],
        ranges=known.ranges,
        kinds=known.event_kinds,
        may={right for right in RIGHTS if right.startswith("hooks.") and RIGHTS[right].allows(visitor.roles)}
        | ({"operations.jobs"} if RIGHTS["operations.jobs"].allows(visitor.roles) else set()),
        just=request.query_params.get("baru", ""),
        done=QUEUES_DONE.get(request.query_params.get("selesai", ""), ""),
    )


async def _last(pages: Pages, request: Request, hook_id: UUID) -> Sequence[p.NoticeLogRow]:
    query = p.NoticeLog(hook_id=hook_id, limit=LAST, after=after_of(request))
    return (await notice_log_of(pages.client, visitor_of(request), query)).notices
