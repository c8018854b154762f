"""How many deadlines a second one core computes, and how many remaining times: `python -m benchmarks.worktime`.

Every card of every board asks for both. The floor is 50,000 a second, the same for an hour and for sixty working days;
the last row tells how much the long span costs beside the short one.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from rich.console import Console

from benchmarks.calibrate import python_loops
from benchmarks.report import Figure, Report
from services.kit.worktime import Calendar, due, remaining_minutes
from services.organisation.adapters.standards_files import own_standards, read

FLOOR = 50_000.0
LEAST_LIKE = 0.5  # a long span may halve the rate (it looks into more years), not more
MOMENTS = 2_000
AGENCY = "pekalongan"
SPANS: dict[str, dict[str, int]] = {
    "1 service hour": {"service_minutes": 60},
    "1 working day": {"working_days": 1},
    "60 working days": {"working_days": 60},
}


def rules(agency: str = AGENCY) -> dict[str, Any]:
    """The running rules of the shipped standard: real hours, real closed days."""
    published = (each.command for each in read(own_standards()) if each.agency == agency)
    return next(command.rules for command in published if getattr(command, "rules", None))  # type: ignore[attr-defined]


def moments(count: int = MOMENTS) -> list[datetime]:
    """Receipts all over a year and the clock, the same in every run."""
    first = datetime(2026, 1, 1, tzinfo=UTC)
    return [first + timedelta(seconds=n * 15_731 % 31_536_000) for n in range(count)]


def rate(deed: Callable[[datetime], object], received: Sequence[datetime], seconds: float) -> float:
    """Answers per second on one core; what is computed once per calendar has been computed before."""
    deed(received[0])
    begins, done = time.perf_counter(), 0
    while (passed := time.perf_counter() - begins) < seconds:
        for each in received:
            deed(each)
        done += len(received)
    return done / passed


def _due(calendar: Calendar, limit: dict[str, int], at: datetime) -> object:
    return due(calendar, at, limit)


def _left(calendar: Calendar, until: dict[datetime, datetime], at: datetime) -> object:
    return remaining_minutes(calendar, at, until[at])


def figures(rounds: int = 3, seconds: float = 0.5) -> list[Figure]:
    """Due and remaining for each span, in turns; the longest beside the shortest."""
    said = rules()
    calendar, received = Calendar.from_rules(said), moments()
    ends = {name: {at: due(calendar, at, limit) for at in received} for name, limit in SPANS.items()}
    dues: dict[str, list[float]] = {name: [] for name in SPANS}
    lefts: dict[str, list[float]] = {name: [] for name in SPANS}
    for _ in range(rounds):
        for name, limit in SPANS.items():
            dues[name].append(rate(partial(_due, calendar, limit), received, seconds))
            lefts[name].append(rate(partial(_left, calendar, ends[name]), received, seconds))
    found = [
        Figure.of(f"{what}, {name}", seen[name], "per second, one core", limit=FLOOR)
        for what, seen in (("due", dues), ("remaining", lefts))
        for name in SPANS
    ]
    first, *_, last = SPANS
    longest, shortest = (Figure.of(name, dues[name], "per second") for name in (last, first))
    return [*found, Figure.of("due, longest span", longest.rounds, "per second").against(shortest, limit=LEAST_LIKE)]


def report(rounds: int = 3, seconds: float = 0.5) -> Report:
    settings = {"calendar": f"{AGENCY}, as shipped", "moments": MOMENTS}
    machine = {"python_kloops_per_s": round(python_loops(), 1)}
    return Report("working time: due and remaining", figures(rounds, seconds), settings, (machine,))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worktime", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    report(asked.rounds, asked.seconds).show(Console(file=sys.stdout, width=140), as_json=asked.json)


if __name__ == "__main__":
    main()
