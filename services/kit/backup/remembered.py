"""What this product knows of its own backups: at most one is being made, and which places have held one.

A disk that is not mounted is an empty folder. Whoever writes there fills the system's disk, and believes himself safe.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import orjson

from services.kit.backup.buckets import Access
from services.kit.backup.faults import BackupFault
from services.kit.backup.places import BackupPlace

LOCK = "backup.lock"
MADE = "backups-made.json"


@contextmanager
def one_at_a_time(data_dir: Path) -> Iterator[None]:
    """Raises BackupFault where another one runs; the lock goes with its process, however that ends."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(data_dir / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BackupFault(
                "running", "Pencadangan lain dari Caraka ini sedang berjalan; tunggu sampai selesai."
            ) from None
        yield
    finally:
        os.close(lock)


def place_at(data_dir: Path, name: str, access: Access) -> BackupPlace:
    """The place, if it is what it was. Raises BackupFault where it has held backups and is empty or gone now."""
    archive = _made(data_dir).get(name)
    if archive is None:
        return BackupPlace(name, access)
    place = BackupPlace(name, access, new=False)
    if next(place.lying(""), None) is None:
        raise BackupFault(
            "place-empty",
            f"Tempat cadangan {name} kosong, padahal cadangan {archive} ditulis ke sana: diska belum terpasang? "
            f"Bila memang diganti: `caraka backup {name} --new`.",
        )
    return place


def remember(data_dir: Path, archive: str, *names: str) -> None:
    """From now on these places are expected to hold something."""
    path = data_dir / MADE
    beside = path.with_name(f".{MADE}")
    beside.touch(mode=0o600)
    beside.write_bytes(orjson.dumps({**_made(data_dir), **dict.fromkeys(names, archive)}))
    beside.rename(path)


def _made(data_dir: Path) -> Mapping[str, str]:
    """Nothing where it was lost: then every place is a new one."""
    try:
        said = orjson.loads((data_dir / MADE).read_bytes())
    except (OSError, ValueError):
        return {}
    return {str(name): str(archive) for name, archive in said.items()} if isinstance(said, dict) else {}
