"""A quarantined message that is let out: read anew without what shut it away, and stored as an ordinary letter's."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from contracts.base import Ask, Recorded, Refusal
from contracts.intake import MessageQuarantined, ReleaseMessage
from services.intake.adapters.reading import reading_of
from services.intake.domain.capture import stream
from services.intake.mail import ParsedMessage
from services.intake.policy import RELEASABLE, refuse
from services.kit.blobs import BlobLost, Blobs
from services.kit.service import Before

History = Callable[[str, str], Awaitable[Sequence[Recorded]]]


class OpenParser(Protocol):
    async def parse_released(self, raw: bytes) -> ParsedMessage: ...


def releasing(history: History, blobs: Blobs, parser: OpenParser) -> Before:
    """Fills ``ReleaseMessage``. What still does harm, or cannot be read, stays where it is."""

    async def read(ask: Ask) -> Ask | Refusal | None:
        command = ReleaseMessage.model_validate({**ask.body, "reading": None, "blob": None})
        shut = next((one.event for one in await history(ask.agency, stream(command.letter_id))), None)
        if not isinstance(shut, MessageQuarantined) or shut.reason not in RELEASABLE:
            return None  # the decision says what is wrong
        if shut.blob is None:
            return refuse("nothing-read", letter_id=str(command.letter_id))
        try:
            raw = await blobs.get(ask.agency, shut.blob)
        except BlobLost:
            return refuse("nothing-read", letter_id=str(command.letter_id))
        parsed = await parser.parse_released(raw)
        if parsed.quarantine is not None:
            return refuse("not-releasable", reason=parsed.quarantine, confirmed=False)
        blob = await blobs.put(ask.agency, raw, "message/rfc822")
        filled = {"reading": reading_of(parsed).model_dump(mode="json"), "blob": blob.model_dump(mode="json")}
        return ask.model_copy(update={"body": {**ask.body, **filled}})

    return read
