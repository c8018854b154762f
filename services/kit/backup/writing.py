"""One backup: a cut, the keys to their own place first, then every store, the blobs, and at last the manifest."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex

from services.kit.backup import journal
from services.kit.backup.blobs import CopiedBlob, copy_new, listed, missing
from services.kit.backup.cut import KEYS_PLACE, Tell
from services.kit.backup.cutting import cut
from services.kit.backup.faults import BackupFault
from services.kit.backup.manifest import ARCHIVES, BLOBS, FORMAT, INDEX, KEYS, MANIFEST, Head, Manifest, Part, name_at
from services.kit.backup.places import BackupPlace
from services.kit.backup.retention import Keep, is_name, kept, moment_of
from services.kit.backup.sealing import Measured, Recipients, closed
from services.kit.blobs.shelf import Shelf
from services.kit.crash import crash_point
from services.kit.settings import Settings

KEYRING = "keyring"
KEYS_KEPT = 3
UNFINISHED = timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """``services``: whose stores; ``stating``: those with events. ``beside``: small parts, by name, in plain bytes.

    ``key``: of the product, by which it knows its own archives again; ``keyring``: what wraps the stored keys.
    """

    settings: Settings
    services: Sequence[str]
    stating: Sequence[str]
    shelf: Shelf
    recipients: Recipients
    key: bytes
    keyring: bytes
    version: str
    beside: Mapping[str, bytes]


def write(wanted: Wanted, place: BackupPlace, keys: BackupPlace, tell: Tell) -> Manifest:
    """Raises BackupFault; then nothing that looks like an archive is left, and those before stay as they are."""
    began, at = time.monotonic(), datetime.now(UTC)
    clear_unfinished(place, keys, at)
    name = name_at(at, token_hex(3))
    dialect = "sqlite" if wanted.settings.database_url is None else "postgresql"
    try:
        with cut(wanted.settings, wanted.services, wanted.stating) as here:
            made = _Archive(wanted, name, dialect, at, here.heads)
            sealed = {KEYS_PLACE: here.parts(KEYS_PLACE, tell), KEYRING: iter((wanted.keyring,))}
            made.finish(keys, KEYS, made.put(keys, KEYS, sealed), destroyed=len(here.destroyed))
            for each in {place.name: place, keys.name: keys}.values():
                journal.write(each, here.destroyed, wanted.key)
            crash_point("backup.after-keys")
            parts = made.put(place, ARCHIVES, {service: here.parts(service, tell) for service in wanted.services})
        copied = copy_new(wanted.shelf, place, wanted.key, tell)
        crash_point("backup.after-blobs")
        beside = {**{each: iter((data,)) for each, data in wanted.beside.items()}, BLOBS: listed(copied)}
        parts += made.put(place, ARCHIVES, beside)
        place.put(f"{ARCHIVES}/{name}/{INDEX}", ["\n".join(blob.there for blob in copied).encode()])
        crash_point("backup.before-manifest")
        made.must_lie(place, keys, parts, copied)
        return made.finish(
            place, ARCHIVES, parts, blobs=len(copied), blob_bytes=sum(blob.size for blob in copied),
            with_keys=name, seconds=round(time.monotonic() - began, 3),
        )  # fmt: skip
    except BaseException:
        with suppress(BackupFault):
            place.forget(name)
            keys.forget(name, KEYS)  # only where that archive is surely none: otherwise they belong to it
        raise


@dataclass(frozen=True)
class _Archive:
    wanted: Wanted
    name: str
    dialect: str
    at: datetime
    heads: Mapping[str, Head]

    def put(self, place: BackupPlace, kind: str, parts: Mapping[str, Iterable[bytes]]) -> tuple[Part, ...]:
        return tuple(self._put(place, kind, name, plain) for name, plain in parts.items())

    def _put(self, place: BackupPlace, kind: str, name: str, plain: Iterable[bytes]) -> Part:
        measured = Measured()
        sealed = measured.of(closed(plain, self.wanted.recipients))
        place.put(where(kind, self.name, name), sealed)
        return Part(name=name, size=measured.size, sha256=measured.sha256)

    def must_lie(
        self, place: BackupPlace, keys: BackupPlace, parts: Sequence[Part], copied: Sequence[CopiedBlob]
    ) -> None:
        """Before the manifest says so: somebody may have cleared the place meanwhile. Raises BackupFault."""
        there = {each.name: each.size for each in place.lying(f"{ARCHIVES}/{self.name}")}
        lost = [part.name for part in parts if there.get(where(ARCHIVES, self.name, part.name)) != part.size]
        if f"{ARCHIVES}/{self.name}/{INDEX}" not in there:
            lost.append(INDEX)
        lost += missing(copied, place)
        if not keys.has(f"{KEYS}/{self.name}/{MANIFEST}"):
            lost.append(f"kunci di {keys.name}")
        if lost:
            raise BackupFault(
                "place-away", f"Isi {place.name} hilang selagi dicadangkan ({len(lost)} bagian, pertama {lost[0]})."
            )

    def finish(self, place: BackupPlace, kind: str, parts: tuple[Part, ...], **more: object) -> Manifest:
        told = {
            "format": FORMAT, "kind": kind, "name": self.name, "version": self.wanted.version, "dialect": self.dialect,
            "cut_at": self.at, "finished_at": datetime.now(UTC), "heads": dict(self.heads), "parts": parts, **more,
        }  # fmt: skip
        manifest = Manifest.model_validate(told).sealed(self.wanted.key)
        place.put(f"{kind}/{self.name}/{MANIFEST}", [manifest.told()])
        return manifest


def where(kind: str, archive: str, part: str) -> str:
    return f"{kind}/{archive}/{part}.age"


def tidy(place: BackupPlace, keys: BackupPlace, keep: Keep, now: datetime) -> int:
    """Takes away what need not be kept; how many archives went.

    A key is added or destroyed and never changed, so the newest archive of keys opens all archives before it; the older
    ones only remember whom an erasure was to forget. Blobs go when no archive names them any more.
    """
    names = place.archives()
    stay = kept(names, keep)
    gone = [name for name in names if name not in stay]
    for name in gone:
        place.forget(name)
    for name in keys.archives(KEYS)[:-KEYS_KEPT]:
        keys.forget(name, KEYS)
    _sweep(place, now)
    return len(gone)


def clear_unfinished(place: BackupPlace, keys: BackupPlace, now: datetime) -> None:
    """What a killed backup has left, before the next one needs the room. Not what was begun within a day: another
    machine may be writing it.
    """
    for each, kind in ((place, ARCHIVES), (keys, KEYS)):
        for name in _unfinished(each, kind):
            if moment_of(name) < now - UNFINISHED:
                each.forget(name, kind)


def _unfinished(place: BackupPlace, kind: str) -> set[str]:
    begun = {each.name.split("/")[1] for each in place.lying(kind)}
    return {name for name in begun if is_name(name)} - set(place.archives(kind))


def _sweep(place: BackupPlace, now: datetime) -> None:
    """Not what was written a day ago: another backup may be about to name it."""
    named: set[str] = set()
    for each in list(place.lying(ARCHIVES)):
        if each.name.endswith(f"/{INDEX}"):
            named.update(b"".join(place.parts(each.name)).decode().split())
    for blob in list(place.lying(BLOBS)):
        if blob.name.rsplit("/", 1)[-1] not in named and blob.written_at < now - UNFINISHED:
            place.drop(blob.name)
