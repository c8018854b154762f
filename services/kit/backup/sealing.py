"""Archives are sealed to public keys (age, X25519): the machine that writes them cannot read them again.

The only module that knows `pyrage`. Bytes travel through a pipe, so that neither side of it holds a whole store.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import pyrage

from services.kit.backup.faults import BackupFault

PIECE = 1024 * 1024
SECRET = "AGE-SECRET-KEY-"  # noqa: S105 - how such a key begins
Recipients = Sequence[pyrage.x25519.Recipient]
Identities = Sequence[pyrage.x25519.Identity]


class Written(Protocol):
    def write(self, data: bytes, /) -> int: ...


def recipients_of(text: str) -> Recipients:
    """``age1…``, several joined by commas. Raises BackupFault where one of them is none."""
    names = [each.strip() for each in text.split(",") if each.strip()]
    try:
        return [pyrage.x25519.Recipient.from_str(name) for name in names]
    except pyrage.RecipientError:
        raise BackupFault("recipient", "CARAKA_BACKUP_RECIPIENT harus berupa kunci umum age: age1…") from None


def identities_in(path: Path) -> Identities:
    """The private keys in a file, one a line; lines that begin with # say something. Raises BackupFault."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise BackupFault("identity-lost", f"Berkas kunci cadangan {path} tidak ada atau tidak terbaca.") from None
    try:
        found = [pyrage.x25519.Identity.from_str(line.strip()) for line in lines if line.strip().startswith(SECRET)]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise BackupFault("identity-lost", f"Berkas {path} tidak memuat kunci pribadi age ({SECRET}…).")
    return found


def new_identity(path: Path) -> str:
    """Makes a key pair; the private one in a new file (mode 0600). The public one. Raises FileExistsError."""
    made = pyrage.x25519.Identity.generate()
    public = str(made.to_public())
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"# Kunci pribadi cadangan Caraka. Tanpa berkas ini cadangan tidak dapat dibuka.\n# {public}\n")
        file.write(f"{made}\n")
        file.flush()
        os.fsync(file.fileno())
    return public


def public_of(identities: Identities) -> Recipients:
    return [each.to_public() for each in identities]


@dataclass
class Measured:
    """What has passed: how many bytes, and their hash."""

    size: int = 0
    digest: Any = field(default_factory=sha256)

    def of(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        for part in parts:
            self.size += len(part)
            self.digest.update(part)
            yield part

    @property
    def sha256(self) -> str:
        return str(self.digest.hexdigest())


class _Parts:
    """Parts, read as a file is."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._coming = iter(parts)
        self._rest = memoryview(b"")
        self.failed: Exception | None = None
        """What the parts raised: the library makes another error of it."""

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            try:
                self._rest = memoryview(next(self._coming))
            except StopIteration:
                return b""
            except Exception as error:
                self.failed = error
                raise
        taken = self._rest[: size if size >= 0 else None]
        self._rest = self._rest[len(taken) :]
        return taken.tobytes()


class _Out:
    """What the library writes to; it wants a `flush`."""

    def __init__(self, writer: Written) -> None:
        self._writer = writer
        self.failed: Exception | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._writer.write(data)
        except Exception as error:
            self.failed = error
            raise

    def flush(self) -> None:
        """Nothing waits here."""


def closed(parts: Iterable[bytes], recipients: Recipients) -> Iterator[bytes]:
    """The parts sealed. Whatever ``parts`` raises is raised here."""

    def work(out: _Out) -> None:
        coming = _Parts(parts)
        try:
            pyrage.encrypt_io(coming, out, list(recipients))
        except (pyrage.EncryptError, OSError) as error:
            raise coming.failed or out.failed or error from None

    return _piped(work)


def opened(parts: Iterable[bytes], identities: Identities, into: BinaryIO, what: str) -> None:
    """Writes the plaintext. Raises BackupFault for a wrong key, and for bytes that were changed or cut."""
    coming, out = _Parts(parts), _Out(into)
    try:
        pyrage.decrypt_io(coming, out, list(identities))
    except (pyrage.DecryptError, OSError) as error:
        if own := coming.failed or out.failed:
            raise own from None
        if "No matching keys" in str(error):
            raise BackupFault("wrong-key", f"Kunci ini tidak membuka {what}: ditutup untuk kunci lain.") from None
        raise changed(what) from None


def changed(what: str) -> BackupFault:
    return BackupFault("changed", f"Isi {what} terpotong atau diubah: tidak ada yang dipulihkan dari cadangan ini.")


def _piped(work: Callable[[_Out], None]) -> Iterator[bytes]:
    """What ``work`` writes, as parts, while it goes on in a thread of its own."""
    readable, writable = os.pipe()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with os.fdopen(writable, "wb", buffering=0) as out:
                work(_Out(_Whole(out)))
        except BaseException as error:  # noqa: BLE001 - raised again where the parts are taken
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        with os.fdopen(readable, "rb", buffering=0) as coming:
            gathered = bytearray()
            while part := coming.read(PIECE):
                gathered += part
                if len(gathered) >= PIECE:
                    yield bytes(gathered)
                    gathered.clear()
            if not failed and gathered:
                thread.join()
                if not failed:
                    yield bytes(gathered)
    finally:
        thread.join()
    if failed:
        raise failed[0]


class _Whole:
    """A raw pipe may take less than it was given."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def write(self, data: bytes) -> int:
        left = memoryview(data)
        while left:
            left = left[self._raw.write(left) :]
        return len(data)
