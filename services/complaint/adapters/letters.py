"""Before an answer is given as a letter it is set, with the number that it will have; it names nobody who reported."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from contracts.base import Ask, Command, Erased, Holding, Recorded, Refusal
from contracts.complaint import AnswerComplaint, AnswerProposed, ApproveAnswer
from services.complaint import policy
from services.complaint.domain.evolve import evolve_complaint, evolve_register
from services.complaint.domain.letters import book_stream
from services.complaint.domain.state import (
    Absent,
    Assigned,
    Classified,
    Complaint,
    Known,
    Proposed,
    Register,
    complaint_stream,
)
from services.complaint.policy import refuse
from services.complaint.policy.rules import complaint_rules
from services.complaint.ports import History, Opened
from services.kit.deadlines import standard_stream, stated
from services.kit.letters import Issuing, Wording, day
from services.kit.service import Before

SUBJECTS: Mapping[str, str] = {"permintaan-informasi": "permintaan informasi"}
"""Kinds that are written otherwise than they are called here."""
OPENING = (
    "Menindaklanjuti {what} yang kami terima pada {received} dan kami catat dengan nomor {number}, bersama ini kami "
    "sampaikan jawaban sebagai berikut."
)


def lettering(history: History, opened: Opened, letters: Issuing) -> Mapping[type[Command], Before]:
    """Completes an answer with its letter where the standard wants one, and sets none for who may not answer."""

    async def answered(ask: Ask) -> Ask | Refusal | None:
        said = AnswerComplaint.model_validate(ask.body)
        told = await history(ask.agency, complaint_stream(said.complaint_id))
        state = _folded(told)
        if not isinstance(state, Classified | Assigned) or not said.words.strip():
            return None  # the decision says why
        return await set_letter(ask, state, said.words)

    async def approved(ask: Ask) -> Ask | Refusal | None:
        said = ApproveAnswer.model_validate(ask.body)
        told = await history(ask.agency, complaint_stream(said.complaint_id))
        state = _folded(told)
        proposed = [each.event for each in told if isinstance(each.event, AnswerProposed)]
        if not isinstance(state, Proposed) or not proposed or ask.actor.id == state.by:
            return None
        plain = await asyncio.to_thread(opened, proposed[-1].words)
        return None if isinstance(plain, Erased) else await set_letter(ask, state, plain)

    async def set_letter(ask: Ask, state: Known, words: str) -> Ask | Refusal | None:
        ref = state.case.standard
        rules = stated(await history(ask.agency, standard_stream(ref.standard)), ref.version)
        own = complaint_rules(rules) if rules else None
        holding = _signing(ask, state, own.approval) if own else None
        if own is None or own.letter is None or holding is None:
            return None
        now = letters.today(rules)
        book = Register()
        for each in await history(ask.agency, book_stream(now.year)):
            book = evolve_register(book, each.event)
        number, case = book.last + 1, state.case
        received = day(case.filed_at.astimezone(now.tzinfo))
        what = SUBJECTS.get(case.kind, case.kind)
        wording = Wording(
            number=own.letter.format(number=number, year=now.year),
            on=now,
            subject=f"Jawaban atas {what}",
            to=("Yth. Penyampai " + what, f"nomor {case.number}"),
            paragraphs=(
                OPENING.format(what=what, received=received, number=case.number),
                *(each.strip() for each in words.replace("\r\n", "\n").split("\n\n") if each.strip()),
            ),
        )
        blob = await letters.issue(ask.agency, rules, wording, ask.actor, holding)
        if blob is None:
            return refuse("letter-not-set")
        body: dict[str, Any] = {**ask.body, "letter": blob.model_dump(mode="json"), "letter_number": number}
        return ask.model_copy(update={"body": body})

    return {AnswerComplaint: answered, ApproveAnswer: approved}


def _signing(ask: Ask, state: Known, approval: str | None) -> Holding | None:
    """In which capacity he signs: who approves, else who handles it, else the complaint officer."""
    wanted = state.approver if isinstance(state, Proposed) else approval or state.case.handler
    held = ask.actor.holding(wanted) if wanted else None
    if held is not None or isinstance(state, Proposed):
        return held
    return next((each for each in ask.actor.holdings if each.role == policy.OFFICER), None)


def _folded(told: Sequence[Recorded]) -> Complaint:
    state: Complaint = Absent()
    for each in told:
        state = evolve_complaint(state, each.event)
    return state
