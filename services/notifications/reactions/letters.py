"""A letter's facts, from its registration to its courier."""

from datetime import datetime
from typing import Any

from contracts.approval import ApprovalReturned, RoundOpened, TierInitialled, TierOverdue, TierReminded, TierReturned
from contracts.base import Command, Event, Recorded
from contracts.dispatch import CourierAssigned, DeliveryFailed, DeliveryOverdue, DispatchPlanned, DispatchReleased
from contracts.intake import LetterDueSoon, LetterOverdue, LetterRegistered
from contracts.notifications import CaseKnown, PlanNotices
from contracts.notifications.planning import PartKnown
from contracts.words import Copy, LetterEvent
from services.kit.service import Reaction
from services.notifications.reactions.planned import named, planned

LETTERS = "letters"


def of_registration(recorded: Recorded) -> Command | None:
    """For other systems alone: nobody of the house is told, and nothing of the case is kept for it."""
    match recorded.event:
        case LetterRegistered() as event:
            return _plan(recorded, event, values={"number": event.agenda})
    return None


def of_deadline(recorded: Recorded) -> Command | None:
    match recorded.event:
        case LetterDueSoon() | LetterOverdue() as event:
            above = event.superior if isinstance(event, LetterOverdue) else None
            told, number = named(assigner=event.told, superior=above), named(number=event.number)
            return _plan(recorded, event, due=event.due_at, positions=told, values=number)
    return None


def of_round(recorded: Recorded) -> Command | None:
    """The round says who is first; its limit is the tier's own, where the standard sets one."""
    match recorded.event:
        case RoundOpened() as event:
            known = CaseKnown(
                values={"number": event.agenda},
                persons=named(registrar=event.registrar_id),
                not_for={"tier": event.registrar_id},
            )
            due = event.limit.due_at if event.limit else event.due_at
            first = event.tiers[0].position if event.tiers else None
            return _plan(recorded, event, due=due, positions=named(tier=first), known=known)
        case ApprovalReturned() as event:
            return _plan(recorded, event)
    return None


def of_turn(recorded: Recorded) -> Command | None:
    match recorded.event:
        case TierInitialled() | TierReturned() as event:
            return _plan(recorded, event, positions=named(tier=event.next_position))
        case TierReminded() as event:
            return _plan(recorded, event, due=event.due_at, positions=named(tier=event.position))
        case TierOverdue() as event:
            told = named(tier=event.position, superior=event.escalated_to)
            return _plan(recorded, event, due=event.due_at, positions=told, values={"position": event.title})
    return None


def of_plan(recorded: Recorded) -> Command | None:
    match recorded.event:
        case DispatchPlanned() as event:
            known = CaseKnown(
                values={"number": event.agenda, "due": event.due_at.isoformat()},
                positions=named(assigner=event.assigner),
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
                persons=named(courier=event.courier_id),
            )  # fmt: skip
        case DeliveryFailed() as event:
            return _plan(recorded, event, parts=(event.copy_id,))
        case DeliveryOverdue() as event:
            return _plan(
                recorded, event, parts=(event.copy_id,), due=event.due_at, positions=named(assigner=event.told),
                persons=named(courier=event.courier_id),
            )  # fmt: skip
    return None


def _plan(recorded: Recorded, event: LetterEvent, *, due: datetime | None = None, **said: Any) -> PlanNotices:
    return planned(recorded, LETTERS, event.letter_id, due=due, **said)


def _part(copy: Copy) -> PartKnown:
    return PartKnown(recipient_class=copy.recipient_class, office=copy.office)


REACTIONS: dict[type[Event], Reaction] = {
    LetterRegistered: of_registration,
    **dict.fromkeys((LetterDueSoon, LetterOverdue), of_deadline),
    **dict.fromkeys((RoundOpened, ApprovalReturned), of_round),
    **dict.fromkeys((TierInitialled, TierReturned, TierReminded, TierOverdue), of_turn),
    DispatchPlanned: of_plan,
    **dict.fromkeys((DispatchReleased, CourierAssigned, DeliveryFailed, DeliveryOverdue), of_delivery),
}
