"""Why a deadline falls when it falls: every stretch from receipt to due, counted or skipped, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from services.kit.worktime.calendar import Calendar
from services.kit.worktime.deadline import Pause, due, merged, next_opening, read_deadline
from services.kit.worktime.ledger import BeyondCalendarError, aware, micros, moment_of

MOST_INTERVALS = 12_000


@dataclass(frozen=True, slots=True)
class Interval:
    """``why``: window, break, outside-hours, weekday-without-hours, national, joint-leave, local, paused,
    day-of-receipt. ``note``: the day's name, the pause's reason. ``day``: the number of the working day it completes.
    """

    from_at: datetime
    until_at: datetime
    counted: bool
    why: str
    note: str = ""
    day: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """``intervals`` follow each other without a gap from ``received_at`` to ``due_at``.

    For service minutes the counted ones add up to the deadline. For working days each counted stretch is a whole day.
    ``undecreed``: years in between whose closed days nobody has decreed yet.
    """

    received_at: datetime
    starts_at: datetime
    due_at: datetime
    kind: str
    amount: int
    calendar: str
    zone: str
    intervals: tuple[Interval, ...]
    undecreed: tuple[int, ...] = ()


def explain(
    calendar: Calendar, received_at: datetime, deadline: Mapping[str, Any], pauses: Sequence[Pause] = ()
) -> Explanation:
    """The same answer as `deadline.due`, with its reasons as structured intervals.

    Raises BeyondCalendarError for a span that nobody would read to its end (decades).
    """
    kind, amount = read_deadline(deadline)
    due_at, starts_at = due(calendar, received_at, deadline, pauses), next_opening(calendar, received_at)
    received = aware(micros(received_at))
    stretches = _days if kind == "working_days" else _minutes
    zone = ZoneInfo(calendar.zone)
    years = range(received.astimezone(zone).year, due_at.astimezone(zone).year + 1)
    return Explanation(
        received_at=received,
        starts_at=starts_at,
        due_at=due_at,
        kind=kind,
        amount=amount,
        calendar=calendar.version,
        zone=calendar.zone,
        intervals=_few(_joined(stretches(calendar, received, starts_at, due_at, pauses))),
        undecreed=tuple(year for year in years if year not in calendar.decreed),
    )


def _days(
    calendar: Calendar, received: datetime, starts: datetime, due_at: datetime, pauses: Sequence[Pause]
) -> Iterator[Interval]:
    zone, number = ZoneInfo(calendar.zone), 0
    for day, begins, ends in _civil_days(received, due_at, zone):
        why, note = _closed(calendar, day)
        if why:
            yield Interval(begins, ends, counted=False, why=why, note=note)
            continue
        if day <= starts.astimezone(zone).date():
            yield Interval(begins, ends, counted=False, why="day-of-receipt")
            continue
        close = aware(moment_of(day, calendar.windows(day)[-1][1], zone))
        pause = next((p for p in pauses if p.from_at < close <= p.until_at), None)
        if pause:
            yield Interval(begins, ends, counted=False, why="paused", note=pause.reason)
            continue
        number += 1
        yield Interval(begins, ends, counted=True, why="window", day=number)


def _minutes(
    calendar: Calendar, received: datetime, _starts: datetime, due_at: datetime, pauses: Sequence[Pause]
) -> Iterator[Interval]:
    zone = ZoneInfo(calendar.zone)
    held = [(aware(begins), aware(ends)) for begins, ends in merged(pauses, micros(received))]
    for day, begins, ends in _civil_days(received, due_at, zone):
        why, note = _closed(calendar, day)
        windows = [tuple(aware(moment_of(day, edge, zone)) for edge in window) for window in calendar.windows(day)]
        edges = {edge for window in windows for edge in window} | {edge for span in held for edge in span}
        cuts = [begins, *sorted(edge for edge in edges if begins < edge < ends), ends]
        for start, stop in pairwise(cuts):
            if why:
                yield Interval(start, stop, counted=False, why=why, note=note)
            elif not any(opens <= start < closes for opens, closes in windows):
                inside = windows[0][0] <= start < windows[-1][1]
                yield Interval(start, stop, counted=False, why="break" if inside else "outside-hours")
            elif any(since <= start < until for since, until in held):
                reason = next((p.reason for p in pauses if p.from_at <= start < p.until_at), "")
                yield Interval(start, stop, counted=False, why="paused", note=reason)
            else:
                yield Interval(start, stop, counted=True, why="window")


def _closed(calendar: Calendar, day: date) -> tuple[str, str]:
    if not calendar.frame_windows(day):
        return "weekday-without-hours", ""
    closed = calendar.closing(day)
    return (closed.kind, closed.reason) if closed else ("", "")


def _civil_days(received: datetime, due_at: datetime, zone: ZoneInfo) -> Iterator[tuple[date, datetime, datetime]]:
    day, last = received.astimezone(zone).date(), due_at.astimezone(zone).date()
    while day <= last:
        begins, ends = (aware(moment_of(edge, 0, zone)) for edge in (day, day + timedelta(days=1)))
        begins, ends = max(begins, received), min(ends, due_at)
        if begins < ends:
            yield day, begins, ends
        day += timedelta(days=1)


def _few(intervals: Iterator[Interval]) -> tuple[Interval, ...]:
    found = tuple(islice(intervals, MOST_INTERVALS + 1))
    if len(found) > MOST_INTERVALS:
        raise BeyondCalendarError(f"lebih dari {MOST_INTERVALS} bagian: terlalu lama untuk diuraikan")
    return found


def _joined(intervals: Iterator[Interval]) -> Iterator[Interval]:
    """Skipped stretches with the same reason that follow each other become one; counted ones stay apart."""
    held: Interval | None = None
    for interval in intervals:
        alike = held and not held.counted and (held.counted, held.why, held.note) == (
            interval.counted, interval.why, interval.note
        )  # fmt: skip
        if held and alike:
            held = replace(held, until_at=interval.until_at)
            continue
        if held:
            yield held
        held = interval
    if held:
        yield held
