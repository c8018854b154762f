"""``caraka backup``: what belongs to a backup, where it goes, and for whom it is sealed."""

from __future__ import annotations

import io
import os
import re
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import orjson

from services.cli.catalogue import SERVICES, WITH_STREAMS
from services.kit.backup.cut import Tell
from services.kit.backup.faults import BackupFault
from services.kit.backup.manifest import Manifest
from services.kit.backup.places import BackupPlace
from services.kit.backup.remembered import one_at_a_time, place_at, remember
from services.kit.backup.retention import Keep
from services.kit.backup.sealing import Recipients, identities_in, new_identity, public_of, recipients_of
from services.kit.backup.settings import BackupSettings
from services.kit.backup.writing import Wanted, tidy, write
from services.kit.blobs import shelf_of
from services.kit.sealing.keyring import load_keyring
from services.kit.settings import Settings

KEPT = tuple(service for service in SERVICES if service != "projections")
"""The views are computed: they are built anew from the events."""
PURPOSE = "backup"
IDENTITY = "identity.txt"
BESIDE = ("demo-password",)
"""Small files of the data folder that belong to it."""
SECRET_NAMES = re.compile(r"PASSWORD|SECRET|TOKEN|KEYRING|IDENTITY", re.IGNORECASE)
CREDENTIALS = re.compile(r"(?<=://)[^/@\s\"]*@|(?<=\"password\":)\s*\"[^\"]*\"", re.IGNORECASE)


@dataclass(frozen=True)
class Made:
    """``made_identity``: a key pair was made because none was named; the file with its private key."""

    manifest: Manifest
    places: tuple[str, str]
    made_identity: Path | None
    dropped: int


def make(settings: Settings, own: BackupSettings, to: str, tell: Tell, *, new: bool = False) -> Made:
    """One backup, and what is kept of the older ones. ``new``: also where a place is empty that was not.

    Raises BackupFault.
    """
    with one_at_a_time(settings.data_dir):
        made = _make(settings, own, places(settings, own, to, new=new), tell)
        remember(settings.data_dir, made.manifest.name, *made.places)
        return made


def _make(settings: Settings, own: BackupSettings, both: tuple[BackupPlace, BackupPlace], tell: Tell) -> Made:
    place, keys = both
    recipients, made = _recipients(own, keys)
    keyring = load_keyring(settings)
    wanted = Wanted(
        settings=settings,
        services=KEPT,
        stating=WITH_STREAMS,
        shelf=shelf_of(settings),
        recipients=recipients,
        key=keyring.derive(PURPOSE),
        keyring=_keyring_text(settings).encode("ascii"),
        version=version("caraka"),
        beside=_beside(settings),
    )
    manifest = write(wanted, place, keys, tell)
    dropped = tidy(place, keys, Keep.parse(own.keep), datetime.now(UTC))
    return Made(manifest, (place.name, keys.name), made, dropped)


def places(settings: Settings, own: BackupSettings, to: str, *, new: bool = False) -> tuple[BackupPlace, BackupPlace]:
    """Of the archives, and of the keys. Raises BackupFault."""
    beside = own.keys_beside(to)
    if not beside:
        raise BackupFault(
            "no-keys-place",
            "Sebutkan tempat kedua untuk kunci: --keys, atau CARAKA_BACKUP_KEYS_TO (jangan yang sama).",
        )
    here, there = f"{to.rstrip('/')}/", f"{beside.rstrip('/')}/"
    if here.startswith(there) or there.startswith(here):
        raise BackupFault(
            "same-place", "Kunci dan arsip di tempat yang sama membatalkan penghapusan: pilih dua tempat terpisah."
        )
    access, access_to_keys = own.access(), own.access(keys=True)
    if new:
        return BackupPlace(to, access), BackupPlace(beside, access_to_keys)
    return place_at(settings.data_dir, to, access), place_at(settings.data_dir, beside, access_to_keys)


def _recipients(own: BackupSettings, keys: BackupPlace) -> tuple[Recipients, Path | None]:
    """Where nobody is named a key pair is made once, and lies with the keys until a person takes it elsewhere."""
    if own.recipient:
        return recipients_of(own.recipient), None
    path = own.identity or (keys.folder / IDENTITY if keys.folder is not None else None)
    if path is None:
        raise BackupFault("recipient", "Sebutkan kunci umum penerima cadangan: CARAKA_BACKUP_RECIPIENT=age1…")
    if path.exists():
        return public_of(identities_in(path)), None
    return recipients_of(new_identity(path)), path


def _keyring_text(settings: Settings) -> str:
    if settings.keyring is not None:
        return settings.keyring.get_secret_value()
    return (settings.data_dir / "keyring").read_text(encoding="ascii")


def _beside(settings: Settings) -> dict[str, bytes]:
    found = {"settings": orjson.dumps(_told_settings(settings), option=orjson.OPT_INDENT_2)}
    for name in BESIDE:
        path = settings.data_dir / name
        if path.is_file():
            found[name] = path.read_bytes()
    if settings.standards_dir is not None and settings.standards_dir.is_dir():
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            tar.add(settings.standards_dir, arcname=".")
        found["standards"] = packed.getvalue()
    return found


def _told_settings(settings: Settings) -> dict[str, str]:
    """What was set, without any secret: those are given anew on the new machine."""
    told = {f"CARAKA_{name.upper()}": value for name, value in settings.effective().items()}
    for name, value in os.environ.items():
        if name.startswith("CARAKA_") and name not in told:
            told[name] = CREDENTIALS.sub("********@", value)
    return {name: "********" if SECRET_NAMES.search(name) else value for name, value in sorted(told.items())}
