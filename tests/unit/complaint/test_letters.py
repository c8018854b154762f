"""Where the standard says so, an answer goes out as an official letter, numbered without a gap."""

from hashlib import sha256
from typing import Any

from contracts.complaint import (
    AnswerComplaint,
    AnswerNumberTaken,
    ApproveAnswer,
    AssignComplaint,
    ClockStopped,
    ComplaintAnswered,
    ProposeAnswer,
)
from contracts.words import BlobRef
from tests.unit.complaint.desk import (
    CLERK,
    KABID,
    OFFICER,
    RULES,
    TEAM,
    answered,
    assigned,
    complaint_id,
    form,
    key,
    office,
    sort,
)
from tests.unit.given_when_then import Desk

BY_LETTER: dict[str, Any] = {**RULES, "answers": {**RULES["answers"], "letter": "{number:03d}/ADU/{year}"}}
BLOB = BlobRef(sha256=sha256(b"surat").hexdigest(), size=5, media_type="application/pdf")
CASE = complaint_id()


def answer(desk: Desk, number: int, case: int = 1, letter: BlobRef | None = BLOB) -> Desk:
    wish = AnswerComplaint(complaint_id=complaint_id(case), words="Sudah.", letter=letter, letter_number=number)
    return desk.when(wish, TEAM)


def handled(desk: Desk, number: int) -> Desk:
    desk.when(form(number), CLERK, command_id=key(number))
    sort(desk, number=number)
    return desk.when(AssignComplaint(complaint_id=complaint_id(number), position="tim"), OFFICER)


def test_the_answer_takes_the_next_number_in_the_same_commit() -> None:
    desk = office(BY_LETTER)
    for number in (1, 2):
        answer(handled(desk, number), number, number).then(ComplaintAnswered, ClockStopped, AnswerNumberTaken)
        assert desk.fact(ComplaintAnswered).letter_number == f"00{number}/ADU/2026"


def test_a_number_that_another_letter_took_meanwhile_is_not_used_twice() -> None:
    desk = answer(handled(office(BY_LETTER), 1), 1)
    answer(handled(desk, 2), 1, 2).refused("complaint.letter-number-taken")
    answer(desk, 3, 2).refused("complaint.letter-number-taken")


def test_without_its_letter_nothing_is_answered() -> None:
    answer(assigned(BY_LETTER), 1, letter=None).refused("complaint.letter-not-set")


def test_the_letter_of_an_approved_answer_is_the_approvers() -> None:
    rules = {**BY_LETTER, "answers": {**BY_LETTER["answers"], "approval": "kabid"}}
    desk = assigned(rules).when(ProposeAnswer(complaint_id=CASE, words="Sudah."), TEAM)
    desk.when(ApproveAnswer(complaint_id=CASE, letter=BLOB, letter_number=1), KABID)
    desk.then(ComplaintAnswered, ClockStopped, AnswerNumberTaken)
    fact = desk.fact(ComplaintAnswered)
    assert fact.approved_by is not None
    assert (fact.letter, fact.letter_number, fact.approved_by.position) == (BLOB, "001/ADU/2026", "kabid")


def test_where_the_standard_wants_none_there_is_none() -> None:
    answered(assigned()).then(ComplaintAnswered, ClockStopped)
