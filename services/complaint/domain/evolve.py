"""How facts change a complaint. A fact that says nothing to a decision changes nothing."""

from dataclasses import replace

from contracts.base import Event
from contracts.complaint import (
    AcknowledgementOverdue,
    AnswerNumberTaken,
    AnswerProposed,
    AnswerReturned,
    ComplainedAboutNamed,
    ComplaintAcknowledged,
    ComplaintAnswered,
    ComplaintAssigned,
    ComplaintClassified,
    ComplaintClosed,
    ComplaintEscalated,
    ComplaintFiled,
    EntryCorrected,
    LimitsMoved,
    MessageLeft,
    ObjectionRaised,
    OpeningCorrected,
    RegisterNumberTaken,
    RegisterOpened,
    ReporterAsked,
    ReporterRetentionEnded,
    ReporterSilent,
    ReporterWrote,
    Rung,
    StanceChanged,
)
from services.complaint.domain.clock import CLOCKS
from services.complaint.domain.state import (
    Absent,
    Acknowledged,
    Answered,
    Asked,
    Assigned,
    Case,
    Classified,
    Closed,
    Complaint,
    Filed,
    Known,
    Open,
    Proposed,
    Register,
    above,
    sorter,
)

IDENTITY = "-identity"


def evolve_complaint(state: Complaint, event: Event) -> Complaint:
    if isinstance(event, ComplaintFiled):
        return Filed(_case(event), CLOCKS.fold(None, event))
    if isinstance(state, Absent):
        return state
    if isinstance(state, Closed):
        return _over(state, event)
    timed = CLOCKS.fold(state.clock, event)
    if timed is not state.clock:
        state = replace(state, clock=timed)
    if isinstance(event, ComplainedAboutNamed):
        return _barring(state, event)
    noted = _noted(state.case, event)
    if noted is not state.case:
        state = replace(state, case=noted)
    return _moved(state, event)


def _barring(state: Open, event: ComplainedAboutNamed) -> Open:
    """Whom it is about has no part in it any more, and hears of no limit."""
    was = state.case
    barred_at = was.barred_at | set(event.positions)
    case = replace(
        was, barred=was.barred | {event.person_id}, barred_at=barred_at, examiner=event.examiner or was.examiner,
        desk=event.desk or _desk(was.desk, was.officer, was.rungs, barred_at),
    )  # fmt: skip
    told = None if state.clock is None else state.clock.told
    if state.clock is not None and told in barred_at:
        heir = case.examiner if told == was.examiner else sorter(case)
        state = replace(state, clock=replace(state.clock, told=heir))
    if isinstance(state, Proposed) and event.approver is not None:
        state = replace(state, approver=event.approver)
    return replace(state, case=case)


def _desk(kept: str | None, officer: str, rungs: tuple[Rung, ...], barred_at: frozenset[str]) -> str | None:
    """Of facts from before they named it."""
    if officer not in barred_at:
        return None
    return kept if kept is not None and kept not in barred_at else above(officer, rungs, barred_at)


def _over(state: Closed, event: Event) -> Closed:
    return replace(state, ended=True) if isinstance(event, ReporterRetentionEnded) else state


def _noted(case: Case, event: Event) -> Case:  # noqa: C901, PLR0911 - a table: one row per fact
    """What is known of the case in whatever phase."""
    match event:
        case ComplaintClassified():  # and again, which is one too
            return replace(
                case, complaint_class=event.complaint_class, restricted=event.restricted, examiner=event.examiner,
                standard=event.standard, rungs=event.rungs, officer=event.officer,
                desk=event.desk or _desk(case.desk, event.officer, event.rungs, case.barred_at),
            )  # fmt: skip
        case EntryCorrected():
            return replace(
                case, kind=event.complaint_kind, channel=event.channel, paper=event.paper_number,
                filed_at=event.received_at, acknowledge_by=event.acknowledge_by, rungs=event.rungs,
                reached=event.reached,
            )  # fmt: skip
        case ComplaintAssigned():
            return replace(case, handler=event.position)
        case ComplaintEscalated():
            return replace(case, reached=event.rung, handler=event.handler)
        case AcknowledgementOverdue():
            return replace(case, told_acknowledge=event.due_at)
        case LimitsMoved():
            return replace(case, acknowledge_by=event.acknowledge_by, rungs=event.rungs)
        case StanceChanged():
            return replace(case, stance=event.stance)
        case ObjectionRaised():
            return replace(case, objections=event.count)
        case ReporterRetentionEnded():
            return replace(case, subjects=tuple(each for each in case.subjects if each != event.subject_id))
        case ReporterWrote() if event.message_id is not None:
            return replace(case, subjects=(*case.subjects, *_of_message(event.message_id)))
        case MessageLeft():
            return replace(case, left_told=True)
        case _:
            return case


