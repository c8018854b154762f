"""How the backups stand: how old the newest is, when one was last proven, and what a person should look at. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

LATE = 2.0
"""So many times the interval, and a backup is overdue: one may take long, or have failed once."""
DAY = timedelta(days=1)
SLOW = timedelta(hours=3)
"""One that takes longer waits for its place: a store of a million events is written in minutes."""


@dataclass(frozen=True, slots=True)
class BackupStanding:
    """``place`` empty: nothing happens by itself. ``since``: when somebody began to look.

    ``newest``: the cut of the newest backup; ``proven``: when one was last brought back aside, whole.
    """

    place: str
    since: datetime
    every: timedelta
    proven_within: timedelta
    newest: datetime | None = None
    proven: datetime | None = None
    failing_since: datetime | None = None
    reason: str = ""
    running_since: datetime | None = None
    unproven: str = ""
    """Why the last try to bring one back failed; empty: it did not."""

    def due(self, now: datetime) -> bool:
        return bool(self.place) and (self.newest is None or self.newest + self.every <= now)

    def age(self, now: datetime) -> timedelta:
        return max(now - (self.newest or self.since), timedelta(0))

    def late(self, now: datetime) -> bool:
        return self.age(now) > LATE * self.every

    def proven_age(self, now: datetime) -> timedelta:
        return max(now - (self.proven or self.since), timedelta(0))

    def warnings(self, now: datetime) -> tuple[str, ...]:
        """Sentences for who keeps the machine; none where no place is set: that is for people to decide."""
        if not self.place:
            return ()
        found = []
        if self.failing_since is not None:
            found.append(f"Pencadangan gagal sejak {self.failing_since:%Y-%m-%d %H.%M} UTC: {self.reason}")
        if self.running_since is not None and now - self.running_since > SLOW:
            found.append(f"Pencadangan berjalan sejak {self.running_since:%H.%M} UTC: tempatnya lambat atau diam.")
        if self.late(now):
            when = f"Cadangan terakhir {_days(self.age(now))}" if self.newest else "Belum ada cadangan"
            found.append(f"{when}; seharusnya tiap {self.every.total_seconds() / 3600:g} jam.")
        if self.unproven:
            found.append(f"Percobaan pemulihan terakhir gagal: {self.unproven}")
        if self.proven_age(now) > self.proven_within:
            found.append("Pemulihan cadangan sudah lama tidak dicoba: jalankan `caraka backup check`.")
        return tuple(found)

    def told(self, now: datetime) -> Mapping[str, Any]:
        state = "off" if not self.place else "failing" if self.failing_since else "kept"
        return {
            "state": state, "place": self.place, "reason": self.reason,
            "newest_at": self.newest, "proven_at": self.proven,
            "backup_age": self.age(now).total_seconds() if self.place else 0.0,
            "proven_age": self.proven_age(now).total_seconds() if self.place else 0.0,
            "running_at": self.running_since, "failing_at": self.failing_since, "late": self.late(now),
            "failing": (now - self.failing_since).total_seconds() if self.failing_since else 0.0,
            "warnings": list(self.warnings(now)),
        }  # fmt: skip


def _days(age: timedelta) -> str:
    return f"{age / DAY:.0f} hari lalu" if age >= DAY else f"{age.total_seconds() / 3600:.0f} jam lalu"
