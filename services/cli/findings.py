"""How findings and progress are shown: a table for people, JSON for machines, a bar where somebody watches."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from io import StringIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from services.cli.invariants.ground import Finding, Step, Tell, silent

WIDTH = 120
WHOLE = "All invariants hold."
ELSEWHERE = (
    "Not looked at here: I9 (couriers' devices keep no queue yet), I11 (secrets that must be nowhere: the tests look"
    " for planted ones)."
)
MARKS = {
    "held": Text("✓", style="green"), "broken": Text("✗", style="bold red"), "not checked": Text("–", style="yellow"),
}  # fmt: skip


def as_json(findings: Sequence[Finding]) -> str:
    """``{"ok": …, "complete": …, "findings": […]}``; ok: nothing is broken, complete: everything was checked."""
    told = [{**asdict(each), "outcome": each.outcome} for each in findings]
    whole = {"ok": all(each.ok for each in findings), "complete": not _open(findings), "findings": told}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def as_table(findings: Sequence[Finding], *, colour: bool = False) -> str:
    """One row per check; below it every breach that was kept, the first one first."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    for each in findings:
        figures = ", ".join(f"{value} {name}" for name, value in each.figures.items())
        mark = MARKS[each.outcome]
        told = Text(f"{each.where}: {each.sentence}" if each.where else each.sentence)
        if figures:
            told.append(f"  ({figures})", style="dim")
        table.add_row(mark, each.invariant, told)
        for more in each.breaches[1:]:
            table.add_row("", "", Text(f"· {more}"))
        for left in each.unchecked:
            table.add_row("", "", Text(f"· not checked: {left}", style="yellow"))
    table.add_row("", "", Text(ELSEWHERE, style="dim"))
    broken = [each.invariant for each in findings if not each.ok]
    said = f"Broken: {', '.join(broken)}" if broken else "Nothing is broken." if _open(findings) else WHOLE
    if left_open := _open(findings):
        said += f" Not checked, or not all of it: {', '.join(dict.fromkeys(left_open))}."
    console = Console(file=StringIO(), width=WIDTH, force_terminal=colour, color_system="standard" if colour else None)
    console.print(table)
    console.print(Text(said, style="bold"))
    file = console.file
    assert isinstance(file, StringIO)  # noqa: S101 - made above
    return file.getvalue().rstrip("\n")


def _open(findings: Sequence[Finding]) -> list[str]:
    """The invariants of which something was not looked at."""
    return [each.invariant for each in findings if each.unchecked or not each.checked]


@contextmanager
def watched(console: Console) -> Iterator[Tell]:
    """Progress with events per second; nothing where nobody watches."""
    if not console.is_terminal:
        yield silent
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
               TextColumn("{task.fields[rate]}/s"))  # fmt: skip
    with Progress(*columns, console=console, transient=True) as progress:
        tasks = {}

        def tell(step: Step) -> None:
            if step.stage not in tasks:
                tasks[step.stage] = progress.add_task(step.stage, rate="")
            rate = f"{step.rate:,.0f}"
            progress.update(tasks[step.stage], completed=step.done, total=step.total or None, rate=rate)

        yield tell
