"""Buku agenda: where each book of this year begins, who said so, and its correction while no letter is numbered."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from contracts.base import Command
from contracts.intake import CorrectOpening, OpenBook
from gateway.api.commands import visitor_of
from gateway.edge.cases import book_numbering_of
from gateway.edge.problems import Problem
from gateway.web import numbering
from gateway.web.forms import form_of, key, line
from gateway.web.numbering import Place, Refused
from gateway.web.page import Pages, onward, told
from gateway.web.story import signed

PLACE = Place("/surat/buku", "books.open", "books.correct")


def router(pages: Pages) -> APIRouter:
    made = APIRouter()

    @made.get(PLACE.address, name="books.show")
    async def page(request: Request) -> Response:
        return await _page(pages, request)

    async def said(request: Request, right: str) -> Response:
        form, visitor = await form_of(request), visitor_of(request)
        words, book = numbering.typed(form), line(form, "book")[:64]
        if found := numbering.faults(words, reasoned=right == PLACE.correcting):
            return await _page(pages, request, Refused(words, found, book), status=422)
        try:
            command = _command(right, book, await _year(pages, request), words)
            accepted = await pages.client.do(visitor, command, key=key(form, right))
        except Problem as problem:
            refused = Refused(words, book=book)
            return await _page(pages, request, refused, status=problem.status, problem=told(request, problem))
        return onward(PLACE.address, accepted.after, baru=right)

    numbering.add_forms(made, PLACE, said)
    return made


def _command(right: str, book: str, year: int, words: Mapping[str, str]) -> Command:
    try:
        if right == PLACE.opening:
            return OpenBook(book=book, year=year, opening=int(words["opening"]))
        return CorrectOpening(book=book, year=year, opening=int(words["opening"]), reason=words["reason"])
    except ValueError:  # no page of ours sends such a book
        raise Problem("gateway.malformed", 422) from None


async def _page(
    pages: Pages, request: Request, refused: Refused | None = None, *, status: int = 200, problem: str = ""
) -> Response:
    visitor, year = visitor_of(request), await _year(pages, request)
    books = (await pages.offices.of(visitor.agency)).books
    told = [await book_numbering_of(pages.client, visitor, book, year) for book in books]
    starts = [PLACE.start(visitor, year, each, refused, book) for book, each in zip(books, told, strict=True)]
    return await pages.show(
        request, "letters/buku.html", status=status, year=year, starts=starts, problem=problem, signed=signed,
        just=request.query_params.get("baru", "") in {PLACE.opening, PLACE.correcting},
    )  # fmt: skip


async def _year(pages: Pages, request: Request) -> int:
    """The civil year in which the office is now."""
    time = (await pages.offices.of(visitor_of(request).agency)).moments(request.state.language)
    return time.now.astimezone(ZoneInfo(time.zone)).year
