"""A mailbox on an IMAP server, read without a trace: EXAMINE and BODY.PEEK, changed only where its owner allows it."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar

from imapclient.exceptions import IMAPClientError

from services.intake.adapters.imap_session import ImapAccount, ImapSession
from services.intake.ports import Cursor, RawMessage

T = TypeVar("T")

_WINDOW = 50_000  # UIDs asked for at once: the client library refuses answers of a million characters
_LONGEST_IDLE = 25 * 60.0  # RFC 2177: renewed before 29 minutes
_SLICE_SECONDS = 0.5
_NOOP_SECONDS = 5.0
_RETRY_SECONDS = 1.0


class ImapMailbox:
    """`MailSource` over IMAP. `mark_seen` and `move_to` are the owner's permissions to change the mailbox.

    `max_bytes`: larger messages are reported but not fetched. `batch_bytes`: bodies held at once, about.
    """

    def __init__(  # noqa: PLR0913 - each is a setting of the office
        self,
        account: ImapAccount,
        *,
        mailbox: str,
        max_bytes: int = 50_000_000,
        batch_bytes: int = 64_000_000,
        mark_seen: bool = False,
        move_to: str | None = None,
    ) -> None:
        self.mailbox = mailbox
        self._session = ImapSession(account)
        self._max_bytes = max_bytes
        self._batch_bytes = batch_bytes
        self._mark_seen = mark_seen
        self._move_to = move_to
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="imap")
        self._stale = True  # something other than `fetch` has asked the server since: it may have told of news
        self._closed = False
        self._stop_waiting = threading.Event()

    async def fetch(self, after: Cursor | None, limit: int) -> list[RawMessage]:
        return await self._run(lambda: self._session.attempt(lambda client: self._fetch(client, after, limit)))

    async def read(self, identities: Sequence[tuple[int, str]]) -> list[RawMessage]:
        return await self._run(lambda: self._session.attempt(lambda client: self._read(client, identities)))

    async def acknowledge(self, messages: Sequence[RawMessage]) -> None:
        if messages and (self._mark_seen or self._move_to):
            await self._run(lambda: self._session.attempt(lambda client: self._acknowledge(client, messages)))

    async def present(self) -> list[tuple[int, str]]:
        return await self._run(lambda: self._session.attempt(self._present))

    async def wait(self, seconds: float) -> None:
        await self._run(lambda: self._wait(seconds))

    async def close(self) -> None:
        """Ends what is under way, also a read that hangs."""
        self._stop_waiting.set()
        self._session.interrupt()
        if self._closed:
            return
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._session.drop)
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[], T]) -> T:
        self._stop_waiting.set()  # a wait that nobody waits for any more makes room
        call = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            return await call
        except asyncio.CancelledError:
            self._stop_waiting.set()
            raise

    def _fetch(self, client: Any, after: Cursor | None, limit: int) -> list[RawMessage]:
        state = self._session.examine(client)
        self._stale = False
        validity = int(state[b"UIDVALIDITY"])
        start = int(after.uid) + 1 if after is not None and after.uidvalidity == validity else 1
        for uids in _windows(client, state, start):
            for at in range(0, len(uids), limit):
                if messages := self._bodies(client, validity, uids[at : at + limit]):
                    return messages
        return []

    def _read(self, client: Any, identities: Sequence[tuple[int, str]]) -> list[RawMessage]:
        validity = int(self._session.examine(client)[b"UIDVALIDITY"])
        self._stale = True
        named = sorted(int(uid) for said, uid in identities if said == validity and uid.isdecimal())
        found: list[RawMessage] = []
        for uid in named:
            found += self._bodies(client, validity, [uid])
        return found

    def _bodies(self, client: Any, validity: int, uids: list[int]) -> list[RawMessage]:
        """The first of these messages, up to the batch's bytes; those that vanished meanwhile are left out."""
        known = client.fetch(uids, [b"RFC822.SIZE", b"INTERNALDATE"])
        for group in self._groups({uid: int(known[uid].get(b"RFC822.SIZE", 0)) for uid in sorted(known)}):
            wanted = [uid for uid, size in group.items() if size <= self._max_bytes]
            # one byte more than allowed: a server that misstates a size is found out and bounded
            part = f"BODY.PEEK[]<0.{self._max_bytes + 1}>".encode()
            bodies = client.fetch(wanted, [part]) if wanted else {}
            found = (self._message(validity, uid, known[uid], bodies.get(uid)) for uid in group)
            messages = [message for message in found if message is not None]
            if messages:
                return messages
        return []

    def _message(
        self, validity: int, uid: int, known: dict[bytes, Any], answer: dict[bytes, Any] | None
    ) -> RawMessage | None:
        """None where its body was asked for and is not there any more."""
        size = int(known.get(b"RFC822.SIZE", 0))
        raw = None
        if size <= self._max_bytes:
            raw = _body(answer or {})
            if raw is None:
                return None
            size = len(raw)
            if size > self._max_bytes:
                raw = None
        received_at = known.get(b"INTERNALDATE") or datetime.now(UTC)
        return RawMessage(self.mailbox, validity, str(uid), received_at.astimezone(UTC), size, raw)

    def _groups(self, sizes: dict[int, int]) -> Iterator[dict[int, int]]:
        group: dict[int, int] = {}
        held = 0
        for uid, size in sizes.items():
            weight = size if size <= self._max_bytes else 0
            if group and held + weight > self._batch_bytes:
                yield group
                group, held = {}, 0
            group[uid] = size
            held += weight
        if group:
            yield group

    def _acknowledge(self, client: Any, messages: Sequence[RawMessage]) -> None:
        validity = int(self._session.examine(client, change=True)[b"UIDVALIDITY"])
        self._stale = True
        uids = [int(message.uid) for message in messages if message.uidvalidity == validity]
        if not uids:
            return
        if self._mark_seen:
            client.add_flags(uids, [b"\\Seen"], silent=True)
        if self._move_to:
            self._move(client, uids, self._move_to)

    def _move(self, client: Any, uids: list[int], folder: str) -> None:
        if not client.folder_exists(folder):
            client.create_folder(folder)
        if client.has_capability("MOVE"):
            client.move(uids, folder)
            return
        still = list(client.fetch(uids, [b"FLAGS"]))
        if still:
            client.copy(still, folder)
            client.add_flags(still, [b"\\Deleted"], silent=True)
            if client.has_capability("UIDPLUS"):
                client.uid_expunge(still)

    def _present(self, client: Any) -> list[tuple[int, str]]:
        state = self._session.examine(client)
        self._stale = True
        validity = int(state[b"UIDVALIDITY"])
        return [(validity, str(uid)) for uids in _windows(client, state, 1) for uid in uids]

    def _wait(self, seconds: float) -> None:
        """Early on news; after a moment where the connection is lost: `fetch` makes it anew, or says why."""
        self._stop_waiting.clear()
        if self._stale or not self._session.selected:
            self._stop_waiting.wait(min(seconds, _RETRY_SECONDS) if not self._session.selected else 0)
            return
        until = time.monotonic() + min(seconds, _LONGEST_IDLE)
        try:
            self._session.attempt_once(lambda client: self._listen(client, until))
        except (IMAPClientError, OSError, ValueError):
            self._session.drop()
            self._stop_waiting.wait(min(max(until - time.monotonic(), 0), _RETRY_SECONDS))

    def _listen(self, client: Any, until: float) -> None:
        if not client.has_capability("IDLE"):
            while (left := until - time.monotonic()) > 0 and not self._stop_waiting.wait(min(left, _NOOP_SECONDS)):
                if _news(client.noop()[1]):
                    return
            return
        if _news(client.noop()[1]):
            return
        client.idle()  # raises where the server says something before its "+": then `_wait` begins anew, and looks
        news = False
        while not news and (left := until - time.monotonic()) > 0 and not self._stop_waiting.is_set():
            asked, patience = time.monotonic(), min(left, _SLICE_SECONDS)
            told = client.idle_check(timeout=patience)
            news = _news(told)
            if not told and time.monotonic() - asked < patience / 2:
                break  # woken without a word: the connection is gone, which `idle_done` finds out
        client.idle_done()


def _windows(client: Any, state: dict[bytes, Any], start: int) -> Iterator[list[int]]:
    """UIDs from `start` on, ascending, asked for in windows where the mailbox is large."""
    end = int(state.get(b"UIDNEXT", 0))
    if int(state.get(b"EXISTS", 0)) <= _WINDOW or not end:
        # "n:*" names the last message even where its UID is below n
        yield sorted(uid for uid in client.search(["UID", f"{start}:*"]) if uid >= start)
        return
    for first in range(start, end, _WINDOW):
        yield sorted(client.search(["UID", f"{first}:{first + _WINDOW - 1}"]))


def _body(answer: dict[bytes, Any]) -> bytes | None:
    return next((value for key, value in answer.items() if key.startswith(b"BODY[]")), None)


def _news(told: Sequence[Any]) -> bool:
    return any(b"EXISTS" in one or b"RECENT" in one or b"BYE" in one for one in told if isinstance(one, tuple))
