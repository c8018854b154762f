"""Blobs go along by name: what lies there already is not copied again. They are sealed under keys that lie elsewhere.

A name at the place of the backups is an HMAC of the product's: the hash of a letter tells whoever has the same letter
that it was received.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import NamedTuple

import orjson

from services.kit.backup.cut import Tell
from services.kit.backup.faults import BackupFault
from services.kit.backup.manifest import BLOBS
from services.kit.backup.places import BackupPlace, without_folder
from services.kit.blobs.shelf import BlobLost, Shelf

LISTED = 500
THREADS = 8


class CopiedBlob(NamedTuple):
    """``name``: as the product has it; ``there``: at the place of the backups."""

    name: str
    there: str
    size: int


def copy_new(shelf: Shelf, place: BackupPlace, key: bytes, tell: Tell) -> Sequence[CopiedBlob]:
    """All blobs that lie on the shelf are at the place afterwards."""
    known = {each.name.rsplit("/", 1)[-1]: each.size for each in place.lying(BLOBS)}
    wanted = []
    for each in shelf.lying(""):
        name = without_folder(each.name)
        if not name.rsplit("/", 1)[-1].startswith("."):  # else half-written by a killed process, or being written
            wanted.append(CopiedBlob(name, hmac.new(key, name.encode(), sha256).hexdigest(), each.size))

    def copy(blob: CopiedBlob) -> bool:
        if known.get(blob.there) == blob.size:
            return True
        try:
            place.put(f"{BLOBS}/{blob.there}", shelf.parts(blob.name))
        except BlobLost:
            return False  # swept or erased a moment ago: no fact of the cut needs it
        return True

    return [blob for blob, there in _at_once(copy, wanted, tell) if there]


def _at_once(
    work: Callable[[CopiedBlob], bool], wanted: Sequence[CopiedBlob], tell: Tell
) -> Iterator[tuple[CopiedBlob, bool]]:
    """Several at a time: each is synced to its disk, or sent over a network, and most of that is waiting.

    The first that fails ends it; what had begun is finished.
    """
    with ThreadPoolExecutor(THREADS, "blobs") as pool:
        try:
            for number, pair in enumerate(zip(wanted, pool.map(work, wanted), strict=True), start=1):
                yield pair
                tell(BLOBS, number, len(wanted))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def listed(blobs: Sequence[CopiedBlob]) -> Iterator[bytes]:
    """One line each; what `read_list` reads."""
    for start in range(0, len(blobs), LISTED):
        yield b"".join(orjson.dumps(list(each)) + b"\n" for each in blobs[start : start + LISTED])


def read_list(data: bytes) -> list[CopiedBlob]:
    return [CopiedBlob(*orjson.loads(line)) for line in data.splitlines()]


def missing(blobs: Sequence[CopiedBlob], place: BackupPlace) -> list[str]:
    """Which of them do not lie there, or not in their length."""
    known = {each.name.rsplit("/", 1)[-1]: each.size for each in place.lying(BLOBS)}
    return [blob.name for blob in blobs if known.get(blob.there) != blob.size]


def put_back(blobs: Sequence[CopiedBlob], place: BackupPlace, shelf: Shelf, tell: Tell) -> None:
    """Raises BackupFault for the first one that is missing; whether they are whole their own seals say."""
    if lost := missing(blobs, place):
        raise BackupFault(
            "blobs-missing", f"{len(lost)} berkas hilang atau terpotong di {place.name}, yang pertama {lost[0]}."
        )

    def copy(blob: CopiedBlob) -> bool:
        if not shelf.has(blob.name):
            shelf.put(blob.name, place.parts(f"{BLOBS}/{blob.there}"))
        return True

    for _ in _at_once(copy, blobs, tell):
        pass
