"""What can go wrong with a backup, each with a stable code and a sentence for the person at the console."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager


class BackupFault(Exception):
    """``str()`` is the sentence, in Indonesian; ``code`` is stable: ``backup.<reason>``."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = f"backup.{code}"


@contextmanager
def reaching(place: str) -> Iterator[None]:
    """What the folder of a backup answers, as a fault: full, closed to us, or away. Nothing of ours is lost by it."""
    try:
        yield
    except OSError as error:
        raise _told(place, error) from error


def _told(place: str, error: OSError) -> BackupFault:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return BackupFault("place-full", f"Tempat cadangan {place} penuh. Cadangan yang sudah ada tetap utuh.")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return BackupFault("place-closed", f"Tempat cadangan {place} tidak dapat ditulis: {error.strerror}.")
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return BackupFault("place-away", f"Tempat cadangan {place} tidak ada: belum terpasang, atau dilepas.")
    return BackupFault("place-away", f"Tempat cadangan {place} tidak dapat dicapai: {error.strerror or _first(error)}")


def _first(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
