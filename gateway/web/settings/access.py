"""Pengaturan › Akses surat: grants by which more people would see letters; leaders confirm or refuse them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from contracts import organisation as o
from contracts.base import Command
from contracts.offices import AccessGrantRow, AccessGrantsAnswer
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.i18n import mark as _
from gateway.edge.i18n import translate
from gateway.edge.problems import Problem
from gateway.edge.rights import RIGHTS
from gateway.web import words
from gateway.web.forms import line
from gateway.web.page import Pages
from gateway.web.settings.actions import carried_out, command_of
from gateway.web.words import Word

HOME = "/pengaturan/akses"
BACK = {"tugas": "/tugas"}
DEEDS = ("access.confirm", "access.refuse")

WHAT = {
    "role": _("Peran {role} untuk {person}"),
    "seat": _("{person} pada jabatan {title}: {capacity}"),
    "position": _("Jabatan {title} mendapat peran {role}"),
    "substitute": _("Pemegang jabatan {substitute} menjadi pengganti pada jabatan {title}"),
    "token": _("Token mesin “{label}” ({token}) dengan peran {role}"),
    "renewal": _("Rahasia baru untuk token mesin “{label}” ({token}) dengan peran {role}"),
    "first-password": _("Kata sandi pertama untuk {person}"),
}

STATES = {
    "waiting": Word(_("Menunggu persetujuan"), "warn", "clock"),
    "confirmed": Word(_("Disetujui"), "good", "check"),
    "released": Word(_("Berlaku tanpa persetujuan: 24 jam lewat"), "warn", "alert"),
    "console": Word(_("Diberikan di konsol"), "warn", "alert"),
    "refused": Word(_("Ditolak"), "quiet", "cross"),
    "lapsed": Word(_("Tidak dapat diberlakukan"), "quiet", "cross"),
}


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A grant, ready to show."""

    row: AccessGrantRow
    sentence: str
    state: Word
    asked_by: str
    decided_by: str


def router(pages: Pages) -> APIRouter:
    made = APIRouter(prefix=HOME)

    @made.get("", name="page.access")
    async def access(request: Request) -> Response:
        return await access_page(pages, request)

    def confirmed(_form: FormData, grant_id: str) -> Command:
        return command_of(o.ConfirmAccess, grant_id=grant_id)

    def refused(form: FormData, grant_id: str) -> Command:
        return command_of(o.RefuseAccess, ("reason",), grant_id=grant_id, reason=line(form, "reason"))

    for path, right, make in (("setujui", DEEDS[0], confirmed), ("tolak", DEEDS[1], refused)):
        _action(made, pages, path, right, make)
    return made


def _action(made: APIRouter, pages: Pages, path: str, right: str, make: Any) -> None:
    async def endpoint(request: Request, grant_id: str) -> Response:
        async def again(request: Request, **entered: Any) -> Response:
            return await access_page(pages, request, **{**entered, "action": f"{right}:{grant_id}"})

        def onto(form: FormData) -> str:
            return BACK.get(line(form, "kembali"), HOME)

        return await carried_out(pages, request, right, lambda form: make(form, grant_id), onto, again)

    made.add_api_route(f"/{{grant_id}}/{path}", endpoint, methods=["POST"], name=right)


async def access_page(
    pages: Pages, request: Request, *, status: int = 200, problem: str = "", **entered: Any
) -> Response:
    return await pages.show(
        request,
        "settings/akses.html",
        status=status,
        problem=problem,
        grants=lines(await grants_of(pages, request), request),
        may=may(request),
        just=request.query_params.get("baru", ""),
        **{"action": "", "values": {}, "errors": {}, **entered},
    )


def may(request: Request) -> set[str]:
    return {right for right in DEEDS if RIGHTS[right].allows(visitor_of(request).roles)}


async def grants_of(pages: Pages, request: Request) -> tuple[AccessGrantRow, ...]:
    """Empty for whoever may not list them."""
    visitor = visitor_of(request)
    if not RIGHTS["access.list"].allows(visitor.roles):
        return ()
    query = o.AccessGrants(after=after_of(request))
    return (await pages.client.ask(visitor, query, AccessGrantsAnswer)).grants


async def unseen(pages: Pages, request: Request) -> list[GrantLine]:
    """For a leader's tasks: what waits for him or took effect without him. His other tasks need no organisation."""
    if not RIGHTS["access.confirm"].allows(visitor_of(request).roles):
        return []
    try:
        found = await grants_of(pages, request)
    except Problem:
        return []
    return lines((row for row in found if not row.seen), request)


def lines(rows: Iterable[AccessGrantRow], request: Request) -> list[GrantLine]:
    language: str = getattr(request.state, "language", "id")
    return [
        GrantLine(
            row=row,
            sentence=_sentence(row, language),
            state=STATES.get(row.state, Word(row.state)),
            asked_by=_name(row.asked_by_name, row.asked_by, language),
            decided_by=_name(row.decided_by_name, row.decided_by, language),
        )
        for row in rows
    ]


def _name(name: str, identity: str, language: str) -> str:
    return name or translate(words.text(words.HOUSE, identity), language)


def _sentence(row: AccessGrantRow, language: str) -> str:
    grant = row.grant
    acting = words.CAPACITIES.get(grant.capacity) or _("definitif")
    return translate(WHAT.get(grant.what, grant.what), language).format(
        role=translate(words.text(words.ROLES, grant.role or ""), language) if grant.role else "",
        person=row.person_name,
        title=row.position_title,
        capacity=translate(acting, language),
        substitute=grant.substitute or "",
        label=grant.label,
        token=grant.token_id or "",
    )
