"""The calendar as a value: weekly frames, seasons that overlay them, closed days, one zone, one version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from services.kit.worktime.frames import JOINT_LEAVE, ClosedDay, Frame, Windows
from services.kit.worktime.ledger import Ledger, Ledgers, year_of
from services.kit.worktime.rules import KEYS, read_rules

MOST_SEEN = 64
_SEEN: dict[int, tuple[Mapping[str, Any], Calendar]] = {}
"""By the identity of the rules, which are held so that it stays theirs."""


@dataclass(frozen=True)
class Calendar:
    """``version`` names the content: a label and a hash. ``decreed``: years whose closed days are known."""

    zone: str
    frames: tuple[Frame, ...]
    closed: Mapping[date, ClosedDay]
    version: str
    joint_leave_works: bool = False
    decreed: frozenset[int] = frozenset()
    _ledgers: Ledgers = field(default_factory=Ledgers, compare=False, repr=False)

    @staticmethod
    def from_rules(rules: Mapping[str, Any]) -> Calendar:
        """Read ``zone``, ``hours``, ``holidays`` and, where given, ``joint_leave_works`` and ``calendar`` (a label).

        Other keys are not looked at. The same rules give the same object; rules are values, nobody changes them in
        place. Raises ValueError: the place and, in
        Indonesian, the reason.
        """
        seen = _SEEN.get(id(rules))
        if seen is not None and seen[0] is rules:
            return seen[1]
        known = {key: rules[key] for key in KEYS if key in rules}
        try:
            calendar = _read(json.dumps(known, sort_keys=True))
        except TypeError as error:
            raise ValueError(f"kalender: nilai yang bukan teks, angka atau daftar ({error})") from None
        if len(_SEEN) >= MOST_SEEN:
            _SEEN.clear()
        _SEEN[id(rules)] = (rules, calendar)
        return calendar

    def closing(self, day: date) -> ClosedDay | None:
        """Why this day is closed although its weekday may be open; joint leave only where it does not work."""
        closed = self.closed.get(day)
        return None if closed and closed.kind == JOINT_LEAVE and self.joint_leave_works else closed

    @cached_property
    def begins(self) -> date:
        """The first day that may have hours."""
        return min(frame.season_from if frame.season else frame.valid_from for frame in self.frames)

    @cached_property
    def _of_years(self) -> dict[int, tuple[Frame, ...]]:
        return {}

    def _frames_of(self, year: int) -> tuple[Frame, ...]:
        """Those that may hold in a year: decades of seasons need not be looked through for every day."""
        found = self._of_years.get(year)
        if found is None:
            found = tuple(
                frame
                for frame in self.frames
                if (frame.season_from.year <= year <= frame.season_until.year if frame.season else True)
            )
            self._of_years[year] = found
        return found

    def frame_windows(self, day: date) -> Windows:
        """Opening hours by the weekday alone; empty on a weekday without hours."""
        weekday = day.weekday()
        base: Frame | None = None
        frames = self._frames_of(day.year)
        begun = max((f.valid_from for f in frames if not f.season and f.valid_from <= day), default=None)
        for frame in frames:
            if frame.season:
                if weekday in frame.weekdays and frame.season_from <= day <= frame.season_until:
                    return frame.windows
            elif frame.valid_from == begun and weekday in frame.weekdays:
                base = frame
        return base.windows if base else ()

    def windows(self, day: date) -> Windows:
        """Opening hours of this very day; empty when it is closed."""
        return () if self.closing(day) else self.frame_windows(day)

    def ledger(self, first: int, last: int) -> Ledger:
        """Working time added up for the years that cover both moments (µs since 1970); computed once."""
        begins = year_of(first)
        ends = begins if last == first else year_of(last)
        return self._ledgers.covering(self.windows, ZoneInfo(self.zone), begins, ends)


@lru_cache(maxsize=512)
def _read(text: str) -> Calendar:
    return Calendar(*read_rules(json.loads(text)))
