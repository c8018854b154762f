"""Reads a mailbox for ever: raw bytes stored, then the event, then the server's flag. A message is never only gone.

They are read before they are stored, because what is classified is never stored with the agency's key.
Where the process dies between two of these steps, the message is read again; its identity (mailbox, uidvalidity,
uid), its content and its Message-ID are claimed in the commit, so that it stays one letter.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, insert, select, update

from contracts.base import Accepted, Actor, Ask, Command, Refusal
from contracts.intake import MessageSource
from services.intake.adapters.post import PostReader
from services.intake.adapters.reading import Parser, capture_of
from services.intake.policy import CLASSIFIED, own_key
from services.intake.ports import Cursor, MailboxUnavailableError, MailSource, RawMessage
from services.kit.blobs import Blobs
from services.kit.crash import crash_point
from services.kit.ids import named

METADATA = MetaData()
MAILBOXES = Table(
    "mailboxes",
    METADATA,
    Column("agency", String(32), primary_key=True),
    Column("mailbox", String(64), primary_key=True),
    Column("uidvalidity", Integer, nullable=False),
    Column("uid", String(300), nullable=False),
)
AT_ONCE = 32
READER = Actor(id="mailbox", roles=("service",))
RETRY_SECONDS = 5.0
log = structlog.get_logger(__name__)


class NotTaken(Exception):
    """A message could neither be captured nor quarantined; reading stops before it, so that nothing is passed over."""


class MailboxReader:
    """One mailbox of one agency."""

    def __init__(  # noqa: PLR0913 - what reading needs
        self,
        agency: str,
        channel: str,
        source: MailSource,
        *,
        engine: Engine,
        blobs: Blobs,
        parser: Parser,
        execute: Callable[[Ask], Awaitable[Accepted | Refusal]],
        poll_seconds: float,
        post: PostReader | None = None,
    ) -> None:
        """``post``: of a mailbox that is not for letters."""
        self._agency = agency
        self._channel = channel
        self._source = source
        self._engine = engine
        self._blobs = blobs
        self._parser = parser
        self._execute = execute
        self._poll_seconds = poll_seconds
        self._post = post
        self._polled_at: datetime | None = None
        self._taken = 0
        self._reason = ""
        self._failing_since: datetime | None = None

    async def run(self) -> None:
        """Until cancelled; a mailbox that is away is asked again later."""
        cursor = await asyncio.to_thread(self._cursor)
        while True:
            try:
                cursor, found = await self._round(cursor)
                self._polled_at, self._reason, self._failing_since = datetime.now(UTC), "", None
                if not found:
                    await self._source.wait(self._poll_seconds)
            except MailboxUnavailableError as error:
                self._reason = str(error) or "away"
                self._failing_since = self._failing_since or datetime.now(UTC)
                log.warning("mailbox.away", agency=self._agency, mailbox=self._source.mailbox, reason=self._reason)
                await asyncio.sleep(RETRY_SECONDS)

    def health(self) -> Mapping[str, Any]:
        """``failing_since``: None while it can be read."""
        return {
            "agency": self._agency,
            "mailbox": self._source.mailbox,
            "failing_since": self._failing_since,
            "state": "waiting" if self._reason else "reading",
            "reason": self._reason,
            "polled_at": self._polled_at,
            "taken": self._taken,
        }

    async def close(self) -> None:
        await self._source.close()

    async def _round(self, cursor: Cursor | None) -> tuple[Cursor | None, int]:
        messages = await self._source.fetch(cursor, AT_ONCE)
        if not messages:
            return cursor, 0
        crash_point("intake.after-fetch")
        async with asyncio.TaskGroup() as group:
            for message in messages:
                group.create_task(self._take(message))
        crash_point("intake.before-acknowledge")
        await self._source.acknowledge(messages)
        reached = Cursor(messages[-1].uidvalidity, messages[-1].uid)
        await asyncio.to_thread(self._keep, reached)
        self._taken += len(messages)
        return reached, len(messages)

    async def _take(self, message: RawMessage) -> None:
        if self._post is not None:
            await self._take_post(self._post, message)
            return
        blob = parsed = None
        letter_id = letter_id_of(self._agency, message)
        if message.raw is not None:
            parsed = await self._parser.parse(message.raw)
            own = own_key(letter_id) if parsed.quarantine == CLASSIFIED else ""
            blob = await self._blobs.put(self._agency, message.raw, "message/rfc822", own)
            crash_point("intake.after-blob")
        source = MessageSource(
            channel=self._channel, mailbox=message.mailbox, uidvalidity=message.uidvalidity, uid=message.uid
        )
        arrival = (letter_id, source, message.received_at, message.raw, message.size, blob)
        outcome = await self._ask(capture_of(*arrival, parsed), letter_id)
        if isinstance(outcome, Refusal) and parsed is not None:  # what the contract cannot hold, quarantine can
            unreadable = parsed.model_copy(update={"quarantine": "unparsable"})
            outcome = await self._ask(capture_of(*arrival, unreadable), letter_id)
        if isinstance(outcome, Refusal):
            raise NotTaken(f"{message.mailbox} {message.uidvalidity}/{message.uid}: {outcome.code}")
        crash_point("intake.after-commit")

    async def _take_post(self, post: PostReader, message: RawMessage) -> None:
        command = await post.command(message)
        outcome = await self._ask(command, command.message_id)
        if isinstance(outcome, Refusal) and command.read is not None:  # what the contract cannot hold stays where it is
            bare = command.model_copy(update={"read": None, "blob": None, "withheld": "unparsable"})
            outcome = await self._ask(bare, command.message_id)
        if isinstance(outcome, Refusal):
            raise NotTaken(f"{message.mailbox} {message.uidvalidity}/{message.uid}: {outcome.code}")
        crash_point("intake.after-commit")

    async def _ask(self, command: Command, letter_id: UUID) -> Accepted | Refusal:
        """The id comes from the message, so that reading it twice asks the same thing; a quarantine is another
        thing.
        """
        quarantined = getattr(command, "quarantine", None) or getattr(command, "withheld", None) or "captured"
        identity = named("capture", str(letter_id), quarantined)
        return await self._execute(
            Ask(
                command_id=identity,
                agency=self._agency,
                kind=command.kind(),
                actor=READER,
                asked_at=datetime.now(UTC),
                correlation_id=letter_id,
                body=command.model_dump(mode="json"),
            )
        )

    def _cursor(self) -> Cursor | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(MAILBOXES).where(*self._mine())).first()
        return None if row is None else Cursor(row.uidvalidity, row.uid)

    def _keep(self, cursor: Cursor) -> None:
        values = {"uidvalidity": cursor.uidvalidity, "uid": cursor.uid}
        with self._engine.begin() as connection:
            if connection.execute(update(MAILBOXES).where(*self._mine()).values(values)).rowcount == 0:
                connection.execute(
                    insert(MAILBOXES).values(agency=self._agency, mailbox=self._source.mailbox, **values)
                )

    def _mine(self) -> Sequence[Any]:
        return (MAILBOXES.c.agency == self._agency, MAILBOXES.c.mailbox == self._source.mailbox)


def letter_id_of(agency: str, message: RawMessage) -> UUID:
    """letter_id = uuid5(agency, mailbox, UIDVALIDITY, UID)."""
    return named("letter", agency, message.mailbox, str(message.uidvalidity), message.uid)
