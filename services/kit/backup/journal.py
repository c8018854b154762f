"""The journal of erasures: which keys of persons have been destroyed, so that an older backup does not bring them back.

It lies beside the archives, is written anew whenever somebody has been erased, and names keys by their random ids. It
is sealed by the product's own keyring: nobody else can have a key destroyed by adding a line.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256

import orjson

from services.kit.backup.faults import BackupFault
from services.kit.backup.places import BackupPlace

JOURNAL = "journal/erasures.json"


def write(place: BackupPlace, destroyed: Sequence[str], key: bytes) -> None:
    """What stood there stays in it: a product that was restored knows less, and must not make others forget."""
    known = set(read(place, key)) | set(destroyed)
    told = sorted(known)
    place.put(JOURNAL, [orjson.dumps({"destroyed": told, "mac": _mac(told, key)})])


def read(place: BackupPlace, key: bytes) -> Sequence[str]:
    """Raises BackupFault where it was changed."""
    if not place.has(JOURNAL):
        return ()
    try:
        said = orjson.loads(b"".join(place.parts(JOURNAL)))
        told = [str(each) for each in said["destroyed"]]
        whole = hmac.compare_digest(str(said["mac"]), _mac(told, key))
    except (ValueError, KeyError, TypeError):
        whole, told = False, []
    if not whole:
        raise BackupFault("journal", f"Jurnal penghapusan di {place.name} diubah atau milik pemasangan lain.")
    return told


def _mac(told: Sequence[str], key: bytes) -> str:
    return hmac.new(key, b"erasures\n" + "\n".join(told).encode(), sha256).hexdigest()
