"""What mail servers send back to who sent a message (RFC 3464): read from the mailbox that the return path leads to.

The return path of each message names its notice and carries a mac, so that nobody can have a notice fail who has not
been sent one. The messages are bytes of strangers: nothing of them is parsed but a few lines, and nothing is kept.
"""

from __future__ import annotations

import asyncio
import imaplib
import re
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol
from uuid import UUID, uuid5

import structlog

from contracts.base import Accepted, Actor, Ask, Refusal
from contracts.notices import EMAIL
from contracts.notifications import RecordReceipt
from services.kit.secrets import keyed, spelled
from services.notifications.ports import OrganisationAway
from services.notifications.settings import BounceSettings

MOST_BYTES = 65_536
"""Of a message: a report stands at its beginning."""
MOST_AT_ONCE = 100
MAC = 12
TOKEN = re.compile(rb"([0-9a-f]{32})-([1-9][0-9]{0,3})-([0-9a-z]{12})")
ACTION = re.compile(rb"(?mi)^Action:[ \t]*([a-z]{1,20})")
STATUS = re.compile(rb"(?mi)^Status:[ \t]*([245])\.([0-9]{1,3})\.([0-9]{1,3})")
REPORT = re.compile(rb"(?i)report-type[ \t]*=[ \t]*\"?delivery-status")
ACTOR = Actor(id="bounces", roles=("service",))
NO_SUCH, FULL = {b"1"}, (b"2", b"2")
Execute = Callable[[Ask], Awaitable[Accepted | Refusal]]
KeyOf = Callable[[str], bytes]
Agencies = Callable[[], Awaitable[tuple[str, ...]]]
log = structlog.get_logger(__name__)


class Receipt(NamedTuple):
    """``token``: as it stands in the return path."""

    token: bytes
    what: Literal["delivered", "failed"]
    reason: str | None


class Inbox(Protocol):
    """A mailbox; calls block. Raises OSError, imaplib.IMAP4.error."""

    def unread(self) -> Iterator[tuple[str, bytes]]: ...

    def read(self, name: str) -> None:
        """It is done with."""


def token_of(key: bytes, notice_id: UUID, generation: int) -> str:
    """In lower case, fit for the local part of an address."""
    mac = spelled(keyed(key, "bounce", str(notice_id), str(generation)), MAC).lower()
    return f"{notice_id.hex}-{generation}-{mac}"


def return_path(address: str, key: KeyOf) -> Callable[[str, UUID, int], Awaitable[str]]:
    """``async (agency, notice, generation) -> the envelope's sender``; ``address``: with its ``{token}``."""

    async def path(agency: str, notice_id: UUID, generation: int) -> str:
        token = token_of(await asyncio.to_thread(key, agency), notice_id, generation)
        return address.replace("{token}", token)

    return path


def read_report(raw: bytes, before: bytes, behind: bytes) -> Receipt | None:
    """``before``, ``behind``: what stands around the token in a return path. None: it is no report about a message of
    ours (an answer of somebody who is away, or spam), or it says that it is being tried still.
    """
    text = raw[:MOST_BYTES]
    if not REPORT.search(text):
        return None
    around = re.compile(re.escape(before) + TOKEN.pattern + re.escape(behind), re.IGNORECASE)
    token, action = around.search(text), ACTION.search(text)
    if token is None or action is None:
        return None
    found = b"-".join(token.groups()).lower()
    if action[1].lower() == b"delivered":
        return Receipt(found, "delivered", None)
    if action[1].lower() != b"failed":
        return None
    return Receipt(found, "failed", _reason(STATUS.search(text)))


def _reason(status: re.Match[bytes] | None) -> str:
    if status is None or status[1] != b"5":
        return "refused"
    if status[2] in NO_SUCH and status[3] in {b"0", b"1", b"2", b"3", b"6", b"10"}:
        return "mailbox-unknown"
    return "mailbox-full" if (status[2], status[3]) == FULL else "refused"


