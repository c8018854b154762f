"""What intake needs from outside, as Protocols; `adapters/` fulfils them, tests fake them by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class MailboxUnavailableError(Exception):
    """The mailbox cannot be reached or refuses us at present; nothing is lost, ask again later."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where reading got to. A mailbox with another `uidvalidity` is another mailbox: reading starts again."""

    uidvalidity: int
    uid: str


@dataclass(frozen=True, slots=True)
class RawMessage:
    """A message as it lay in the mailbox. `received_at`: INTERNALDATE or the file's time, aware UTC.

    `raw` is None for one larger than the source may fetch; `size` in bytes, as the mailbox states it.
    """

    mailbox: str
    uidvalidity: int
    uid: str
    received_at: datetime
    size: int
    raw: bytes | None


class MailSource(Protocol):
    """A mailbox that is read and, unless its owner allows it, not changed. All raise `MailboxUnavailableError`."""

    mailbox: str

    async def fetch(self, after: Cursor | None, limit: int) -> list[RawMessage]:
        """At most `limit` messages beyond the cursor, oldest first. None means that there is none, fewer does not."""
        ...

    async def read(self, identities: Sequence[tuple[int, str]]) -> list[RawMessage]:
        """Those of the named (uidvalidity, uid) that are still there: for what a reconciliation found missing."""
        ...

    async def acknowledge(self, messages: Sequence[RawMessage]) -> None:
        """Called after the commit: files are marked as seen, an IMAP mailbox is changed only where that is allowed."""
        ...

    async def present(self) -> list[tuple[int, str]]:
        """Every (uidvalidity, uid) in the mailbox now."""
        ...

    async def wait(self, seconds: float) -> None:
        """Returns after `seconds`, earlier where something new may be there."""
        ...

    async def close(self) -> None: ...
