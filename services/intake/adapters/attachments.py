"""Answers what an attachment is and shows: taken out of its message, or drawn, in the sandbox; kept with the agency's
key.
"""

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from contracts.base import Recorded, Refusal
from contracts.intake import (
    AttachmentFile,
    AttachmentFileAnswer,
    AttachmentShown,
    AttachmentShownAnswer,
    MessageCaptured,
    MessageReleased,
    TwinLinked,
)
from contracts.words import BlobRef
from services.intake.adapters.mail_reading import EXTRACT
from services.intake.domain.capture import stream
from services.intake.policy import refuse
from services.kit.blobs import BlobLost, Blobs
from services.kit.sandbox import Sandbox, SandboxFailure

DRAWING = "services.intake.adapters.attachment_drawing"
KEPT = 512
OCTETS = "application/octet-stream"

History = Callable[[str, str], Awaitable[Sequence[Recorded]]]


class Attachments:
    """A page that was drawn lately is not drawn again; each process for itself."""

    def __init__(self, history: History, blobs: Blobs, sandbox: Sandbox) -> None:
        """``sandbox``: `attachment_sandbox`."""
        self._history = history
        self._blobs = blobs
        self._sandbox = sandbox
        self._kept: OrderedDict[tuple[str, str, int], AttachmentShownAnswer] = OrderedDict()

    async def file(self, agency: str, asked: AttachmentFile) -> AttachmentFileAnswer | Refusal:
        raw = await self._raw(agency, asked.letter_id, asked.sha256)
        if raw is None:
            return AttachmentFileAnswer()
        try:
            content = await self._sandbox.call(EXTRACT, bytes.fromhex(asked.sha256) + raw)
        except SandboxFailure as failure:
            return refuse("not-drawn", reason=failure.reason)
        return AttachmentFileAnswer(blob=await self._blobs.put(agency, content, OCTETS))

    async def shown(self, agency: str, asked: AttachmentShown) -> AttachmentShownAnswer:
        raw = await self._raw(agency, asked.letter_id, asked.sha256)
        if raw is None:
            return AttachmentShownAnswer(why="gone")
        name = (agency, asked.sha256, asked.page)
        if name not in self._kept:
            answer = await self._drawn(agency, asked, raw)
            if answer.why == "too-heavy":
                return answer
            self._kept[name] = answer
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(name)
        return self._kept[name]

    async def _drawn(self, agency: str, asked: AttachmentShown, raw: bytes) -> AttachmentShownAnswer:
        payload = bytes.fromhex(asked.sha256) + asked.page.to_bytes(2, "big") + raw
        try:
            answer = await self._sandbox.call(f"{DRAWING}:show", payload)
        except SandboxFailure as failure:
            return AttachmentShownAnswer(why="too-heavy" if failure.reason in {"memory", "timeout"} else "unreadable")
        told, _, picture = answer.partition(b"\n")
        said = json.loads(told)
        media_type = said.pop("media_type", "")
        blob: BlobRef | None = await self._blobs.put(agency, picture, media_type) if picture else None
        return AttachmentShownAnswer(**said, picture=blob)

    async def _raw(self, agency: str, letter_id: UUID, sha256: str) -> bytes | None:
        """The message, where it is no longer (or never was) in quarantine and names such an attachment."""
        for recorded in await self._history(agency, stream(letter_id)):
            event = recorded.event
            if isinstance(event, MessageCaptured | TwinLinked | MessageReleased) and event.blob is not None:
                if all(one.sha256 != sha256 for one in event.attachments):
                    return None
                try:
                    return await self._blobs.get(agency, event.blob)
                except BlobLost:
                    return None
        return None


def attachment_sandbox() -> Sandbox:
    """The limits under which attachments are drawn: a page of a scan takes about 100 MB."""
    return Sandbox(
        preload=(DRAWING,), memory_bytes=1_000_000_000, cpu_seconds=20, wall_seconds=25, output_bytes=60_000_000,
    )  # fmt: skip
