"""Dovecot's passwd-file: one line an account, written whole and renamed, so that no reader ever sees half of it.

    address:hash:::name::: userdb_caraka_account=… userdb_caraka_unit=… [userdb_caraka_held=hash]
        [userdb_quota_rule=*:storage=2048M]   (one line)

Who may not log in has ``*`` for a hash, which nothing matches, and keeps his own beside it. Who may not even receive
has his line behind ``#closed ``: Dovecot reads a comment there, and knows him no more. Lines of others stay as they
are.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.account_provisioning.ports import (
    CANNOT_TELL,
    NO_ALIAS,
    NO_QUOTA,
    Away,
    Conflict,
    Entry,
    Refused,
    Sessions,
    Wanted,
    agreed,
    shut_out,
)

HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
SCHEME = "{ARGON2ID}"
NOTHING = "{CRYPT}*"  # no secret gives this hash
CLOSED = "#closed "
FIELDS = 8
MARKER, UNIT, HELD = "userdb_caraka_account", "userdb_caraka_unit", "userdb_caraka_held"
QUOTA, QUOTA_RULE = "userdb_quota_rule", re.compile(r"\*:storage=([0-9]{1,9})M")
LOOKS_SECONDS = 1.1
LINE_SAFE = " .,'()-"


@dataclass(frozen=True, slots=True)
class _Line:
    """``text``: as it stands in the file, for lines that are not ours."""

    text: str
    address: str = ""
    parts: tuple[str, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)
    closed: bool = False

    @property
    def marker(self) -> UUID | None:
        try:
            return UUID(self.extra.get(MARKER, ""))
        except ValueError:
            return None

    @property
    def hash(self) -> str:
        """His own, whether he may use it now or not; empty: he has none."""
        return self.extra.get(HELD, "") or ("" if self.parts[1] == NOTHING else self.parts[1])

    def entry(self) -> Entry:
        return Entry(
            marker=self.marker,
            address=self.address,
            name=_unquoted(self.parts[4]),
            unit=_unquoted(self.extra.get(UNIT, "")),
            login=not self.closed and HELD not in self.extra and self.extra.get("nologin") is None,
            receives=not self.closed,
            secret=bool(self.hash),
            quota=self.quota,
        )

    @property
    def quota(self) -> int:
        """Megabytes; 0: the mail server's own holds, or a rule of another form that somebody else wrote."""
        found = QUOTA_RULE.fullmatch(self.extra.get(QUOTA, ""))
        return int(found[1]) if found else 0


class PasswdFile:
    """``sessions``: Dovecot, which has to forget what it remembers of a secret; None: it remembers nothing."""

    keeps_aliases = False

    def __init__(self, path: Path, sessions: Sessions | None = None) -> None:
        self._path = path
        self._sessions = sessions

    def find(self, address: str) -> Entry | None:
        line = _of(self._read(), address)
        return line.entry() if line else None

    def leads(self, _address: str) -> tuple[str, ...]:
        """The file knows accounts alone."""
        return ()

    def ensure(self, wanted: Wanted) -> Entry:
        if wanted.alias:
            raise Refused(NO_ALIAS)
        with self._changing() as lines:
            known = _ours(lines, wanted.account_id, wanted.address)
            if known is None and not wanted.create:
                raise Refused("entry-missing")
            _put(lines, known, _made(wanted, known))
        entry = agreed(wanted, self.find(wanted.address))
        if known is None:
            return entry
        if wanted.revoke or not wanted.login:
            time.sleep(LOOKS_SECONDS if self._sessions else 0)
            return shut_out(self._sessions, wanted.address, entry)
        self._forget(wanted.address)
        return entry

    def remove(self, account_id: UUID, address: str) -> None:
        with self._changing() as lines:
            known = _of(lines, address)
            if known is not None and known.marker == account_id:
                lines.remove(known)

    def set_secret(self, account_id: UUID, address: str, secret: str) -> None:
        hashed = SCHEME + HASHER.hash(secret)
        with self._changing() as lines:
            known = _ours(lines, account_id, address)
            if known is None:
                raise Refused("entry-missing")
            if not known.entry().login:
                raise Refused("no-login")
            _put(lines, known, _with(known, hashed, known.extra, closed=known.closed))
        self._forget(address)

    def accepts(self, address: str, secret: str) -> bool:
        line = _of(self._read(), address)
        if line is None or line.closed or not line.parts[1].startswith(SCHEME):
            return False
        try:
            return HASHER.verify(line.parts[1].removeprefix(SCHEME), secret)
        except (VerificationError, InvalidHashError):
            return False

    def last_login(self, address: str) -> datetime | None:
        """The file does not know; Dovecot may."""
        if self._sessions is None:
            raise Refused(CANNOT_TELL)
        return self._sessions.last_login(address)

    def close(self) -> None:
        """A file needs none."""

    def _forget(self, address: str) -> None:
        """Dovecot looks at the file once a second at most: told earlier, it would remember the old line anew."""
        if self._sessions is not None:
            time.sleep(LOOKS_SECONDS)
            self._sessions.end(address)

    def _read(self) -> list[_Line]:
        try:
            text = self._path.read_text(encoding="utf-8", errors="surrogateescape")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Away("file-unreadable") from error
        return [_parsed(line) for line in text.splitlines()]

    @contextlib.contextmanager
    def _changing(self) -> Iterator[list[_Line]]:
        """One writer at a time, on this machine. The new file is on the disk before it takes the old one's place."""
        try:
            with self._path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                lines = self._read()
                before = list(lines)
                yield lines
                if lines != before:
                    self._write(lines)
        except OSError as error:
            raise Away("file-unwritable") from error

    def _write(self, lines: list[_Line]) -> None:
        text = "".join(f"{line.text}\n" for line in lines)
        mode, owner, changed_at = self._as_before()
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
                os.fchmod(file.fileno(), mode)
                if owner is not None and os.geteuid() == 0:
                    os.fchown(file.fileno(), *owner)
                file.write(text)
                file.flush()
                os.utime(file.fileno(), (changed_at, changed_at))
                os.fsync(file.fileno())
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _as_before(self) -> tuple[int, tuple[int, int] | None, int]:
        """Mode, owner, and the second of the change: another than the last one, by which alone Dovecot tells it.

        A new file is for its owner alone; Dovecot's group is given to it once, by who sets it up.
        """
        try:
            known = self._path.stat()
        except FileNotFoundError:
            return 0o600, None, int(time.time())
        later = max(int(time.time()), int(known.st_mtime) + 1)
        return known.st_mode & 0o777, (known.st_uid, known.st_gid), later


