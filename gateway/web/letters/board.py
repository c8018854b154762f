"""Papan langsung: stages and their cards; live by SSE, whole by reload."""

from fastapi import APIRouter, Request, Response

from contracts import projections as p
from gateway.api.commands import visitor_of
from gateway.api.reads import after_of
from gateway.web.page import Pages

CARDS = 50
MOST_CARDS = 1000


def router(pages: Pages) -> APIRouter:
    made = APIRouter()

    @made.get("/papan", name="page.board")
    async def board(request: Request) -> Response:
        limit = MOST_CARDS if request.query_params.get("semua") else CARDS
        query = p.Board(limit=limit, after=after_of(request))
        answer = await pages.client.ask(visitor_of(request), query, p.BoardAnswer)
        more = any(column.count > len(column.cards) for column in answer.columns)
        return await pages.show(request, "letters/papan.html", board=answer, more=more and limit < MOST_CARDS)

    return made
