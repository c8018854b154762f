"""What the complaint service's facts do to the views. One stream tells of a complaint: each fact finds the one before.

Nothing that a reporter said is opened here; of what is sealed the office's own gist alone (decision 0080).
"""

from collections.abc import Iterator
from typing import Any

from contracts import complaint as facts
from contracts.base import Recorded
from contracts.words import StandardRef
from services.kit.projections import Operation, Put, Value, micros


def _put(told: Recorded, event: Any, **columns: Value) -> Put:
    return Put("complaints", {"agency": told.agency, "complaint_id": str(event.complaint_id)}, columns)


def _bar(told: Recorded, event: Any, token: str, person_id: str = "") -> Put:
    """``person_id``: of whom it is known; a position alone names nobody."""
    key = {"agency": told.agency, "complaint_id": str(event.complaint_id), "token": token}
    return Put("complaint_barred", key, {"person_id": person_id})


def _version(standard: StandardRef) -> str:
    return f"{standard.standard}.{standard.version}"


def _named(standard: StandardRef) -> str:
    return f"{standard.decree or standard.standard} v{standard.version}"


def filed(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ComplaintFiled):
        about = event.about
        yield _put(
            told, event, number=event.number, complaint_kind=event.complaint_kind, channel=event.channel,
            stance=event.stance, standard=_named(event.standard), calendar_of=_version(event.standard),
            received_at=micros(event.received_at), due_at=micros(event.due_at),
            officer=event.officer or event.told, desk=event.told if event.officer else None,
            acknowledge_by=micros(event.acknowledge_by), attachments=len(event.attachments),
            about_service=about.service if about else None, about_id=str(about.case_id) if about else None,
            about_number=about.number if about else None, objections=0, paper_number=event.paper_number or None,
            entered=int(event.by is not None),
        )  # fmt: skip
        if event.officer is not None:
            yield _bar(told, event, f"position:{event.officer}")


def corrected(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.EntryCorrected):
        yield _put(
            told, event, complaint_kind=event.complaint_kind, channel=event.channel,
            paper_number=event.paper_number or None, received_at=micros(event.received_at), due_at=micros(event.due_at),
            acknowledge_by=micros(event.acknowledge_by), due_soon_at=None, overdue_at=None,
        )  # fmt: skip


def numbered(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.RegisterNumberTaken):
        yield _put(told, event, register_year=event.year, register_number=event.number)


def acknowledged(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ComplaintAcknowledged):
        yield _put(told, event, acknowledged_at=micros(told.at))


def classified(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ComplaintClassified):  # or again
        yield _put(
            told, event, complaint_class=event.complaint_class, class_title=event.title,
            house_limit=int(event.default), restricted=int(event.restricted), examiner=event.examiner, gist=event.gist,
            standard=_named(event.standard), calendar_of=_version(event.standard), due_at=micros(event.due_at),
            officer=event.officer, desk=event.desk, due_soon_at=None, overdue_at=None,
        )  # fmt: skip


def barred(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ComplainedAboutNamed):
        for token in event.barred:
            yield _bar(told, event, token, event.person_id)
        heirs = {"desk": event.desk, "examiner": event.examiner, "approver": event.approver}
        if moved := {part: position for part, position in heirs.items() if position is not None}:
            yield _put(told, event, **moved)


def assigned(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ComplaintAssigned):
        yield _put(told, event, handler=event.position)


def escalated(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ComplaintEscalated):
        yield _put(told, event, rung=event.to_position, handler=event.handler)


def asked(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ReporterAsked):
        yield _put(told, event, asked=1)


def wrote(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ReporterWrote):
        yield _put(told, event, asked=0)


def proposed(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.AnswerProposed):
        yield _put(told, event, proposed=1, approver=event.approver)


def returned(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.AnswerReturned):
        yield _put(told, event, proposed=0)


def answered(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ComplaintAnswered):
        yield _put(
            told, event, answered=1, proposed=0, asked=0, answered_at=micros(event.answered_at), late=int(event.late),
            object_until=micros(event.object_until), close_at=micros(event.close_at),
        )  # fmt: skip


def objected(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ObjectionRaised):
        yield _put(told, event, answered=0, objections=event.count, object_until=None, close_at=None)


def stanced(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.StanceChanged):
        yield _put(told, event, stance=event.stance)


def set_aside(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ComplaintSetAside):
        gist = {} if event.gist is None else {"gist": event.gist}
        yield _put(told, event, aside=event.why, **gist)


def closed(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ComplaintClosed):
        yield _put(
            told, event, outcome=event.outcome, closed_at=micros(event.closed_at), late=int(event.late),
            object_until=None, close_at=None,
        )  # fmt: skip


def left(told: Recorded) -> Iterator[Operation]:
    """What claims to be about a complaint stands in its history."""
    event = told.event
    if isinstance(event, facts.MessageLeft) and event.complaint_id is None:
        key = {"agency": told.agency, "message_id": str(event.message_id)}
        yield Put(
            "complaint_left", key,
            {"received_at": micros(event.received_at), "mailbox": event.mailbox, "why": event.why},
        )  # fmt: skip


def moved(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.LimitsMoved):
        yield _put(told, event, acknowledge_by=micros(event.acknowledge_by), object_until=micros(event.object_until))


def ended(told: Recorded) -> Iterator[Operation]:
    """The reporter's words are gone; that he chose to be anonymous later takes his name alone."""
    event = told.event
    if isinstance(event, facts.ReporterRetentionEnded) and event.subject_id == str(event.complaint_id):
        yield _put(told, event, erased=1)


def clocked(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, facts.ClockPaused):
        yield _put(told, event, paused_at=micros(event.at))
    elif isinstance(event, facts.ClockResumed):
        yield _put(told, event, paused_at=None, stopped_at=None)
    elif isinstance(event, facts.ClockStopped):
        yield _put(told, event, paused_at=None, stopped_at=micros(event.at))
    elif isinstance(event, facts.DeadlineMoved):
        yield _put(told, event, due_at=micros(event.due_at), due_soon_at=None, overdue_at=None)
    elif isinstance(event, facts.ComplaintDueSoon):
        yield _put(told, event, due_soon_at=micros(told.at))
    elif isinstance(event, facts.ComplaintOverdue):
        above = {"told_rung": event.rung, "told_leader": event.leader}
        yield _put(told, event, overdue_at=micros(told.at), **{name: each for name, each in above.items() if each})