def _parsed(text: str) -> _Line:
    """A line of another form is somebody's, and stays as it is."""
    closed = text.startswith(CLOSED)
    parts = text.removeprefix(CLOSED).split(":", FIELDS - 1)
    if (text.startswith("#") and not closed) or not parts[0] or len(parts) < 2:  # noqa: PLR2004 - a name and a hash
        return _Line(text)
    whole = (*parts, *[""] * (FIELDS - len(parts)))
    extra = dict(each.partition("=")[::2] for each in whole[7].split())
    return _Line(text, parts[0].casefold(), whole, extra, closed)


def _of(lines: list[_Line], address: str) -> _Line | None:
    return next((line for line in lines if line.address == address.casefold()), None)


def _ours(lines: list[_Line], account_id: UUID, address: str) -> _Line | None:
    """Raises `Conflict` where the address is another's, or the account has another address."""
    if any(line.marker == account_id and line.address != address for line in lines):
        raise Conflict("foreign-entry")
    known = _of(lines, address)
    if known is not None and known.marker != account_id:
        raise Conflict("foreign-entry")
    return known


def _made(wanted: Wanted, known: _Line | None) -> _Line:
    base = known or _Line("", wanted.address, (wanted.address, NOTHING, *[""] * (FIELDS - 2)), {})
    parts = list(base.parts)
    parts[4] = _quoted(wanted.name) or parts[4]
    extra = {**base.extra, MARKER: str(wanted.account_id)}
    if wanted.unit:
        extra[UNIT] = _quoted(wanted.unit, spaces=False)
    foreign = QUOTA in extra and known is not None and not known.quota  # a rule of another form: somebody's own
    if foreign and wanted.quota:
        raise Refused(NO_QUOTA)
    if wanted.quota is not None and not foreign:
        extra.pop(QUOTA, None)
        extra |= {QUOTA: f"*:storage={wanted.quota}M"} if wanted.quota else {}
    hashed = "" if wanted.revoke else base.hash if known else ""
    extra.pop(HELD, None)
    if not wanted.login:
        extra[HELD] = hashed
    shown = hashed if wanted.login and hashed else NOTHING
    return _with(replace(base, parts=tuple(parts)), shown, extra, closed=not wanted.receives)


def _with(base: _Line, hashed: str, extra: dict[str, str], *, closed: bool) -> _Line:
    parts = [base.address, hashed, *base.parts[2:7], " ".join(f"{key}={value}" for key, value in extra.items())]
    text = (CLOSED if closed else "") + ":".join(parts)
    return _Line(text, base.address, tuple(parts), extra, closed)


def _put(lines: list[_Line], known: _Line | None, line: _Line) -> None:
    if known is None:
        lines.append(line)
    elif known.text != line.text:
        lines[lines.index(known)] = line


def _quoted(text: str, *, spaces: bool = True) -> str:
    """No colon, no line's end, no blank where one ends a field; and no ``%``, which Dovecot takes for a variable."""
    return quote(text, safe=LINE_SAFE if spaces else LINE_SAFE.strip()).replace("%", "+")


def _unquoted(text: str) -> str:
    """``+`` itself was quoted too."""
    return unquote(text.replace("+", "%"))
