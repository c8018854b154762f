"""What was decreed after the rules were written: closed days, a whole year at a time, and seasons with their hours.

The rules stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Closed = Mapping[str, Any]
"""``on`` (YYYY-MM-DD), ``kind``, ``reason``; a bare date is a national holiday."""


def with_years(rules: Mapping[str, Any], years: Mapping[int, Sequence[Closed]]) -> dict[str, Any]:
    """The rules with these years' closed days instead of their own. Other keys and other years stay as they are."""
    if not years:
        return dict(rules)
    kept = [day for day in rules.get("holidays", []) if year_of(day) not in years]
    told = [{key: day[key] for key in ("on", "kind", "reason")} for days in years.values() for day in days]
    days = sorted([*kept, *told], key=lambda day: day if isinstance(day, str) else day["on"])
    decreed = sorted({*rules.get("decreed_years", []), *years})
    return {**rules, "holidays": days, "decreed_years": decreed}


def with_seasons(rules: Mapping[str, Any], seasons: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The rules under these seasons: ``name``, ``from_on``, ``until_on``, ``hours`` (frames without season)."""
    frames = [
        {**frame, "season": each["name"], "season_from": each["from_on"], "season_until": each["until_on"]}
        for each in seasons
        for frame in each["hours"]
    ]
    return {**rules, "seasons": frames} if frames else dict(rules)


def year_of(day: Closed | str) -> int:
    return int((day if isinstance(day, str) else day["on"])[:4])
