"""What the reporter is told, by his number and his code: how far it is, what was said, and what he may do now.

A number that nobody has and a code that is not its own are the same work and the same answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

from contracts.base import ERASED, Erased, Query, Recorded, Sealed
from contracts.complaint import (
    AnswerProposed,
    CheckReceipt,
    CheckReceiptAnswer,
    ComplaintAcknowledged,
    ComplaintAnswered,
    ComplaintAssigned,
    ComplaintClosed,
    ComplaintFiled,
    ComplaintReferred,
    ComplaintSetAside,
    ObjectionRaised,
    ReadThread,
    ReadThreadAnswer,
    ReporterAsked,
    ReporterWrote,
    ThreadEntry,
    TrackComplaint,
)
from contracts.tracking import TrackCase, Tracked, TrackedAnswer, TrackedStep
from services.complaint.domain.evolve import evolve_complaint
from services.complaint.domain.filing import id_of
from services.complaint.domain.state import Absent, Answered, Asked, Closed, Complaint, Known, complaint_stream, phase
from services.complaint.ports import History, Opened
from services.complaint.views.sheets import letters, written
from services.kit.public_numbers import read_public_number
from services.kit.secrets import proves
from services.kit.service import QueryHandler

STAGES = {"proposed": "assigned"}
"""Of phases that are the office's own business, the one that the reporter is told."""
STEPS = {
    ComplaintFiled: "filed",
    ComplaintAcknowledged: "acknowledged",
    ComplaintAssigned: "assigned",
    ComplaintAnswered: "answered",
    ComplaintClosed: "closed",
}


def tracking(history: History, opened: Opened, clock: Callable[[], datetime]) -> Mapping[type[Query], QueryHandler]:
    async def known(agency: str, asked: TrackCase) -> tuple[UUID, Sequence[Recorded], Known] | None:
        complaint_id = id_of(agency, read_public_number(asked.number))
        told = await history(agency, complaint_stream(complaint_id))
        state: Complaint = Absent()
        for each in told:
            state = evolve_complaint(state, each.event)
        mac = None if isinstance(state, Absent) else state.case.code_mac
        if not proves(asked.code_mac, mac) or isinstance(state, Absent):
            return None
        return complaint_id, told, state

    async def track(agency: str, asked: TrackComplaint) -> TrackedAnswer:
        found = await known(agency, asked)
        if found is None:
            return TrackedAnswer()
        complaint_id, told, state = found
        return TrackedAnswer(case=tracked(complaint_id, told, state, clock()))

    async def read(agency: str, asked: ReadThread) -> ReadThreadAnswer:
        found = await known(agency, asked)
        if found is None:
            return ReadThreadAnswer()
        _, told, state = found
        said = list(entries(told))
        words = await asyncio.to_thread(
            lambda: ["\n".join(filter(None, map(opened, fields))) for _, _, fields, _ in said]
        )
        case, answered = state.case, state if isinstance(state, Answered) else None
        return ReadThreadAnswer(
            found=True,
            complaint_kind=case.kind,
            stance=case.stance,
            entries=tuple(
                ThreadEntry(
                    at=at,
                    by="reporter" if kind in {"filed", "reply", "objection"} else "office",
                    kind=kind,
                    words=plain,
                    files=() if plain == ERASED else brought,
                )
                for (at, kind, _, brought), plain in zip(said, words, strict=True)
            ),
            object_until=answered.object_until if answered else None,
            objections_left=int(answered is not None and answered.object_until is not None),
            close_at=answered.close_at if answered else None,
            outcome=state.outcome if isinstance(state, Closed) else "",
            letters=tuple(letters(told)),
        )

    async def check(agency: str, asked: CheckReceipt) -> CheckReceiptAnswer:
        complaint_id = id_of(agency, read_public_number(asked.number))
        told = await history(agency, complaint_stream(complaint_id))
        filed = next((each.event for each in told if isinstance(each.event, ComplaintFiled)), None)
        words = "" if filed is None else await asyncio.to_thread(opened, filed.words)
        same = compare_digest(sha256(words.encode()).hexdigest(), asked.sha256)
        return CheckReceiptAnswer(stands=same and filed is not None and not isinstance(words, Erased))

    return {TrackComplaint: track, ReadThread: read, CheckReceipt: check}


def tracked(complaint_id: UUID, told: Sequence[Recorded], state: Known, now: datetime) -> Tracked:
    """No deadline before it is classified: until then it is the strictest class's, which nobody has promised him."""
    name, clock = phase(state), state.clock
    promised = clock is not None and bool(clock.row) and not clock.stopped and not isinstance(state, Asked)
    return Tracked(
        case_id=complaint_id,
        number=state.case.number,
        stage=STAGES.get(name, name),
        filed_at=state.case.filed_at,
        due_at=clock.due_at if clock is not None and promised else None,
        paused=isinstance(state, Asked),
        replies=tuple(replies(state, now)),
        steps=tuple(steps(told)),
    )


def replies(state: Known, now: datetime) -> Iterator[str]:
    """What the reporter may do now."""
    if isinstance(state, Closed):
        return
    yield "reply"
    if isinstance(state, Answered):
        if state.object_until is not None and now <= state.object_until:
            yield "object"
        yield "accept"
    if state.case.stance != "anonymous":
        yield "change-stance"
    yield "withdraw"


def steps(told: Sequence[Recorded]) -> Iterator[TrackedStep]:
    """Each step when it was reached last: after an objection it is answered anew."""
    reached: dict[str, datetime] = {}
    for each in told:
        if isinstance(each.event, ObjectionRaised):
            reached.pop("answered", None)
        step = STEPS.get(type(each.event))
        if step is not None:
            at = each.event.received_at if isinstance(each.event, ComplaintFiled) else each.at
            if step != "assigned" or step not in reached:
                reached[step] = at
    return (TrackedStep(step=step, at=at) for step, at in reached.items())


def entries(told: Sequence[Recorded]) -> Iterator[tuple[datetime, str, tuple[Sealed, ...], tuple[str, ...]]]:
    """What was said, in order, and of which kinds the files were that came with it: never a note, never an answer that
    nobody has approved.
    """
    for each, (at, kind, fields) in _said(told):
        brought = each.event.attachments if isinstance(each.event, ComplaintFiled | ReporterWrote) else ()
        yield at, kind, fields, tuple(one.media_type for one in brought)


def _said(told: Sequence[Recorded]) -> Iterator[tuple[Recorded, tuple[datetime, str, tuple[Sealed, ...]]]]:
    proposed: tuple[Sealed, ...] = ()
    for each in told:
        event = each.event
        match event:
            case ComplaintFiled():
                yield each, (event.received_at, "filed", written(event))
            case ReporterWrote():
                yield each, (each.at, "reply", written(event))
            case ReporterAsked():
                yield each, (each.at, "question", (event.words,))
            case AnswerProposed():
                proposed = (event.words,)
            case ComplaintAnswered():
                yield each, (each.at, "answer", (event.words,) if event.approved_by is None else proposed)
            case ObjectionRaised():
                yield each, (each.at, "objection", (event.reason,))
            case ComplaintReferred():
                yield each, (each.at, "referral", (event.office, event.how, event.words))
            case ComplaintSetAside():
                yield each, (each.at, "set-aside", (event.words,))
            case _:
                pass
