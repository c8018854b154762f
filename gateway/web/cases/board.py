"""Papan langsung, one for each kind of case: stages and their cards; live by SSE, whole by reload."""

from fastapi import APIRouter, Request, Response

from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.edge.cases import board_of
from gateway.edge.complaints import complaint_clocks_of
from gateway.edge.i18n import mark as _
from gateway.web.kinds import CASES, CasePages
from gateway.web.page import Pages

CARDS = 50
MOST_CARDS = 1000
REGISTERS = {"requests": ("/akun", _("Akun surel")), "complaints": ("/pengaduan", _("Pengaduan"))}
"""The list that a board belongs to, where it has no place of its own in the navigation."""


def router(pages: Pages) -> APIRouter:
    made = APIRouter()
    for name, kind in CASES.items():
        _board(made, pages, name, kind)
    return made


def _board(made: APIRouter, pages: Pages, name: str, kind: CasePages) -> None:
    right = "page.board" if name == "letters" else f"page.board.{name}"

    @made.get(kind.board, name=right)
    async def board(request: Request) -> Response:
        limit = MOST_CARDS if request.query_params.get("semua") else CARDS
        answer = await board_of(pages.client, visitor_of(request), name, limit, after_of(request))
        clocks = (await complaint_clocks_of(pages.client, visitor_of(request))).classes if name == "complaints" else ()
        more = any(column.count > len(column.cards) for column in answer.columns)
        return await pages.show(
            request,
            "cases/papan.html",
            board=answer,
            more=more and limit < MOST_CARDS,
            kind=kind,
            case_kind=name,
            clocks=clocks,
            register=REGISTERS.get(name),
        )
