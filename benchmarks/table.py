"""The figures as tables in docs/speed.md: `python -m benchmarks.table bench.json`.

`bench.json` is what `caraka bench --json` has printed. What stands between the page's two marks is replaced; the five
lines of the README are a person's.
"""

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parent.parent / "docs" / "speed.md"
BEGIN, END = "<!-- figures: benchmarks -->", "<!-- figures: end -->"
Row = Mapping[str, Any]


def spoken(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def line(row: Row) -> str:
    rounds = f" ({spoken(min(row['rounds']))}–{spoken(max(row['rounds']))})" if len(row["rounds"]) > 1 else ""
    ratio = f"{row['ratio']:.2f} × {row['ratio_to']}" if row["ratio"] is not None else ""
    limit, met = "", {True: "yes", False: "**no**", None: ""}[row["met"]]
    if row["limit"] is not None:
        limit = f"{'≥' if row['better'] == 'higher' else '≤'} {spoken(row['limit'])}{' ×' if row['ratio'] else ''}"
    return f"| {row['name']} | {spoken(row['median'])} {row['unit']}{rounds} | {ratio} | {limit} | {met} |"


def table(rows: Iterable[Row]) -> str:
    head = "| figure | median (lowest–highest round) | ratio | floor | met |\n|---|---|---|---|---|\n"
    return head + "\n".join(line(row) for row in rows) + "\n"


def everything(reports: Sequence[Row]) -> str:
    parts = []
    for report in reports:
        said = "; ".join(f"{name}: {value}" for name, value in report["settings"].items())
        before = "; ".join(
            ", ".join(f"{name} {value}" for name, value in machine.items()) for machine in report["machine"]
        )
        parts.append(
            f"### {report['title']}\n\n{said}\n\nMachine before each part: {before}\n\n{table(report['figures'])}"
        )
    return "\n".join(parts)


def replaced(text: str, new: str) -> str:
    """The text with what stands between the marks replaced. ValueError where the marks are missing."""
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (mark and end):
        raise ValueError(f"no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{new}\n{END}{after}"


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("figures", type=Path, help="what `caraka bench --json` has printed")
    reports = json.loads(reader.parse_args().figures.read_text(encoding="utf-8"))
    PAGE.write_text(replaced(PAGE.read_text(encoding="utf-8"), everything(reports)), encoding="utf-8")


if __name__ == "__main__":
    main()
