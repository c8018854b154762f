"""Accounts and their addresses: who has one, since when, in which state. An address is published and stays plain."""

from typing import ClassVar
from uuid import UUID

from contracts.base import Command, Event, Sha256, Slug
from contracts.reservations import FreedFields, HeldFields, QuarantinedFields


class AccountEvent(Event):
    """``request_id``: the request that brought it about; there the owner's name stands, sealed."""

    case: ClassVar[str] = "request_id"
    account_id: UUID
    request_id: UUID


class AccountRequested(AccountEvent):
    """Somebody asked for something about this account. One open request at a time."""

    request_kind: Slug


class AccountProvisioned(AccountEvent):
    """It stands in the directory, without a secret that anybody knows. ``unit_admin``: the position that its request
    names for its unit.
    """

    address: str
    subject_id: str
    holder: Slug
    unit: str
    connector: Slug
    read_back: Sha256
    unit_admin: Slug | None = None


class AccountChanged(AccountEvent):
    """``unit_admin``: of its new unit. ``quota``: megabytes, as it was asked for; ``aliases``: every additional address
    under which it receives from now on; None: it stays as it is.
    """

    unit: str
    read_back: Sha256
    unit_admin: Slug | None = None
    quota: int | None = None
    aliases: tuple[str, ...] | None = None


class AccountSuspended(AccountEvent):
    """No login; it still receives. ``leftovers``: what still led somewhere when it was suspended; ``before``: what had
    led somewhere until then.
    """

    read_back: Sha256
    leftovers: tuple[Slug, ...] = ()
    before: tuple[Slug, ...] = ()


class AccountResumed(AccountEvent):
    read_back: Sha256


class AccountClosed(AccountEvent):
    """Neither login nor delivery. ``leftovers``, ``before``: as of one that is suspended."""

    read_back: Sha256
    leftovers: tuple[Slug, ...] = ()
    before: tuple[Slug, ...] = ()


class AccessRevoked(AccountEvent):
    """The secret that had become known works no more. ``leftovers``: *sessions*, where nobody could end what was logged
    in with it.
    """

    read_back: Sha256
    leftovers: tuple[Slug, ...] = ()


class AddressReserved(HeldFields, Event):
    """``key``: the address; ``owner``: the account's id, here and below."""


class AddressBound(HeldFields, Event):
    """The directory has it."""


class AddressReleased(HeldFields, Event):
    """It was reserved and nothing came of it: others may have it."""


class AddressQuarantined(QuarantinedFields, Event):
    """Its account is closed."""


class AddressFreed(FreedFields, Event):
    """The quarantine is over."""


class FreeAddress(FreedFields, Command):
    """Timer: the end of a quarantine."""


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
