"""Accounts and their addresses: who has one, since when, in which state. An address is published and stays plain."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from contracts.base import Event, Sha256, Slug


class AccountEvent(Event):
    """``request_id``: the request that brought it about; there the owner's name stands, sealed."""

    case: ClassVar[str] = "request_id"
    account_id: UUID
    request_id: UUID


class AccountRequested(AccountEvent):
    """Somebody asked for something about this account. One open request at a time."""

    request_kind: Slug


class AccountProvisioned(AccountEvent):
    """It stands in the directory, without a secret that anybody knows."""

    address: str
    subject_id: str
    holder: Slug
    unit: str
    connector: Slug
    read_back: Sha256


class AccountChanged(AccountEvent):
    unit: str
    read_back: Sha256


class AccountSuspended(AccountEvent):
    """No login; it still receives. ``leftovers``: what still led somewhere when it was suspended."""

    read_back: Sha256
    leftovers: tuple[Slug, ...] = ()


class AccountResumed(AccountEvent):
    read_back: Sha256


class AccountClosed(AccountEvent):
    """Neither login nor delivery."""

    read_back: Sha256
    leftovers: tuple[Slug, ...] = ()


class AccessRevoked(AccountEvent):
    """The secret that had become known works no more, and what was logged in with it has ended."""

    read_back: Sha256


class AddressEvent(Event):
    address: str
    account_id: UUID


class AddressReserved(AddressEvent):
    request_id: UUID


class AddressBound(AddressEvent):
    """The directory has it."""


class AddressReleased(AddressEvent):
    """It was reserved and nothing came of it: others may have it."""


class AddressQuarantined(AddressEvent):
    """Its account is closed. ``until``: from then on others may have it; None: nobody, ever."""

    until: AwareDatetime | None = None


class SkeletonTaken(Event):
    """An address that others could be mistaken for; ``skeleton``: what all of them look like."""

    skeleton: str
    address: str


class SkeletonFreed(Event):
    skeleton: str
    address: str


class ApplicantFiled(Event):
    """One of the requests of a person. ``subject_id``: a keyed hash of his NIP."""

    case: ClassVar[str] = "request_id"
    subject_id: str
    request_id: UUID
    request_kind: Slug
