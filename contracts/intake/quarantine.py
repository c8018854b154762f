"""Out of quarantine, or for good in it: what an officer with the qualification *sandi* decides; that bytes were taken.

Source: domain.md §5 (classified matter).
"""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Command, Line, Officer, Sealed, Shape, Slug, Text
from contracts.words import AttachmentRef, BlobRef, LetterEvent


class Held(Shape):
    """What a quarantined message says of itself; plain in a command, sealed in the event."""

    from_name: str = ""
    from_address: str = ""
    subject: str = ""


class Reading(Shape):
    """What the parser read in a message; plain in a command, sealed in the event. ``sent_at`` may be absent or
    wrong.
    """

    message_id: str | None = None
    from_name: str = ""
    from_address: str = ""
    subject: str = ""
    text: str = ""
    sent_at: AwareDatetime | None = None
    attachments: tuple[AttachmentRef, ...] = ()
    automatic: bool = False
    warnings: tuple[Slug, ...] = ()


class ReleaseMessage(Command):
    """It is no classified matter, or comes from whom it says: it becomes a letter awaiting examination.

    ``reading`` and ``blob``: read anew in the sandbox and stored with the agency's key, before it is decided.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"reading", "blob"})

    letter_id: UUID
    reason: Line
    reading: Reading | None = None
    blob: BlobRef | None = None


class ConfirmQuarantine(Command):
    """It is what it was taken for, and is handed to the *sandi* procedure."""

    letter_id: UUID
    reason: Line


class TakeMessage(Command):
    """Its bytes are about to be handed out, closed."""

    letter_id: UUID


class MessageReleased(LetterEvent):
    """``twin_of``: the first letter of the same content or Message-ID, where there is one."""

    reason: Text
    blob: BlobRef | None = None
    message_id_sha256: str | None = None
    from_name: Sealed
    from_address: Sealed
    sender_subject: str
    subject: Sealed
    text: Sealed
    sent_at: AwareDatetime | None = None
    attachments: tuple[AttachmentRef, ...] = Field(default=())
    automatic: bool = False
    warnings: tuple[Slug, ...] = ()
    twin_of: UUID | None = None
    by: Officer


class QuarantineConfirmed(LetterEvent):
    reason: Text
    by: Officer


class MessageTaken(LetterEvent):
    by: Officer
