"""What a calendar is made of: opening hours by weekday and season, closed days."""

from dataclasses import dataclass
from datetime import date

JOINT_LEAVE = "joint-leave"

Windows = tuple[tuple[int, int], ...]
"""Open windows of a day, [open, close) in minutes after local midnight, in order; breaks are the gaps."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Opening hours of some weekdays (Monday is 0).

    Without a season it belongs to the weekly set that begins on ``valid_from`` (the newest set that has begun holds
    alone). With a season it overlays its weekdays from ``season_from`` to ``season_until``, both included.
    """

    weekdays: frozenset[int]
    windows: Windows
    valid_from: date = date.min
    season: str = ""
    season_from: date = date.min
    season_until: date = date.max


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """``kind``: national, joint-leave, local."""

    on: date
    kind: str
    reason: str
