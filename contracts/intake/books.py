"""The agenda's books: opened, numbers taken from them, numbers that are kept back."""

from pydantic import Field

from contracts.base import Command, Event, Line, Officer, Query, Slug
from contracts.numbering import CorrectedFields, CorrectingFields, NumberingAnswer
from contracts.words import LetterEvent


class OpenBook(Command):
    """Opens an agenda book for a civil year. ``opening``: the last number that the paper book has used."""

    book: Slug
    year: int = Field(ge=2000, le=2200)
    opening: int = Field(default=0, ge=0)


class CorrectOpening(CorrectingFields, Command):
    """The book was opened with a wrong number, and no letter has one from it yet."""

    book: Slug
    year: int = Field(ge=2000, le=2200)


class ReserveNumbers(Command):
    """Numbers that stand on paper and in no event: after a restore, or an outage. The next number is ``until`` + 1."""

    book: Slug
    year: int = Field(ge=2000, le=2200)
    until: int = Field(ge=1, le=9_999_999)
    reason: Line


class BookOpened(Event):
    book: Slug
    year: int
    opening: int
    by: Officer | None = None


class OpeningCorrected(CorrectedFields, Event):
    book: Slug
    year: int


class NumbersReserved(Event):
    """From ``first`` to ``last`` no letter gets a number: they were given out on paper, or may have been."""

    book: Slug
    year: int
    first: int
    last: int
    reason: str
    by: Officer | None = None


class AgendaNumberTaken(LetterEvent):
    book: Slug
    year: int
    number: int


class BookNumbering(Query):
    """Where a book of a civil year begins, and who said so."""

    book: Slug
    year: int = Field(ge=2000, le=2200)


class BookNumberingAnswer(NumberingAnswer):
    pass
