"""What is decided about letters. Asked twice in the state already reached: nothing new; else a refusal saying why."""

from contracts.base import Refusal, Sealed
from contracts.intake import (
    CancelLetter,
    EnterLetter,
    ExamineMessage,
    ForwardLetter,
    LetterCancelled,
    LetterForwarded,
    LetterRevised,
    LetterShut,
    MessageExamined,
    PrintPackProduced,
    ProducePrintPack,
    RegisterLetter,
    ReviseLetter,
    ShutLetter,
)
from contracts.words import LetterFields, SealedFields
from services.intake import policy
from services.intake.domain import books, capture, clock
from services.intake.domain.capture import stream
from services.intake.domain.state import (
    Absent,
    Arrived,
    Cancelled,
    Captured,
    Examined,
    Forwarded,
    Letter,
    Numbered,
    Printed,
    Quarantined,
    Registered,
    Shut,
    Twin,
    phase,
)
from services.intake.policy import refuse
from services.kit.deciding import Accept, Decision, Given, accept


def examine(command: ExamineMessage, letter: Arrived | Numbered | Shut, given: Given) -> Decision:
    """Examining is an act of a person: examining again before registration is a new fact, whatever it says."""
    if isinstance(letter, Numbered | Shut):
        return refuse("already-registered", agenda=letter.case.agenda)
    if (no := _unfit_hands(letter, given) or policy.faulty(command.fields)) is not None:
        return no
    fact = MessageExamined(letter_id=command.letter_id, fields=sealed(command.fields), by=given.officer())
    return accept(stream(command.letter_id), fact)


def _unfit_hands(letter: Arrived, given: Given) -> Refusal | None:
    """The mailbox is operated by the qualified alone, where the standard of its book says so."""
    adopted = books.in_force(policy.MAILBOX_BOOK, letter.received_at, given)
    return None if isinstance(adopted, Refusal) else policy.unqualified(adopted.rules, given.actor)


def register(command: RegisterLetter, letter: Examined | Numbered | Shut, given: Given) -> Decision:
    match letter:
        case Examined():
            return books.number(command.letter_id, command.book, letter, given.officer(), given)
        case _ if letter.case.book == command.book:
            return Accept(result={"letter_id": str(command.letter_id), "agenda": letter.case.agenda})
        case _:
            return refuse("already-registered", agenda=letter.case.agenda, book=letter.case.book)


def enter(command: EnterLetter, letter: Letter, given: Given) -> Decision:
    """By hand: captured, examined and numbered in one commit, or not at all."""
    if not isinstance(letter, Absent):
        return Accept(result={"letter_id": str(capture.entered_id(given.command_id))})
    if command.received_at > given.now:
        return refuse("received-in-future", received_at=command.received_at.isoformat(), now=given.now.isoformat())
    if (no := policy.faulty(command.fields)) is not None:
        return no
    letter_id, by = capture.entered_id(given.command_id), given.officer()
    examined = Examined(command.received_at, command.fields.urgency, command.fields.recipients)
    numbered = books.number(letter_id, command.book, examined, by, given)
    if isinstance(numbered, Refusal):
        return numbered
    arrived = capture.entered(command, letter_id, by)
    fact = MessageExamined(letter_id=letter_id, fields=sealed(command.fields), by=by)
    before = ((stream(letter_id), arrived), (stream(letter_id), fact))
    return Accept((*before, *numbered.events), numbered.claims, numbered.result)


def print_pack(command: ProducePrintPack, letter: Numbered, given: Given) -> Decision:
    """The first pack of the present fields needs no reason; the same fields once more do."""
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
        by=given.officer(),
    )
    return accept(stream(command.letter_id), fact, print_number=number)


def forward(command: ForwardLetter, letter: Numbered, given: Given) -> Decision:
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
                due_at=case.clock.due_at,
                tiers=case.tiers,
                copies=case.copies,
                registrar=case.registrar,
                assigner=rules["assigner"],
                working_time=policy.working_time(rules, case.clock.received_at),
                by=given.officer(),
            )
            return accept(stream(command.letter_id), fact, revision=fact.revision)


def revise(command: ReviseLetter, letter: Numbered, given: Given) -> Decision:
    """Before or after forwarding; intake does not hear of initials: a round that is complete refuses the next revision.

    ``revision`` of the fact: the one that these fields will be forwarded as.
    """
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
        by=given.officer(),
    )
    return accept(stream(command.letter_id), fact, revision=fact.revision)


def cancel(command: CancelLetter, letter: Letter, given: Given) -> Decision:
    """Batal: the number stays used. What dispatch has archived, it keeps: it refuses to close, the case is parked."""
    if isinstance(letter, Cancelled):
        return Accept() if letter.reason == command.reason else unfit(letter)
    agenda = letter.case.agenda if isinstance(letter, Numbered) else None
    fact = LetterCancelled(letter_id=command.letter_id, reason=command.reason, agenda=agenda, by=given.officer())
    return accept(stream(command.letter_id), fact)


def shut(command: ShutLetter, letter: Letter, _given: Given) -> Decision:
    """What is archived is changed no more; what was cancelled meanwhile, or is shut, stays as it is."""
    if not isinstance(letter, Numbered):
        return Accept()
    return accept(stream(command.letter_id), LetterShut(letter_id=command.letter_id, agenda=letter.case.agenda))


def unfit(letter: Letter) -> Refusal:
    """What is told about a letter whose phase does not allow what was asked."""
    match letter:
        case Absent():
            return refuse("unknown-letter")
        case Quarantined():
            return refuse("quarantined", reason=letter.reason)
        case Cancelled():
            return refuse("cancelled", reason=letter.reason, agenda=letter.agenda)
        case Shut():
            return refuse("archived", agenda=letter.case.agenda)
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
