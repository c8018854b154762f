"""Whether working time as somebody wants to publish it can be reckoned with, whatever is closed later.

Under these bounds every amount falls due within the years of the calendar: a weekday that is open loses at most half
of its days in a year (`contracts.bounds`), so a year of one short day a week still has thirteen hours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from contracts import bounds
from contracts.base import FIRST_YEAR, LAST_YEAR
from services.kit.worktime.calendar import Calendar
from services.kit.worktime.deadline import KINDS
from services.kit.worktime.frames import Frame

DAY = timedelta(days=1)
WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
AMOUNTS = {"working_days": bounds.MOST_WORKING_DAYS, "service_minutes": bounds.MOST_SERVICE_MINUTES}
UNITS = {"working_days": "hari kerja", "service_minutes": "menit layanan"}


@dataclass(frozen=True, slots=True)
class Fault:
    """Where in the rules, and why (Indonesian)."""

    place: str
    reason: str


def hours_faults(rules: Mapping[str, Any], begins_on: str = "") -> Iterator[Fault]:
    """Of ``hours`` and ``seasons``: how many, how long each day, and when. Rules that `Calendar.from_rules` can read.

    ``begins_on``: the day from which somebody counts in them; then hours must have begun.
    """
    calendar = Calendar.from_rules(rules)
    seasons, hours = rules.get("seasons", []), rules.get("hours", [])
    if len(hours) > bounds.MOST_FRAMES:
        yield Fault("hours", f"paling banyak {bounds.MOST_FRAMES} baris")
    if len(seasons) > bounds.MOST_SEASONS * len(WEEKDAYS):
        yield Fault("seasons", f"paling banyak {bounds.MOST_SEASONS} musim")
    places = [f"seasons[{at}]" for at in range(len(seasons))] + [f"hours[{at}]" for at in range(len(hours))]
    for place, frame in zip(places, calendar.frames, strict=True):
        yield from _frame_faults(place, frame)
    sets = sorted({frame.valid_from for frame in calendar.frames if not frame.season})
    if len(sets) > bounds.MOST_SETS:
        yield Fault("hours", f"paling banyak {bounds.MOST_SETS} tanggal mulai (valid_from)")
    if begins_on and sets and sets[0].isoformat() > begins_on:
        yield Fault("hours", f"belum ada jam layanan yang berlaku pada {begins_on}")
    if (reason := _long_seasons(calendar.frames)) is not None:
        yield Fault("hours", reason)


def closed_fault(days: Iterable[str | date]) -> str | None:
    """Why so many closed days are too many: of each weekday half must stay open, in each year."""
    dates = {day if isinstance(day, date) else date.fromisoformat(day) for day in days}
    for (year, weekday), count in sorted(Counter((day.year, day.weekday()) for day in dates).items()):
        if not FIRST_YEAR <= year <= LAST_YEAR + 1:  # a calendar may be drafted for 2200
            return f"tahun {year} di luar jangkauan"
        if count > bounds.MOST_CLOSED_PER_WEEKDAY:
            most = bounds.MOST_CLOSED_PER_WEEKDAY
            return f"paling banyak {most} hari {WEEKDAYS[weekday]} libur dalam tahun {year}, tertulis {count}"
    return None


def amount_fault(rules: Mapping[str, Any], deadline: Mapping[str, Any]) -> str | None:
    """Why so much working time is too much, in itself or for hours like these; also what is no deadline at all."""
    if len(deadline) != 1 or (kind := next(iter(deadline))) not in KINDS:
        return "harus tepat satu dari working_days atau service_minutes"
    amount = deadline[kind]
    if not isinstance(amount, int) or isinstance(amount, bool) or not 1 <= amount <= AMOUNTS[kind]:
        return f"bilangan bulat dari 1 sampai {AMOUNTS[kind]} {UNITS[kind]}"
    days, minutes = _least_week(Calendar.from_rules(rules).frames)
    most = bounds.MOST_WEEKS * (days if kind == "working_days" else minutes)
    if amount > most:
        return f"paling banyak {most} {UNITS[kind]}: jam layanan ini mencapainya dalam {bounds.MOST_WEEKS} minggu"
    return None


def _frame_faults(place: str, frame: Frame) -> Iterator[Fault]:
    if len(frame.windows) > bounds.MOST_BREAKS + 1:
        yield Fault(f"{place}.breaks", f"paling banyak {bounds.MOST_BREAKS} istirahat")
    if _open_minutes(frame) < bounds.LEAST_OPEN_MINUTES:
        yield Fault(f"{place}.close", f"paling sedikit {bounds.LEAST_OPEN_MINUTES} menit layanan sehari")
    for key in ("valid_from", "season_from", "season_until"):
        on: date = getattr(frame, key)
        if on not in {date.min, date.max} and not FIRST_YEAR <= on.year <= LAST_YEAR:
            yield Fault(f"{place}.{key}", f"tahun dari {FIRST_YEAR} sampai {LAST_YEAR}")


def _long_seasons(frames: Iterable[Frame]) -> str | None:
    """Of a year at least half keeps its usual hours."""
    spans = {
        (max(frame.season_from, date(FIRST_YEAR, 1, 1)), min(frame.season_until, date(LAST_YEAR, 12, 31)))
        for frame in frames
        if frame.season
    }
    days: set[date] = set()
    for begins, ends in spans:
        if (ends - begins).days > bounds.MOST_SEASON_DAYS:
            return f"musim paling lama {bounds.MOST_SEASON_DAYS} hari"
        days.update(begins + number * DAY for number in range((ends - begins).days + 1))
    for year, count in Counter(day.year for day in days).items():
        if count > bounds.MOST_SEASON_DAYS:
            return f"musim paling lama {bounds.MOST_SEASON_DAYS} hari dalam tahun {year}, tertulis {count}"
    return None


def _least_week(frames: Iterable[Frame]) -> tuple[int, int]:
    """Open days and open minutes of a week of usual hours: the least of all that begin one after the other."""
    usual = sorted((frame for frame in frames if not frame.season), key=lambda frame: frame.valid_from)
    weeks = [
        [(len(frame.weekdays), _open_minutes(frame)) for frame in together]
        for _, together in groupby(usual, key=lambda frame: frame.valid_from)
    ]
    return (
        min(sum(days for days, _ in week) for week in weeks),
        min(sum(days * minutes for days, minutes in week) for week in weeks),
    )


def _open_minutes(frame: Frame) -> int:
    return sum(closes - opens for opens, closes in frame.windows)
