"""Bytes outside events: ``<agency>/<sha256 of the plaintext>``, encrypted with the agency's key, synced before the
event.

Files below the data folder, or any S3 bucket (``CARAKA_BLOB_URL``). The same bytes twice are one blob within an
agency and never shared across agencies. Nothing here holds a whole blob unless it is asked to (`Blobs.get`).
"""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Protocol

import obstore
from obstore.store import from_url

from contracts.words import BlobRef
from services.kit.crash import crash_point
from services.kit.sealing.fields import SealBroken, close_parts, open_parts
from services.kit.sealing.keyring import NONCE_BYTES
from services.kit.sealing.keys import Keys
from services.kit.settings import Settings

PART_BYTES = 512 * 1024
BUCKET_PART_BYTES = 5 * 1024 * 1024
"""The smallest part that S3 takes."""


class BlobLost(Exception):
    """The bytes are not there, or are not what their name says."""


class Shelf(Protocol):
    """Where encrypted bytes lie by name."""

    def put(self, name: str, parts: Iterable[bytes]) -> None: ...

    def parts(self, name: str) -> Iterator[bytes]:
        """Raises BlobLost where there is nothing."""

    def has(self, name: str) -> bool: ...


class Folder:
    """Files: written beside, synced, renamed, and the folder synced; a crash leaves the whole file or none."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _path(self, name: str) -> Path:
        agency, _, digest = name.partition("/")
        return self._root / agency / digest[:2] / digest

    def put(self, name: str, parts: Iterable[bytes]) -> None:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with beside.open("wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
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


class Bucket:
    """An object store by URL, for example ``s3://caraka``; a PUT that is answered is durable."""

    def __init__(self, url: str) -> None:
        self._store = from_url(url)

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


class Blobs:
    """Puts and gets plaintext; what lies on the shelf is ``nonce ‖ AES-256-GCM``, bound to its name."""

    def __init__(self, shelf: Shelf, keys: Keys) -> None:
        self._shelf = shelf
        self._keys = keys

    async def put(self, agency: str, data: bytes | BinaryIO, media_type: str) -> BlobRef:
        """Stores and syncs; returns the reference for the event. Raises OSError when the disk does not take it."""
        return await asyncio.to_thread(self.put_now, agency, data, media_type)

    async def get(self, agency: str, ref: BlobRef) -> bytes:
        """The plaintext. Raises BlobLost when it is missing, changed, or its key has been destroyed."""
        return await asyncio.to_thread(self.get_now, agency, ref)

    async def stream(self, agency: str, ref: BlobRef) -> AsyncIterator[bytes]:
        """The plaintext in parts, which is looked through once before. Raises BlobLost, here and not in the middle."""
        await asyncio.to_thread(self._looked_through, agency, ref)
        return self._told(self._opened(agency, ref))

    async def _told(self, parts: Iterator[bytes]) -> AsyncIterator[bytes]:
        while (part := await asyncio.to_thread(next, parts, None)) is not None:
            yield part

    def put_now(self, agency: str, data: bytes | BinaryIO, media_type: str) -> BlobRef:
        digest, size = sha256(), 0
        for part in _parts_of(data):
            digest.update(part)
            size += len(part)
        name = f"{agency}/{digest.hexdigest()}"
        key_id, key = self._keys.blob_key(agency)
        if not self._shelf.has(name):
            nonce = secrets.token_bytes(NONCE_BYTES)
            self._shelf.put(name, chain((nonce,), close_parts(key, nonce, _parts_of(data), name)))
        crash_point("blob.after-put")
        return BlobRef(sha256=digest.hexdigest(), size=size, media_type=media_type, key_id=key_id)

    def get_now(self, agency: str, ref: BlobRef) -> bytes:
        return b"".join(self._opened(agency, ref))

    def _looked_through(self, agency: str, ref: BlobRef) -> None:
        for _ in self._opened(agency, ref):
            pass

    def _opened(self, agency: str, ref: BlobRef) -> Iterator[bytes]:
        """Raises BlobLost, at the end too: until then nothing is sure."""
        name = f"{agency}/{ref.sha256}"
        key = self._keys.secret_of(ref.key_id or "")
        if key is None:
            raise BlobLost(f"{name}: its key is gone")
        sealed = self._shelf.parts(name)
        first = next(sealed, b"")
        digest = sha256()
        try:
            for part in open_parts(key, first[:NONCE_BYTES], chain((first[NONCE_BYTES:],), sealed), name):
                digest.update(part)
                yield part
        except (SealBroken, ValueError) as error:  # ValueError: not even a nonce
            raise BlobLost(f"{name}: the bytes were changed") from error
        if digest.hexdigest() != ref.sha256:
            raise BlobLost(f"{name}: the bytes are not what their name says")


def _parts_of(data: bytes | BinaryIO) -> Iterator[bytes]:
    """From the beginning, as often as it is asked."""
    if isinstance(data, bytes):
        for at in range(0, len(data), PART_BYTES):
            yield data[at : at + PART_BYTES]
        return
    data.seek(0)
    while part := data.read(PART_BYTES):
        yield part


def open_blobs(settings: Settings, keys: Keys) -> Blobs:
    shelf: Shelf = Bucket(settings.blob_url) if settings.blob_url else Folder(settings.data_dir / "blobs")
    return Blobs(shelf, keys)
