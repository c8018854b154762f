"""``caraka restore``: every store as it stood at the cut, in an empty place; then what a restored office needs."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from services.cli.backup import afterwards, emptiness, numbers
from services.cli.backup.making import BESIDE, KEPT, PURPOSE
from services.cli.backup.numbers import BookStand, PaperNumbers
from services.cli.catalogue import SERVICES, build_of
from services.cli.invariants.ground import Finding
from services.kit.backup import blobs, postgres_place, sqlite
from services.kit.backup.cut import KEYS_PLACE, Tell
from services.kit.backup.faults import BackupFault
from services.kit.backup.manifest import Manifest
from services.kit.backup.reading import Archive
from services.kit.blobs import shelf_of
from services.kit.crash import crash_point
from services.kit.runtime.run import migrate_service
from services.kit.sealing.keyring import Keyring
from services.kit.settings import Settings

NO_BUS = "nats://127.0.0.1:9"
"""Nobody listens there: what is done to a restored store is done before anybody hears of it."""


@dataclass
class Restored:
    """What came back, and what people have to know."""

    manifest: Manifest
    at: datetime
    books: Sequence[BookStand] = ()
    delivered: Sequence[str] = ()
    jobs: int = 0
    erased: int = 0
    findings: Sequence[Finding] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return all(each.ok for each in self.findings)


@dataclass(frozen=True)
class Asked:
    """``paper``: the last numbers that stand on paper, where they are known. ``by``: who restores.

    ``despite``: also where `verify` names something: what was broken before the backup comes back as it was.
    """

    paper: PaperNumbers
    by: str
    tell: Tell
    despite: bool = False
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


def restore(settings: Settings, archive: Archive, asked: Asked) -> Restored:
    """All of it, verified, or nothing: raises BackupFault, and the place is as empty as it was.

    Where `verify` finds something broken, what came back is not used either, unless a person wants it so.
    """
    if (archive.manifest.dialect == "postgresql") != (settings.database_url is not None):
        other = "PostgreSQL (CARAKA_DATABASE_URL)" if archive.manifest.dialect == "postgresql" else "SQLite"
        raise BackupFault("other-database", f"Cadangan ini berasal dari {other}: pulihkan ke jenis simpanan yang sama.")
    with emptiness.empty_place(settings) as staging:
        staged = settings.model_copy(update={"data_dir": staging, "nats_url": NO_BUS})
        restored = _staged(staged, archive, asked)
        if not restored.whole and not asked.despite:
            broken = next(each for each in restored.findings if not each.ok)
            raise BackupFault(
                "broken",
                f"Isi cadangan ini tidak utuh ({broken.invariant} {broken.where}: {broken.sentence}); tidak dipakai. "
                "Bila hal itu sudah ada sebelum cadangan dibuat: --despite.",
            )
        (staging / "no-samples").touch()
        emptiness.put_in_place(settings, staging)
    return restored


def _staged(staged: Settings, archive: Archive, asked: Asked) -> Restored:
    timed = afterwards.Timed()
    with timed("keys"):
        key = _keyring(staged, archive).derive(PURPOSE)
        archive.prove(key)
        erased = archive.erased(key)
    with timed("stores"):
        if staged.database_url is None:
            _files(staged, archive, asked.tell)
        else:
            _database(staged, staged.database_url.get_secret_value(), archive, asked.tell)
    with timed("blobs"):
        blobs.put_back(archive.blobs(), archive.place, shelf_of(staged), asked.tell)
        _beside(staged, archive)
    at = asked.clock()
    restored = Restored(archive.manifest, at)
    with timed("adjust"):
        afterwards.next_epoch(staged, archive.manifest, at, asked.by)
        restored.jobs = afterwards.hold_jobs(staged, at)
        restored.erased = afterwards.erase_again(staged, erased, archive.manifest, at)
        restored.books = numbers.reserve(staged, archive.manifest.cut_at, at, asked.paper)
        restored.delivered = afterwards.last_delivered(staged)
        afterwards.note(staged, archive.manifest, asked.by)
    with timed("verify"):
        restored.findings = afterwards.verified(staged, asked.tell)
    restored.seconds = timed.seconds
    return restored


def _keyring(staged: Settings, archive: Archive) -> Keyring:
    text = archive.keyring()
    keyring = Keyring.parse(text)
    if staged.keyring is None:
        path = staged.data_dir / "keyring"
        path.touch(mode=0o600)
        path.write_text(text, encoding="ascii")
        return keyring
    ours = Keyring.parse(staged.keyring.get_secret_value())
    if any(ours.masters.get(name) != master for name, master in keyring.masters.items()):
        raise BackupFault("other-keyring", "CARAKA_KEYRING bukan milik cadangan ini: isinya tidak akan terbaca.")
    return keyring


def _files(staged: Settings, archive: Archive, tell: Tell) -> None:
    for number, name in enumerate((*KEPT, KEYS_PLACE), start=1):
        path = archive.into(staged.data_dir, name, of_keys=name == KEYS_PLACE)
        sqlite.check_file(path, name)
        crash_point("restore.after-store")
        path.rename(path.with_name(f"{name}.sqlite"))
        tell("stores", number, len(KEPT) + 1)
    _migrated(staged)


def _database(staged: Settings, url: str, archive: Archive, tell: Tell) -> None:
    """The parts are opened and whole before the first row goes in; the rows go in all or not at all."""
    paths = {name: archive.into(staged.data_dir, name, of_keys=name == KEYS_PLACE) for name in (*KEPT, KEYS_PLACE)}
    postgres_place.mark(url)
    _migrated(staged)
    crash_point("restore.before-rows")
    postgres_place.put_all_back(url, paths, tell)
    for path in paths.values():
        path.unlink()


def _migrated(staged: Settings) -> None:
    """Tables that a later version has more."""
    for service in SERVICES:
        migrate_service(staged, build_of(service), service)


def _beside(staged: Settings, archive: Archive) -> None:
    for name in BESIDE:
        if archive.manifest.part(name) is not None:
            path = staged.data_dir / name
            path.touch(mode=0o600)
            path.write_bytes(archive.small(name).read())
    came = staged.data_dir / "restored"
    came.mkdir(mode=0o700)
    _write(came / "settings.json", archive.small("settings"))
    if archive.manifest.part("standards") is not None:
        with closing(archive.small("standards")) as packed, tarfile.open(fileobj=packed, mode="r:gz") as tar:
            tar.extractall(came / "standards", filter="data")


def _write(path: Path, data: io.BytesIO) -> None:
    path.write_bytes(data.read())
