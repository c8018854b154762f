"""Where backups lie: a folder, or any bucket that the blobs could lie in; and what lies there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from services.kit.backup.buckets import Access, bucket_at, reaching_bucket
from services.kit.backup.faults import BackupFault, reaching
from services.kit.backup.manifest import ARCHIVES, KEYS, MANIFEST, Manifest, read
from services.kit.blobs.shelf import BlobLost, Folder, Lying, Shelf

ANYBODY = Access()


class BackupPlace:
    """``name``: as people name it. What it answers when it is full or away is a BackupFault.

    A folder stays the one that it was at the beginning: where a disk is taken off in the middle, nothing is written
    into what lies below it. ``new``: it may be made. ``access``: to a bucket.
    """

    def __init__(self, name: str, access: Access = ANYBODY, *, new: bool = True) -> None:
        self.name = name
        self.folder = None if "://" in name else Path(name)
        with self._told():
            if self.folder is not None and new:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._began = self._identity()
            self._shelf: Shelf = bucket_at(name, access) if self.folder is None else Folder(self.folder)

    def _identity(self) -> tuple[int, int] | None:
        if self.folder is None:
            return None
        about = self.folder.stat()
        return about.st_dev, about.st_ino

    def _told(self) -> AbstractContextManager[None]:
        return reaching_bucket(self.name) if self.folder is None else reaching(self.name)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        with self._told():
            if self._identity() != self._began:
                raise BackupFault("place-away", f"Tempat cadangan {self.name} berganti selagi dipakai: diska dilepas?")
            yield

    def put(self, name: str, parts: Iterable[bytes]) -> None:
        with self._reached():
            self._shelf.put(name, parts)

    def parts(self, name: str) -> Iterator[bytes]:
        """Raises BackupFault where it is missing."""
        with self._reached():
            try:
                yield from self._shelf.parts(name)
            except BlobLost:
                raise BackupFault("missing", f"{name} tidak ada di {self.name}: cadangan ini tidak lengkap.") from None

    def has(self, name: str) -> bool:
        with self._reached():
            return self._shelf.has(name)

    def lying(self, prefix: str) -> Iterator[Lying]:
        with self._reached():
            yield from self._shelf.lying(prefix)

    def drop(self, name: str) -> None:
        with self._reached():
            self._shelf.delete(name)

    def archives(self, kind: str = ARCHIVES) -> list[str]:
        """The names of all that were finished, the newest last."""
        found = (each.name.split("/") for each in self.lying(kind))
        return sorted({words[-2] for words in found if words[-1] == MANIFEST})

    def manifest(self, name: str, kind: str = ARCHIVES) -> Manifest:
        """Raises BackupFault for one that is not there, is broken, or of a later version."""
        data = b"".join(self.parts(f"{kind}/{name}/{MANIFEST}"))
        return read(data, f"{self.name}/{kind}/{name}")

    def newest(self, kind: str = ARCHIVES) -> Manifest:
        """Raises BackupFault where there is none."""
        names = self.archives(kind)
        if not names:
            what = "kunci" if kind == KEYS else "cadangan"
            raise BackupFault("none", f"Tidak ada {what} yang selesai di {self.name}.")
        return self.manifest(names[-1], kind)

    def forget(self, name: str, kind: str = ARCHIVES) -> None:
        """The manifest first: what is left of it then is no archive any more."""
        self.drop(f"{kind}/{name}/{MANIFEST}")
        for each in list(self.lying(f"{kind}/{name}")):
            self.drop(each.name)


def without_folder(name: str) -> str:
    """A blob's name as the product says it, wherever it lies: a folder has one more level for an agency's own."""
    words = name.split("/")
    if len(words) == 3 and words[1] == words[2][:2]:  # noqa: PLR2004 - agency, beginning, hash
        return f"{words[0]}/{words[2]}"
    return name
