"""The answer as an official letter, numbered without a gap in the same commit. Stream ``letterbook:answers:<year>``."""

from contracts.base import Event, Refusal
from contracts.complaint import AnswerComplaint, AnswerNumberTaken, ApproveAnswer
from services.complaint.domain import clock
from services.complaint.domain.state import Case, Register
from services.complaint.policy import refuse
from services.complaint.policy.rules import complaint_rules
from services.kit.deadlines import zone
from services.kit.deciding import Given

BOOK = "answers"


def book_stream(year: int) -> str:
    return f"letterbook:{BOOK}:{year}"


def lettered(
    command: AnswerComplaint | ApproveAnswer, case: Case, given: Given
) -> tuple[dict[str, object], tuple[tuple[str, Event], ...]] | Refusal:
    """What the answer says of its letter, and the fact that takes its number; nothing where the standard wants none."""
    rules = clock.rules_of(case.standard, given)
    pattern = complaint_rules(rules).letter
    if pattern is None:
        return {}, ()
    if command.letter is None:
        return refuse("letter-not-set")
    year = given.now.astimezone(zone(rules)).year
    place = book_stream(year)
    book: Register = given.load(place)
    if command.letter_number != book.last + 1:
        return refuse("letter-number-taken")
    taken = AnswerNumberTaken(year=year, number=command.letter_number, complaint_id=case.complaint_id)
    number = pattern.format(number=command.letter_number, year=year)
    return {"letter": command.letter, "letter_number": number}, ((place, taken),)
