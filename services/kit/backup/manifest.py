"""What an archive says of itself: which stores, up to where, which parts with which hashes. It tells nothing personal.

Stored last, so that an archive without one was not finished. Sealed by an HMAC under the product's own keyring: whoever
can write to the place of the backups can lay down another archive, and cannot make this line.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from hashlib import sha256

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from services.kit.backup.faults import BackupFault

FORMAT = 1
MANIFEST = "manifest.json"
ARCHIVES, KEYS, BLOBS = "archives", "keys", "blobs"
INDEX = "blobs.index"


class Head(BaseModel):
    """Where a store ended at the cut; ``events``: how many there are up to there."""

    model_config = ConfigDict(frozen=True, extra="allow")

    store: str
    epoch: int
    head: int
    events: int


class Part(BaseModel):
    """``size`` and ``sha256``: of the sealed bytes as they lie there."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: str
    size: int
    sha256: str


class Manifest(BaseModel):
    """``kind``: archives or keys. ``with_keys``: the archive of the keys that was written with it.

    ``destroyed``: of an archive of keys, how many keys of persons had been destroyed when it was written.
    """

    model_config = ConfigDict(frozen=True, extra="allow")  # what a later version says more is under its seal too

    format: int
    kind: str
    name: str
    version: str
    dialect: str
    cut_at: AwareDatetime
    finished_at: AwareDatetime
    seconds: float = 0.0
    heads: dict[str, Head] = Field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    blobs: int = 0
    blob_bytes: int = 0
    with_keys: str = ""
    destroyed: int = 0
    mac: str = ""

    def told(self) -> bytes:
        told = self.model_dump(mode="json", exclude_unset=True)
        return orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)

    def sealed(self, key: bytes) -> Manifest:
        return self.model_copy(update={"mac": self._mac(key)})

    def is_sealed(self, key: bytes) -> bool:
        return hmac.compare_digest(self.mac, self._mac(key))

    def _mac(self, key: bytes) -> str:
        told = self.model_dump(mode="json", exclude={"mac"}, exclude_unset=True)
        said = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
        return hmac.new(key, said, sha256).hexdigest()

    def part(self, name: str) -> Part | None:
        return next((each for each in self.parts if each.name == name), None)


def read(data: bytes, where: str) -> Manifest:
    """Raises BackupFault where it is no manifest, or one of a later version."""
    try:
        said = orjson.loads(data)
        if isinstance(said, dict) and int(said.get("format", 0)) > FORMAT:
            raise BackupFault(
                "newer",
                f"Cadangan {where} dibuat oleh Caraka yang lebih baru ({said.get('version')}). Pasang versi itu.",
            )
        return Manifest.model_validate(said)
    except (ValueError, TypeError, ValidationError):
        raise BackupFault("changed", f"Manifes cadangan {where} tidak terbaca: terpotong atau diubah.") from None


def name_at(moment: datetime, mark: str) -> str:
    """Names sort as their moments do."""
    return f"{moment:%Y%m%dT%H%M%SZ}-{mark}"
