"""An archive that is opened: checked first, then its parts, each whole or not at all."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.kit.backup import journal
from services.kit.backup.blobs import CopiedBlob, read_list
from services.kit.backup.faults import BackupFault
from services.kit.backup.manifest import ARCHIVES, BLOBS, KEYS, Manifest
from services.kit.backup.places import BackupPlace
from services.kit.backup.sealing import Identities, Measured, changed, opened
from services.kit.backup.writing import KEYRING, where


@dataclass(frozen=True)
class Archive:
    """One archive with the keys to it."""

    place: BackupPlace
    keys_place: BackupPlace
    manifest: Manifest
    keys: Manifest
    identities: Identities

    @classmethod
    def open(cls, place: BackupPlace, keys_place: BackupPlace, identities: Identities, name: str = "") -> Archive:
        """The newest, or one by its name; with the newest keys. Raises BackupFault: nothing was touched."""
        manifest = place.manifest(name) if name else place.newest()
        keys = keys_place.newest(KEYS)
        if keys.name < manifest.with_keys:
            raise BackupFault(
                "keys-missing",
                f"Kunci untuk cadangan {manifest.name} tidak ada di {keys_place.name} (terbaru: {keys.name}).",
            )
        return cls(place, keys_place, manifest, keys, identities)

    def into(self, folder: Path, part: str, *, of_keys: bool = False) -> Path:
        """A part's plaintext as a new file in a folder. Raises BackupFault, naming the part."""
        path = folder / part
        with path.open("xb") as file:
            self._opened(part, file, of_keys=of_keys)
        return path

    def small(self, part: str, *, of_keys: bool = False) -> io.BytesIO:
        """The same of a small part, in memory."""
        found = io.BytesIO()
        self._opened(part, found, of_keys=of_keys)
        found.seek(0)
        return found

    def keyring(self) -> str:
        return self.small(KEYRING, of_keys=True).read().decode("ascii")

    def blobs(self) -> Sequence[CopiedBlob]:
        return read_list(self.small(BLOBS).read())

    def prove(self, key: bytes) -> None:
        """Raises BackupFault where the manifests were not written by the product that has this keyring."""
        for each, at in ((self.manifest, self.place), (self.keys, self.keys_place)):
            if not each.is_sealed(key):
                raise BackupFault(
                    "changed", f"Manifes {each.name} di {at.name} bukan buatan pemasangan ini, atau diubah."
                )

    def erased(self, key: bytes) -> set[str]:
        """The keys that have been destroyed since, as far as the journals at hand know."""
        return {each for place in (self.place, self.keys_place) for each in journal.read(place, key)}

    def _opened(self, name: str, into: io.BufferedIOBase, *, of_keys: bool) -> None:
        manifest, place, kind = (self.keys, self.keys_place, KEYS) if of_keys else (self.manifest, self.place, ARCHIVES)
        what, part = f"{place.name}/{kind}/{manifest.name}/{name}", manifest.part(name)
        if part is None:
            raise BackupFault("missing", f"Cadangan {manifest.name} tidak memuat bagian {name}.")
        measured = Measured()
        opened(measured.of(place.parts(where(kind, manifest.name, name))), self.identities, into, what)  # type: ignore[arg-type] # only written to
        if (measured.size, measured.sha256) != (part.size, part.sha256):
            raise changed(what)
