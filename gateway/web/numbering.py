"""Where a numbered book begins, on a page: who said so, and the form that says or corrects it. One for all books."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter, Request, Response

from contracts.numbering import LAST_NUMBER, NumberingAnswer
from gateway.edge.i18n import mark as _
from gateway.edge.principals import Visitor
from gateway.edge.rights import RIGHTS
from gateway.web.forms import NEEDED, line

NOT_A_NUMBER = _("Tulis angka saja, paling banyak tujuh angka.")
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Start:
    """``place``: below which address its forms are sent."""

    place: str
    year: int
    told: NumberingAnswer
    may_open: bool
    may_correct: bool
    book: str
    typed: Mapping[str, str]
    errors: Mapping[str, str]

    @property
    def opens(self) -> bool:
        return self.may_open and self.told.opening is None and not self.told.given_out

    @property
    def corrects(self) -> bool:
        return self.may_correct and self.told.opening is not None and not self.told.given_out


@dataclass(frozen=True, slots=True)
class Refused:
    """What somebody typed into the form of a book, and what is wrong with each field of it."""

    typed: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    book: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """``opening``, ``correcting``: the rights to say where a book begins, and to correct it."""

    address: str
    opening: str
    correcting: str

    def start(
        self, visitor: Visitor, year: int, told: NumberingAnswer, refused: Refused | None = None, book: str = ""
    ) -> Start:
        may_open, may_correct = (RIGHTS[right].allows(visitor.roles) for right in (self.opening, self.correcting))
        mine = refused if refused is not None and refused.book == book else Refused({})
        return Start(self.address, year, told, may_open, may_correct, book, mine.typed, mine.errors)


def add_forms(made: APIRouter, place: Place, said: Callable[[Request, str], Awaitable[Response]]) -> None:
    """The two forms of a book's page; ``said``: what is answered, by the right under which it was sent."""

    @made.post(f"{place.address}/pembukaan", name=place.opening)
    async def opening(request: Request) -> Response:
        return await said(request, place.opening)

    @made.post(f"{place.address}/perbaikan", name=place.correcting)
    async def correction(request: Request) -> Response:
        return await said(request, place.correcting)


def typed(form: Mapping[str, object]) -> dict[str, str]:
    return {name: line(form, name)[: LONGEST_REASON + 1] for name in ("opening", "reason")}


def faults(said: Mapping[str, str], *, reasoned: bool) -> dict[str, str]:
    """Field → what is wrong with it."""
    number, found = said["opening"], {}
    if not (number.isascii() and number.isdecimal() and len(number) <= len(str(LAST_NUMBER))):
        found["opening"] = NOT_A_NUMBER
    if reasoned and not said["reason"]:
        found["reason"] = NEEDED
    return found
