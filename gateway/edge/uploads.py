"""Files that people bring: cleaned in the sandbox, stored under the key of the case that they are going to belong to,
and carried by the form that names them until it is sent.

The form has a signed token for each, so that a form of several pages needs no memory here, and nobody names bytes that
he has not brought. What is never sent stands in no fact, and is swept away a day later.
"""

import asyncio
import base64
import hmac
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

import orjson
from pydantic import ValidationError

from contracts.tracking import FilesOf, FilesOfAnswer
from contracts.words import BlobUpload, PersonBlob
from gateway.edge.client import ServiceClient
from gateway.edge.problems import Problem
from services.kit.blobs import BlobLost, PersonBlobs, open_person_blobs
from services.kit.sandbox import SandboxFailure
from services.kit.sealing import Keys
from services.kit.secrets import framed
from services.kit.settings import Settings
from services.kit.uploads import Drawn, UploadCleaner, UploadDrawer, UploadRefused, drawing_sandbox, upload_sandbox

IN_MEMORY = 256 * 1024
LASTS_SECONDS = 12 * 3600
"""Less than what nobody has named lies on the shelf."""
MOST_WAITING = 60
MEGABYTE = 1_048_576


EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.presentation": ".odp",
}


def extension(ref: PersonBlob) -> str:
    return EXTENSIONS.get(ref.media_type, ".bin")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where files of one case lie. ``service``: whose case it is."""

    agency: str
    service: str
    of: FilesOfAnswer


class Uploads:
    """``key``: the same in all gateways of the installation."""

    def __init__(
        self, settings: Settings, keys: Keys, client: ServiceClient, key: bytes, clock: Callable[[], float] = time.time
    ) -> None:
        self.most_files = settings.upload_files
        self.most_bytes = settings.upload_megabytes * MEGABYTE
        self._settings = settings
        self._keys = keys
        self._client = client
        self._key = key
        self._clock = clock
        self._cleaning, self._drawing = upload_sandbox(), drawing_sandbox()
        self._cleaner, self._drawer = UploadCleaner(self._cleaning), UploadDrawer(self._drawing)
        self._waiting = 0

    async def shelf(self, agency: str, question: FilesOf) -> Shelf:
        """Raises Problem 404 where there is no such case."""
        found = await self._client.ask_for(agency, question, FilesOfAnswer)
        if not found.subject_id:
            raise Problem("gateway.not-found", 404)
        return Shelf(agency, question.service(), found)

    async def take(self, shelf: Shelf, file: BinaryIO, size: int) -> BlobUpload:
        """Cleaned and stored. Raises Problem 422 that says what is wrong with it, 503 where it cannot be done now."""
        if size > self.most_bytes:
            raise Problem("gateway.upload-too-large", 422, megabytes=self.most_bytes // MEGABYTE)
        if self._waiting >= MOST_WAITING:
            raise Problem("gateway.busy", 503, seconds=30)
        self._waiting += 1
        try:
            with SpooledTemporaryFile(IN_MEMORY) as sink:
                clean = cast("BinaryIO", sink)
                media_type = await self._cleaner.clean(file, clean)
                return await self._put(shelf, clean, media_type)
        except UploadRefused as refused:
            detail = {"megabytes": self.most_bytes // MEGABYTE} if refused.reason == "too-large" else {}
            raise Problem(f"gateway.upload-{refused.reason}", 422, **detail) from None
        except SandboxFailure:
            raise Problem("gateway.busy", 503, seconds=30) from None
        except OSError as full:  # the disk, or the temporary folder
            raise Problem("gateway.unavailable", 503, service="files") from full
        finally:
            self._waiting -= 1

    async def at_home(self, shelf: Shelf, upload: BlobUpload) -> BlobUpload:
        """The same file under the key of this case: who changes his NIP, or files with a new form, keeps his files.

        Raises Problem 422 where it is gone.
        """
        of = shelf.of
        owner = await asyncio.to_thread(self._keys.owner_of, upload.key_id)
        if owner == (shelf.agency, of.seal_class, of.subject_id):
            return upload
        blobs = self._blobs(shelf.service)
        try:
            with SpooledTemporaryFile(IN_MEMORY) as between:
                async for part in await blobs.stream(shelf.agency, upload):
                    await asyncio.to_thread(between.write, part)
                moved = await self._put(shelf, cast("BinaryIO", between), upload.media_type)
        except BlobLost:
            raise Problem("gateway.upload-gone", 422) from None
        return moved  # the old one stays for the sweep: some case that was filed before may name it

    async def stream(self, agency: str, service: str, ref: PersonBlob) -> AsyncIterator[bytes]:
        """Raises Problem 410 where it was erased, 500 where it is lost."""
        try:
            return await self._blobs(service).stream(agency, ref)
        except BlobLost as lost:
            gone = await asyncio.to_thread(self._keys.destroyed, [ref.key_id])
            raise Problem("gateway.erased", 410) if gone else Problem("gateway.blob-lost", 500) from lost

    async def drawn(self, agency: str, service: str, ref: PersonBlob, page: int) -> Drawn:
        """A page as a picture. Raises Problem as `stream` does."""
        try:
            return await self._drawer.draw(await self.stream(agency, service, ref), page)
        except BlobLost:  # erased while it was read
            raise Problem("gateway.erased", 410) from None

    def token(self, agency: str, service: str, upload: BlobUpload) -> str:
        """What a form carries of a stored file; it has no blank."""
        told = orjson.dumps({**upload.model_dump(), "ends": int(self._clock()) + LASTS_SECONDS})
        return f"{base64.urlsafe_b64encode(told).decode()}.{self._mac(agency, service, told)}"

    def read(self, agency: str, service: str, token: str) -> BlobUpload | None:
        """None: it is none of ours, or too old."""
        text, _, mac = token.partition(".")
        try:
            told = base64.urlsafe_b64decode(text.encode("ascii"))
            if not hmac.compare_digest(self._mac(agency, service, told).encode(), mac.encode()):
                return None
            said = orjson.loads(told)
            return BlobUpload.model_validate(said) if self._clock() < said.pop("ends") else None
        except (ValueError, UnicodeError, ValidationError):
            return None

    async def close(self) -> None:
        await self._cleaning.close()
        await self._drawing.close()

    async def _put(self, shelf: Shelf, data: BinaryIO, media_type: str) -> BlobUpload:
        of = shelf.of
        blobs = self._blobs(shelf.service)
        return await blobs.put(shelf.agency, of.seal_class, of.subject_id, str(of.case_id), data, media_type)

    def _blobs(self, service: str) -> PersonBlobs:
        return open_person_blobs(self._settings, self._keys, service)

    def _mac(self, agency: str, service: str, told: bytes) -> str:
        return hmac.digest(self._key, framed("upload", agency, service) + told, sha256).hex()


@dataclass(frozen=True, slots=True)
class Numbered:
    """A file of a case, counted from its first; its own name is kept nowhere."""

    number: int
    ref: PersonBlob


def numbered(brought: Iterable[Sequence[PersonBlob]]) -> list[Numbered]:
    return [Numbered(number, ref) for number, ref in enumerate(chain.from_iterable(brought), 1)]


def found_in(brought: Iterable[Sequence[PersonBlob]], name: str, *, erased: bool) -> Numbered:
    """The file of that name. Raises Problem 404, 410 where all of them were erased."""
    if erased:
        raise Problem("gateway.erased", 410)
    found = next((each for each in numbered(brought) if each.ref.name == name), None)
    if found is None:
        raise Problem("gateway.not-found", 404)
    return found
