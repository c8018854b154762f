"""What is decided about letters. Asked twice in the state already reached: nothing new; else a refusal saying why."""

from collections.abc import Callable, Mapping
from typing import Any

from contracts.base import Command, Refusal, Sealed
from contracts.intake import (
    AdoptCalendar,
    AdoptSeasons,
    AdoptStandard,
    CancelLetter,
    CaptureMessage,
    EnterLetter,
    ExamineMessage,
    FlagOverdue,
    ForwardLetter,
    LetterCancelled,
    LetterForwarded,
    LetterRevised,
    MessageExamined,
    MoveDeadline,
    OpenBook,
    PauseClock,
    PrintPackProduced,
    ProducePrintPack,
    RegisterLetter,
    RemindDeadline,
    ResumeClock,
    ReviseLetter,
    StopClock,
)
from contracts.words import LetterFields, SealedFields
from services.intake import policy
from services.intake.domain import books, capture, clock, reminding
from services.intake.domain.capture import stream
from services.intake.domain.state import (
    Absent,
    Cancelled,
    Captured,
    Examined,
    Forwarded,
    Letter,
    Numbered,
    Printed,
    Quarantined,
    Registered,
    Twin,
    phase,
)
from services.intake.policy import refuse
from services.kit.deciding import Accept, Decision, Given, State, accept


def decide(command: Command, state: State, given: Given) -> Decision:
    """Who may not ask is told so before anything about the letter is."""
    return policy.barred(command, given.actor) or DECISIONS[type(command)](command, state, given)


def _examine(command: ExamineMessage, letter: Letter, given: Given) -> Decision:
    """Examining is an act of a person: examining again before registration is a new fact, whatever it says."""
    match letter:
        case Captured() | Twin() | Examined():
            if (no := _unfit_hands(letter, given) or policy.faulty(command.fields)) is not None:
                return no
            fact = MessageExamined(
                letter_id=command.letter_id, fields=sealed(command.fields), by=policy.by_operator(given)
            )
            return accept(stream(command.letter_id), fact)
        case Registered() | Printed() | Forwarded():
            return refuse("already-registered", agenda=letter.case.agenda)
        case _:
            return _unfit(letter)


def _unfit_hands(letter: Captured | Twin | Examined, given: Given) -> Refusal | None:
    """The mailbox is operated by the qualified alone, where the standard of its book says so."""
    adopted = books.in_force(policy.MAILBOX_BOOK, letter.received_at, given)
    return None if isinstance(adopted, Refusal) else policy.unqualified(adopted.rules, given.actor)


def _register(command: RegisterLetter, letter: Letter, given: Given) -> Decision:
    match letter:
        case Examined():
            return books.number(command.letter_id, command.book, letter, policy.by_operator(given), given)
        case Registered() | Printed() | Forwarded() if letter.case.book == command.book:
            return Accept(result={"letter_id": str(command.letter_id), "agenda": letter.case.agenda})
        case Registered() | Printed() | Forwarded():
            return refuse("already-registered", agenda=letter.case.agenda, book=letter.case.book)
        case _:
            return _unfit(letter)


def _enter(command: EnterLetter, letter: Letter, given: Given) -> Decision:
    """By hand: captured, examined and numbered in one commit, or not at all."""
    if not isinstance(letter, Absent):
        return Accept(result={"letter_id": str(capture.entered_id(given.command_id))})
    if command.received_at > given.now:
        return refuse("received-in-future", received_at=command.received_at.isoformat(), now=given.now.isoformat())
    if (no := policy.faulty(command.fields)) is not None:
        return no
    letter_id, by = capture.entered_id(given.command_id), policy.by_operator(given)
    examined = Examined(command.received_at, command.fields.urgency, command.fields.recipients)
    numbered = books.number(letter_id, command.book, examined, by, given)
    if isinstance(numbered, Refusal):
        return numbered
    arrived = capture.entered(command, letter_id, by)
    fact = MessageExamined(letter_id=letter_id, fields=sealed(command.fields), by=by)
    before = ((stream(letter_id), arrived), (stream(letter_id), fact))
    return Accept((*before, *numbered.events), numbered.claims, numbered.result)


