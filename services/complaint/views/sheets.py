"""The sheet of a complaint: its sealed fields opened for who handles it, and what he decides by.

Who may not read it hears that there is none: the barred, and of a restricted one everybody but its officer and
examiner. Who reported is told of a *named* reporter alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from contracts.base import EMPTY, Erased, Query, Reader, Recorded, Refusal, Sealed
from contracts.clocks import PauseReason
from contracts.complaint import (
    AnswerLetter,
    AnswerProposed,
    AnswerReturned,
    ClassRow,
    ComplaintAnswered,
    ComplaintClassified,
    ComplaintEscalated,
    ComplaintFiled,
    ComplaintReferred,
    ComplaintSetAside,
    ComplaintSheet,
    ComplaintSheetAnswer,
    ComplaintWithdrawn,
    EntryCorrected,
    NoteAdded,
    ObjectionRaised,
    ReporterAsked,
    ReporterWrote,
    TextModule,
)
from contracts.words import PersonBlob
from services.complaint import policy
from services.complaint.domain import who
from services.complaint.domain.evolve import evolve_complaint
from services.complaint.domain.state import Absent, Complaint, Known, complaint_stream
from services.complaint.policy import refuse
from services.complaint.policy.rules import ComplaintRules, complaint_rules
from services.complaint.ports import History, Opened
from services.kit.deadlines import Standard, evolve_standard, standard_stream
from services.kit.service import QueryHandler

Fields = tuple[Sealed, ...]
OVERSEERS = frozenset({"leader", "kadis", "inspector"})
"""They read what is said and what was answered, and nobody's name."""


def sheets(history: History, opened: Opened) -> Mapping[type[Query], QueryHandler]:
    async def sheet(agency: str, asked: ComplaintSheet) -> ComplaintSheetAnswer | Refusal:
        told = await history(agency, complaint_stream(asked.complaint_id))
        state: Complaint = Absent()
        for each in told:
            state = evolve_complaint(state, each.event)
        if isinstance(state, Absent) or not reads(asked.reader, state):
            return refuse("unknown")
        filed = next(each.event for each in told if isinstance(each.event, ComplaintFiled))
        rules = await _rules(history, agency, state)
        shown = state.case.stance == "named" and handles(asked.reader, state)
        identity = (filed.name or EMPTY, filed.contact or EMPTY) if shown else (EMPTY, EMPTY)
        fields = (*identity, filed.place, filed.occurred_on, _gist(told), _answer(told))
        said = dict(words(told))
        attached = dict(_attachments(told))

        def opening() -> tuple[list[str], dict[str, str], bool]:
            plain = {str(key): "\n".join(filter(None, map(opened, each))) for key, each in said.items()}
            words = {key: text for key, text in plain.items() if text}
            return [opened(each) for each in fields], words, isinstance(opened(filed.words), Erased)

        (name, contact, place, occurred_on, gist, answer), plain, erased = await asyncio.to_thread(opening)
        return ComplaintSheetAnswer(
            name=name,
            contact=contact,
            place=place,
            occurred_on=occurred_on,
            gist=gist,
            answer=answer,
            words=plain,
            attachments=attached if handles(asked.reader, state) and not erased else {},
            objections=state.case.objections,
            desk=state.case.desk or "",
            letters=tuple(letters(told)),
            erased=erased,
            **(_of_rules(state.case.standard.standard, rules) if rules else {}),
        )

    return {ComplaintSheet: sheet}


def reads(reader: Reader, state: Known) -> bool:
    """Who handles it, and of an ordinary one who answers for the office; never who is barred."""
    if who.access_of(state.case).shuts(reader):
        return False
    return handles(reader, state) or (not state.case.restricted and bool(OVERSEERS & set(reader.roles)))


def handles(reader: Reader, state: Known) -> bool:
    """The officer, and whoever acts for a position whose turn it is."""
    return policy.OFFICER in reader.roles or bool(who.positions(state) & set(reader.positions))


async def _rules(history: History, agency: str, state: Known) -> ComplaintRules | None:
    """Of the version that it runs under."""
    ref = state.case.standard
    standard = Standard()
    for each in await history(agency, standard_stream(ref.standard)):
        standard = evolve_standard(standard, each.event)
    version = standard.version(ref.version)
    return None if version is None else complaint_rules(version.rules)


def _of_rules(standard: str, rules: ComplaintRules) -> dict[str, object]:
    classes = tuple(
        ClassRow(
            complaint_class=each.slug,
            title=each.title,
            working_days=each.deadline.get("working_days"),
            service_minutes=each.deadline.get("service_minutes"),
            restricted=each.restricted,
            default=each.default,
        )
        for each in rules.classes
    )
    return {
        "standards": {standard: classes},
        "ladder": tuple(step.position for step in rules.ladder),
        "pauses": tuple(PauseReason(reason=reason, title=title) for reason, title in rules.pauses),
        "approver": rules.approval or "",
        "modules": tuple(
            TextModule(module=each.slug, title=each.title, use=each.use, words=each.words) for each in rules.modules
        ),
    }


def _gist(told: Sequence[Recorded]) -> Sealed:
    found = [each.event.gist for each in told if isinstance(each.event, ComplaintClassified | ComplaintSetAside)]
    return next((each for each in reversed(found) if each is not None), EMPTY)


def _answer(told: Sequence[Recorded]) -> Sealed:
    """The last that was proposed or given; what was approved is what was proposed."""
    found = EMPTY
    for each in told:
        event = each.event
        if isinstance(event, AnswerProposed) or (isinstance(event, ComplaintAnswered) and event.approved_by is None):
            found = event.words
    return found


def _attachments(told: Sequence[Recorded]) -> Iterator[tuple[str, tuple[PersonBlob, ...]]]:
    for each in told:
        if isinstance(each.event, ComplaintFiled | ReporterWrote) and each.event.attachments:
            yield str(each.event_id), each.event.attachments


def letters(told: Sequence[Recorded]) -> Iterator[AnswerLetter]:
    """Oldest first."""
    for each in told:
        event = each.event
        if isinstance(event, ComplaintAnswered) and event.letter is not None:
            yield AnswerLetter(event_id=each.event_id, number=event.letter_number, blob=event.letter)


def written(event: ComplaintFiled | ReporterWrote) -> Fields:
    """A message's subject stands above its words."""
    return (event.words,) if event.subject is None else (event.subject, event.words)


def words(told: Sequence[Recorded]) -> Iterator[tuple[UUID, Fields]]:
    """What was written, by the id of its event; a row per fact."""
    for each in told:
        event = each.event
        match event:
            case ComplaintFiled() | ReporterWrote():
                yield each.event_id, written(event)
            case NoteAdded() | ReporterAsked() | AnswerProposed():
                yield each.event_id, (event.words,)
            case ComplaintAnswered() | ComplaintSetAside():
                yield each.event_id, (event.words,)
            case AnswerReturned():
                yield each.event_id, (event.note,)
            case ComplaintReferred():
                yield each.event_id, (event.office, event.how, event.words)
            case (
                ComplaintWithdrawn() | ObjectionRaised() | ComplaintEscalated() | ComplaintClassified()
                | EntryCorrected()
            ):  # fmt: skip
                yield each.event_id, (event.reason,)
            case _:
                pass
