"""An operator's upload: the bytes lie in the blob store already; they are read in the sandbox and decided as a
capture.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from contracts.base import Ask, Refusal
from contracts.intake import MessageSource, UploadMessage
from services.intake.adapters.reading import Parser, capture_of
from services.intake.domain.capture import entered_id
from services.intake.policy import CLASSIFIED, own_key, refuse
from services.kit.blobs import BlobLost, Blobs
from services.kit.service import Before

MAILBOX = "upload"
JUST_NOW = timedelta(minutes=10)
"""How long before its command an upload is stored, at most."""
AT_ONCE = 2
"""Messages that are whole in memory: as many as are read at once."""


def reading_uploads(blobs: Blobs, parser: Parser) -> Before:
    """Turns ``UploadMessage`` into ``CaptureMessage``; the letter is named by the command, so a retry is the same
    one.
    """
    places = asyncio.Semaphore(AT_ONCE)

    async def read(ask: Ask) -> Ask | Refusal:
        command = UploadMessage.model_validate(ask.body)
        letter_id = entered_id(ask.command_id)
        source = MessageSource(channel="upload", mailbox=MAILBOX, uid=str(ask.command_id))
        received = command.received_at or datetime.now(UTC)
        async with places:
            try:
                raw = await blobs.get(ask.agency, command.blob)
            except BlobLost:
                return refuse("nothing-read", letter_id="")
            parsed = await parser.parse(raw)
            blob = command.blob
            if parsed.quarantine == CLASSIFIED:
                blob = await blobs.put(ask.agency, raw, blob.media_type, own_key(letter_id))
                await blobs.withdraw(ask.agency, command.blob, ask.asked_at - JUST_NOW)
            capture = capture_of(letter_id, source, received, raw, len(raw), blob, parsed)
        body: Mapping[str, object] = capture.model_dump(mode="json")
        return ask.model_copy(update={"kind": capture.kind(), "body": dict(body), "correlation_id": letter_id})

    return read
