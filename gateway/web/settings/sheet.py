"""A year on one sheet: twelve months of days, each working or not and why; and what a revision would move."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_date

from contracts.projections import LetterRow
from contracts.words import ClosedDay
from services.kit.worktime import Calendar, due

WEEK = 7
DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Day:
    """``kind``: work, off (a weekday without hours), or the closed day's; ``fresh``: differs from what counts now.

    ``season``: the name of the season whose hours hold on this working day.
    """

    on: date
    kind: str
    reason: str = ""
    fresh: bool = False
    season: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """``weeks``: Monday first; None outside the month. ``working``: how many days."""

    name: str
    weeks: tuple[tuple[Day | None, ...], ...]
    working: int


def months(
    year: int, hours: Calendar | None, closed: Iterable[ClosedDay], now: Iterable[ClosedDay], language: str
) -> list[Month]:
    """``closed`` is what is shown, ``now`` what counts (the same when there is no draft)."""
    shown = {day.on: day for day in closed}
    counts = {day.on for day in now}
    made = []
    for number in range(1, DECEMBER + 1):
        days = []
        on = date(year, number, 1)
        while on.month == number:
            days.append(_day(on, hours, shown.get(on.isoformat()), on.isoformat() in counts))
            on += timedelta(days=1)
        padded = [None] * days[0].on.weekday() + days
        padded += [None] * (-len(padded) % WEEK)
        weeks = tuple(tuple(padded[at : at + WEEK]) for at in range(0, len(padded), WEEK))
        name = format_date(date(year, number, 1), "LLLL", locale=language)
        made.append(Month(name, weeks, sum(1 for day in days if day.kind == "work")))
    return made


def _day(on: date, hours: Calendar | None, closed: ClosedDay | None, counts: bool) -> Day:  # noqa: FBT001 - a fact
    if closed is not None:
        return Day(on, closed.kind, closed.reason, fresh=not counts)
    works = hours.frame_windows(on) if hours is not None else on.weekday() < 5  # noqa: PLR2004 - Saturday
    return Day(on, "work" if works else "off", fresh=counts, season=_season(on, hours) if works else "")


def _season(on: date, hours: Calendar | None) -> str:
    frames = hours.frames if hours is not None else ()
    found = (each for each in frames if each.season and on.weekday() in each.weekdays)
    return next((each.season for each in found if each.season_from <= on <= each.season_until), "")


@dataclass(frozen=True, slots=True)
class Move:
    letter: LetterRow
    new_due_at: datetime


@dataclass(frozen=True, slots=True)
class Effect:
    """``closes`` and ``opens``: days against what counts now. ``unsure``: letters under another version or a pause."""

    closes: tuple[ClosedDay, ...]
    opens: tuple[ClosedDay, ...]
    moves: tuple[Move, ...]
    unsure: int = 0


def effect(
    year: int,
    now: Sequence[ClosedDay],
    then: Sequence[ClosedDay],
    rules: Mapping[str, Any],
    letters: Iterable[LetterRow],
) -> Effect:
    """``rules``: those in force for letters. A letter counts only where they give its present deadline."""
    was, will = {day.on: day for day in now}, {day.on: day for day in then}
    closes = tuple(day for on, day in sorted(will.items()) if on not in was)
    opens = tuple(day for on, day in sorted(was.items()) if on not in will)
    moves: tuple[Move, ...] = ()
    unsure = 0
    if closes or opens:
        old, new = ({**rules, "holidays": _with(rules, year, days)} for days in (now, then))
        moves, unsure = moved(old, new, letters)
    return Effect(closes, opens, moves, unsure)


def moved(old: Mapping[str, Any], new: Mapping[str, Any], letters: Iterable[LetterRow]) -> tuple[tuple[Move, ...], int]:
    """Which letters would be due at another moment, and how many nobody can tell of here.

    Raises ValueError where the new rules cannot be read.
    """
    before, after = Calendar.from_rules(old), Calendar.from_rules(new)
    if (limit := old.get("deadline")) is None:
        return (), 0
    moves, unsure = [], 0
    for letter in letters:
        if letter.due_at is None:
            continue
        if letter.paused_at is not None or due(before, letter.received_at, limit) != letter.due_at:
            unsure += 1
        elif (then := due(after, letter.received_at, limit)) != letter.due_at:
            moves.append(Move(letter, then))
    return tuple(moves), unsure


def _with(rules: Mapping[str, Any], year: int, days: Iterable[ClosedDay]) -> list[dict[str, str]]:
    other = [day for day in rules.get("holidays", ()) if str(day["on"])[:4] != str(year)]
    return [*other, *(day.model_dump() for day in days)]