def _print(command: ProducePrintPack, letter: Letter, given: Given) -> Decision:
    """The first pack of the present fields needs no reason; the same fields once more do."""
    if not isinstance(letter, Registered | Printed | Forwarded):
        return _unfit(letter)
    if command.blob is None:
        return refuse("not-rendered")
    last, again = letter.printing, not isinstance(letter, Registered)
    if again and command.blob.sha256 == last.sha256 and command.reason in {"", last.reason}:
        return Accept(result={"print_number": last.number})
    if again and not command.reason.strip():
        return refuse("reprint-needs-reason", print_number=last.number)
    number = last.number + 1
    fact = PrintPackProduced(
        letter_id=command.letter_id,
        blob=command.blob,
        pages=command.pages,
        print_number=number,
        reason=command.reason.strip(),
        by=policy.by_operator(given),
    )
    return accept(stream(command.letter_id), fact, print_number=number)


def _forward(command: ForwardLetter, letter: Letter, given: Given) -> Decision:
    """What goes round is what lies on the table: the present fields must have been printed."""
    match letter:
        case Forwarded():
            return Accept(result={"revision": letter.case.revision})
        case Registered():
            return refuse("not-printed", agenda=letter.case.agenda, revision=letter.case.revision + 1)
        case Printed(case=case):
            rules = clock.current_rules(case, given)
            fact = LetterForwarded(
                letter_id=command.letter_id,
                revision=case.revision + 1,
                agenda=case.agenda,
                urgency=case.urgency,
                due_at=case.due_at,
                tiers=case.tiers,
                copies=case.copies,
                registrar=case.registrar,
                assigner=rules["assigner"],
                working_time=policy.working_time(rules, case.received_at),
                by=policy.by_operator(given),
            )
            return accept(stream(command.letter_id), fact, revision=fact.revision)
        case _:
            return _unfit(letter)


def _revise(command: ReviseLetter, letter: Letter, given: Given) -> Decision:
    """Before or after forwarding; intake does not hear of initials: a round that is complete refuses the next revision.

    ``revision`` of the fact: the one that these fields will be forwarded as.
    """
    if not isinstance(letter, Registered | Printed | Forwarded):
        return _unfit(letter)
    if (no := policy.faulty(command.fields)) is not None:
        return no
    case = letter.case
    copies = policy.copies(clock.current_rules(case, given), command.letter_id, command.fields.recipients, case.minted)
    if isinstance(copies, Refusal):
        return copies
    fact = LetterRevised(
        letter_id=command.letter_id,
        revision=case.revision + 1,
        fields=sealed(command.fields),
        copies=copies,
        note=command.note,
        by=policy.by_operator(given),
    )
    return accept(stream(command.letter_id), fact, revision=fact.revision)


def _cancel(command: CancelLetter, letter: Letter, given: Given) -> Decision:
    """Batal: the number stays used. What dispatch has archived, it keeps: it refuses to close, the case is parked."""
    match letter:
        case Absent():
            return _unfit(letter)
        case Cancelled() if letter.reason == command.reason:
            return Accept()
        case Cancelled():
            return _unfit(letter)
        case _:
            agenda = letter.case.agenda if isinstance(letter, Numbered) else None
            fact = LetterCancelled(
                letter_id=command.letter_id, reason=command.reason, agenda=agenda, by=policy.by_operator(given)
            )
            return accept(stream(command.letter_id), fact)


def _unfit(letter: Letter) -> Refusal:
    match letter:
        case Absent():
            return refuse("unknown-letter")
        case Quarantined():
            return refuse("quarantined", reason=letter.reason)
        case Cancelled():
            return refuse("cancelled", reason=letter.reason, agenda=letter.agenda)
        case Captured() | Twin():
            return refuse("not-examined", state=phase(letter))
        case _:
            return refuse("not-registered", state=phase(letter))


def sealed(fields: LetterFields) -> SealedFields:
    return SealedFields(
        sender=Sealed.of(fields.sender),
        letter_number=Sealed.of(fields.letter_number),
        letter_on=fields.letter_on,
        subject=Sealed.of(fields.subject),
        summary=Sealed.of(fields.summary),
        urgency=fields.urgency,
        classification=fields.classification,
        recipients=fields.recipients,
    )


DECISIONS: Mapping[type[Command], Callable[[Any, Any, Given], Decision]] = {
    CaptureMessage: capture.capture,
    EnterLetter: _enter,
    ExamineMessage: _examine,
    OpenBook: books.open_book,
    RegisterLetter: _register,
    ProducePrintPack: _print,
    ForwardLetter: _forward,
    ReviseLetter: _revise,
    CancelLetter: _cancel,
    AdoptStandard: books.adopt,
    AdoptCalendar: clock.adopt_calendar,
    AdoptSeasons: clock.adopt_seasons,
    MoveDeadline: clock.move,
    PauseClock: clock.pause,
    ResumeClock: clock.resume,
    StopClock: clock.stop,
    RemindDeadline: reminding.remind,
    FlagOverdue: reminding.flag,
}
