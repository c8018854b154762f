"""What notifications is told: an agency's words, its calendar, and every fact that may concern somebody.

Of a fact only plain fields are taken on. Which of them a notice says is the routes' and templates' to tell.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.account_provisioning import (
    ClaimCodeIssued,
    CompletionAsked,
    HandOverOpened,
    ProvisioningFailed,
    RequestCompleted,
    RequestDueSoon,
    RequestEvent,
    RequestFiled,
    RequestOverdue,
    RequestRejected,
    RequestSupplemented,
)
from contracts.approval import ApprovalReturned, RoundOpened, TierInitialled, TierOverdue, TierReminded, TierReturned
from contracts.base import Command, Event, Recorded, Sealed
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
from contracts.dispatch import CourierAssigned, DeliveryFailed, DeliveryOverdue, DispatchPlanned, DispatchReleased
from contracts.intake import LetterDueSoon, LetterOverdue, LetterRegistered
from contracts.notifications import AdoptCalendar, AdoptOffice, AdoptSeasons, CaseKnown, PlanNotices, RenewContact
from contracts.notifications.contacts import NoteContact, SendContactCode
from contracts.notifications.planning import PartKnown
from contracts.organisation import (
    AgencyDescribed,
    CalendarConfirmed,
    ContactCodeIssued,
    ContactStated,
    OfficeClosed,
    OfficeReopened,
    SeasonConfirmed,
    SeasonWithdrawn,
)
from contracts.words import Copy, LetterEvent
from services.kit.service import Reaction

LETTERS = "letters"
REQUESTS = "requests"
COMPLAINTS = "complaints"
NAMED = "named"


def adopt_office(recorded: Recorded) -> Command | None:
    match recorded.event:
        case AgencyDescribed() as event:
            facts = event.facts
            decreed = tuple(day for decree in facts.decrees for day in decree.closed)
            closed = tuple(sorted((*decreed, *facts.closed), key=lambda day: day.on))
            return AdoptOffice(zone=facts.zone, hours=facts.hours, closed=closed, rules=facts.notify)
    return None


def adopt_calendar(recorded: Recorded) -> Command | None:
    match recorded.event:
        case CalendarConfirmed() | OfficeClosed() | OfficeReopened() as event:
            return AdoptCalendar(year=event.year, revision=event.revision, closed=event.closed)
    return None


def adopt_seasons(recorded: Recorded) -> Command | None:
    match recorded.event:
        case SeasonConfirmed() | SeasonWithdrawn() as event:
            return AdoptSeasons(revision=event.revision, seasons=event.seasons)
    return None


def renew_contact(recorded: Recorded) -> Command | None:
    match recorded.event:
        case ContactStated() as event:
            return RenewContact(person_id=event.person_id)
    return None


def send_code(recorded: Recorded) -> Command | None:
    match recorded.event:
        case ContactCodeIssued() as event:
            return SendContactCode(
                event_id=recorded.event_id, person_id=event.person_id, way=event.way, seed=recorded.command_id,
                ends_at=event.ends_at,
            )  # fmt: skip
    return None


def of_registration(recorded: Recorded) -> Command | None:
    """For other systems alone: nobody of the house is told, and nothing of the case is kept for it."""
    match recorded.event:
        case LetterRegistered() as event:
            return _plan(recorded, event, values={"number": event.agenda})
    return None


def of_deadline(recorded: Recorded) -> Command | None:
    match recorded.event:
        case LetterDueSoon() | LetterOverdue() as event:
            number = _named(number=event.number)
            return _plan(recorded, event, due=event.due_at, positions=_named(assigner=event.told), values=number)
    return None


def of_round(recorded: Recorded) -> Command | None:
    """The round says who is first; its limit is the tier's own, where the standard sets one."""
    match recorded.event:
        case RoundOpened() as event:
            known = CaseKnown(
                values={"number": event.agenda},
                persons=_named(registrar=event.registrar_id),
                not_for={"tier": event.registrar_id},
            )
            due = event.limit.due_at if event.limit else event.due_at
            first = event.tiers[0].position if event.tiers else None
            return _plan(recorded, event, due=due, positions=_named(tier=first), known=known)
        case ApprovalReturned() as event:
            return _plan(recorded, event)
    return None


def of_turn(recorded: Recorded) -> Command | None:
    match recorded.event:
        case TierInitialled() | TierReturned() as event:
            return _plan(recorded, event, positions=_named(tier=event.next_position))
        case TierReminded() as event:
            return _plan(recorded, event, due=event.due_at, positions=_named(tier=event.position))
        case TierOverdue() as event:
            told = _named(tier=event.position, superior=event.escalated_to)
            return _plan(recorded, event, due=event.due_at, positions=told, values={"position": event.title})
    return None


