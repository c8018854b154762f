"""The schedule: backups by themselves, the journal of erasures, and what is said of them on the bus.

A backup runs in a process of its own: it reads everything that there is, and the office goes on beside it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from services.cli.backup.beside import Beside
from services.cli.backup.checking import newest_report
from services.cli.backup.making import PURPOSE, places
from services.kit.backup import journal
from services.kit.backup.faults import BackupFault
from services.kit.backup.settings import BackupSettings
from services.kit.backup.standing import BackupStanding
from services.kit.bus.connection import Bus
from services.kit.bus.rights import BACKUP
from services.kit.database import engine_of, place_of
from services.kit.observability.metrics import Samples
from services.kit.operations.health import HealthReport, serve_health
from services.kit.operations.metrics_over_bus import serve_metrics
from services.kit.runtime.heartbeat import beat
from services.kit.runtime.lease import this_process
from services.kit.runtime.supervise import Supervisor
from services.kit.sealing.keyring import load_keyring
from services.kit.sealing.keys import KEYS
from services.kit.settings import Settings

JOURNAL_SECONDS = 10.0
PATIENCE_SECONDS = 12 * 3600
RUNNING = "backup.running"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rest:
    """Between two looks; and ``again`` after a failure, longer, so that a full disk is not filled and emptied at every
    look. ``silent_seconds``: after them a place that does not answer counts as away.
    """

    look_seconds: float = 60.0
    again: timedelta = timedelta(minutes=15)
    silent_seconds: float = 60.0


class BackupKeeper:
    """Runs until cancelled; tells how the backups stand."""

    def __init__(self, settings: Settings, own: BackupSettings, rest: Rest) -> None:
        self._settings, self._own, self._rest = settings, own, rest
        every, proven = timedelta(hours=own.every_hours), timedelta(days=own.proven_days)
        self.standing = BackupStanding(own.to, datetime.now(UTC), every, proven)
        self._journalled: tuple[str, ...] | None = None
        self._tried: datetime | None = None
        self._away = False
        self._looking, self._writing = (Beside(own.to, rest.silent_seconds) for _ in range(2))

    async def run(self) -> None:
        while True:
            reached = await self._looked()
            now = datetime.now(UTC)
            if reached and self.standing.due(now) and (self._tried is None or now >= self._tried + self._rest.again):
                self._tried = now
                self.standing = replace(self.standing, running_since=now)
                try:
                    await self._back_up()
                finally:
                    self.standing = replace(self.standing, running_since=None)
                await self._looked()
            await asyncio.sleep(self._rest.look_seconds)

    async def keep_journal(self) -> None:
        """An erasure reaches the journal within seconds: a backup from before it must not bring anybody back."""
        while True:
            if self._own.to:
                with suppress(BackupFault, SQLAlchemyError):  # said by `_looked`; tried again
                    await self._writing.call(self._write_journal)
            await asyncio.sleep(JOURNAL_SECONDS)

    def report(self) -> HealthReport:
        now = datetime.now(UTC)
        warnings = self.standing.warnings(now)
        return HealthReport(BACKUP, this_process(), {"backup": self.standing.told(now)}, (), warnings)

    async def numbers(self) -> Samples:
        if not self._own.to:
            return {}
        told = self.standing.told(datetime.now(UTC))
        names = {"age": "backup_age", "proven_age": "proven_age", "failing": "failing"}
        return {f"caraka_backup_{name}_seconds": [((), told[part])] for name, part in names.items()}

    async def _looked(self) -> bool:
        """Whether there is a place, and it answers."""
        if not self._own.to:
            return False
        try:
            await self._looking.call(self._look)
        except BackupFault as fault:
            self._away = True
            self._failed(str(fault))
            return False
        return True

    def _look(self) -> None:
        """What lies at the place says how it stands: whoever made the backups. Raises BackupFault."""
        place, _ = places(self._settings, self._own, self._own.to)
        names = place.archives()
        newest = place.manifest(names[-1]).cut_at if names else None
        proven, tried = newest_report(place), newest_report(place, ok=False)
        if self._away:  # the place is back; what a backup itself failed of stays until one is made
            self._away = False
            self.standing = replace(self.standing, failing_since=None, reason="")
        when = datetime.fromisoformat(proven["checked_at"]) if proven else None
        unproven = str(tried.get("sentence", "")) if tried and not tried.get("ok") else ""
        self.standing = replace(self.standing, newest=newest, proven=when, unproven=unproven[:300])

    async def _back_up(self) -> None:
        words = [sys.executable, "-m", "services", "backup", "now", self._own.to, "--json"]
        process = await asyncio.create_subprocess_exec(
            *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env=_environment(self._settings)
        )
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                said, _ = await process.communicate()
        except TimeoutError:
            _kill(process)
            self._failed(f"dihentikan sesudah {PATIENCE_SECONDS // 3600} jam: tempatnya terlalu lambat.")
            return
        except BaseException:
            _kill(process)
            raise
        told = _last_line(said)
        if told.get("code") == RUNNING:
            return  # somebody makes one by hand: it counts as well
        self._away = False
        if process.returncode == 0 and told.get("ok"):
            self.standing = replace(self.standing, failing_since=None, reason="")
            log.info("backup.made", archive=told["archive"], seconds=told["manifest"].get("seconds"))
        else:
            self._failed(str(told.get("sentence") or f"proses berakhir dengan status {process.returncode}"))

    def _failed(self, reason: str) -> None:
        log.error("backup.failed", reason=reason)
        since = self.standing.failing_since or datetime.now(UTC)
        self.standing = replace(self.standing, failing_since=since, reason=reason[:300])

    def _write_journal(self) -> None:
        engine = engine_of(place_of(self._settings, "keys"), pool_size=1)
        try:
            with engine.connect() as connection:
                gone = tuple(connection.scalars(select(KEYS.c.key_id).where(KEYS.c.wrapped.is_(None))))
        finally:
            engine.dispose()
        if gone != self._journalled:
            key = load_keyring(self._settings).derive(PURPOSE)
            for place in places(self._settings, self._own, self._own.to):
                journal.write(place, gone, key)
            self._journalled = gone


@asynccontextmanager
async def kept(settings: Settings, own: BackupSettings, rest: Rest = Rest()) -> AsyncIterator[BackupKeeper]:
    """Until left."""
    keeper = BackupKeeper(settings, own, rest)
    bus = await Bus.connect(settings.broker_url, service=BACKUP, patience=30)
    supervisor = Supervisor()
    supervisor.add("schedule", keeper.run)
    supervisor.add("journal", keeper.keep_journal)
    supervisor.add("heartbeat", partial(beat, BACKUP))
    await serve_health(bus, keeper.report)
    await serve_metrics(bus, BACKUP, keeper.numbers)
    try:
        yield keeper
    finally:
        await supervisor.stop()
        await bus.close()


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()


def _environment(settings: Settings) -> dict[str, str]:
    """This process's own: the settings came from there, the files of secrets too."""
    import os

    return {**os.environ, "CARAKA_DATA_DIR": str(settings.data_dir)}


def _last_line(said: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads((said.decode().strip().splitlines() or ["{}"])[-1])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