def _moved(state: Known, event: Event) -> Complaint:  # noqa: C901, PLR0911, PLR0912 - a table: one row per fact
    case, clock = state.case, state.clock
    match state, event:
        case Filed(), ComplaintAcknowledged():
            return Acknowledged(case, clock)
        case Filed() | Acknowledged(), ComplaintClassified():
            return Classified(case, clock)
        case Classified(), ComplaintAssigned():
            return Assigned(case, clock)
        case Classified(), ComplaintEscalated() if case.handler:
            return Assigned(case, clock)
        case Classified() | Assigned(), ReporterAsked():
            return Asked(case, clock, event.reason, event.silent_at)
        case Asked(), ReporterSilent():
            return replace(state, silent_at=None)
        case Asked(), LimitsMoved():
            return replace(state, silent_at=event.silent_at)
        case Asked(), ReporterWrote():
            return Assigned(case, clock) if case.handler else Classified(case, clock)
        case Classified() | Assigned(), AnswerProposed():
            return Proposed(case, clock, event.approver, event.by.person_id)
        case Proposed(), AnswerReturned():
            return Assigned(case, clock) if case.handler else Classified(case, clock)
        case Classified() | Assigned() | Asked() | Proposed(), ComplaintAnswered():
            return Answered(case, clock, event.object_until, event.close_at)
        case Answered(), LimitsMoved() if event.silent_at is not None:
            return replace(state, close_at=event.silent_at, object_until=event.object_until)
        case Answered(), ComplaintAssigned():
            return Assigned(case, clock)
        case _, ComplaintClosed():
            return Closed(case, event.outcome, event.retain_until)
        case _:
            return state


def _case(event: ComplaintFiled) -> Case:
    own, subjects = str(event.complaint_id), [str(event.complaint_id)]
    if event.stance != "anonymous":
        subjects.append(identity_subject(own))
    if event.message_id is not None:
        subjects += _of_message(event.message_id)
    return Case(
        complaint_id=event.complaint_id,
        number=event.number,
        kind=event.complaint_kind,
        stance=event.stance,
        code_mac=event.code_mac,
        standard=event.standard,
        filed_at=event.received_at,
        officer=event.officer or event.told,
        desk=event.told if event.officer else None,
        barred_at=frozenset({event.officer} if event.officer else ()),
        acknowledge_by=event.acknowledge_by,
        rungs=event.rungs,
        subjects=tuple(subjects),
        entered=event.by is not None,
        channel=event.channel,
        paper=event.paper_number,
    )


def identity_subject(complaint_id: object) -> str:
    """Whose key seals who the reporter is: another than what he says, so that he can still choose to be nobody.

    Of what came by e-mail intake names the subjects in the same way, by the message.
    """
    return f"{complaint_id}{IDENTITY}"


def _of_message(message_id: object) -> tuple[str, str]:
    return str(message_id), identity_subject(message_id)


def evolve_message(left: bool, event: Event) -> bool:  # noqa: FBT001 - a state: whether it was left
    return left or isinstance(event, MessageLeft)


def evolve_register(register: Register, event: Event) -> Register:
    match event:
        case RegisterNumberTaken() | AnswerNumberTaken():
            return replace(register, last=event.number)
        case RegisterOpened():
            return Register(event.opening, opened=True, opening=event.opening)
        case OpeningCorrected():
            return replace(register, last=event.opening, opening=event.opening)
        case _:
            return register
