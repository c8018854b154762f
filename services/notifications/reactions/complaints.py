"""A complaint's facts. Of what was said nothing is taken on but the public number."""

from typing import Any
from uuid import UUID

from contracts.base import Command, Event, Recorded
from contracts.complaint import (
    AcknowledgementOverdue,
    AnswerProposed,
    ComplainedAboutNamed,
    ComplaintAcknowledged,
    ComplaintAnswered,
    ComplaintAssigned,
    ComplaintClassified,
    ComplaintDueSoon,
    ComplaintEscalated,
    ComplaintFiled,
    ComplaintOverdue,
    ComplaintReclassified,
    ComplaintReferred,
    ObjectionRaised,
    RegisterNumberTaken,
    ReporterAsked,
    ReporterSilent,
    ReporterWrote,
    StanceChanged,
)
from contracts.notifications import CaseKnown, PlanNotices
from contracts.notifications.contacts import NoteContact
from services.kit.service import Reaction
from services.notifications.reactions.planned import named, planned

COMPLAINTS = "complaints"
NAMED = "named"


def of_complaint(recorded: Recorded) -> Command | None:  # noqa: PLR0911 - a table: one row per fact
    """Of a reporter's contact nothing is opened here; of what was said nothing is taken on but the public number."""
    match recorded.event:
        case ComplaintFiled() as event:
            by_name = event.stance == NAMED
            about, sorting = event.officer, {"officer": event.told} if event.officer is None else _sorting(event.told)
            barred = () if about is None else (f"position:{about}",)
            known = CaseKnown(values={"number": event.number}, positions=sorting, named=by_name, barred=barred)
            if event.contact is not None and (event.contact.key_id or event.contact.plain):
                whom = ("reporter",) if event.message_id is None else ("reporter", "sender")
                by_contact = known.model_copy(update={"by_contact": whom})
                return NoteContact(
                    case_service=recorded.service, case_id=event.complaint_id, contact=event.contact, known=by_contact
                )
            return _of_complaint(recorded, event.complaint_id, known=known)
        case StanceChanged() as event:
            return _of_complaint(recorded, event.complaint_id, known=CaseKnown(named=event.stance == NAMED))
        case ComplainedAboutNamed() as event:  # whom it tells nothing any more, and who has his part
            known = CaseKnown(barred=event.barred, positions=_sorting(event.desk))
            told = named(desk=event.desk, approver=event.approver)
            return _of_complaint(recorded, event.complaint_id, known=known, positions=told)
        case ComplaintClassified() as event:  # a restricted one is told to its examiner alone, besides its officer
            known = CaseKnown(positions={"officer": event.officer, **_sorting(event.desk)})
            return _of_complaint(recorded, event.complaint_id, known=known)
        case ComplaintAssigned() as event:
            return _of_complaint(
                recorded, event.complaint_id, known=CaseKnown(positions={"handler": event.position}),
                positions={"handler": event.position},
            )  # fmt: skip
        case ComplaintEscalated() as event:
            known = CaseKnown(positions=named(handler=event.handler))
            return _of_complaint(recorded, event.complaint_id, known=known, positions={"rung": event.to_position})
        case AnswerProposed() as event:
            return _of_complaint(recorded, event.complaint_id, positions={"approver": event.approver})
    return None


def of_complaint_limit(recorded: Recorded) -> Command | None:
    """Whoever the fact names hears of it, be it the officer or an examiner."""
    match recorded.event:
        case AcknowledgementOverdue() as event:
            return _of_complaint(recorded, event.complaint_id, due=event.due_at, positions={"officer": event.told})
        case ComplaintDueSoon() as event:
            told = named(officer=event.told)
            return _of_complaint(recorded, event.complaint_id, due=event.due_at, positions=told)
        case ComplaintOverdue() as event:
            told = named(officer=event.told, rung=event.rung, leader=event.leader)
            return _of_complaint(recorded, event.complaint_id, due=event.due_at, positions=told)
        case ReporterSilent() as event:
            return _of_complaint(recorded, event.complaint_id, positions={"handler": event.told})
    return None


def of_complaint_news(recorded: Recorded) -> Command | None:
    """Who hears of it is known of the case already."""
    match recorded.event:
        case RegisterNumberTaken() as event:  # the code follows from the command that filed it, for who has its key
            return _of_complaint(recorded, event.complaint_id, own={"code": str(recorded.command_id)})
        case (
            ReporterWrote() | ObjectionRaised() | ComplaintAcknowledged() | ReporterAsked()
            | ComplaintAnswered() | ComplaintReferred()
        ) as event:  # fmt: skip
            return _of_complaint(recorded, event.complaint_id)
    return None


def _sorting(desk: str | None) -> dict[str, str]:
    """Who sorts it in place of its officer hears all that the officer would."""
    return named(officer=desk, sorter=desk)


def _of_complaint(recorded: Recorded, complaint_id: UUID, **said: Any) -> PlanNotices:
    return planned(recorded, COMPLAINTS, complaint_id, **said)


REACTIONS: dict[type[Event], Reaction] = {
    **dict.fromkeys(
        (ComplaintFiled, ComplaintClassified, ComplaintReclassified, ComplaintAssigned, ComplaintEscalated,
         AnswerProposed, StanceChanged, ComplainedAboutNamed),
        of_complaint,
    ),
    **dict.fromkeys(
        (AcknowledgementOverdue, ComplaintDueSoon, ComplaintOverdue, ReporterSilent), of_complaint_limit
    ),
    **dict.fromkeys(
        (RegisterNumberTaken, ReporterWrote, ObjectionRaised, ComplaintAcknowledged, ReporterAsked, ComplaintAnswered,
         ComplaintReferred),
        of_complaint_news,
    ),
}  # fmt: skip
