"""How facts change the letter and the book. A fact that says nothing to a decision changes nothing."""

from dataclasses import replace

from contracts.base import Event
from contracts.intake import (
    AgendaNumberTaken,
    BookOpened,
    LetterCancelled,
    LetterForwarded,
    LetterRegistered,
    LetterRevised,
    LetterShut,
    MessageCaptured,
    MessageExamined,
    MessageQuarantined,
    MessageReleased,
    NumbersReserved,
    OpeningCorrected,
    PrintPackProduced,
    QuarantineConfirmed,
    TwinLinked,
)
from services.intake.domain.clock import CLOCKS, begun
from services.intake.domain.state import (
    Book,
    Cancelled,
    Captured,
    Case,
    Examined,
    Forwarded,
    Letter,
    Printed,
    Printing,
    Quarantined,
    Registered,
    Shut,
    Twin,
)


def evolve_letter(letter: Letter, event: Event) -> Letter:  # noqa: C901, PLR0911, PLR0912 - a table: one row per fact
    match letter, event:
        case _, MessageCaptured():
            return Captured(event.received_at)
        case _, TwinLinked():
            return Twin(event.received_at)
        case _, MessageQuarantined():
            return Quarantined(event.reason, event.received_at)
        case Quarantined(), MessageReleased():
            return Captured(letter.received_at) if event.twin_of is None else Twin(letter.received_at)
        case Quarantined(), QuarantineConfirmed():
            return replace(letter, confirmed=True)
        case Captured() | Twin() | Examined(), MessageExamined():
            return Examined(letter.received_at, event.fields.urgency, event.fields.recipients)
        case _, LetterRegistered():
            return Registered(_case(event))
        case Registered() | Printed(), PrintPackProduced():
            return Printed(letter.case, Printing(event.print_number, event.blob.sha256, event.reason))
        case Forwarded(), PrintPackProduced():
            return replace(letter, printing=Printing(event.print_number, event.blob.sha256, event.reason))
        case Registered() | Printed() | Forwarded(), LetterForwarded():
            return Forwarded(replace(_clocked(letter.case, event), revision=event.revision), letter.printing)
        case Registered() | Printed() | Forwarded(), LetterRevised():
            return Registered(_revised(letter.case, event), letter.printing)
        case Registered() | Printed() | Forwarded(), LetterShut():
            return Shut(letter.case)
        case _, LetterCancelled():
            return Cancelled(event.reason, event.agenda)
        case Registered() | Printed() | Forwarded(), _:
            return replace(letter, case=_clocked(letter.case, event))
        case _:
            return letter


def _case(event: LetterRegistered) -> Case:
    return Case(
        book=event.book,
        agenda=event.agenda,
        clock=begun(event),
        tiers=event.tiers,
        registrar=event.by,
        urgency=event.urgency,
        copies=event.copies,
        minted=event.copies,
    )


def _clocked(case: Case, event: Event) -> Case:
    """What the fact does to the clock, which ends with the case alone."""
    return replace(case, clock=CLOCKS.fold(case.clock, event) or case.clock)


def _revised(case: Case, event: LetterRevised) -> Case:
    known = {copy.copy_id for copy in case.minted}
    fresh = tuple(copy for copy in event.copies if copy.copy_id not in known)
    return replace(case, urgency=event.fields.urgency, copies=event.copies, minted=(*case.minted, *fresh))


def evolve_book(book: Book, event: Event) -> Book:
    match event:
        case BookOpened() | OpeningCorrected():
            return Book(last=event.opening, opening=event.opening)
        case AgendaNumberTaken():
            return Book(last=event.number, opening=book.opening)
        case NumbersReserved():
            return Book(last=event.last, opening=book.opening)
        case _:
            return book
