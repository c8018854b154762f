"""The agenda book and the standard behind it: gapless numbers per book and civil year, deadline, copies and tiers."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from contracts.base import Event, Officer, Refusal
from contracts.intake import (
    AdoptStandard,
    AgendaNumberTaken,
    BookOpened,
    CorrectOpening,
    LetterRegistered,
    NumbersReserved,
    OpenBook,
    OpeningCorrected,
    ReserveNumbers,
    StandardAdopted,
)
from services.intake import policy
from services.intake.domain import clock, limits
from services.intake.domain.capture import stream
from services.intake.domain.state import Book, Examined
from services.intake.policy import refuse
from services.kit import numbering
from services.kit.deadlines import Adopted, Standard, standard_stream, told_before
from services.kit.deciding import Accept, Claim, Decision, Given, accept


def number(letter_id: UUID, book: str, letter: Examined, by: Officer, given: Given) -> Accept | Refusal:
    """The number, the registration and, at New Year, the opening of the book: one commit."""
    adopted = in_force(book, letter.received_at, given)
    if isinstance(adopted, Refusal):
        return adopted
    rules = adopted.rules
    if (no := policy.unqualified(rules, given.actor)) is not None:
        return no
    copies = policy.copies(rules, letter_id, letter.recipients)
    if isinstance(copies, Refusal):
        return copies
    year = policy.civil_year(rules, given.now)
    opened = _opened(book, year, given)
    if isinstance(opened, Refusal):
        return opened
    last, opening = opened
    try:
        due = clock.CLOCKS.due(clock.CLOCKS.rules_under(adopted.ref, given), letter.received_at)
    except ValueError as error:  # a version from before there were bounds
        return refuse("standard-incomplete", place="rules.deadline", reason=str(error))
    taken = AgendaNumberTaken(book=book, year=year, number=last + 1, letter_id=letter_id)
    fact = LetterRegistered(
        letter_id=letter_id,
        book=book,
        year=year,
        number=taken.number,
        agenda=policy.agenda(rules, book, year, taken.number),
        standard=adopted.ref,
        received_at=letter.received_at,
        due_at=due.due_at,
        remind_at=due.remind_at,
        assigner=rules["assigner"],
        calendar=due.calendar,
        copies=copies,
        tiers=policy.tiers(rules),
        urgency=letter.urgency,
        by=by,
    )
    book_facts: tuple[Event, ...] = (*opening, taken)
    events = (*((book_stream(book, year), event) for event in book_facts), (stream(letter_id), fact))
    return Accept(events, result={"letter_id": str(letter_id), "agenda": fact.agenda, "number": fact.number})


def _opened(book: str, year: int, given: Given) -> tuple[int, tuple[BookOpened, ...]] | Refusal:
    """The last number used, and the fact that opens the book where the year has turned (decision 0010)."""
    shelf: Book = given.load(book_stream(book, year))
    if shelf.last is not None:
        return shelf.last, ()
    years_before = range(year - 1, year - 1 - policy.YEARS_BACK, -1)
    if all(given.load(book_stream(book, before)).last is None for before in years_before):
        return refuse("book-closed", book=book, year=year, remedy=f"Buka buku agenda {book} tahun {year} lebih dahulu.")
    return 0, (BookOpened(book=book, year=year, opening=0),)


def open_book(command: OpenBook, book: Book, given: Given) -> Decision:
    """``opening`` is the last number that the paper book has used; a book in use is not opened anew."""
    if given.claimed("book", command.book) is None:
        return refuse("unknown-book", book=command.book)
    if book.last is None:
        fact = BookOpened(book=command.book, year=command.year, opening=command.opening, by=given.officer())
        return accept(book_stream(command.book, command.year), fact)
    if book.opening == command.opening:
        return Accept()
    return refuse("book-open", book=command.book, year=command.year, opening=book.opening, last=book.last)


def correct_opening(command: CorrectOpening, book: Book, given: Given) -> Decision:
    """While nothing was given out from it or kept back."""
    if book.last is None:
        return _not_open(command, given)
    fact = OpeningCorrected(
        book=command.book, year=command.year, was=book.opening, opening=command.opening, reason=command.reason,
        by=given.officer(),
    )  # fmt: skip
    return numbering.correct(refuse, "opening-used", book_stream(command.book, command.year), fact, last=book.last)


def _not_open(command: CorrectOpening | ReserveNumbers, given: Given) -> Refusal:
    known = given.claimed("book", command.book) is not None
    return refuse("book-closed" if known else "unknown-book", book=command.book, year=command.year)


def reserve(command: ReserveNumbers, book: Book, given: Given) -> Decision:
    """What is reserved already, or was given out, stays so: then there is nothing to state."""
    if book.last is None:
        return _not_open(command, given)
    if command.until <= book.last:
        return Accept()
    if command.until - book.last > policy.MOST_RESERVED:
        return refuse("too-many-numbers", book=command.book, last=book.last, most=policy.MOST_RESERVED)
    fact = NumbersReserved(
        book=command.book, year=command.year, first=book.last + 1, last=command.until, reason=command.reason,
        by=given.officer(),
    )  # fmt: skip
    return accept(book_stream(command.book, command.year), fact)


def adopt(command: AdoptStandard, standard: Standard, given: Given) -> Decision:
    """A book belongs to the first standard that names it; what a version itself says never changes.

    Its calendar, letterhead and books are the agency's: told again with others, they hold from now on (decision 0030).
    """
    if (no := policy.unusable(command.rules)) is not None:
        return no
    match told_before(command, standard, policy.AGENCY_RULES):
        case "same":
            return Accept()
        case "otherwise":
            return refuse("standard-version-taken", version=command.standard.version)
        case "never" if (no := limits.beyond(command.rules, command.valid_from)) is not None:
            return no
    owners = {book: given.claimed("book", book) for book in command.rules["books"]}
    for book, owner in owners.items():
        if owner not in {None, command.standard.standard}:
            return refuse("book-of-another-standard", book=book, standard=owner)
    fact = StandardAdopted(standard=command.standard, valid_from=command.valid_from, rules=command.rules)
    claims = tuple(Claim("book", book, command.standard.standard) for book, owner in owners.items() if owner is None)
    first = (standard_stream(command.standard.standard), fact)
    return Accept((first, *(opened for book in owners for opened in _openings(command, book, given))), claims)


def _openings(command: AdoptStandard, book: str, given: Given) -> Iterator[tuple[str, BookOpened]]:
    """An office that goes live in mid-year says where its paper book stands; a book in use stays as it is."""
    for year, opening in policy.openings(command.rules, book).items():
        place = book_stream(book, year)
        if given.load(place).last is None:
            yield place, BookOpened(book=book, year=year, opening=opening)


def in_force(book: str, received_at: datetime, given: Given) -> Adopted | Refusal:
    """The highest version that was valid on the day of receipt; for a letter older than the standard, its first one."""
    owner = given.claimed("book", book)
    standard: Standard = given.load(standard_stream(owner)) if owner else Standard()
    chosen = standard.in_force(received_at)
    if chosen is None:
        return refuse("no-standard", book=book)
    return chosen if book in chosen.rules["books"] else refuse("unknown-book", book=book)


def book_stream(book: str, year: int) -> str:
    return f"book:{book}:{year}"
