"""Where a backup is brought back to: an empty place, marked until all is whole, and used by nobody before that."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.cli.catalogue import SERVICES
from services.cli.folder import LOCK_FILE
from services.cli.folder import RESTORING as MARK
from services.kit.backup import postgres_place
from services.kit.backup.cut import KEYS_PLACE
from services.kit.backup.faults import BackupFault
from services.kit.backup.remembered import LOCK as BACKUP_LOCK
from services.kit.crash import crash_point
from services.kit.settings import Settings

STAGING = ".restoring"
BELONGS_TO_NOBODY = {LOCK_FILE, BACKUP_LOCK, "secrets", "no-samples", MARK, "lost+found"}
SCHEMAS = (*SERVICES, KEYS_PLACE)


@contextmanager
def empty_place(settings: Settings) -> Iterator[Path]:
    """A staging folder in an empty data folder; what is left of a restore that was killed is taken away first.

    Where the block fails, the place is empty again. Raises BackupFault where it holds something.
    """
    folder = settings.data_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / MARK).exists():
        _clear(settings)
    _must_be_empty(settings)
    (folder / MARK).write_text("Pemulihan belum selesai; `caraka restore` lagi.\n", encoding="utf-8")
    staging = folder / STAGING
    try:
        staging.mkdir(mode=0o700)
        yield staging
    except BaseException:
        _clear(settings)
        raise
    (folder / MARK).unlink()


def put_in_place(settings: Settings, staging: Path) -> None:
    """All at once for whoever looks: until the mark is gone nobody starts here."""
    for each in sorted(staging.iterdir()):
        each.rename(settings.data_dir / each.name)
        crash_point("restore.moving")
    staging.rmdir()
    if settings.database_url is not None:
        postgres_place.unmark(settings.database_url.get_secret_value())


def refuse_half_restored(settings: Settings) -> None:
    """Raises SystemExit with a sentence where a restore was not finished."""
    half = (settings.data_dir / MARK).exists()
    if not half and settings.database_url is not None:
        half = postgres_place.half_restored(settings.database_url.get_secret_value())
    if half:
        raise SystemExit(
            f"Pemulihan ke {settings.data_dir} belum selesai. Jalankan `caraka restore` lagi: ia mulai dari awal."
        )


def _clear(settings: Settings) -> None:
    """It was empty when the mark was made: whatever is here is of a restore that was not finished."""
    if settings.database_url is not None:
        postgres_place.clear(settings.database_url.get_secret_value(), SCHEMAS)
    for each in settings.data_dir.iterdir():
        if each.name in BELONGS_TO_NOBODY:
            continue
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()
    (settings.data_dir / MARK).unlink(missing_ok=True)


def _must_be_empty(settings: Settings) -> None:
    holds = sorted({each.name for each in settings.data_dir.iterdir()} - BELONGS_TO_NOBODY)
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        holds += [f"skema {name}" for name in postgres_place.filled(url, SCHEMAS)]
        if not holds and postgres_place.half_restored(url):
            raise BackupFault("not-empty", "Pemulihan lain ke basis data ini belum selesai, dari folder data lain.")
    if holds:
        raise BackupFault(
            "not-empty",
            f"Tempat ini tidak kosong ({', '.join(holds[:5])}): cadangan hanya dipulihkan ke tempat yang kosong.",
        )
