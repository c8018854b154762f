"""Working time added up once per year range, so that every question is two binary searches. Integer microseconds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE
FIRST_YEAR, LAST_YEAR = 1900, 2300


class BeyondCalendarError(ValueError):
    """A moment or a deadline outside the years that a calendar covers."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Windows of these years: [opens[i], closes[i]); ``until[i]`` is what has been worked up to its close.

    ``day[i]`` is the index of the window's working day; ``day_closes`` the closes of the working days.
    """

    first_year: int
    last_year: int
    end: int
    opens: list[int]
    closes: list[int]
    until: list[int]
    day: list[int]
    day_closes: list[int]

    def worked(self, moment: int) -> int:
        """Working time from the beginning of the ledger to the moment."""
        at = bisect_right(self.opens, moment) - 1
        if at < 0:
            return 0
        close = self.closes[at]
        return self.until[at] if moment >= close else self.until[at] - close + moment

    def window_from(self, moment: int) -> int:
        """Index of the window that contains the moment, or of the next one; ``len`` when there is none here."""
        at = bisect_right(self.opens, moment) - 1
        return at if at >= 0 and moment < self.closes[at] else at + 1

    def reach(self, amount: int) -> int | None:
        """The earliest moment at which this much (above 0) has been worked; None: not in these years."""
        at = bisect_left(self.until, amount)
        return None if at == len(self.until) else self.closes[at] - self.until[at] + amount


class Ledgers:
    """Keeps the widest ledger computed so far. Exchanging it is atomic; two threads at worst compute the same twice."""

    __slots__ = ("_widest",)

    def __init__(self) -> None:
        self._widest: Ledger | None = None

    def covering(
        self, windows: Callable[[date], tuple[tuple[int, int], ...]], zone: ZoneInfo, first: int, last: int
    ) -> Ledger:
        """A ledger with the year before the first and the year after the last, at least."""
        held = self._widest
        if held is not None and held.first_year < first and last < held.last_year:
            return held
        if first < FIRST_YEAR or last > LAST_YEAR:
            raise BeyondCalendarError(f"kalender hanya mencakup tahun {FIRST_YEAR} sampai {LAST_YEAR}")
        low, high = first - 1, last + 1
        if held is not None:
            low, high = min(low, held.first_year), max(high, held.last_year)
        held = _computed(windows, zone, low, high)
        self._widest = held
        return held


def _computed(
    windows: Callable[[date], tuple[tuple[int, int], ...]], zone: ZoneInfo, first_year: int, last_year: int
) -> Ledger:
    end = micros(datetime(last_year + 1, 1, 1, tzinfo=zone))
    ledger = Ledger(first_year, last_year, end, [], [], [], [], [])
    total, day, last = 0, date(first_year, 1, 1), date(last_year, 12, 31)
    before = micros(datetime(first_year, 1, 1, tzinfo=zone) - timedelta(days=1))
    while day <= last:
        counted = False
        for opens, closes in windows(day):
            # Where clocks are put forward an hour does not exist: what began or ended in it must not run backwards.
            start, stop = max(before, moment_of(day, opens, zone)), moment_of(day, closes, zone)
            if stop <= start:
                continue
            before, counted = stop, True
            total += stop - start
            ledger.opens.append(start)
            ledger.closes.append(stop)
            ledger.until.append(total)
            ledger.day.append(len(ledger.day_closes))
        if counted:
            ledger.day_closes.append(ledger.closes[-1])
        day += timedelta(days=1)
    return ledger


def moment_of(day: date, minute: int, zone: ZoneInfo) -> int:
    """The wall clock of a day as a moment; minute 1440 is the next midnight."""
    return micros(datetime.combine(day, datetime.min.time(), zone) + timedelta(minutes=minute))


def micros(moment: datetime) -> int:
    """Microseconds since 1970. Raises ValueError for a moment without a zone."""
    if moment.tzinfo is None:
        raise ValueError("waktu tanpa zona tidak dapat dihitung")
    span = moment - EPOCH
    return span.days * DAY + span.seconds * 1_000_000 + span.microseconds


def aware(moment: int) -> datetime:
    return EPOCH + timedelta(microseconds=moment)


def year_of(moment: int) -> int:
    """The year in UTC; a zone's New Year lies within the year of margin that a ledger has."""
    return aware(moment).year
