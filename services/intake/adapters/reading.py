"""What the parser read, in the words of the contract: raw bytes become a `CaptureMessage`."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from contracts.base import FIRST_YEAR, Command
from contracts.intake import CaptureMessage, Held, MessageSource, Reading
from contracts.words import AttachmentRef, BlobRef
from services.intake.mail import ParsedMessage
from services.intake.policy import CLASSIFIED

EARLIEST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)


class Parser(Protocol):
    async def parse(self, raw: bytes) -> ParsedMessage: ...


def reading_of(parsed: ParsedMessage) -> Reading:
    sender = parsed.sender[0] if parsed.sender else None
    return Reading(
        message_id=parsed.message_id,
        from_name=sender.name if sender else "",
        from_address=sender.address if sender else "",
        subject=parsed.subject,
        text=parsed.text,
        sent_at=parsed.sent_at,
        attachments=tuple(
            AttachmentRef(name=one.name, media_type=one.media_type, size=one.size, sha256=one.sha256, within=one.within)
            for one in parsed.attachments
        ),
        automatic=parsed.automatic,
        warnings=tuple(parsed.warnings),
    )


def capture_of(  # noqa: PLR0913 - a message and where it came from
    letter_id: UUID,
    source: MessageSource,
    received_at: datetime,
    raw: bytes | None,
    size: int,
    blob: BlobRef | None,
    parsed: ParsedMessage | None,
) -> Command:
    """``raw`` is None for a message too large to fetch: it is quarantined, and stays in its mailbox."""
    digest = sha256(raw or b"").hexdigest()
    reason = "oversize" if parsed is None else parsed.quarantine
    return CaptureMessage(
        letter_id=letter_id,
        source=source,
        received_at=max(EARLIEST, min(received_at, datetime.now(UTC))),  # a mailbox may say anything
        content_sha256=digest,
        size=size,
        blob=blob,
        reading=None if parsed is None or reason else reading_of(parsed),
        quarantine=reason,
        held=held_of(parsed) if parsed is not None and reason not in {None, CLASSIFIED} else None,
    )


def held_of(parsed: ParsedMessage) -> Held:
    sender = parsed.sender[0] if parsed.sender else None
    return Held(
        from_name=sender.name if sender else "",
        from_address=sender.address if sender else "",
        subject=parsed.subject,
    )
