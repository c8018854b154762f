"""Backups in a bucket (``s3://…``): how it is reached, and what it means when it answers otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, S3Store, from_url

from services.kit.backup.faults import BackupFault
from services.kit.blobs.shelf import Bucket

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

LOOK_CONNECT, LOOK_WHOLE = timedelta(seconds=1.5), timedelta(seconds=10)
WORK_CONNECT, WORK_WHOLE = timedelta(seconds=5), timedelta(minutes=5)
"""``WHOLE``: of one request, a part of 5 MB over the line of a small office included."""
CODE = re.compile(r"<Code>(\w+)</Code>")
STATUS = re.compile(r"status code: (\d{3})")
WRONG_KEY = {"SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidToken", "ExpiredToken"}
FULL = {"QuotaExceeded", "InsufficientStorage", "EntityTooLarge", "StorageFull", "XMinioStorageFull"}


class Access(NamedTuple):
    """Empty fields are left to the ``AWS_…`` variables that the library knows."""

    endpoint: str = ""
    region: str = ""
    key_id: str = ""
    secret: str = ""

    def told(self) -> S3Config:
        found: S3Config = {}
        if self.endpoint:
            found["endpoint"] = self.endpoint
        if self.region:
            found["region"] = self.region
        if self.key_id:
            found["access_key_id"] = self.key_id
        if self.secret:
            found["secret_access_key"] = self.secret
        return found


def bucket_at(name: str, access: Access) -> Bucket:
    """Looked at once, without patience: what is wrong with it is said before anything is copied.

    Raises BackupFault, and obstore's errors.
    """
    once: RetryConfig = {"max_retries": 0, "retry_timeout": LOOK_WHOLE}
    try:
        look = _store(name, access, LOOK_CONNECT, LOOK_WHOLE, once)
    except (ValueError, TypeError) as error:
        raise BackupFault("place-away", f"{name} bukan alamat tempat cadangan: tulis s3://ember/awalan.") from error
    with suppress(FileNotFoundError):  # of a folder that stands for a bucket
        next(iter(obstore.list(look, "journal")), None)
    return Bucket(name, _store(name, access, WORK_CONNECT, WORK_WHOLE, {}))


def _store(name: str, access: Access, connect: timedelta, whole: timedelta, again: RetryConfig) -> ObjectStore:
    """Of other kinds than S3 the environment says everything."""
    if not name.startswith("s3"):
        return from_url(name)
    plain = access.endpoint.startswith("http://")  # what goes there is sealed, and the secret only signs
    client: ClientConfig = {"allow_http": plain, "connect_timeout": connect, "timeout": whole}
    return S3Store.from_url(name, config=access.told(), client_options=client, retry_config=again)


@contextmanager
def reaching_bucket(place: str) -> Iterator[None]:
    """What a bucket answers instead of obeying, as a fault."""
    try:
        yield
    except (BaseError, OSError) as error:
        raise _meant(place, error) from error


def _meant(place: str, error: Exception) -> BackupFault:
    """What an object store answered, as a fault in the office's words."""
    said = str(error)
    code = next(iter(CODE.findall(said)), "")
    status = next(iter(STATUS.findall(said)), "")
    if code in WRONG_KEY or status == "401":
        return BackupFault(
            "place-closed", f"Tempat cadangan {place} menolak kunci aksesnya: periksa id dan rahasianya."
        )
    if status == "403":
        return BackupFault("place-closed", f"Kunci akses ini tidak boleh memakai tempat cadangan {place}.")
    if code == "NoSuchBucket":
        return BackupFault("place-away", f"Tempat cadangan {place} tidak ada: buat dahulu embernya.")
    if code in FULL or status == "507":
        return BackupFault("place-full", f"Tempat cadangan {place} penuh. Cadangan yang sudah ada tetap utuh.")
    why = f" ({' '.join(filter(None, (status, code)))})" if status else ": alamatnya salah, atau servernya mati"
    return BackupFault("place-away", f"Tempat cadangan {place} tidak menjawab{why}.")
