"""The data folder belongs to whoever runs the product, and to one running product at a time.

Stores, mails, hashes and the bus's token lie there; no other user of the machine may read any of it.
"""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from services.cli.console import say
from services.kit.observability import cause_of
from services.kit.settings import TOKEN_FILE, Settings

OTHERS = 0o077
TRIED_BYTES = 4096
LOCK_FILE = "caraka.lock"
RESTORING = "restoring"
MARKS = {TOKEN_FILE, LOCK_FILE, RESTORING, "keyring", "demo-password", "no-samples", "nats", "blobs", "mailbox"}
NOT_OURS = {"secrets"}  # of the container stack, which is read by another user; deploy/secrets closes that folder


@contextmanager
def held(settings: Settings, *, alone: bool = True) -> Iterator[None]:
    """One ``caraka up`` per folder: taken before anything in it is written or started; then closed to others.

    Raises SystemExit with a sentence where another one holds it, and as `close` does. Not ``alone``: closed, not taken.
    """
    if not alone:
        close(settings)
        yield
        return
    with _of_another_user(settings):
        folder = _made(settings)
        lock = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            who = os.pread(lock, 20, 0).decode("ascii", "replace").strip()
            raise SystemExit(
                f"Caraka sudah berjalan pada folder data {folder} (proses {who}); tidak ada yang diubah.\n"
                "Hentikan dulu yang itu, atau pilih folder lain dengan CARAKA_DATA_DIR."
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        if close(settings):
            (folder / TOKEN_FILE).unlink(missing_ok=True)
            say("Token bus diganti, karena mungkin sudah terbaca.")
        yield
    finally:
        os.close(lock)


def unwritable(folder: Path) -> str:
    """Why a folder takes no file, found out by writing one; "": it does."""
    try:
        with tempfile.TemporaryFile(dir=folder, prefix=".tried-") as file:
            file.write(bytes(TRIED_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return cause_of(error) or str(error.strerror)
    return ""


def close(settings: Settings) -> bool:
    """Makes the folder where it is missing, takes every right on it from others, and says what had to be mended.

    Whether others could come in until now.

    What lies in a closed folder is closed: a folder in it that is so already is not searched. Raises SystemExit with a
    sentence where the folder is not ours to close.
    """
    with _of_another_user(settings):
        folder = _made(settings)
        exposed, new = _open(folder.stat().st_mode), _empty(folder)
        count = _close(folder)
    if new or not count:
        return False
    if not exposed:
        say(f"Hak baca pengguna lain dicabut dari {count} berkas dan folder di dalam folder data {folder}.")
        return False
    say(f"Folder data {folder} dapat dibaca pengguna lain di mesin ini; kini ditutup ({count} berkas dan folder).")
    say("Kata sandi dan token yang tersimpan mungkin sudah terbaca: gantilah bila mesin ini punya pemakai lain.")
    return True


@contextmanager
def _of_another_user(settings: Settings) -> Iterator[None]:
    try:
        yield
    except PermissionError:
        raise SystemExit(
            f"Folder data {settings.data_dir} milik pengguna lain: tidak dapat dipakai atau ditutup.\n"
            "Jalankan sebagai pemiliknya, atau pilih folder lain dengan CARAKA_DATA_DIR."
        ) from None
    except OSError as error:
        raise SystemExit(
            f"Folder data {settings.data_dir} tidak dapat dibuat atau ditulisi ({error.strerror}). "
            "Pilih folder lain dengan CARAKA_DATA_DIR."
        ) from None


def _made(settings: Settings) -> Path:
    """The folder, which may be one of ours or a new one, but no other that others read: nobody's rights are taken by
    a slip of the pen.
    """
    folder = settings.data_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = {path.name for path in folder.iterdir()}
    ours = bool(names & MARKS) or any(name.endswith(".sqlite") for name in names)
    if names and not ours and _open(folder.stat().st_mode):
        raise SystemExit(
            f"Folder {folder} dapat dibaca pengguna lain dan berisi hal lain selain data Caraka, maka tidak diubah.\n"
            "Pilih folder tersendiri dengan CARAKA_DATA_DIR."
        )
    return folder


def _empty(folder: Path) -> bool:
    return {path.name for path in folder.iterdir()} <= {LOCK_FILE}


def _open(mode: int) -> bool:
    return bool(stat.S_IMODE(mode) & OTHERS)


def _close(folder: Path) -> int:
    """The folder first: from then on nobody comes in. How many were open. Raises PermissionError for the folder."""
    count = 0
    mode = folder.stat().st_mode
    if _open(mode):
        folder.chmod(stat.S_IMODE(mode) & ~OTHERS)
        count = 1
    for entry in os.scandir(folder):
        mode = entry.stat(follow_symlinks=False).st_mode
        if entry.name in NOT_OURS or not _open(mode):
            continue
        with suppress(PermissionError):  # another user's, for example a mail server's: the folder above is closed
            if stat.S_ISDIR(mode):
                count += _close(Path(entry.path))
            elif stat.S_ISREG(mode):
                Path(entry.path).chmod(stat.S_IMODE(mode) & ~OTHERS)
                count += 1
    return count
