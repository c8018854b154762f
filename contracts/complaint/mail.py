"""What comes by e-mail: intake reads the mailbox and hands the message on; it becomes a complaint, or part of one."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from contracts.base import Command, Event, Sealed, Slug
from contracts.complaint.filing import Mac


class TakeInMessage(Command):
    """Reaction to `contracts.intake.PostReceived` of the purpose *pengaduan*.

    ``withheld``: why nothing of it was kept. ``thread``: the complaint that its reference lets it into.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"code_mac"})

    message_id: UUID
    received_at: AwareDatetime
    mailbox: str
    from_name: Sealed
    from_address: Sealed
    subject: Sealed
    text: Sealed
    attachments: int = 0
    withheld: Slug | None = None
    thread: UUID | None = None
    code_mac: str = Mac


class MessageLeft(Event):
    """A message became nothing. ``why``: automatic, twin, dmarc, unparsable, oversize, empty. It still lies in
    ``mailbox``. ``complaint_id``: the complaint that it claims to be about; said there once, whatever follows.
    """

    case: ClassVar[str] = "complaint_id"
    complaint_id: UUID | None = None
    message_id: UUID
    why: Slug
    received_at: AwareDatetime
    mailbox: str


COMMANDS: tuple[type[Command], ...] = (TakeInMessage,)
EVENTS: tuple[type[Event], ...] = (MessageLeft,)
