"""A request's facts. Of an applicant's contact nothing is opened here: it is carried on as it is."""

from typing import Any
from uuid import UUID

from contracts.account_provisioning import (
    ClaimCodeIssued,
    CompletionAsked,
    HandOverOpened,
    ProvisioningFailed,
    ProvisioningProven,
    RequestCompleted,
    RequestDueSoon,
    RequestEvent,
    RequestFiled,
    RequestOverdue,
    RequestRejected,
    RequestSupplemented,
    SecretSet,
)
from contracts.base import Command, Event, Recorded, Sealed
from contracts.notices import FORMER, MAILBOX
from contracts.notifications import CaseKnown, PlanNotices
from contracts.notifications.contacts import NoteContact
from services.kit.service import Reaction
from services.notifications.reactions.planned import named, planned

REQUESTS = "requests"


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
            told = named(reviewer=event.told)
            known = CaseKnown(positions=told)
            return _of_request(recorded, event, due=event.due_at, known=known, positions=told)
        case CompletionAsked() | RequestRejected() as event:
            return _of_request(recorded, event, values={"reason": event.title})
        case ProvisioningProven(announced=True) as event:
            return _of_request(recorded, event, values={"address": event.unread} if event.unread else {})
        case HandOverOpened(way="notice") as event:
            return _of_request(
                recorded, event, values={"generation": str(event.generation), "link": str(event.link_length)}
            )
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
            return _of_request(recorded, event, due=event.due_at, positions=named(reviewer=event.told))
        case ProvisioningFailed(outcome="permanent" | "unknown") as event:  # else it is tried again by itself
            return _of_request(recorded, event)
    return None


def of_secret(recorded: Recorded) -> Command | None:
    """Who holds the account hears of it by every way that he may still have, also if it was not he."""
    match recorded.event:
        case SecretSet() as event:
            former = {FORMER: str(event.former)} if event.former else {}
            return _of_request(
                recorded, event, by_contact=(*former, MAILBOX),
                positions={"unit-admin": event.told} if event.told else {},
                values={"address": event.address, "at": event.set_at.isoformat(), **former},
            )  # fmt: skip
    return None


def _of_request(recorded: Recorded, event: RequestEvent, **said: Any) -> PlanNotices:
    return planned(recorded, REQUESTS, event.request_id, **said)


REACTIONS: dict[type[Event], Reaction] = {
    **dict.fromkeys(
        (RequestFiled, RequestSupplemented, RequestCompleted, CompletionAsked, RequestRejected, HandOverOpened,
         ClaimCodeIssued, ProvisioningProven),
        of_request,
    ),
    **dict.fromkeys((RequestDueSoon, RequestOverdue, ProvisioningFailed), of_request_work),
    SecretSet: of_secret,
}  # fmt: skip
