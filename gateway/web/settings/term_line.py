"""Who held a position when, as bars on a line of months."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from contracts.offices import Term

BACK, AHEAD = 11, 7
YEAR = 12
ROW = 28


@dataclass(frozen=True, slots=True)
class Bar:
    """``x`` and ``width`` in months × 100 from the left edge; ``opens``, ``runs_on``: beyond an edge."""

    kind: str
    row: int
    x: int
    width: int
    label: str
    opens: bool
    runs_on: bool


@dataclass(frozen=True, slots=True)
class Line:
    months: tuple[tuple[str, bool], ...]
    bars: tuple[Bar, ...]
    today: int
    rows: int

    def share(self, hundredths: int) -> str:
        """A length on the line as a share of it."""
        return f"{hundredths / len(self.months):.2f}%"

    @property
    def height(self) -> int:
        return max(self.rows, 1) * ROW + 2


def line(terms: Sequence[Term], absences: Iterable[tuple[str, str, str]], on: date, language: str) -> Line:
    """``absences``: (from, until, whose) of its holders. From a year before ``on`` to half a year after."""
    first = _months(on.year, on.month - BACK)
    count = BACK + AHEAD
    bars: list[Bar] = []
    rows = 0
    kept = [(t.capacity, t.from_on, min_day(t.until_on, t.ended_on), t.name) for t in terms]
    for kind, from_on, until_on, label in [*kept, *(("absent", *each) for each in absences)]:
        begins = _at(from_on, first, after=False) if from_on else -1
        ends = _at(until_on, first, after=True) if until_on else count * 100 + 1
        if ends <= 0 or begins >= count * 100:
            continue
        x, end = max(begins, 0), min(ends, count * 100)
        row = _free_row(bars, x, end)
        rows = max(rows, row + 1)
        bars.append(Bar(kind, row, x, max(end - x, 6), label, begins < 0, ends > count * 100))
    return Line(_named(first, count, language), tuple(bars), _at(on.isoformat(), first, after=False), rows)


def min_day(one: str, other: str) -> str:
    """The earlier of two last days; "" is none."""
    return min(filter(None, (one, other)), default="")


def _free_row(bars: Iterable[Bar], x: int, end: int) -> int:
    taken = {bar.row for bar in bars if bar.x < end and x < bar.x + bar.width}
    return next(row for row in range(len(taken) + 1) if row not in taken)


def _months(year: int, month: int) -> int:
    return year * YEAR + month - 1


def _at(day: str, first: int, *, after: bool) -> int:
    """Months × 100 since the left edge; ``after``: the end of that day."""
    on = date.fromisoformat(day)
    start = on.replace(day=1)
    following = date(on.year + on.month // YEAR, on.month % YEAR + 1, 1)
    part = (on.day - 1 + after) / (following - start).days
    return round((_months(on.year, on.month) - first + part) * 100)


def _named(first: int, count: int, language: str) -> tuple[tuple[str, bool], ...]:
    """(month, whether a year begins); the year stands beside January and the first."""
    named = []
    for at in range(count):
        number = first + at
        on = date(number // YEAR, number % YEAR + 1, 1)
        begins = on.month == 1 or (at == 0 and on.month != YEAR)
        named.append((format_date(on, "MMM y" if begins else "MMM", locale=language), begins))
    return tuple(named)
