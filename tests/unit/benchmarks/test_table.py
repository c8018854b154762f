"""Figures become the tables of docs/speed.md, and nothing else of the page is touched."""

import pytest

from benchmarks.table import BEGIN, END, PAGE, everything, replaced

REPORT = {
    "title": "The write side",
    "settings": {"load": "64 connections"},
    "machine": [{"cores": 2}],
    "figures": [
        {"name": "letter", "median": 783.4, "unit": "/s", "better": "higher", "rounds": [567, 783.4, 830],
         "ratio": 2.74, "ratio_to": "orm: letter", "limit": 2.5, "met": True},
        {"name": "idle", "median": 1.4, "unit": "%", "better": "lower", "rounds": [1.4],
         "ratio": None, "ratio_to": None, "limit": 1, "met": False},
    ],
}  # fmt: skip


def test_a_figure_stands_with_its_rounds_its_ratio_and_whether_its_floor_is_met() -> None:
    text = everything([REPORT])
    assert "### The write side\n\nload: 64 connections\n\nMachine before each part: cores 2\n" in text
    assert "| letter | 783 /s (567–830) | 2.74 × orm: letter | ≥ 2.5 × | yes |" in text
    assert "| idle | 1.4 % |  | ≤ 1 | **no** |" in text


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    assert replaced(f"before\n{BEGIN}\nold\n{END}\nafter\n", "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    with pytest.raises(ValueError, match="no <!-- figures"):
        replaced(f"{BEGIN} without an end", "new")


def test_the_page_has_the_marks_once() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert (text.count(BEGIN), text.count(END)) == (1, 1)
