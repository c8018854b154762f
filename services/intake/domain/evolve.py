"""How facts change the letter, the book and the standard. A fact that says nothing to a decision changes nothing."""

from dataclasses import replace

from contracts.base import Event
from contracts.intake import (
    AgendaNumberTaken,
    BookOpened,
    ClockPaused,
    ClockResumed,
    ClockStopped,
    DeadlineMoved,
    LetterCancelled,
    LetterDueSoon,
    LetterForwarded,
    LetterOverdue,
    LetterRegistered,
    LetterRevised,
    LetterShut,
    MessageCaptured,
    MessageExamined,
    MessageQuarantined,
    PrintPackProduced,
    StandardAdopted,
    TwinLinked,
    WorkingTimeChanged,
)
from services.intake.domain.state import (
    Adopted,
    Book,
    Cancelled,
    Captured,
    Case,
    Clock,
    Examined,
    Forwarded,
    Letter,
    Paused,
    Printed,
    Printing,
    Quarantined,
    Registered,
    Shut,
    Standard,
    Twin,
)
from services.intake.policy import clock_facts


def evolve_letter(letter: Letter, event: Event) -> Letter:  # noqa: C901, PLR0911, PLR0912 - a table: one row per fact
    match letter, event:
        case _, MessageCaptured():
            return Captured(event.received_at)
        case _, TwinLinked():
            return Twin(event.received_at)
        case _, MessageQuarantined():
            return Quarantined(event.reason)
        case Captured() | Twin() | Examined(), MessageExamined():
            return Examined(letter.received_at, event.fields.urgency, event.fields.recipients)
        case _, LetterRegistered():
            return Registered(_case(event))
        case Registered() | Printed(), PrintPackProduced():
            return Printed(letter.case, Printing(event.print_number, event.blob.sha256, event.reason))
        case Forwarded(), PrintPackProduced():
            return replace(letter, printing=Printing(event.print_number, event.blob.sha256, event.reason))
        case Registered() | Printed() | Forwarded(), LetterForwarded():
            case = replace(letter.case, revision=event.revision, working_time=event.working_time)
            return Forwarded(case, letter.printing)
        case Registered() | Printed() | Forwarded(), WorkingTimeChanged():
            return replace(letter, case=replace(letter.case, working_time=event.working_time))
        case Registered() | Printed() | Forwarded(), LetterRevised():
            return Registered(_revised(letter.case, event), letter.printing)
        case Registered() | Printed() | Forwarded(), LetterDueSoon() | LetterOverdue():
            return replace(letter, case=_said(letter.case, event))
        case Registered() | Printed() | Forwarded(), DeadlineMoved() | ClockPaused() | ClockResumed() | ClockStopped():
            return replace(letter, case=_clocked(letter.case, event))
        case Registered() | Printed() | Forwarded(), LetterShut():
            return Shut(letter.case)
        case _, LetterCancelled():
            return Cancelled(event.reason, event.agenda)
        case _:
            return letter


def _case(event: LetterRegistered) -> Case:
    return Case(
        book=event.book,
        agenda=event.agenda,
        standard=event.standard,
        due_at=event.due_at,
        tiers=event.tiers,
        registrar=event.by,
        urgency=event.urgency,
        copies=event.copies,
        minted=event.copies,
        received_at=event.received_at,
        clock=Clock(event.remind_at, event.assigner),
    )


def _said(case: Case, event: LetterDueSoon | LetterOverdue) -> Case:
    if isinstance(event, LetterDueSoon):
        return replace(case, clock=replace(case.clock, reminded=event.due_at))
    return replace(case, clock=replace(case.clock, flagged=event.due_at))


def _clocked(case: Case, event: DeadlineMoved | ClockPaused | ClockResumed | ClockStopped) -> Case:
    match event:
        case DeadlineMoved():
            return replace(case, due_at=event.due_at, clock=replace(case.clock, remind_at=event.remind_at))
        case ClockPaused():
            return replace(case, pauses=(*case.pauses, Paused(event.at, None, event.reason)))
        case ClockResumed():
            return case.resumed(event.at)
        case ClockStopped():
            return replace(case, stopped=True)


def _revised(case: Case, event: LetterRevised) -> Case:
    known = {copy.copy_id for copy in case.minted}
    fresh = tuple(copy for copy in event.copies if copy.copy_id not in known)
    return replace(case, urgency=event.fields.urgency, copies=event.copies, minted=(*case.minted, *fresh))


def evolve_book(book: Book, event: Event) -> Book:
    match event:
        case BookOpened():
            return Book(last=event.opening, opening=event.opening)
        case AgendaNumberTaken():
            return Book(last=event.number, opening=book.opening)
        case _:
            return book


def evolve_standard(standard: Standard, event: Event) -> Standard:
    if not isinstance(event, StandardAdopted):
        return standard
    others = (adopted for adopted in standard.versions if adopted.ref.version != event.standard.version)
    versions = (*others, Adopted(event.standard, event.valid_from, event.rules))
    return Standard(tuple(sorted(versions, key=lambda adopted: adopted.ref.version)), clock_facts(event.rules))