class Bounces:
    """``agencies``: those whose keys may have made a token. A mailbox that is away is looked at later."""

    def __init__(  # noqa: PLR0913 - a mailbox, and what is done with what it holds
        self,
        settings: BounceSettings,
        inbox: Inbox,
        agencies: Agencies,
        key: KeyOf,
        execute: Execute,
        clock: Callable[[], datetime],
    ) -> None:
        before, _, behind = settings.address.partition("{token}")
        self._around = before.encode(), behind.encode()
        self._seconds = settings.poll_seconds
        self._inbox = inbox
        self._agencies = agencies
        self._key = key
        self._execute = execute
        self._clock = clock
        self._state = "starting"
        self._counts = {"delivered": 0, "failed": 0, "strange": 0}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.once()
                self._state = "running"
            except (OSError, imaplib.IMAP4.error, OrganisationAway) as away:
                self._state = "waiting"
                log.warning("bounces.away", error=type(away).__name__)
            await asyncio.sleep(self._seconds)

    async def once(self) -> None:
        """Whatever dies in between: a message is unread until its receipt is recorded, and a second time is none."""
        for name, raw in await asyncio.to_thread(lambda: list(self._inbox.unread())):
            receipt = read_report(raw, *self._around)
            if receipt is None or not await self._recorded(receipt):
                self._counts["strange"] += 1
            await asyncio.to_thread(self._inbox.read, name)

    def health(self) -> Mapping[str, Any]:
        return {"state": self._state, **self._counts}

    async def _recorded(self, receipt: Receipt) -> bool:
        """False: no agency's key has made this token."""
        notice, generation, _ = receipt.token.decode().split("-")
        notice_id, count = UUID(notice), int(generation)
        for agency in await self._agencies():
            key = await asyncio.to_thread(self._key, agency)
            if token_of(key, notice_id, count).encode() != receipt.token:
                continue
            command = RecordReceipt(
                notice_id=notice_id, channel=EMAIL, generation=count, what=receipt.what, reason=receipt.reason
            )  # fmt: skip
            identity = uuid5(notice_id, f"receipt/{count}/{receipt.what}")
            ask = Ask(
                command_id=identity, agency=agency, kind=command.kind(), actor=ACTOR, asked_at=self._clock(),
                correlation_id=notice_id, body=command.model_dump(mode="json"),
            )  # fmt: skip
            answer = await self._execute(ask)
            if isinstance(answer, Refusal):
                log.warning("bounces.refused", code=answer.code)
            self._counts[receipt.what] += 1
            return True
        return False


class Folder:
    """A Maildir that the mail server delivers into; what is done with is marked as seen."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def unread(self) -> Iterator[tuple[str, bytes]]:
        for each in sorted((self._path / "new").iterdir())[:MOST_AT_ONCE]:
            if each.is_file() and not each.is_symlink() and not each.name.startswith("."):
                with each.open("rb") as file:
                    yield each.name, file.read(MOST_BYTES)

    def read(self, name: str) -> None:
        (self._path / "cur").mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            (self._path / "new" / name).rename(self._path / "cur" / f"{name}:2,S")


class Imap:
    """A mailbox on the office's own server; what is done with is marked as seen. A connection for each look."""

    def __init__(self, settings: BounceSettings) -> None:
        self._settings = settings

    def unread(self) -> Iterator[tuple[str, bytes]]:
        with self._session() as session:
            _, found = session.uid("SEARCH", "UNSEEN")
            for uid in (found[0] or b"").split()[:MOST_AT_ONCE]:
                _, told = session.uid("FETCH", uid.decode(), f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
                raw = next((each[1] for each in told if isinstance(each, tuple)), None)
                if raw is not None:
                    yield uid.decode(), raw

    def read(self, name: str) -> None:
        with self._session() as session:
            session.uid("STORE", name, "+FLAGS.SILENT", r"(\Seen)")

    def _session(self) -> imaplib.IMAP4:
        said = self._settings
        secure = ssl.create_default_context(cafile=str(said.ca_file) if said.ca_file else None)
        if said.security == "tls":
            client: imaplib.IMAP4 = imaplib.IMAP4_SSL(said.host, said.port, ssl_context=secure, timeout=30)
        else:
            client = imaplib.IMAP4(said.host, said.port, timeout=30)
            if said.security == "starttls":
                client.starttls(secure)
        client.login(said.user, said.password())
        client.select(said.folder)
        return client


def inbox_of(settings: BounceSettings) -> Inbox:
    return Folder(settings.maildir) if settings.maildir is not None else Imap(settings)
