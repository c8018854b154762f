"""What is wanted of a directory, and what came of it."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, Line, Officer, Sealed, Sha256, Slug


class RequestEvent(Event):
    """A fact of one request."""

    case: ClassVar[str] = "request_id"
    request_id: UUID


class RecordProvisioned(Command):
    """A worker did it and read it back. ``marker``: whose entry it is, as the directory says.

    ``read_back``: SHA-256 of the entry as it was read, without its secret. ``leftovers``: what still leads to or from
    the account (forward, alias, group, catch-all), found by a connector that can tell, and *sessions* that nobody could
    end. ``before``: what led there before anything was done.
    """

    request_id: UUID
    attempt: int = Field(ge=1)
    connector: Slug
    marker: UUID
    read_back: Sha256
    leftovers: tuple[Slug, ...] = Field(default=(), max_length=50)
    before: tuple[Slug, ...] = Field(default=(), max_length=50)


class RecordProvisioningFailed(Command):
    """``reason``: a slug without anything personal: away, foreign-entry, address-in-directory, refused, …"""

    request_id: UUID
    attempt: int = Field(ge=1)
    outcome: Literal["temporary", "permanent", "unknown"]
    reason: Slug


class RecordUndone(Command):
    """Nothing of ours is in the directory any more, or it is as it was before."""

    request_id: UUID
    attempt: int = Field(ge=1)


class RetryProvisioning(Command):
    request_id: UUID


class AbandonProvisioning(Command):
    """It is not going to be: what was begun is undone, and the address is free again."""

    request_id: UUID
    reason: Line


class ProvisioningProven(RequestEvent):
    """It was read back from the directory. ``announced``: nothing is handed over with it, so that its applicant, who
    said how he is reached, hears of it by this fact. ``unread``: the address of a mailbox that is shut now.
    """

    connector: Slug
    read_back: Sha256
    proven_at: AwareDatetime
    announced: bool = False
    unread: str = ""


class ProvisioningFailed(RequestEvent):
    """*temporary*: it is tried again by itself. Else it waits for a person. ``undoing``: of the way back."""

    attempt: int
    outcome: Literal["temporary", "permanent", "unknown"]
    reason: Slug
    undoing: bool = False


class ProvisioningRetried(RequestEvent):
    attempt: int
    retried_at: AwareDatetime
    by: Officer


class ProvisioningAbandoned(RequestEvent):
    attempt: int
    reason: Sealed
    abandoned_at: AwareDatetime
    by: Officer


class ProvisioningUndone(RequestEvent):
    attempt: int
    undone_at: AwareDatetime
