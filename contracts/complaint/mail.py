"""What comes by e-mail: intake reads the mailbox and hands the message on; it becomes a complaint, or part of one."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from contracts.base import Command, Event, Sealed, Slug
from contracts.complaint.filing import Mac


class TakeInMessage(Command):
    """Reaction to `contracts.intake.PostReceived` of the purpose *pengaduan*, of which something was kept.

    ``thread``: the complaint that its reference lets it into; ``into``: the same where that is open, else none.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"code_mac", "into"})

    message_id: UUID
    received_at: AwareDatetime
    mailbox: str
    from_name: Sealed
    from_address: Sealed
    subject: Sealed
    text: Sealed
    attachments: int = 0
    thread: UUID | None = None
    into: UUID | None = None
    code_mac: str = Mac


class LeaveMessage(Command):
    """The same reaction where nothing of it was kept, and ``why``. ``thread``: the complaint that it would answer."""

    message_id: UUID
    why: Slug
    received_at: AwareDatetime
    mailbox: str
    thread: UUID | None = None


class MessageLeft(Event):
    """A message became nothing. ``why``: automatic, twin, dmarc, unparsable, oversize, empty. It still lies in
    ``mailbox``. With ``complaint_id`` it is said once more in that complaint, for the first of all its automatic mail.
    """

    case: ClassVar[str] = "complaint_id"
    complaint_id: UUID | None = None
    message_id: UUID
    why: Slug
    received_at: AwareDatetime
    mailbox: str


COMMANDS: tuple[type[Command], ...] = (TakeInMessage, LeaveMessage)
EVENTS: tuple[type[Event], ...] = (MessageLeft,)
