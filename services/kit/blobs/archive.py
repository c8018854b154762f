"""The agency's own bytes: ``<agency>/<sha256 of the plaintext>``, encrypted with its key, synced before the event.

Some have a key of their own, which can be destroyed with nothing else: ``<agency>/<sha256>.<key id>``.

The same bytes twice are one blob within an agency and never shared across agencies. Nothing here holds a whole blob
unless it is asked to (`Blobs.get`).
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from hashlib import sha256
from itertools import chain
from typing import BinaryIO

from contracts.words import BlobRef
from services.kit.blobs.shelf import BlobLost, Shelf, parts_of
from services.kit.crash import crash_point
from services.kit.sealing.fields import SealBroken, close_parts, open_parts
from services.kit.sealing.keyring import NONCE_BYTES
from services.kit.sealing.keys import Keys
from services.kit.sealing.purposes import OF_THE_AGENCY

OWN_CLASS = "applicant"
"""Among whose keys those of single blobs are: a class that whoever reads letters may open."""


class Blobs:
    """Puts and gets plaintext; what lies on the shelf is ``nonce ‖ AES-256-GCM``, bound to its name."""

    def __init__(self, shelf: Shelf, keys: Keys) -> None:
        self._shelf = shelf
        self._keys = keys

    async def put(self, agency: str, data: bytes | BinaryIO, media_type: str, own: str = "") -> BlobRef:
        """Stores and syncs; returns the reference for the event. Raises OSError when the disk does not take it.

        ``own``: whose key it is to have, a subject of the key store's; empty: the agency's.
        """
        return await asyncio.to_thread(self.put_now, agency, data, media_type, own)

    async def withdraw(self, agency: str, ref: BlobRef, since: datetime) -> bool:
        """Takes away bytes that an event never named, put a moment ago with the agency's key; whether they were there.

        ``since``: what lay there before that moment is somebody else's, and stays.
        """
        return await asyncio.to_thread(self._withdraw, f"{agency}/{ref.sha256}", since)

    def _withdraw(self, name: str, since: datetime) -> bool:
        written = self._shelf.written_at(name)
        return written is not None and written >= since and self._shelf.delete(name)

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

    def put_now(self, agency: str, data: bytes | BinaryIO, media_type: str, own: str = "") -> BlobRef:
        digest, size = sha256(), 0
        for part in parts_of(data):
            digest.update(part)
            size += len(part)
        name = f"{agency}/{digest.hexdigest()}"
        if own:
            key_id, key = self._keys.of_person(agency, OWN_CLASS, own)
            name = f"{name}.{key_id}"
        else:
            key_id, key = self._keys.blob_key(agency)
        if not self._shelf.has(name):
            nonce = secrets.token_bytes(NONCE_BYTES)
            self._shelf.put(name, chain((nonce,), close_parts(key, nonce, parts_of(data), name)))
        crash_point("blob.after-put")
        return BlobRef(sha256=digest.hexdigest(), size=size, media_type=media_type, key_id=key_id)

    def get_now(self, agency: str, ref: BlobRef) -> bytes:
        return b"".join(self._opened(agency, ref))

    def _looked_through(self, agency: str, ref: BlobRef) -> None:
        for _ in self._opened(agency, ref):
            pass

    def _name(self, agency: str, ref: BlobRef) -> str:
        owner = self._keys.owner_of(ref.key_id or "")
        own = owner is not None and owner[2] != OF_THE_AGENCY
        return f"{agency}/{ref.sha256}.{ref.key_id}" if own else f"{agency}/{ref.sha256}"

    def _opened(self, agency: str, ref: BlobRef) -> Iterator[bytes]:
        """Raises BlobLost, at the end too: until then nothing is sure."""
        name = self._name(agency, ref)
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
