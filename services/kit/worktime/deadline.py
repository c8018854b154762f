"""Both kinds of deadline, and the working time between two moments.

Windows are half-open. What arrives outside them arrives at the next opening. A due moment is the earliest one at which
the amount is reached, so service minutes may end exactly at a close. Working days: the day of receipt is excluded, the
first working day after it is day 1, due at the end of that day's window.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.kit.worktime.calendar import Calendar
from services.kit.worktime.ledger import FIRST_YEAR, LAST_YEAR, MINUTE, BeyondCalendarError, Ledger, aware, micros

KINDS = ("working_days", "service_minutes")
_LARGEST = {"working_days": 10_000, "service_minutes": 5_000_000}


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands still in [from_at, until_at). One that has not ended yet ends, for a calculation, now."""

    from_at: datetime
    until_at: datetime
    reason: str = ""

    def __post_init__(self) -> None:
        """Refuse a pause that ends before it begins."""
        if micros(self.until_at) < micros(self.from_at):
            raise ValueError("jeda berakhir sebelum dimulai")


def next_opening(calendar: Calendar, moment: datetime) -> datetime:
    """The moment itself when it lies inside a window, else the next opening."""
    at = micros(moment)
    ledger = calendar.ledger(at, at)
    while (window := ledger.window_from(at)) == len(ledger.opens):
        ledger = _further(calendar, ledger, at)
    return aware(max(at, ledger.opens[window]))


def service_minutes_due(
    calendar: Calendar, received_at: datetime, minutes: int, pauses: Sequence[Pause] = ()
) -> datetime:
    """Due after so many minutes (1 or more) inside the windows."""
    need = _amount("service_minutes", minutes) * MINUTE
    received = micros(received_at)
    ledger = calendar.ledger(received, received)
    while True:
        found = _reached(ledger, received, need, pauses)
        if found is not None:
            return aware(found)
        ledger = _further(calendar, ledger, received)


def working_days_due(calendar: Calendar, received_at: datetime, days: int, pauses: Sequence[Pause] = ()) -> datetime:
    """Due at the close of the n-th working day (1 or more) after the day of receipt.

    With pauses a day counts if the clock runs at its close: a pause that holds the last moment of the window takes the
    day away; one that begins at the close does not.
    """
    _amount("working_days", days)
    received = micros(received_at)
    ledger = calendar.ledger(received, received)
    while True:
        found = _counted(ledger, received, days, pauses)
        if found is not None:
            return aware(found)
        ledger = _further(calendar, ledger, received)


def due(
    calendar: Calendar, received_at: datetime, deadline: Mapping[str, Any], pauses: Sequence[Pause] = ()
) -> datetime:
    """``deadline``: exactly one of ``{"working_days": n}`` and ``{"service_minutes": n}``; else ValueError."""
    kind, amount = read_deadline(deadline)
    if kind == "working_days":
        return working_days_due(calendar, received_at, amount, pauses)
    return service_minutes_due(calendar, received_at, amount, pauses)


def read_deadline(deadline: Mapping[str, Any]) -> tuple[str, int]:
    """Kind and amount of a deadline; ValueError with an Indonesian reason when it is none."""
    if len(deadline) != 1 or (kind := next(iter(deadline))) not in KINDS:
        raise ValueError("deadline: harus tepat satu dari working_days atau service_minutes")
    return kind, _amount(kind, deadline[kind])


def minutes_before(calendar: Calendar, moment: datetime, minutes: int) -> datetime:
    """The latest moment at which so many working minutes (1 or more) are left until this one.

    Where nobody has worked that long before, the first opening that there was.
    """
    at, need = micros(moment), _amount("service_minutes", minutes) * MINUTE
    ledger, earliest = calendar.ledger(at, at), max(FIRST_YEAR, calendar.begins.year)
    while ledger.worked(at) <= need and ledger.first_year >= earliest:
        year = max(earliest, 2 * ledger.first_year - ledger.last_year)  # doubling, as forwards
        ledger = calendar.ledger(micros(datetime(year, 7, 1, tzinfo=UTC)), at)
    found = ledger.reach(max(ledger.worked(at) - need, 0))
    return next_opening(calendar, aware(at if found is None or found > at else found))


def remaining_minutes(calendar: Calendar, now: datetime, due_at: datetime) -> int:
    """Whole working minutes left. Below 0 once working time has passed after the due moment (-1: up to a minute)."""
    start, stop = micros(now), micros(due_at)
    ledger = calendar.ledger(min(start, stop), max(start, stop))
    return (ledger.worked(stop) - ledger.worked(start)) // MINUTE


def elapsed_minutes(calendar: Calendar, a: datetime, b: datetime, pauses: Sequence[Pause] = ()) -> int:
    """Whole working minutes from a to b, less the pauses; 0 when b is not after a."""
    start, stop = micros(a), micros(b)
    if stop <= start:
        return 0
    ledger = calendar.ledger(start, stop)
    paused = sum(
        ledger.worked(min(until, stop)) - ledger.worked(begins)
        for begins, until in merged(pauses, start)
        if begins < stop
    )
    return (ledger.worked(stop) - ledger.worked(start) - paused) // MINUTE


def merged(pauses: Sequence[Pause], start: int) -> list[tuple[int, int]]:
    """Pauses after the start, in order, those that touch or overlap as one."""
    spans: list[tuple[int, int]] = []
    for begins, ends in sorted((max(micros(p.from_at), start), micros(p.until_at)) for p in pauses):
        if ends <= begins:
            continue
        if spans and begins <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], ends))
        else:
            spans.append((begins, ends))
    return spans


def _reached(ledger: Ledger, received: int, need: int, pauses: Sequence[Pause]) -> int | None:
    target = ledger.worked(received) + need
    found = ledger.reach(target)
    for begins, ends in merged(pauses, received) if pauses else ():
        if found is None or ends > ledger.end:
            return None
        if begins >= found:
            break
        target += ledger.worked(ends) - ledger.worked(begins)
        found = ledger.reach(target)
    return found


def _counted(ledger: Ledger, received: int, days: int, pauses: Sequence[Pause]) -> int | None:
    window = ledger.window_from(received)
    if window == len(ledger.opens):
        return None
    last = ledger.day[window] + days
    for begins, ends in merged(pauses, received) if pauses else ():
        if ends > ledger.end:
            return None
        lost_from = max(bisect_right(ledger.day_closes, begins), ledger.day[window] + 1)
        lost_until = bisect_right(ledger.day_closes, ends)
        if lost_from > last:
            break
        last += max(0, lost_until - lost_from)
    return ledger.day_closes[last] if last < len(ledger.day_closes) else None


def _further(calendar: Calendar, ledger: Ledger, received: int) -> Ledger:
    if ledger.last_year > LAST_YEAR:
        raise BeyondCalendarError(f"tenggat jatuh setelah tahun {LAST_YEAR}")
    year = min(LAST_YEAR, 2 * ledger.last_year - ledger.first_year)  # doubling: however far, few computations
    return calendar.ledger(received, micros(datetime(year, 7, 1, tzinfo=UTC)))


def _amount(kind: str, amount: object) -> int:
    if not isinstance(amount, int) or isinstance(amount, bool) or not 1 <= amount <= _LARGEST[kind]:
        raise ValueError(f"deadline.{kind}: bilangan bulat dari 1 sampai {_LARGEST[kind]}")
    return amount
