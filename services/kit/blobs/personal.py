"""Bytes of a person: encrypted with his key, so that they are erased with it; their name tells nothing of them.

On the shelf: ``_persons/<service>/<agency>/<key>/<name>``, the name an HMAC under his key over the place that they
belong to and their hash. So the same photo of two cases is two blobs, and none of both names says that they are one;
the same upload, sent again, is the same blob. The hash itself stands sealed in the event. Written and read in chunks.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO, NamedTuple

from contracts.base import SealClass
from contracts.words import BlobUpload, PersonBlob
from services.kit.blobs.shelf import BlobLost, Shelf, parts_of
from services.kit.crash import crash_point
from services.kit.sealing.fields import SealBroken
from services.kit.sealing.keys import Keys, Subject
from services.kit.sealing.streams import PREFIX_BYTES, close_stream, open_stream
from services.kit.secrets import keyed

ROOT = "_persons"
DEPTH = 4
"""Folders above a blob."""


class StoredBlob(NamedTuple):
    """What lies on the shelf. ``name``: as events have it; empty for what a killed process has left half-written."""

    place: str
    agency: str
    key_id: str
    name: str
    written_at: datetime


class PersonBlobs:
    """Of the cases of one service."""

    def __init__(self, shelf: Shelf, keys: Keys, service: str) -> None:
        self._shelf = shelf
        self._keys = keys
        self._service = service

    async def put(  # noqa: PLR0913 - whose they are, what they belong to, and what they are
        self, agency: str, seal_class: SealClass, subject_id: str, place: str, data: bytes | BinaryIO, media_type: str
    ) -> BlobUpload:
        """Stores and syncs; returns what the command says of them.

        ``place``: the case and the upload, the same when it is sent again. Raises OSError when the disk is full.
        """
        return await asyncio.to_thread(self.put_now, agency, seal_class, subject_id, place, data, media_type)

    def put_now(  # noqa: PLR0913 - as above
        self, agency: str, seal_class: SealClass, subject_id: str, place: str, data: bytes | BinaryIO, media_type: str
    ) -> BlobUpload:
        """Written again where it lies already: an upload that comes late must not be taken for an old orphan."""
        digest, size = sha256(), 0
        for part in parts_of(data):
            digest.update(part)
            size += len(part)
        key_id, secret = self._keys.of_person(agency, seal_class, subject_id)
        name = keyed(secret, "blob-name", self._service, place, digest.hexdigest()).hex()
        where = self._where(agency, key_id, name)
        key, prefix = keyed(secret, "blob-key", where), secrets.token_bytes(PREFIX_BYTES)
        self._shelf.put(where, close_stream(key, prefix, parts_of(data), where))
        crash_point("blob.after-put")
        return BlobUpload(name=name, size=size, media_type=media_type, key_id=key_id, sha256=digest.hexdigest())

    async def stream(self, agency: str, ref: BlobUpload | PersonBlob) -> AsyncIterator[bytes]:
        """The plaintext in parts, each checked before it is handed out. Raises BlobLost: at the beginning where it is
        missing or erased, in the middle where it was changed, or is erased meanwhile.
        """
        parts = self._opened(agency, ref)
        first = await asyncio.to_thread(next, parts)
        return self._told(first, parts)

    async def _told(self, first: bytes, parts: Iterator[bytes]) -> AsyncIterator[bytes]:
        yield first
        while (part := await asyncio.to_thread(next, parts, None)) is not None:
            yield part

    def parts(self, agency: str, ref: BlobUpload | PersonBlob) -> Iterator[bytes]:
        """The same, for who blocks."""
        return self._opened(agency, ref)

    async def has(self, agency: str, ref: BlobUpload | PersonBlob) -> bool:
        """For an effect before a decision: a reference that a client has kept for longer than a day may be swept."""
        return await asyncio.to_thread(self._shelf.has, self._where(agency, ref.key_id, ref.name))

    async def are_his(self, agency: str, seal_class: SealClass, subject_id: str, uploads: Sequence[BlobUpload]) -> bool:
        """Whether all of them lie there under this person's key: a command may name no bytes of somebody else."""
        return await asyncio.to_thread(self._are_his, (agency, seal_class, subject_id), uploads)

    def _are_his(self, owner: Subject, uploads: Sequence[BlobUpload]) -> bool:
        return all(
            self._keys.owner_of(each.key_id) == owner
            and self._keys.secret_of(each.key_id) is not None
            and self._shelf.has(self._where(owner[0], each.key_id, each.name))
            for each in uploads
        )

    async def delete(self, agency: str, ref: BlobUpload | PersonBlob) -> bool:
        """The bytes, before their key is destroyed or without that; whether they were there. Harmless when repeated."""
        return await asyncio.to_thread(self._shelf.delete, self._where(agency, ref.key_id, ref.name))

    def stored(self) -> Iterator[StoredBlob]:
        """Everything of this service that lies on the shelf."""
        for place, written_at, _ in self._shelf.lying(f"{ROOT}/{self._service}"):
            words = place.split("/")
            if len(words) == DEPTH + 1:
                name = "" if words[4].startswith(".") else words[4]
                yield StoredBlob(place, words[2], words[3], name, written_at)

    def sweep(self, stored: StoredBlob, unless_after: datetime | None = None) -> bool:
        """Takes it away, unless it was written anew since."""
        return self._shelf.delete(stored.place, unless_after)

    def _where(self, agency: str, key_id: str, name: str) -> str:
        return f"{ROOT}/{self._service}/{agency}/{key_id}/{name}"

    def _opened(self, agency: str, ref: BlobUpload | PersonBlob) -> Iterator[bytes]:
        where = self._where(agency, ref.key_id, ref.name)
        key = keyed(self._secret(ref.key_id, where), "blob-key", where)
        try:
            for chunk in open_stream(key, self._shelf.parts(where), where):
                self._secret(ref.key_id, where)  # erased while it is open: not one chunk more
                yield chunk
        except SealBroken as error:
            raise BlobLost(f"{where}: the bytes were changed") from error

    def _secret(self, key_id: str, where: str) -> bytes:
        secret = self._keys.secret_of(key_id)
        if secret is None:
            raise BlobLost(f"{where}: its key is gone")
        return secret
