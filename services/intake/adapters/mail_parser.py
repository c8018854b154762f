"""Has messages read in the sandbox, and answers for every message, also for one that kills its reader."""

import json

from services.intake.adapters.mail_reading import HEAD_BYTES, pack
from services.intake.mail import ParsedMessage, ParserOptions
from services.kit.sandbox import Sandbox, SandboxFailure

READING = "services.intake.adapters.mail_reading"
LOOKING = "services.intake.adapters.attachment_markings"


class SandboxedParser:
    """Reads messages in a sandbox whose `preload` names `READING`; a message that kills its child is quarantined."""

    def __init__(self, sandbox: Sandbox, options: ParserOptions) -> None:
        self._sandbox = sandbox
        self._options = options

    async def parse(self, raw: bytes) -> ParsedMessage:
        """Never raises for what is in `raw`; raises `SandboxFailure` "refused" where no child can be had at all."""
        try:
            message = await self._ask(raw, self._options)
        except SandboxFailure as failure:
            if failure.reason == "refused" and failure.detail != "output":
                raise
            reason = failure.reason if failure.reason in {"timeout", "memory"} else "crashed"
            return await self._head(raw, f"parser-{reason}")
        return await self._looked_into(message, raw)

    async def parse_released(self, raw: bytes) -> ParsedMessage:
        """The same for a message that an officer lets out: neither markings nor the sender's domain hold it back."""
        known = self._options.model_copy(update={"classified": {}, "authserv_id": None})
        return await SandboxedParser(self._sandbox, known).parse(raw)

    async def parse_post(self, raw: bytes) -> ParsedMessage:
        """The same for a mailbox that is not for letters: a citizen who writes "rahasia" marks nothing."""
        return await SandboxedParser(self._sandbox, self._options.model_copy(update={"classified": {}})).parse(raw)

    async def attachment(self, raw: bytes, sha256: str) -> bytes | None:
        """An attachment's bytes by the hash that its reading names; None where there is none (or its reader failed).

        Whether a quarantined message may be opened is the caller's to ask first.
        """
        try:
            return await self._sandbox.call(f"{READING}:extract", bytes.fromhex(sha256) + raw)
        except SandboxFailure as failure:
            if failure.reason == "refused" and failure.detail != "output":
                raise
            return None

    async def _looked_into(self, message: ParsedMessage, raw: bytes) -> ParsedMessage:
        """With what its attachments say of themselves: a file that kills its reader costs the letter a warning."""
        if not (message.attachments and self._options.classified):
            return message
        try:
            told = json.loads(await self._sandbox.call(f"{LOOKING}:look", pack(raw, self._options)))
        except SandboxFailure as failure:
            if failure.reason == "refused" and failure.detail != "output":
                raise
            told = {"marked": False, "unread": True}
        if told["marked"]:
            shut = {"quarantine": "classified", "subject": "", "text": "", "truncated": False, "attachments": []}
            return message.model_copy(update=shut)
        if told["unread"]:
            return message.model_copy(update={"warnings": sorted({*message.warnings, "attachment-unread"})})
        return message

    async def _head(self, raw: bytes, warning: str) -> ParsedMessage:
        """Sender and subject at least, for the person who looks at the quarantine."""
        try:
            head = await self._ask(raw[:HEAD_BYTES], self._options.model_copy(update={"headers_only": True}))
        except SandboxFailure as failure:
            if failure.reason == "refused" and failure.detail != "output":
                raise
            head = ParsedMessage()
        reason = "classified" if head.quarantine == "classified" else "unparsable"
        return head.model_copy(update={"quarantine": reason, "warnings": sorted({*head.warnings, warning})})

    async def _ask(self, raw: bytes, options: ParserOptions) -> ParsedMessage:
        return ParsedMessage.model_validate_json(await self._sandbox.call(f"{READING}:parse", pack(raw, options)))


def mail_sandbox(*, at_once: int = 2) -> Sandbox:
    """The limits under which mail is read."""
    return Sandbox(
        preload=(READING, LOOKING),
        memory_bytes=600_000_000,
        cpu_seconds=10,
        wall_seconds=20,
        output_bytes=60_000_000,
        at_once=at_once,
    )
