"""Bytes outside events, encrypted, synced before the event: the agency's own, and those of persons."""

from services.kit.blobs.archive import Blobs
from services.kit.blobs.personal import PersonBlobs, StoredBlob
from services.kit.blobs.shelf import BlobLost, Bucket, Folder, Shelf
from services.kit.sealing.keys import Keys
from services.kit.settings import Settings


def shelf_of(settings: Settings) -> Shelf:
    return Bucket(settings.blob_url) if settings.blob_url else Folder(settings.data_dir / "blobs")


def open_blobs(settings: Settings, keys: Keys) -> Blobs:
    return Blobs(shelf_of(settings), keys)


def open_person_blobs(settings: Settings, keys: Keys, service: str) -> PersonBlobs:
    """``service``: whose cases they belong to; the gateway takes them down for it, and hands them out."""
    return PersonBlobs(shelf_of(settings), keys, service)


__all__ = ["BlobLost", "Blobs", "PersonBlobs", "StoredBlob", "open_blobs", "open_person_blobs", "shelf_of"]
