"""The letter's deadline as its clock runs: a reminder before it, and the word that it is over."""

from uuid import UUID

from contracts.intake import FlagOverdue, LetterDueSoon, LetterOverdue, RemindDeadline
from services.intake.domain.capture import stream
from services.intake.domain.state import Case, Letter, Numbered
from services.intake.policy import refuse
from services.kit.deciding import Accept, Decision, Given, Timer, accept


def timers(place: str, letter: Letter) -> tuple[Timer, ...]:
    """From the registration on, as long as the clock runs; a deadline that is moved is watched anew."""
    case = _running(letter)
    if case is None:
        return ()
    letter_id, due_at = UUID(place.partition(":")[2]), case.due_at
    wanted: list[Timer] = []
    if _remind(case):
        about = RemindDeadline(letter_id=letter_id, due_at=due_at)
        wanted.append(Timer("remind", case.clock.remind_at or due_at, about))
    if case.clock.flagged != due_at:
        wanted.append(Timer("overdue", due_at, FlagOverdue(letter_id=letter_id, due_at=due_at)))
    return tuple(wanted)


def remind(command: RemindDeadline, letter: Letter, given: Given) -> Decision:
    case = _running(letter)
    if case is None or case.due_at != command.due_at or not _remind(case):
        return Accept()
    if case.clock.remind_at is not None and given.now < case.clock.remind_at:
        return refuse("not-due", remind_at=case.clock.remind_at.isoformat())
    fact = LetterDueSoon(letter_id=command.letter_id, due_at=case.due_at, told=case.clock.told)
    return accept(stream(command.letter_id), fact)


def flag(command: FlagOverdue, letter: Letter, given: Given) -> Decision:
    case = _running(letter)
    if case is None or case.due_at != command.due_at or case.clock.flagged == case.due_at:
        return Accept()
    if given.now < case.due_at:
        return refuse("not-due", due_at=case.due_at.isoformat())
    fact = LetterOverdue(letter_id=command.letter_id, due_at=case.due_at, told=case.clock.told)
    return accept(stream(command.letter_id), fact)


def _remind(case: Case) -> bool:
    """Not once it is too late for a reminder."""
    said = case.due_at in {case.clock.reminded, case.clock.flagged}
    return case.clock.remind_at is not None and not said


def _running(letter: Letter) -> Case | None:
    """The case whose clock runs: neither stopped by the last proof nor paused."""
    if not isinstance(letter, Numbered) or letter.case.stopped or letter.case.paused:
        return None
    return letter.case
