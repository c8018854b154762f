"""Where a backup is brought back to: an empty place, marked until all is whole, and used by nobody before that."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, sql

from services.cli.catalogue import SERVICES
from services.cli.folder import LOCK_FILE
from services.cli.folder import RESTORING as MARK
from services.kit.backup.cut import KEYS_PLACE
from services.kit.backup.faults import BackupFault
from services.kit.settings import Settings

STAGING = ".restoring"
MARK_SCHEMA = "caraka_restoring"
BELONGS_TO_NOBODY = {LOCK_FILE, "secrets", "no-samples", MARK, "backup.identity", "lost+found"}
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
    (folder / MARK).write_text(
        "Pemulihan belum selesai: `caraka restore` sekali lagi memulainya dari awal.\n", encoding="utf-8"
    )
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
    staging.rmdir()
    if settings.database_url is not None:
        with psycopg.connect(settings.database_url.get_secret_value()) as connection:
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(MARK_SCHEMA)))


def refuse_half_restored(settings: Settings) -> None:
    """Raises SystemExit with a sentence where a restore was not finished."""
    half = (settings.data_dir / MARK).exists()
    if not half and settings.database_url is not None:
        try:
            with psycopg.connect(settings.database_url.get_secret_value(), connect_timeout=5) as connection:
                half = _marked(connection)
        except psycopg.Error:
            return  # it is away: whoever starts waits for it, and says so
    if half:
        raise SystemExit(
            f"Pemulihan ke {settings.data_dir} belum selesai. Jalankan `caraka restore` lagi: ia mulai dari awal."
        )


def mark_database(connection: Connection[Any]) -> None:
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(MARK_SCHEMA)))


def _marked(connection: Connection[Any]) -> bool:
    rows = connection.execute("SELECT to_regnamespace(%s) IS NOT NULL", (MARK_SCHEMA,)).fetchall()
    return bool(rows[0][0])


def _clear(settings: Settings) -> None:
    """It was empty when the mark was made: whatever is here is of a restore that was not finished."""
    if settings.database_url is not None:
        with psycopg.connect(settings.database_url.get_secret_value()) as connection:
            if _marked(connection):
                for name in SCHEMAS:
                    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(name)))
                connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(MARK_SCHEMA)))
    for each in settings.data_dir.iterdir():
        if each.name in BELONGS_TO_NOBODY - {MARK}:
            continue
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        elif each.name != MARK:
            each.unlink()
    (settings.data_dir / MARK).unlink(missing_ok=True)


def _must_be_empty(settings: Settings) -> None:
    holds = sorted({each.name for each in settings.data_dir.iterdir()} - BELONGS_TO_NOBODY)
    if settings.database_url is not None:
        with psycopg.connect(settings.database_url.get_secret_value()) as connection:
            holds += [f"skema {name}" for name in SCHEMAS if _filled(connection, name)]
            if not holds and _marked(connection):
                raise BackupFault("not-empty", "Pemulihan lain ke basis data ini belum selesai, dari folder data lain.")
    if holds:
        raise BackupFault(
            "not-empty",
            f"Tempat ini tidak kosong ({', '.join(holds[:5])}): cadangan hanya dipulihkan ke tempat yang kosong.",
        )


def _filled(connection: Connection[Any], name: str) -> bool:
    """A schema that was only migrated is empty: it has no event and no key."""
    for table in ("stored_events", KEYS_PLACE):
        there = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (f'"{name}"."{table}"',)).fetchall()[0][0]
        if there:
            some = sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(sql.Identifier(name, table))
            if connection.execute(some).fetchall()[0][0]:
                return True
    return False
