"""A message of a mailbox whose messages are no letters: complaints, and whatever else a service reads by its purpose.

It belongs to who sent it: what he wrote to the subject ``<message_id>``, who he is, and the message as it came, to
``<message_id>-identity``. So both can be forgotten, and the one before the other.
"""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, Moment, Sealed, Sha256, Shape, Slug
from contracts.words import BlobUpload, PersonBlob


class PostSource(Shape):
    """Where it came from, as `contracts.intake.MessageSource`: identity = (mailbox, uidvalidity, uid)."""

    channel: Slug
    mailbox: str
    uidvalidity: int = 0
    uid: str


class PostRead(Shape):
    """What the parser read; plain in the command, sealed in the event."""

    from_name: str = Field(default="", max_length=1000)
    from_address: str = Field(default="", max_length=1000)
    subject: str = Field(default="", max_length=2000)
    text: str = Field(default="", max_length=30_000)
    attachments: int = 0


class ReceivePost(Command):
    """A message was read whose mailbox has this purpose.

    ``content_mac``, ``message_id_mac``: keyed, so that they tell nothing to who has the message. ``read``: None where
    nothing of it is kept, and ``withheld`` says why. ``automatic``: no person wrote it. ``thread``: the case into which
    its reference, which only the office can have written, lets it.
    """

    message_id: UUID
    purpose: Slug
    source: PostSource
    received_at: Moment
    content_mac: Sha256
    message_id_mac: Sha256 | None = None
    size: int
    blob: BlobUpload | None = None
    read: PostRead | None = None
    automatic: bool = False
    withheld: Slug | None = None
    thread: UUID | None = None


class PostReceived(Event):
    """``withheld``: why nothing of it is kept here: twin (of ``twin_of``), automatic, dmarc, unparsable, oversize,
    empty. It still lies in its mailbox, as ``source`` names it.
    """

    case: ClassVar[str] = "message_id"
    message_id: UUID
    purpose: Slug
    source: PostSource
    received_at: AwareDatetime
    content_mac: Sha256
    message_id_mac: Sha256 | None = None
    size: int
    blob: PersonBlob | None = None
    from_name: Sealed
    from_address: Sealed
    subject: Sealed
    text: Sealed
    attachments: int = 0
    withheld: Slug | None = None
    twin_of: UUID | None = None
    likeness: Literal["content", "message-id"] | None = None
    thread: UUID | None = None


COMMANDS: tuple[type[Command], ...] = (ReceivePost,)
EVENTS: tuple[type[Event], ...] = (PostReceived,)
