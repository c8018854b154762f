"""Where encrypted bytes lie by name: files below the data folder, or any S3 bucket (``CARAKA_BLOB_URL``).

Names: ``<agency>/<sha256>`` of an agency's blobs, ``_persons/…`` of those of persons (`services.kit.blobs.personal`).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

import obstore
from obstore.store import ObjectStore, from_url

PART_BYTES = 512 * 1024
BUCKET_PART_BYTES = 5 * 1024 * 1024
"""The smallest part that S3 takes."""


class BlobLost(Exception):
    """The bytes are not there, or are not what their name says."""


class Lying(NamedTuple):
    """``size``: of the sealed bytes."""

    name: str
    written_at: datetime
    size: int


class Shelf(Protocol):
    """Where encrypted bytes lie by name."""

    def put(self, name: str, parts: Iterable[bytes]) -> None: ...

    def parts(self, name: str) -> Iterator[bytes]:
        """Raises BlobLost where there is nothing."""

    def has(self, name: str) -> bool: ...

    def written_at(self, name: str) -> datetime | None: ...

    def lying(self, prefix: str) -> Iterator[Lying]:
        """Everything whose name begins so, what a killed process has left half-written too."""

    def delete(self, name: str, unless_after: datetime | None = None) -> bool:
        """Whether something was there and is gone. ``unless_after``: not what was written after that moment."""


class Folder:
    """Files: written beside, synced, renamed, and the folder synced; a crash leaves the whole file or none."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _path(self, name: str) -> Path:
        agency, _, digest = name.partition("/")
        return self._root / name if "/" in digest else self._root / agency / digest[:2] / digest

    def put(self, name: str, parts: Iterable[bytes]) -> None:
        path = self._path(name)
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with _made(beside) as file:
                file.writelines(parts)
                file.flush()
                os.fsync(file.fileno())
            beside.rename(path)
        except BaseException:
            with suppress(OSError):  # a full disk is not kept full by what nobody can use
                beside.unlink()
            raise
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def parts(self, name: str) -> Iterator[bytes]:
        try:
            with self._path(name).open("rb") as file:
                while part := file.read(PART_BYTES):
                    yield part
        except FileNotFoundError as error:
            raise BlobLost(name) from error

    def has(self, name: str) -> bool:
        return self._path(name).exists()

    def written_at(self, name: str) -> datetime | None:
        try:
            return _moment(self._path(name))
        except FileNotFoundError:
            return None

    def lying(self, prefix: str) -> Iterator[Lying]:
        for folder, _, files in os.walk(self._root / prefix):
            for file in files:
                path = Path(folder, file)
                with suppress(FileNotFoundError):
                    about = path.stat()
                    moment = datetime.fromtimestamp(about.st_mtime, UTC)
                    yield Lying(path.relative_to(self._root).as_posix(), moment, about.st_size)

    def delete(self, name: str, unless_after: datetime | None = None) -> bool:
        """Put aside first: what was written anew in that moment is put back, and never lost in between."""
        path = self._path(name)
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.rename(aside)
        except FileNotFoundError:
            return False
        if unless_after is not None and _moment(aside) > unless_after:
            aside.rename(path)
            return False
        aside.unlink()
        with suppress(OSError):  # the last of its folder, or not
            path.parent.rmdir()
        return True


def _made(path: Path) -> BinaryIO:
    """A new file in a folder that may be swept away, being empty, in the moment between the two steps."""
    for _ in range(10):
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            return path.open("xb")
    raise FileNotFoundError(path.parent)


def _moment(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


class Bucket:
    """An object store by URL, for example ``s3://caraka``; a PUT that is answered is durable.

    ``store``: one that is set up otherwise than by the environment.
    """

    def __init__(self, url: str, store: ObjectStore | None = None) -> None:
        self._store = from_url(url) if store is None else store

    def put(self, name: str, parts: Iterable[bytes]) -> None:
        begun, coming = bytearray(), iter(parts)
        for part in coming:
            begun += part
            if len(begun) >= BUCKET_PART_BYTES:
                whole = chain((bytes(begun),), coming)
                obstore.put(self._store, name, whole, chunk_size=BUCKET_PART_BYTES, max_concurrency=2)
                return
        obstore.put(self._store, name, bytes(begun))

    def parts(self, name: str) -> Iterator[bytes]:
        try:
            for part in obstore.get(self._store, name).stream(min_chunk_size=PART_BYTES):
                yield bytes(part)
        except FileNotFoundError as error:
            raise BlobLost(name) from error

    def has(self, name: str) -> bool:
        try:
            obstore.head(self._store, name)
        except FileNotFoundError:
            return False
        return True

    def written_at(self, name: str) -> datetime | None:
        try:
            return obstore.head(self._store, name)["last_modified"]
        except FileNotFoundError:
            return None

    def lying(self, prefix: str) -> Iterator[Lying]:
        for batch in obstore.list(self._store, prefix):
            yield from (Lying(each["path"], each["last_modified"], each["size"]) for each in batch)

    def delete(self, name: str, unless_after: datetime | None = None) -> bool:
        try:
            if unless_after is not None and obstore.head(self._store, name)["last_modified"] > unless_after:
                return False
            obstore.delete(self._store, name)
        except FileNotFoundError:
            return False
        return True


def parts_of(data: bytes | BinaryIO) -> Iterator[bytes]:
    """From the beginning, as often as it is asked."""
    if isinstance(data, bytes):
        for at in range(0, len(data), PART_BYTES):
            yield data[at : at + PART_BYTES]
        return
    data.seek(0)
    while part := data.read(PART_BYTES):
        yield part
