"""``caraka backup check``: an archive is proven by bringing it back aside, and what came of it is written beside it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from pydantic import SecretStr

from services.cli.backup import told
from services.cli.backup.restoring import Asked, restore
from services.kit.backup.cut import Tell
from services.kit.backup.faults import BackupFault
from services.kit.backup.places import BackupPlace
from services.kit.backup.postgres_place import for_a_try
from services.kit.backup.reading import Archive
from services.kit.settings import Settings

REPORTS = "reports"
COUNTED = ("keys", "stores", "blobs", "adjust", "verify")


def check(settings: Settings, archive: Archive, tell: Tell) -> dict[str, Any]:
    """The report, which lies at the place too. Raises BackupFault where it cannot even be tried."""
    with (
        tempfile.TemporaryDirectory(prefix="caraka-check-") as folder,
        _aside(settings, archive, Path(folder)) as aside,
    ):
        began = datetime.now(UTC)
        try:
            restored = restore(aside, archive, Asked({}, "backup check", tell))
            found = told.facts_of(restored)
            events = sum(head.events for head in archive.manifest.heads.values())
            seconds = sum(restored.seconds.get(name, 0.0) for name in COUNTED)
            found |= {"events": events, "rate": round(events / seconds, 1) if seconds else 0.0}
        except BackupFault as fault:
            found = {"ok": False, "archive": archive.manifest.name, "code": fault.code, "sentence": str(fault)}
    found |= {"checked_at": began.isoformat(timespec="seconds"), "cut_at": archive.manifest.cut_at.isoformat()}
    name = f"{REPORTS}/{began:%Y%m%dT%H%M%S.%fZ}-{archive.manifest.name}.json"
    archive.place.put(name, [orjson.dumps(found, default=str, option=orjson.OPT_INDENT_2)])
    return found | {"report": f"{archive.place.name}/{name}"}


def newest_report(place: BackupPlace, *, ok: bool = True) -> dict[str, Any] | None:
    """The last report that proved (or, not ``ok``: that was made at all)."""
    for each in sorted((each.name for each in place.lying(REPORTS) if each.name.endswith(".json")), reverse=True):
        try:
            found = orjson.loads(b"".join(place.parts(each)))
        except ValueError:
            continue  # cut off, or no report
        if isinstance(found, dict) and (found.get("ok") or not ok):
            return found
    return None


@contextmanager
def _aside(settings: Settings, archive: Archive, folder: Path) -> Iterator[Settings]:
    """A place of its own that is gone afterwards: files, or a database beside the product's."""
    here = {"data_dir": folder, "keyring": None, "blob_url": None, "standards_dir": None}
    if archive.manifest.dialect != "postgresql":
        yield settings.model_copy(update={**here, "database_url": None})
        return
    if settings.database_url is None:
        raise BackupFault(
            "other-database",
            "Cadangan ini dari PostgreSQL: tetapkan CARAKA_DATABASE_URL; di server itu dibuat basis data sementara.",
        )
    with for_a_try(settings.database_url.get_secret_value()) as url:
        yield settings.model_copy(update={**here, "database_url": SecretStr(url)})
