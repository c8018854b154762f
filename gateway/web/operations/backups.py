"""How the backups stand, as whoever keeps them tells it: their age, and when one was last proven."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

KEEPER = "backup"


@dataclass(frozen=True, slots=True)
class Backups:
    """``set_up``: whether they are made by themselves. ``failing``: since when. ``late``: the newest is too old.

    ``warnings``: sentences as the keeper says them.
    """

    set_up: bool
    place: str
    newest: datetime | None
    proven: datetime | None
    failing: datetime | None
    late: bool
    warnings: tuple[str, ...]


def backups_of(services: Iterable[Mapping[str, Any]]) -> Backups | None:
    """``services``: health reports as dictionaries. None: nobody tells of backups."""
    for each in services:
        part = each["parts"].get(KEEPER) if each["service"] == KEEPER else None
        if isinstance(part, Mapping):
            newest, proven = _moment(part.get("newest_at")), _moment(part.get("proven_at"))
            warnings = tuple(str(said) for said in part.get("warnings", ()))
            failing, late, place = _moment(part.get("failing_at")), bool(part.get("late")), str(part.get("place", ""))
            return Backups(part.get("state") != "off", place, newest, proven, failing, late, warnings)
    return None


def _moment(said: Any) -> datetime | None:
    return datetime.fromisoformat(said) if isinstance(said, str) and said else None
