"""Moments as the console says them: by the clock of the agency, with its zone's name."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from services.kit.settings import Settings
from services.kit.worktime.wording import ZONES

OTHERWISE = "Asia/Jakarta"
MOMENT = re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:\+00:00|Z\b)")


def at_the_office(at: datetime | None, settings: Settings, agency: str = "", form: str = "%Y-%m-%d %H.%M") -> str:
    """``2026-11-30 10.33 WIB``; ``–`` for None. Without an agency: the zone that all of them have, else WIB."""
    if at is None:
        return "–"
    zone = _zone(settings.standards_dir, agency)
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return f"{aware.astimezone(ZoneInfo(zone)):{form}} {ZONES.get(zone, zone)}"


def told_at(at: str, settings: Settings, agency: str = "") -> str:
    """The same of a moment as it travelled, in ISO."""
    return at_the_office(datetime.fromisoformat(at), settings, agency)


def by_the_clock(said: str, settings: Settings) -> str:
    """The moments of UTC in a text, as ISO writes them, by the office's clock."""
    return MOMENT.sub(lambda found: told_at(found[0], settings), said)


@lru_cache
def _zone(folder: Path | None, agency: str) -> str:
    from services.organisation.adapters.standards_files import StandardsRefusedError, load, own_standards

    try:
        _, agencies = load(folder or own_standards())
    except (StandardsRefusedError, OSError):
        return OTHERWISE
    if agency in agencies:
        return str(agencies[agency].agency.zone)
    zones = {str(each.agency.zone) for each in agencies.values()}
    return zones.pop() if len(zones) == 1 else OTHERWISE