def of_plan(recorded: Recorded) -> Command | None:
    match recorded.event:
        case DispatchPlanned() as event:
            known = CaseKnown(
                values={"number": event.agenda, "due": event.due_at.isoformat()},
                positions=_named(assigner=event.assigner),
                parts={str(copy.copy_id): _part(copy) for copy in event.copies},
            )
            return _plan(recorded, event, known=known)
    return None


def of_delivery(recorded: Recorded) -> Command | None:
    match recorded.event:
        case DispatchReleased() as event:
            return _plan(recorded, event)
        case CourierAssigned() as event:
            return _plan(
                recorded, event, parts=event.copy_ids, values={"count": str(len(event.copy_ids))},
                persons=_named(courier=event.courier_id),
            )  # fmt: skip
        case DeliveryFailed() as event:
            return _plan(recorded, event, parts=(event.copy_id,))
        case DeliveryOverdue() as event:
            return _plan(
                recorded, event, parts=(event.copy_id,), due=event.due_at, positions=_named(assigner=event.told),
                persons=_named(courier=event.courier_id),
            )  # fmt: skip
    return None


def of_request(recorded: Recorded) -> Command | None:  # noqa: PLR0911 - a table: one row per fact
    """Of an applicant's contact nothing is opened here: it is carried on as it is."""
    match recorded.event:
        case RequestFiled() as event:
            known = CaseKnown(values={"number": event.number})
            by_contact = known.model_copy(update={"by_contact": ("applicant",)})
            noted = _contact(recorded, event.request_id, event.contact, by_contact)
            return noted or _of_request(recorded, event, known=known)
        case RequestSupplemented() as event:
            return _contact(recorded, event.request_id, event.contact, CaseKnown(by_contact=("applicant",)))
        case RequestCompleted() as event:
            told = _named(reviewer=event.told)
            known = CaseKnown(positions=told)
            return _of_request(recorded, event, due=event.due_at, known=known, positions=told)
        case CompletionAsked() | RequestRejected() as event:
            return _of_request(recorded, event, values={"reason": event.title})
        case HandOverOpened(way="notice") as event:
            return _of_request(recorded, event, values={"generation": str(event.generation)})
        case ClaimCodeIssued() as event:
            return _of_code(recorded, event)
    return None


def _of_code(recorded: Recorded, event: ClaimCodeIssued) -> PlanNotices:
    """To the contact of another request than the one that it is for."""
    values = {"request": str(event.request_id), "number": event.number, "address": event.address}
    planned = _of_request(recorded, event, values={"generation": str(event.generation), **values})
    return planned.model_copy(update={"case_id": event.contact_of})


def _contact(recorded: Recorded, request_id: UUID, contact: Sealed, known: CaseKnown) -> Command | None:
    if not contact.key_id and not contact.plain:
        return None
    return NoteContact(case_service=recorded.service, case_id=request_id, contact=contact, known=known)


def of_request_work(recorded: Recorded) -> Command | None:
    """What a reviewer must know of: the limit, and a directory that did not take what was approved."""
    match recorded.event:
        case RequestDueSoon() | RequestOverdue() as event:
            return _of_request(recorded, event, due=event.due_at, positions=_named(reviewer=event.told))
        case ProvisioningFailed(outcome="permanent" | "unknown") as event:  # else it is tried again by itself
            return _of_request(recorded, event)
    return None


def _of_request(  # noqa: PLR0913 - a fact, and what it says
    recorded: Recorded, event: RequestEvent, *, due: datetime | None = None, values: dict[str, str] | None = None,
    known: CaseKnown | None = None, positions: dict[str, str] | None = None,
) -> PlanNotices:  # fmt: skip
    return PlanNotices(
        event_id=recorded.event_id,
        event_kind=f"{event.service()}.{type(event).__name__}",
        happened_at=recorded.at,
        case_service=recorded.service,
        case_kind=REQUESTS,
        case_id=event.request_id,
        values={**(values or {}), **({"due": due.isoformat()} if due else {})},
        positions=positions or {},
        known=known,
    )


