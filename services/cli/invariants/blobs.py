"""I5, the bytes: every blob that an event names is there and hashes to its name; a destroyed key is an erasure.

Those of persons: every chunk is there and opens; their hash is sealed, as they are.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Engine, select

from contracts.words import BlobRef, PersonBlob
from services.cli.invariants.ground import Breaches, Finding, Seen, Source
from services.kit.blobs import BlobLost, Blobs, PersonBlobs
from services.kit.runtime import blob_sweep
from services.kit.sealing.keys import KEYS

NAMES = {"sha256", "size", "media_type", "key_id"}
HASHED = b'"sha256"'
REMEMBERED = 10_000


class StoredBlobs:
    def __init__(self, blobs: Blobs, keys: Engine, persons: Callable[[str], PersonBlobs]) -> None:
        """``persons``: the blobs of persons of a service's cases."""
        self._blobs = blobs
        self._persons = persons
        self._keys = keys
        self._breaches = Breaches()
        self._looked: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._count = self._erased = self._bytes = 0

    def part(self, source: Source, seen: Sequence[Seen]) -> None:
        for each in seen:
            if HASHED not in each.row.data:
                continue  # both kinds of references say one
            for found in references(each.data):
                self._look(source, each, found)
            for personal in blob_sweep.references(each.data):
                self._look_at_persons(source, each, personal)

    def end(self, source: Source) -> None:
        """Nothing is left over between two logs."""

    def finding(self) -> Finding:
        figures: dict[str, int | str] = {"blobs": self._count, "bytes": self._bytes, "erased": self._erased}
        return self._breaches.finding("I5", "setiap berkas ada dan isinya sesuai namanya", figures)

    def _look(self, source: Source, each: Seen, found: dict[str, Any]) -> None:
        try:
            ref = BlobRef.model_validate(found)
        except ValidationError:
            self._breaches.add(each.where(source), "rujukan ke sebuah berkas tidak terbaca")
            return
        name = (each.agency, ref.sha256)
        if name in self._looked:
            return
        self._looked[name] = None
        if len(self._looked) > REMEMBERED:
            self._looked.popitem(last=False)
        self._count += 1
        if self._is_erased(ref.key_id):
            self._erased += 1
            return
        try:
            data = self._blobs.get_now(each.agency, ref)
        except (BlobLost, OSError) as error:
            self._breaches.add(each.where(source), f"berkas {error}")
            return
        self._bytes += len(data)
        if len(data) != ref.size:
            self._breaches.add(
                each.where(source), f"berkas {ref.sha256} berisi {len(data)} bita, menurut peristiwa {ref.size}"
            )

    def _look_at_persons(self, source: Source, each: Seen, found: Mapping[str, Any]) -> None:
        try:
            ref = PersonBlob.model_validate(found)
        except ValidationError:
            self._breaches.add(each.where(source), "rujukan ke berkas seseorang tidak terbaca")
            return
        self._count += 1
        if self._is_erased(ref.key_id):
            self._erased += 1
            return
        try:
            size = sum(len(part) for part in self._persons(source.service).parts(each.agency, ref))
        except (BlobLost, OSError) as error:
            self._breaches.add(each.where(source), f"berkas {error}")
            return
        self._bytes += size
        if size != ref.size:
            self._breaches.add(
                each.where(source), f"berkas {ref.name} berisi {size} bita, menurut peristiwa {ref.size}"
            )

    def _is_erased(self, key_id: str | None) -> bool:
        """Destroyed by an erasure; a key that was never there is none."""
        with self._keys.connect() as connection:
            row = connection.execute(select(KEYS.c.wrapped).where(KEYS.c.key_id == (key_id or ""))).first()
        return row is not None and row.wrapped is None


def references(value: Any) -> Iterator[dict[str, Any]]:
    """Every blob reference within an event's data (an attachment has a name: its bytes lie inside the message)."""
    if isinstance(value, dict):
        if value.keys() >= NAMES and "name" not in value:
            yield value
        else:
            for inner in value.values():
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)
