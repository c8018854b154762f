"""What an error of disk, database or machine means, in a sentence for whoever keeps them. Errors are told by their
codes: their words may be a citizen's.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator

READ_ONLY = "disk hanya dapat dibaca (read-only)"
FULL = "disk penuh, atau jumlah berkasnya (inode) habis"
UNWRITABLE = "disk tidak dapat ditulisi: penuh, rusak, atau hanya dapat dibaca"
UNOPENED = "berkas basis data tidak dapat dibuka: disk penuh atau rusak, atau terlalu banyak berkas terbuka"
DESCRIPTORS = "terlalu banyak berkas dan koneksi terbuka: naikkan batas LimitNOFILE (ulimit -n)"
MEMORY = "memori habis"
CONNECTIONS = "PostgreSQL kehabisan koneksi: naikkan max_connections, atau tutup sesi lain"
BUSY = "koneksi ke PostgreSQL terpakai semua"
STOPPING = "PostgreSQL memutus koneksi: dihentikan, dimulai ulang, atau sesi ditutup"

BY_NUMBER = {
    errno.EROFS: READ_ONLY,
    errno.ENOSPC: FULL,
    errno.EDQUOT: "kuota disk habis",
    errno.EIO: UNWRITABLE,
    errno.EMFILE: DESCRIPTORS,
    errno.ENFILE: DESCRIPTORS,
    errno.ENOMEM: MEMORY,
}
BY_SQLITE = {
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_FULL": FULL,
    "SQLITE_IOERR": UNWRITABLE,
    "SQLITE_CANTOPEN": UNOPENED,
    "SQLITE_NOMEM": MEMORY,
    "SQLITE_BUSY": "basis data dikunci proses lain",
}
BY_SQLSTATE = {
    "53300": CONNECTIONS,
    "53100": "disk PostgreSQL penuh",
    "53200": "memori PostgreSQL habis",
    "25006": "PostgreSQL hanya dapat dibaca (read-only)",
    "57014": "PostgreSQL membatalkan perintah yang terlalu lama (statement_timeout)",
    "55P03": "tabel dikunci sesi PostgreSQL lain (lihat pg_stat_activity)",
    "40P01": "terkunci silang (deadlock) dengan sesi PostgreSQL lain",
    "57P01": STOPPING,
    "57P02": STOPPING,
    "57P03": STOPPING,
}
BY_NAME = {"PoolTimeout": BUSY, "sqlalchemy.exc.TimeoutError": BUSY}
AT_THE_DOOR = ("too many clients", "remaining connection slots", "too many connections")
"""Whoever is not let in is told no code by libpq."""


def cause_of(error: BaseException) -> str:
    """Of the error or of what it comes from; "": nothing that is known here."""
    return next((found for each in _chain(error) if (found := _one(each))), "")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        if isinstance(error, BaseExceptionGroup):
            for each in error.exceptions:
                yield from _chain(each)
        error = error.__cause__ or error.__context__


def _one(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return MEMORY
    if isinstance(error, OSError):
        return BY_NUMBER.get(error.errno or 0, "")
    if name := getattr(error, "sqlite_errorname", ""):
        return next((said for code, said in BY_SQLITE.items() if str(name).startswith(code)), "")
    if code := getattr(error, "sqlstate", None):
        return BY_SQLSTATE.get(str(code), "")
    kind = type(error)
    if kind.__module__.startswith("psycopg") and any(each in str(error) for each in AT_THE_DOOR):
        return CONNECTIONS
    return BY_NAME.get(kind.__qualname__, "") or BY_NAME.get(f"{kind.__module__}.{kind.__qualname__}", "")


__all__ = ["cause_of"]
