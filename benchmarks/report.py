"""How a figure is written down: with its rounds, its median, and its ratio to what it is compared with."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from statistics import median
from typing import Literal, TypeVar

from rich.console import Console
from rich.table import Table

Better = Literal["higher", "lower"]
T = TypeVar("T")


@dataclass(frozen=True)
class Figure:
    """One measured figure: `value` is the median of the rounds, `ratio` is value / the other's, whatever is better."""

    name: str
    value: float
    unit: str
    better: Better
    rounds: tuple[float, ...]
    median: float
    ratio_to: str | None = None
    ratio: float | None = None
    limit: float | None = None
    """The floor (the ceiling, where lower is better): for the ratio where there is one, else for the value."""

    @classmethod
    def of(
        cls, name: str, rounds: Sequence[float], unit: str, better: Better = "higher", limit: float | None = None
    ) -> "Figure":
        """A figure of its rounds.

        Raises:
            ValueError: no rounds.
        """
        if not rounds:
            raise ValueError(f"{name}: a figure needs at least one round")
        middle = median(rounds)
        return cls(name, middle, unit, better, tuple(rounds), middle, limit=limit)

    def against(self, other: "Figure", limit: float | None = None) -> "Figure":
        """The same figure with its ratio to another.

        Where both have the same number of rounds, they were taken in turns: the ratio is the median of the ratios
        round by round, so that a drift of the machine between rounds cancels out.
        """
        if len(self.rounds) == len(other.rounds):
            ratio = median(mine / its for mine, its in zip(self.rounds, other.rounds, strict=True))
        else:
            ratio = self.median / other.median
        return replace(self, ratio_to=other.name, ratio=ratio, limit=self.limit if limit is None else limit)

    @property
    def met(self) -> bool | None:
        """Whether the limit holds; None without one."""
        if self.limit is None:
            return None
        seen = self.value if self.ratio is None else self.ratio
        return seen >= self.limit if self.better == "higher" else seen <= self.limit


@dataclass(frozen=True)
class Report:
    """A run of figures with what they depend on: the settings, and the machine before each part of the run."""

    title: str
    figures: Sequence[Figure]
    settings: Mapping[str, object] = field(default_factory=dict)
    machine: Sequence[Mapping[str, object]] = ()

    def as_json(self) -> str:
        figures = [asdict(figure) | {"met": figure.met} for figure in self.figures]
        whole = {
            "title": self.title,
            "settings": dict(self.settings),
            "machine": [dict(m) for m in self.machine],
            "figures": figures,
        }
        return json.dumps(whole, indent=2, default=str)

    def as_table(self) -> Table:
        table = Table(title=self.title, title_justify="left")
        table.add_column("figure")
        for name in ("median", "unit", "rounds", "ratio", "limit"):
            table.add_column(name, justify="left" if name == "unit" else "right")
        for figure in self.figures:
            ratio = f"{figure.ratio:.2f} × {figure.ratio_to}" if figure.ratio is not None else ""
            sign = {"higher": "≥", "lower": "≤"}[figure.better]
            limit = "" if figure.limit is None else f"{sign} {spell(figure.limit)} {'✓' if figure.met else '✗'}"
            rounds = "  ".join(spell(each) for each in figure.rounds)
            table.add_row(figure.name, spell(figure.median), figure.unit, rounds, ratio, limit)
        return table

    def show(self, console: Console, *, as_json: bool = False) -> None:
        """The table with the machine's lines below it, or nothing but JSON."""
        if as_json:
            console.file.write(self.as_json() + "\n")
            return
        console.print(self.as_table())
        for name, value in self.settings.items():
            console.print(f"  {name}: {value}", highlight=False, markup=False)
        for n, machine in enumerate(self.machine, 1):
            spelt = ", ".join(f"{name} {value}" for name, value in machine.items())
            console.print(f"  machine, round {n}: {spelt}", highlight=False, markup=False)


def spell(value: float) -> str:
    """Three significant digits, thousands apart; no false precision."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def alternate(a: Callable[[], T], b: Callable[[], T], *more: Callable[[], T], rounds: int = 3) -> tuple[list[T], ...]:
    """Runs the sides in turns, A B A B A B, and gives each side's results in the order of the rounds."""
    sides = (a, b, *more)
    results: tuple[list[T], ...] = tuple([] for _ in sides)
    for _ in range(rounds):
        for side, seen in zip(sides, results, strict=True):
            seen.append(side())
    return results
