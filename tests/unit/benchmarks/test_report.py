"""Figures are written down with their rounds, and a ratio survives a machine that drifts."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.calibrate import calibrate
from benchmarks.report import Figure, Report, alternate, spell


def test_sides_take_turns() -> None:
    order: list[str] = []

    def side(name: str) -> int:
        order.append(name)
        return len(order)

    assert alternate(lambda: side("a"), lambda: side("b"), rounds=3) == ([1, 3, 5], [2, 4, 6])
    assert order == ["a", "b"] * 3


def test_the_ratio_is_taken_round_by_round() -> None:
    ours = Figure.of("ours", [2000, 1000, 3000], "/s")
    peer = Figure.of("peer", [1000, 500, 1000], "/s")
    assert ours.value == ours.median == 2000
    assert ours.against(peer).ratio == 2
    assert ours.against(Figure.of("single", [500], "/s")).ratio == 4


def test_a_limit_is_a_floor_or_a_ceiling() -> None:
    peer = Figure.of("peer", [10.0], "s", "lower")
    assert Figure.of("ours", [4.0], "s", "lower").against(peer, limit=0.5).met
    assert Figure.of("ours", [6.0], "s", "lower").against(peer, limit=0.5).met is False
    assert Figure.of("relay", [14_000], "/s", limit=15_000).met is False
    assert Figure.of("relay", [14_000], "/s").met is None


def test_a_figure_without_rounds_is_refused() -> None:
    with pytest.raises(ValueError, match="round"):
        Figure.of("nothing", [], "/s")


def test_json_and_table_hold_the_same_figures(tmp_path: Path) -> None:
    peer = Figure.of("peer", [750, 800, 700], "/s")
    ours = Figure.of("ours", [3000, 3200, 2800], "/s").against(peer, limit=2.5)
    report = Report("Letters", [peer, ours], {"disk": "synced"}, [calibrate(tmp_path)])
    spoken = json.loads(report.as_json())
    assert spoken["figures"][1]["ratio_to"] == "peer"
    assert spoken["figures"][1]["met"] is True
    assert spoken["machine"][0]["syncs_per_s"] > 0
    out = io.StringIO()
    report.show(Console(file=out, width=160))
    assert "4.00 × peer" in out.getvalue()
    assert "≥ 2.50 ✓" in out.getvalue()
    raw = io.StringIO()
    report.show(Console(file=raw, width=20), as_json=True)
    assert json.loads(raw.getvalue()) == spoken


@pytest.mark.parametrize(("value", "spelt"), [(15234.2, "15,234"), (12.34, "12.3"), (0.456, "0.46")])
def test_no_false_precision(value: float, spelt: str) -> None:
    assert spell(value) == spelt
