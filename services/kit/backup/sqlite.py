"""SQLite: the files of all services at one moment, copied online, and put back.

Every store is locked for writing for the moment in which a reader is opened on each; then all writers go on, and each
reader still sees its file as it was. So the copies belong together: no store holds what follows from something that
another has not. The keys are locked last, as a writer does who needs a key while it holds its store.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from services.kit.backup.cut import KEYS_PLACE, Tell
from services.kit.backup.faults import BackupFault
from services.kit.backup.manifest import Head
from services.kit.database import place_of
from services.kit.settings import Settings
from services.kit.store import schema

PATIENCE_SECONDS = 30.0
POLITE_SECONDS, POLL_SECONDS = 5.0, 0.003
PAGES = 4096
PIECE = 1024 * 1024
SPOOL = "backup.spool"
MAGIC = b"SQLite format 3\x00"


class CutOfFiles:
    """See `services.kit.backup.cut.Cut`."""

    def __init__(self, readers: Mapping[str, sqlite3.Connection], stating: Sequence[str], spool: Path) -> None:
        self._readers, self._spool = readers, spool
        self.heads = {service: _head(readers[service]) for service in stating}
        gone = readers[KEYS_PLACE].execute("SELECT key_id FROM keys WHERE wrapped IS NULL ORDER BY key_id")
        self.destroyed = [row[0] for row in gone]

    def parts(self, place: str, tell: Tell) -> Iterator[bytes]:
        """A plain copy lies in the data folder, which is closed, until it has been read."""
        self._spool.unlink(missing_ok=True)
        reader = self._readers[place]
        copy = sqlite3.connect(self._spool)
        try:
            copy.execute("PRAGMA synchronous=OFF")
            size = reader.execute("PRAGMA page_size").fetchone()[0]

            def told(_status: int, left: int, total: int) -> None:
                tell(place, (total - left) * size, total * size)

            reader.backup(copy, pages=PAGES, progress=told)
            copy.close()
            with self._spool.open("rb") as file:
                while piece := file.read(PIECE):
                    yield piece
        except sqlite3.Error as error:
            if "full" in str(error):
                raise BackupFault("no-room", f"Folder data penuh: salinan sementara {place} tidak muat.") from error
            raise BackupFault("store", f"Simpanan {place} tidak dapat dibaca: {error}") from error
        finally:
            copy.close()
            self._spool.unlink(missing_ok=True)


@contextmanager
def cut_of_files(settings: Settings, services: Sequence[str], stating: Sequence[str]) -> Iterator[CutOfFiles]:
    paths = {}
    for name in (*services, KEYS_PLACE):
        path = place_of(settings, name).path
        if path is None or not path.exists():
            raise BackupFault("no-store", f"Simpanan {name} tidak ada di {settings.data_dir}.")
        paths[name] = path
    with ExitStack() as stack:
        try:
            readers = _readers(stack, paths)
            found = CutOfFiles(readers, stating, settings.data_dir / SPOOL)
        except sqlite3.Error as error:
            raise BackupFault("store", f"Simpanan tidak dapat dibaca: {error}") from error
        yield found


def _readers(stack: ExitStack, paths: Mapping[str, Path]) -> dict[str, sqlite3.Connection]:
    with ExitStack() as locked:
        readers = {}
        _lock_all([_connected(locked, path) for path in paths.values()])
        for name, path in paths.items():
            readers[name] = _connected(stack, path)
            readers[name].execute("BEGIN")
            readers[name].execute("SELECT COUNT(*) FROM sqlite_master").fetchone()  # from here on it sees this moment
    return readers


def _lock_all(writers: Sequence[sqlite3.Connection]) -> None:
    """Where one of them is busy the others are let go meanwhile: nobody waits for a lock that waits itself. An office
    that never rests is waited for at last.
    """
    ends = time.monotonic() + POLITE_SECONDS
    while time.monotonic() < ends:
        if _locked_at_once(writers):
            return
        time.sleep(POLL_SECONDS)
    for writer in writers:
        writer.execute("BEGIN IMMEDIATE")


def _locked_at_once(writers: Sequence[sqlite3.Connection]) -> bool:
    taken = []
    try:
        for writer in writers:
            writer.execute("PRAGMA busy_timeout=0")
            writer.execute("BEGIN IMMEDIATE")
            taken.append(writer)
    except sqlite3.OperationalError as error:
        for writer in taken:
            writer.execute("ROLLBACK")
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    finally:
        for writer in writers:
            writer.execute(f"PRAGMA busy_timeout={PATIENCE_SECONDS * 1000:.0f}")
    return True


def _connected(stack: ExitStack, path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=rw"  # never a new, empty one
    connection = sqlite3.connect(uri, uri=True, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)
    stack.callback(connection.close)
    return connection


def _head(reader: sqlite3.Connection) -> Head:
    store, epoch = reader.execute(schema.READ_STORE.replace("{s}", "")).fetchone()
    head, events = reader.execute("SELECT COALESCE(MAX(rowid), 0), COUNT(*) FROM stored_events").fetchone()
    return Head(store=store, epoch=epoch, head=head, events=events)


def check_file(path: Path, name: str) -> None:
    """Raises BackupFault where it is no whole database: what was sealed was broken already."""
    with path.open("rb") as file:
        whole = file.read(len(MAGIC)) == MAGIC
    connection = sqlite3.connect(path)
    try:
        said = connection.execute("PRAGMA quick_check(1)").fetchone()[0] if whole else "bukan basis data"
    except sqlite3.Error as error:
        said = str(error)
    finally:
        connection.close()
    if said != "ok":
        raise BackupFault("store", f"Simpanan {name} di dalam cadangan rusak: {said}")
