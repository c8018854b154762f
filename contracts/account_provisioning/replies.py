"""The reply letter: numbered in its own book, signed by whom the standard names. It may follow the notice."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from contracts.account_provisioning.provisioning import RequestEvent
from contracts.base import Command, Event, Officer
from contracts.words import BlobRef


class IssueReply(Command):
    """By whoever acts for the signatory's position. ``blob``: the letter as it was set, with ``number`` upon it; the
    service fills both in. Where another letter has taken that number meanwhile, it is refused and asked again.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"blob", "number"})

    request_id: UUID
    blob: BlobRef | None = None
    number: int = Field(default=0, ge=0)


class ReplyIssued(RequestEvent):
    """An official letter: kept as long as the archive law says. ``number``: as people write it."""

    number: str
    blob: BlobRef
    template: str
    by: Officer


COMMANDS: tuple[type[Command], ...] = (IssueReply,)
EVENTS: tuple[type[Event], ...] = (ReplyIssued,)
