"""How findings and progress are shown: a table for people, JSON for machines, a bar where somebody watches."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from io import StringIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from services.cli.invariants.ground import Finding, Step, Tell, silent

WIDTH = 120
WHOLE = "Semua pemeriksaan utuh."
ELSEWHERE = (
    "Tidak diperiksa di sini: I9 (gawai kurir belum menyimpan antrean), I11 (rahasia yang tidak boleh ada di mana pun:"
    " dicari oleh pengujian)."
)
MARKS = {
    "held": Text("✓", style="green"), "broken": Text("✗", style="bold red"), "not checked": Text("–", style="yellow"),
}  # fmt: skip
FIGURES = {
    "acknowledged": "dijawab", "blobs": "berkas", "books": "buku", "breaches": "pelanggaran",
    "bytes": "bita", "captured": "ditangkap", "claims": "klaim", "commands": "perintah", "compared": "dibandingkan",
    "deadlines": "tenggat", "erased": "dihapus", "events": "peristiwa", "facts": "peristiwa", "jobs": "tugas",
    "letters": "surat", "links": "mata rantai", "mailboxes": "kotak surat", "messages": "pesan", "numbers": "nomor",
    "not yet chained": "belum dirantai", "not yet fetched": "belum diambil", "behind": "tertinggal",
    "older than their chain": "lebih tua daripada rantainya", "outcomes": "hasil", "overdue": "lewat tenggat",
    "parked": "terparkir", "reserved": "disisihkan", "seed": "benih acak", "skipped events": "peristiwa dilewati",
    "timers": "pengingat", "views": "tampilan", "without events": "tanpa peristiwa",
    "passwords": "kata sandi", "first passwords": "kata sandi pertama", "tickets": "tiket", "tokens": "token",
    "sessions": "sesi", "no ledger of a client": "tanpa catatan klien",
}  # fmt: skip
STAGES = {"events": "peristiwa", "views built anew": "tampilan dibangun ulang"}


def as_json(findings: Sequence[Finding]) -> str:
    """``{"ok": …, "complete": …, "findings": […]}``; ok: nothing is broken, complete: everything was checked."""
    told = [{**asdict(each), "outcome": each.outcome} for each in findings]
    whole = {"ok": all(each.ok for each in findings), "complete": not _open(findings), "findings": told}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def _figure(name: str, value: int | str) -> str:
    return f"{value} {FIGURES.get(name, name)}" if isinstance(value, int) else FIGURES.get(value, value)


def as_table(
    findings: Sequence[Finding], *, colour: bool = False, clocked: Callable[[str], str] = lambda said: said
) -> str:
    """One row per check; below it every breach that was kept, the first one first. ``clocked``: what is said, its
    moments by the office's clock.
    """
    table = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    for each in findings:
        figures = ", ".join(_figure(name, value) for name, value in each.figures.items())
        mark = MARKS[each.outcome]
        told = Text(clocked(f"{each.where}: {each.sentence}" if each.where else each.sentence))
        if figures:
            told.append(f"  ({figures})", style="dim")
        table.add_row(mark, each.invariant, told)
        for more in each.breaches[1:]:
            table.add_row("", "", Text(f"· {clocked(more)}"))
        for left in each.unchecked:
            table.add_row("", "", Text(f"· tidak diperiksa: {clocked(left)}", style="yellow"))
    table.add_row("", "", Text(ELSEWHERE, style="dim"))
    broken = [each.invariant for each in findings if not each.ok]
    said = f"Tidak utuh: {', '.join(broken)}." if broken else "Tidak ada yang rusak." if _open(findings) else WHOLE
    if left_open := _open(findings):
        said += f" Tidak diperiksa, atau tidak semuanya: {', '.join(dict.fromkeys(left_open))}."
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
                tasks[step.stage] = progress.add_task(STAGES.get(step.stage, step.stage), rate="")
            rate = f"{step.rate:,.0f}"
            progress.update(tasks[step.stage], completed=step.done, total=step.total or None, rate=rate)

        yield tell
