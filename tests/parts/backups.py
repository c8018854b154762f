"""What the tests of backups share: a backup, an archive that is opened, and small disks of their own."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.cli.backup.making import IDENTITY, Made, make
from services.cli.backup.numbers import parsed
from services.cli.backup.restoring import Asked, Restored, restore
from services.kit.backup.cut import silent
from services.kit.backup.places import BackupPlace
from services.kit.backup.reading import Archive
from services.kit.backup.sealing import identities_in
from services.kit.backup.settings import BackupSettings
from services.kit.settings import Settings


def backed_up(settings: Settings, place: Path) -> Made:
    return make(settings, BackupSettings(to="", keys_to="", recipient=""), str(place), silent)


def opened(place: Path, identity: Path | None = None, name: str = "") -> Archive:
    keys = Path(f"{place}-kunci")
    return Archive.open(
        BackupPlace(str(place)), BackupPlace(str(keys)), identities_in(identity or keys / IDENTITY), name
    )


def brought_back(settings: Settings, place: Path, paper: tuple[str, ...] = (), name: str = "") -> Restored:
    return restore(settings, opened(place, name=name), Asked(parsed(paper), "test", silent))


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A real file system of that size (``400k``); the test is left out where this machine does not let us mount."""
    folder.mkdir(exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "caraka-test", str(folder)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)
