"""Messages of a mailbox that is not for letters: read in the same sandbox, kept under their sender's own keys."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from contracts.intake.messages import PostRead, PostSource, ReceivePost
from contracts.words import BlobUpload
from services.intake.adapters.reading import EARLIEST
from services.intake.domain.post import identity_subject
from services.intake.mail import ParsedMessage
from services.intake.policy import PURPOSES, message_id_key
from services.intake.ports import RawMessage
from services.kit.blobs import PersonBlobs
from services.kit.crash import crash_point
from services.kit.ids import named
from services.kit.secrets import keyed
from services.kit.threads import REFERENCE, proven

READABLE = frozenset({"malware", "archive-bomb", "too-deep", "too-many-parts"})
"""What is wrong with these lies in what is attached, which nobody opens: the words are read all the same."""
CODE = re.compile(r"(?i)(?<![0-9a-z])(?:[0-9a-z]{4}[\s\-\u2010-\u2015.]){2}[0-9a-z]{4}(?![0-9a-z])")
HIDDEN = "••••"


class PostParser(Protocol):
    async def parse_post(self, raw: bytes) -> ParsedMessage: ...


class PostReader:
    """One mailbox's messages as commands. ``links``: agency → its key of that purpose."""

    def __init__(  # noqa: PLR0913 - what reading needs
        self, agency: str, channel: str, purpose: str, *, parser: PostParser, blobs: PersonBlobs,
        links: Callable[[str], bytes],
    ) -> None:  # fmt: skip
        self._agency = agency
        self._channel = channel
        self._purpose = purpose
        self._parser = parser
        self._blobs = blobs
        self._links = links

    async def command(self, message: RawMessage) -> ReceivePost:
        """Bytes first, then the fact that names them; of what no person wrote no byte is kept."""
        message_id, raw = message_id_of(self._agency, message), message.raw
        key = await asyncio.to_thread(self._links, self._agency)
        parsed = None if raw is None else await self._parser.parse_post(raw)
        read, withheld = _read(parsed)
        blob: BlobUpload | None = None
        if raw is not None and read is not None and parsed is not None and not parsed.automatic:
            blob = await self._blobs.put(
                self._agency, "reporter", identity_subject(message_id), str(message_id), raw, "message/rfc822"
            )
            crash_point("intake.after-blob")
        said = message_id_key(parsed.message_id) if parsed is not None else None
        threads = parsed.threads if parsed is not None else []
        return ReceivePost(
            message_id=message_id,
            purpose=self._purpose,
            source=PostSource(
                channel=self._channel, mailbox=message.mailbox, uidvalidity=message.uidvalidity, uid=message.uid
            ),
            received_at=max(EARLIEST, min(message.received_at, datetime.now(UTC))),
            content_mac=keyed(key, "post", sha256(raw or b"").hexdigest()).hex(),
            message_id_mac=keyed(key, "post-id", said).hex() if said else None,
            size=message.size,
            blob=blob,
            read=read,
            automatic=parsed is not None and parsed.automatic,
            withheld=withheld,
            thread=proven(key, self._agency, PURPOSES[self._purpose], threads),
        )


def message_id_of(agency: str, message: RawMessage) -> UUID:
    return named("post", agency, message.mailbox, str(message.uidvalidity), message.uid)


def _read(parsed: ParsedMessage | None) -> tuple[PostRead | None, str | None]:
    """What is kept of it, or why nothing is."""
    if parsed is None:
        return None, "oversize"
    reason = parsed.quarantine
    if reason is not None and (reason not in READABLE or not (parsed.text or parsed.subject)):
        return None, reason
    sender = parsed.sender[0] if parsed.sender else None
    read = PostRead(
        from_name=sender.name if sender else "",
        from_address=sender.address if sender and "@" in sender.address else "",
        subject=unlocked(parsed.subject),
        text=unlocked(parsed.text),
        attachments=len(parsed.attachments),
    )
    return read, None


def unlocked(text: str) -> str:
    """Without what opens the case: an answer quotes the message that brought number and code."""
    hidden = CODE.sub("-".join([HIDDEN] * 3), text)
    return REFERENCE.sub(lambda found: f"{found[1]}.{HIDDEN}", hidden)
