"""Which backups are kept: the newest of each of the last days, weeks and months. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Keep:
    """So many days, weeks and months of which the newest one stays. The newest of all always stays."""

    days: int = 7
    weeks: int = 5
    months: int = 12

    @classmethod
    def parse(cls, text: str) -> Keep:
        """``7,5,12``. Raises ValueError with a sentence."""
        words = text.split(",")
        if len(words) != 3 or not all(word.strip().isdecimal() for word in words):  # noqa: PLR2004 - days, weeks, months
            raise ValueError("CARAKA_BACKUP_KEEP berisi tiga angka: hari,minggu,bulan (bawaan 7,5,12).")
        return cls(*(int(word) for word in words))


def moment_of(name: str) -> datetime:
    """When an archive of this name was cut."""
    return datetime.strptime(name.partition("-")[0], STAMP).replace(tzinfo=UTC)


def is_name(text: str) -> bool:
    """Whether it is an archive's name, and nothing that somebody else has put there."""
    try:
        moment_of(text)
    except ValueError:
        return False
    return True


def kept(names: Iterable[str], keep: Keep) -> set[str]:
    newest_first = sorted(names, reverse=True)
    found = set(newest_first[:1])
    for count, spans in ((keep.days, _day), (keep.weeks, _week), (keep.months, _month)):
        seen: dict[Hashable, str] = {}
        for name in newest_first:
            seen.setdefault(spans(moment_of(name)), name)
        found.update(list(seen.values())[:count])
    return found


def _day(moment: datetime) -> Hashable:
    return moment.date()


def _week(moment: datetime) -> Hashable:
    return moment.isocalendar()[:2]


def _month(moment: datetime) -> Hashable:
    return moment.year, moment.month
