"""A watched folder in Maildir form: letters delivered into `new/`, or dropped into `new/` or `cur/` by hand.

A message's uid is its file's unique name without flags (percent-encoded where it is not plain ASCII). `S` in `cur/`
marks what has been taken in. Links, pipes, hidden files and files still being written are left alone. Changes are
found by polling.
"""

import asyncio
import math
import os
import re
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote_from_bytes

from services.intake.ports import Cursor, MailboxUnavailableError, RawMessage

_POLL_SECONDS = 1.0
_PLAIN = re.compile(r"[A-Za-z0-9.,=_+@~^{}!$ -]+")
_FLAGS = ":2,"


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    uid: str
    flags: str
    mtime: float
    size: int


class Maildir:
    """`MailSource` over a folder; its three directories are made where they are missing.

    `max_bytes`: larger files are reported but not read. `settle_seconds`: a file is left alone until it has not
    changed for so long, because people copy files in.
    """

    def __init__(
        self,
        folder: Path,
        *,
        mailbox: str,
        max_bytes: int = 50_000_000,
        batch_bytes: int = 64_000_000,
        settle_seconds: float = 1.0,
    ) -> None:
        self.mailbox = mailbox
        self._folder = folder
        self._max_bytes = max_bytes
        self._batch_bytes = batch_bytes
        self._settle_seconds = settle_seconds
        self._seen: tuple[int, ...] = ()
        self._again_at = math.inf  # monotonic: when to look again although nothing changes
        self._closing = asyncio.Event()

    async def fetch(self, after: Cursor | None, limit: int) -> list[RawMessage]:  # noqa: ARG002 - flags say what is new
        return await asyncio.to_thread(self._fetch, limit)

    async def read(self, identities: Sequence[tuple[int, str]]) -> list[RawMessage]:
        return await asyncio.to_thread(self._read_named, {uid for validity, uid in identities if validity == 0})

    async def acknowledge(self, messages: Sequence[RawMessage]) -> None:
        await asyncio.to_thread(self._acknowledge, {message.uid for message in messages})

    async def present(self) -> list[tuple[int, str]]:
        return await asyncio.to_thread(lambda: sorted({(0, file.uid) for file in self._files()}))

    async def wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._closing.is_set():
            if time.monotonic() >= self._again_at or await asyncio.to_thread(self._signature) != self._seen:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), min(left, _POLL_SECONDS))

    async def close(self) -> None:
        self._closing.set()

    def _fetch(self, limit: int) -> list[RawMessage]:
        self._seen = self._signature()  # before looking: what comes meanwhile is noticed
        waiting = sorted(self._fresh(), key=lambda file: (file.mtime, file.uid))
        settled = [file for file in waiting if self._settled(file)]
        self._again_at = math.inf if len(settled) == len(waiting) else time.monotonic() + self._settle_seconds
        messages: list[RawMessage] = []
        held = 0
        for file in settled:
            message = self._read(file)
            if message is None:
                continue
            messages.append(message)
            held += len(message.raw or b"")
            if len(messages) >= limit or held >= self._batch_bytes:
                self._again_at = 0.0
                break
        return messages

    def _fresh(self) -> list[_File]:
        taken: dict[str, _File] = {}
        for file in self._files():
            if "S" not in file.flags and "T" not in file.flags:
                taken.setdefault(file.uid, file)
        return list(taken.values())

    def _read_named(self, uids: set[str]) -> list[RawMessage]:
        named = {file.uid: file for file in self._files() if file.uid in uids}
        found = (self._read(file) for file in sorted(named.values(), key=lambda file: (file.mtime, file.uid)))
        return [message for message in found if message is not None]

    def _acknowledge(self, uids: set[str]) -> None:
        for file in self._files():
            if file.uid not in uids or "S" in file.flags:
                continue
            unique = file.path.name.partition(_FLAGS)[0]
            flags = "".join(sorted({*file.flags, "S"}))
            with suppress(FileNotFoundError):  # somebody else moved it meanwhile
                file.path.rename(self._folder / "cur" / f"{unique}{_FLAGS}{flags}")
        self._sync()

    def _sync(self) -> None:
        for name in ("new", "cur"):
            with suppress(FileNotFoundError):
                directory = os.open(self._folder / name, os.O_RDONLY | os.O_DIRECTORY)
                try:
                    os.fsync(directory)
                finally:
                    os.close(directory)

    def _files(self) -> Iterator[_File]:
        """Ordinary files only; one that vanishes meanwhile is passed over (it turns up under its new name)."""
        self._ready()
        for name in ("new", "cur"):
            try:
                entries = list(os.scandir(self._folder / name))
            except OSError as error:
                raise MailboxUnavailableError(f"{name}: {error.strerror}") from None
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                with suppress(FileNotFoundError):
                    state = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(state.st_mode):
                        unique, _, flags = entry.name.partition(_FLAGS)
                        yield _File(Path(entry.path), _uid(unique), flags, state.st_mtime, state.st_size)

    def _settled(self, file: _File) -> bool:
        with suppress(FileNotFoundError):
            return not 0 <= time.time() - file.path.lstat().st_ctime < self._settle_seconds
        return False

    def _read(self, file: _File) -> RawMessage | None:
        """None where it vanished, may not be read, or changed while it was read."""
        try:
            descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as opened:
            before = os.fstat(opened.fileno())
            raw = opened.read(self._max_bytes + 1) if before.st_size <= self._max_bytes else None
            after = os.fstat(opened.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            return None
        received_at = datetime.fromtimestamp(min(max(after.st_mtime, 0), time.time()), UTC)
        if raw is not None and len(raw) != after.st_size:
            return None
        return RawMessage(self.mailbox, 0, file.uid, received_at, after.st_size, raw)

    def _signature(self) -> tuple[int, ...]:
        """Changes whenever a name appears in or leaves `new/` or `cur/`."""
        self._ready()
        return tuple((self._folder / name).stat().st_mtime_ns for name in ("new", "cur"))

    def _ready(self) -> None:
        try:
            for name in ("tmp", "new", "cur"):
                (self._folder / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise MailboxUnavailableError(f"the folder cannot be used: {error.strerror}") from None


def _uid(unique: str) -> str:
    return unique if _PLAIN.fullmatch(unique) else "%" + quote_from_bytes(os.fsencode(unique))
