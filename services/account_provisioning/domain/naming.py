"""Addresses as names that one may hold and give back, and the forms that make them look alike."""

from uuid import UUID

from contracts import account_provisioning as facts
from contracts.account_provisioning import SkeletonFreed, SkeletonTaken
from contracts.base import Event, Refusal
from services.account_provisioning.domain.state import Skeleton, skeleton_stream
from services.account_provisioning.policy import addresses, refuse
from services.kit.deciding import Given
from services.kit.reservations import Bound, Holding, Quarantined, ReservationFacts, Reservations, Stated

ADDRESSES = Reservations(
    "address",
    ReservationFacts(
        reserved=facts.AddressReserved,
        bound=facts.AddressBound,
        released=facts.AddressReleased,
        quarantined=facts.AddressQuarantined,
        freed=facts.AddressFreed,
        free=facts.FreeAddress,
    ),
    refuse,
    "address-taken",
)


def account_at(address: str, given: Given) -> UUID | None:
    """The account that has this address, or had it last; None: nobody."""
    held: Holding = given.load(ADDRESSES.stream(address))
    return UUID(held.owner) if isinstance(held, Bound | Quarantined) else None


def hindered(address: str, account_id: UUID, given: Given) -> Refusal | None:
    """Somebody has it, or one that a reader takes for the same."""
    if (no := ADDRESSES.taken(address, str(account_id), given)) is not None:
        return no
    alike: Skeleton = given.load(skeleton_stream(addresses.form_of(address)))
    others = sorted(alike.addresses - {address})
    return refuse("address-alike", addresses=others) if others else None


def reserve(address: str, account_id: UUID, given: Given) -> Stated | Refusal:
    """In the commit of the approval."""
    held = ADDRESSES.reserve(address, str(account_id), given)
    if isinstance(held, Refusal):
        return held
    form = addresses.form_of(address)
    return (*held, (skeleton_stream(form), SkeletonTaken(skeleton=form, address=address)))


def bind(address: str, account_id: UUID, given: Given) -> Stated | Refusal:
    return ADDRESSES.bind(address, str(account_id), given)


def release(address: str, account_id: UUID, given: Given) -> Stated:
    form = addresses.form_of(address)
    freed: Event = SkeletonFreed(skeleton=form, address=address)
    return (*ADDRESSES.release(address, str(account_id), given), (skeleton_stream(form), freed))
