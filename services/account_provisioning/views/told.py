"""What a request's own facts say of its sealed fields, and which addresses are free. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.account_provisioning import (
    AddressProposal,
    ApplicantRetentionEnded,
    CompletionAsked,
    ProvisioningAbandoned,
    RequestApproved,
    RequestFiled,
    RequestNotified,
    RequestRejected,
    RequestSupplemented,
    RequestWithdrawn,
)
from contracts.base import EMPTY, Event, Recorded, Sealed
from contracts.words import PersonBlob
from services.account_provisioning import policy
from services.account_provisioning.domain.state import Skeleton
from services.kit.reservations import Free, Holding

ENOUGH = 3
"""So many free addresses are proposed."""


@dataclass(slots=True)
class Told:
    """``undecided``: nobody has decided on it yet; ``asks_address``: and it is a new account, or one more address.

    ``words``, ``files``: by the id of the event. ``retained``: the papers have been kept long enough.
    """

    filed: RequestFiled | None = None
    nip: Sealed = EMPTY
    contact: Sealed = EMPTY
    letter_number: Sealed = EMPTY
    words: dict[UUID, Sealed] = field(default_factory=dict)
    files: dict[str, tuple[PersonBlob, ...]] = field(default_factory=dict)
    asks_address: bool = False
    undecided: bool = False
    retain_until: datetime | None = None
    retained: bool = False


def told(request: Sequence[Recorded]) -> Told:
    """What was supplemented stands above what was filed."""
    found = Told()
    for each in request:
        event = each.event
        if isinstance(event, RequestFiled | RequestSupplemented) and event.scans:
            found.files[str(each.event_id)] = event.scans
        found.retain_until, found.retained = _kept(event, found)
        match event:
            case RequestFiled():
                found.filed, found.nip, found.contact, found.letter_number = (
                    event, event.nip, event.contact, event.letter_number,
                )  # fmt: skip
                found.asks_address = event.request_kind == policy.CREATE or _says(event.alias)
                found.undecided = True
            case RequestSupplemented():
                found.contact = event.contact if _says(event.contact) else found.contact
                found.nip = event.nip if _says(event.nip) else found.nip
                found.letter_number = event.letter_number if _says(event.letter_number) else found.letter_number
                found.words[each.event_id] = event.note
            case CompletionAsked():
                found.words[each.event_id] = event.words
            case RequestRejected():
                found.words[each.event_id], found.asks_address, found.undecided = event.words, False, False
            case RequestWithdrawn():
                found.words[each.event_id], found.asks_address, found.undecided = event.reason, False, False
            case RequestApproved():
                found.words[each.event_id], found.asks_address, found.undecided = event.unusual, False, False
            case ProvisioningAbandoned():
                found.words[each.event_id] = event.reason
            case _:
                pass
    return found


def _kept(event: Event, found: Told) -> tuple[datetime | None, bool]:
    if isinstance(event, RequestNotified | RequestWithdrawn):
        return event.retain_until, False
    return found.retain_until, found.retained or isinstance(event, ApplicantRetentionEnded)


def _says(sealed: Sealed) -> bool:
    return bool(sealed.key_id or sealed.plain)


def proposal(address: str, holding: Holding, skeleton: Skeleton) -> AddressProposal:
    if not isinstance(holding, Free):
        return AddressProposal(address=address, state="taken")
    return AddressProposal(address=address, state="alike" if skeleton.addresses - {address} else "free")


def said(words: Mapping[UUID, str]) -> Iterator[tuple[str, str]]:
    """Where something was written at all."""
    return ((str(event_id), text) for event_id, text in words.items() if text)
