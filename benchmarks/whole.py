"""Every figure by one command (`caraka bench`): the write side against its peers, the read side, a long history."""

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import structlog
from pydantic import SecretStr
from rich.console import Console

from benchmarks import apart, behind, freshness, road, views, worktime
from benchmarks.calibrate import calibrate
from benchmarks.history import fill_place
from benchmarks.pg import postgres
from benchmarks.report import Report
from services.kit.settings import Settings

PARTS = (*road.WANTED, "fresh", "read", "worktime", "apart", "behind")
LETTERS = 5_000
RATE = 200.0


def show(parts: Sequence[str], seconds: float, rounds: int, *, as_json: bool) -> None:
    """Raises ValueError for a part that there is not."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for the figures alone
    if unknown := sorted(set(parts) - set(PARTS)):
        raise ValueError(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    reports = []
    if written := [part for part in parts if part in road.WANTED]:
        reports.append(road.whole(written, seconds, rounds))
    if "read" in parts:
        reports += [read_side(base, rounds) for base in ("sqlite", "postgresql")]
    others: dict[str, Callable[[], Report]] = {
        "fresh": lambda: freshness.whole(RATE, seconds, rounds),
        "worktime": lambda: worktime.report(rounds),
        "apart": lambda: apart.measure(seconds, rounds),
        "behind": lambda: behind.whole(behind.LETTERS, seconds, rounds),
    }
    reports += [measure() for name, measure in others.items() if name in parts]
    if as_json:
        sys.stdout.write(json.dumps([json.loads(report.as_json()) for report in reports], indent=2) + "\n")
        return
    console = Console(width=160)
    for report in reports:
        report.show(console)


def read_side(base: str, rounds: int) -> Report:
    """Relay, projection, rebuild and pages on stores filled with whole lives of letters."""
    with tempfile.TemporaryDirectory(prefix="caraka-views-") as made, ExitStack() as stack:
        server = stack.enter_context(postgres()) if base == "postgresql" else None
        settings = Settings(data_dir=Path(made), database_url=SecretStr(server.dsn) if server else None)
        filled = fill_place(settings, LETTERS)
        machine = [{"base": base, "filled": filled.total, **calibrate(Path(made))}]
        bench = views.opened(stack, settings, (server.pid,) if server else ())
        found = list(views.run(bench, base, views.WANTED, rounds, Path(made)))
    return Report(f"The read side on {base}", found, {"letters": LETTERS, "rounds": rounds}, machine)
