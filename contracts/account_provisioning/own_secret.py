"""Who has an account and knows its secret changes it himself: by the present one, without a request."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, ServiceRequest


class ChangeOwnSecret(ServiceRequest):
    """``present``: the secret that works now, which the directory itself is asked about. ``secret``: the next one;
    empty: words are proposed, and stand in the answer alone (`SecretSetAnswer`).
    """

    address: str = Field(max_length=254)
    present: str = Field(max_length=400, repr=False)
    secret: str = Field(default="", max_length=400, repr=False)


class RecordSecretChanged(Command):
    """The service's own: the directory has it, proven by logging in with it."""

    account_id: UUID


class SecretChanged(Event):
    """Its holder has changed his secret by the one before; what was logged in has ended."""

    case: ClassVar[str] = "account_id"
    account_id: UUID
    address: str
    changed_at: AwareDatetime


COMMANDS: tuple[type[Command], ...] = (RecordSecretChanged,)
EVENTS: tuple[type[Event], ...] = (SecretChanged,)
REQUESTS: tuple[type[ServiceRequest], ...] = (ChangeOwnSecret,)