def of_complaint(recorded: Recorded) -> Command | None:  # noqa: PLR0911 - a table: one row per fact
    """Of a reporter's contact nothing is opened here; of what was said nothing is taken on but the public number."""
    match recorded.event:
        case ComplaintFiled() as event:
            named = event.stance == NAMED
            known = CaseKnown(values={"number": event.number}, positions={"officer": event.told}, named=named)
            if event.contact is not None and (event.contact.key_id or event.contact.plain):
                whom = ("reporter",) if event.message_id is None else ("reporter", "sender")
                by_contact = known.model_copy(update={"by_contact": whom})
                return NoteContact(
                    case_service=recorded.service, case_id=event.complaint_id, contact=event.contact, known=by_contact
                )
            return _of_complaint(recorded, event.complaint_id, known=known)
        case StanceChanged() as event:
            return _of_complaint(recorded, event.complaint_id, known=CaseKnown(named=event.stance == NAMED))
        case ComplainedAboutNamed() as event:  # whom it tells nothing any more
            return _of_complaint(recorded, event.complaint_id, known=CaseKnown(barred=event.barred))
        case ComplaintClassified() as event:  # a restricted one is told to its examiner alone, besides its officer
            return _of_complaint(recorded, event.complaint_id, known=CaseKnown(positions={"officer": event.officer}))
        case ComplaintAssigned() as event:
            return _of_complaint(
                recorded, event.complaint_id, known=CaseKnown(positions={"handler": event.position}),
                positions={"handler": event.position},
            )  # fmt: skip
        case ComplaintEscalated() as event:
            known = CaseKnown(positions=_named(handler=event.handler))
            return _of_complaint(recorded, event.complaint_id, known=known, positions={"rung": event.to_position})
        case AnswerProposed() as event:
            return _of_complaint(recorded, event.complaint_id, positions={"approver": event.approver})
    return None


def of_complaint_limit(recorded: Recorded) -> Command | None:
    """Whoever the fact names hears of it, be it the officer or an examiner."""
    match recorded.event:
        case AcknowledgementOverdue() as event:
            return _of_complaint(recorded, event.complaint_id, due=event.due_at, positions={"officer": event.told})
        case ComplaintDueSoon() | ComplaintOverdue() as event:
            told = _named(officer=event.told)
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


def _of_complaint(  # noqa: PLR0913 - a fact, and what it says
    recorded: Recorded, complaint_id: UUID, *, due: datetime | None = None, known: CaseKnown | None = None,
    positions: dict[str, str] | None = None, own: dict[str, str] | None = None,
) -> PlanNotices:  # fmt: skip
    event = recorded.event
    return PlanNotices(
        event_id=recorded.event_id,
        event_kind=f"{event.service()}.{type(event).__name__}",
        happened_at=recorded.at,
        case_service=recorded.service,
        case_kind=COMPLAINTS,
        case_id=complaint_id,
        values={"due": due.isoformat()} if due else {},
        positions=positions or {},
        own=own or {},
        known=known,
    )


def _plan(
    recorded: Recorded,
    event: LetterEvent,
    *,
    values: dict[str, str] | None = None,
    due: datetime | None = None,
    parts: tuple[UUID, ...] = (),
    **rest: Any,
) -> PlanNotices:
    said = {**(values or {}), **({"due": due.isoformat()} if due else {})}
    return PlanNotices(
        event_id=recorded.event_id,
        event_kind=f"{event.service()}.{type(event).__name__}",
        happened_at=recorded.at,
        case_service=recorded.service,
        case_kind=LETTERS,
        case_id=event.letter_id,
        values=said,
        parts=parts,
        **rest,
    )


def _named(**whom: str | None) -> dict[str, str]:
    return {audience: name for audience, name in whom.items() if name}


def _part(copy: Copy) -> PartKnown:
    return PartKnown(recipient_class=copy.recipient_class, office=copy.office)


REACTIONS: dict[type[Event], Reaction] = {
    AgencyDescribed: adopt_office,
    CalendarConfirmed: adopt_calendar,
    OfficeClosed: adopt_calendar,
    OfficeReopened: adopt_calendar,
    SeasonConfirmed: adopt_seasons,
    SeasonWithdrawn: adopt_seasons,
    ContactStated: renew_contact,
    ContactCodeIssued: send_code,
    LetterRegistered: of_registration,
    LetterDueSoon: of_deadline,
    LetterOverdue: of_deadline,
    RoundOpened: of_round,
    ApprovalReturned: of_round,
    **dict.fromkeys((TierInitialled, TierReturned, TierReminded, TierOverdue), of_turn),
    DispatchPlanned: of_plan,
    DispatchReleased: of_delivery,
    CourierAssigned: of_delivery,
    DeliveryFailed: of_delivery,
    DeliveryOverdue: of_delivery,
    RequestFiled: of_request,
    RequestSupplemented: of_request,
    RequestCompleted: of_request,
    CompletionAsked: of_request,
    RequestRejected: of_request,
    HandOverOpened: of_request,
    ClaimCodeIssued: of_request,
    **dict.fromkeys((RequestDueSoon, RequestOverdue, ProvisioningFailed), of_request_work),
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
