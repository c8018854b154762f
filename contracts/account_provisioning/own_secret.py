"""Who has an account and knows its secret changes it himself: by the present one, without a request."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, Moment, ServiceRequest


class ChangeOwnSecret(ServiceRequest):
    """``present``: the secret that works now, which the directory itself is asked about. ``secret``: the next one;
    empty: words are proposed, and stand in the answer alone (`SecretSetAnswer`).
    """

    address: str = Field(max_length=254)
    present: str = Field(max_length=400, repr=False)
    secret: str = Field(default="", max_length=400, repr=False)


class BeginSecretChange(Command):
    """The service's own, before the directory is written: who dies on the way leaves at least that it was begun."""

    account_id: UUID
    opening: UUID


class RecordSecretChanged(Command):
    """The service's own: the directory has it, proven by logging in with it."""

    account_id: UUID
    opening: UUID | None = None


class EndSecretChange(Command):
    """It is not known to have been done. ``known``: it is known not to. ``due_at``: asked by the timer."""

    account_id: UUID
    opening: UUID
    known: bool = False
    due_at: Moment | None = None


class SecretChangeBegun(Event):
    """``until``: so long it keeps another one out; then it has ended, one way or the other."""

    case: ClassVar[str] = "account_id"
    account_id: UUID
    opening: UUID
    until: AwareDatetime


class SecretChangeDropped(Event):
    """The directory refused: the secret before still works."""

    case: ClassVar[str] = "account_id"
    account_id: UUID
    opening: UUID


class SecretChangeUnknown(Event):
    """It was begun, and nobody can say whether the directory has the new secret: its holder finds that out by it."""

    case: ClassVar[str] = "account_id"
    account_id: UUID
    address: str
    opening: UUID


class SecretChanged(Event):
    """Its holder has changed his secret by the one before; what was logged in has ended."""

    case: ClassVar[str] = "account_id"
    account_id: UUID
    address: str
    changed_at: AwareDatetime
    opening: UUID | None = None


COMMANDS: tuple[type[Command], ...] = (BeginSecretChange, RecordSecretChanged, EndSecretChange)
EVENTS: tuple[type[Event], ...] = (SecretChangeBegun, SecretChangeDropped, SecretChangeUnknown, SecretChanged)
REQUESTS: tuple[type[ServiceRequest], ...] = (ChangeOwnSecret,)
