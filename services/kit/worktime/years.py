"""Closed days that were decreed after the rules were written: a whole year at a time; the rules stay as they are."""

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


def year_of(day: Closed | str) -> int:
    return int((day if isinstance(day, str) else day["on"])[:4])
