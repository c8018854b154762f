"""Bytes outside events: ``<agency>/<sha256 of the plaintext>``, encrypted with the agency's key, synced before the
event.

Files below the data folder, or any S3 bucket (``CARAKA_BLOB_URL``). The same bytes twice are one blob within an
agency and never shared across agencies.
"""

import asyncio
import os
import secrets
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import obstore
from obstore.store import from_url

from contracts.words import BlobRef
from services.kit.crash import crash_point
from services.kit.sealing.fields import SealBroken, close_bytes, open_bytes
from services.kit.sealing.keyring import NONCE_BYTES
from services.kit.sealing.keys import Keys
from services.kit.settings import Settings


class BlobLost(Exception):
    """The bytes are not there, or are not what their name says."""


class Shelf(Protocol):
    """Where encrypted bytes lie by name."""

    def put(self, name: str, data: bytes) -> None: ...

    def get(self, name: str) -> bytes: ...

    def has(self, name: str) -> bool: ...


class Folder:
    """Files: written beside, synced, renamed, and the folder synced; a crash leaves the whole file or none."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _path(self, name: str) -> Path:
        agency, _, digest = name.partition("/")
        return self._root / agency / digest[:2] / digest

    def put(self, name: str, data: bytes) -> None:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(path)
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def get(self, name: str) -> bytes:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise BlobLost(name) from error

    def has(self, name: str) -> bool:
        return self._path(name).exists()


class Bucket:
    """An object store by URL, for example ``s3://caraka``; a PUT that is answered is durable."""

    def __init__(self, url: str) -> None:
        self._store = from_url(url)

    def put(self, name: str, data: bytes) -> None:
        obstore.put(self._store, name, data)

    def get(self, name: str) -> bytes:
        try:
            return bytes(obstore.get(self._store, name).bytes())
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

    async def put(self, agency: str, data: bytes, media_type: str) -> BlobRef:
        """Stores and syncs; returns the reference for the event. Raises OSError when the disk does not take it."""
        return await asyncio.to_thread(self.put_now, agency, data, media_type)

    async def get(self, agency: str, ref: BlobRef) -> bytes:
        """The plaintext. Raises BlobLost when it is missing, changed, or its key has been destroyed."""
        return await asyncio.to_thread(self.get_now, agency, ref)

    def put_now(self, agency: str, data: bytes, media_type: str) -> BlobRef:
        digest = sha256(data).hexdigest()
        name = f"{agency}/{digest}"
        key_id, key = self._keys.blob_key(agency)
        if not self._shelf.has(name):
            nonce = secrets.token_bytes(NONCE_BYTES)
            self._shelf.put(name, nonce + close_bytes(key, nonce, data, name))
        crash_point("blob.after-put")
        return BlobRef(sha256=digest, size=len(data), media_type=media_type, key_id=key_id)

    def get_now(self, agency: str, ref: BlobRef) -> bytes:
        name = f"{agency}/{ref.sha256}"
        key = self._keys.secret_of(ref.key_id or "")
        if key is None:
            raise BlobLost(f"{name}: its key is gone")
        sealed = self._shelf.get(name)
        try:
            data = open_bytes(key, sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name)
        except SealBroken as error:
            raise BlobLost(f"{name}: the bytes were changed") from error
        if sha256(data).hexdigest() != ref.sha256:
            raise BlobLost(f"{name}: the bytes are not what their name says")
        return data


def open_blobs(settings: Settings, keys: Keys) -> Blobs:
    shelf: Shelf = Bucket(settings.blob_url) if settings.blob_url else Folder(settings.data_dir / "blobs")
    return Blobs(shelf, keys)
