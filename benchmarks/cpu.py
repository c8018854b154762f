"""CPU time of processes and all their children, from /proc (Linux)."""

import os
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid: str) -> tuple[int, int] | None:
    """The parent and the ticks spent by it and by the children that it has buried."""
    try:
        text = Path("/proc", pid, "stat").read_text(encoding="latin-1")
    except OSError:  # it ended while we looked
        return None
    words = text.rpartition(")")[2].split()  # the name in brackets may hold spaces
    return int(words[1]), sum(int(word) for word in words[11:15])


def family(pids: Iterable[int]) -> dict[int, int]:
    """Ticks by pid, for these processes and their descendants that live now."""
    every = {
        int(each.name): stat for each in Path("/proc").iterdir() if each.name.isdigit() and (stat := _stat(each.name))
    }
    children: dict[int, list[int]] = {}
    for pid, (parent, _) in every.items():
        children.setdefault(parent, []).append(pid)
    found: dict[int, int] = {}
    waiting = list(pids)
    while waiting:
        pid = waiting.pop()
        if pid in every and pid not in found:
            found[pid] = every[pid][1]
            waiting += children.get(pid, ())
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time so far; a child that ends is kept in its parent's sum, so differences stay true."""
    return sum(family(pids).values()) / TICKS


def resident_mb(pids: Iterable[int]) -> float:
    """Memory of the family in MB, shared pages split fairly (PSS) where the kernel tells, else resident size."""
    total = 0
    for pid in family(pids):
        for name, word in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
            try:
                lines = Path("/proc", str(pid), name).read_text(encoding="latin-1").splitlines()
            except OSError:
                continue
            found = [int(line.split()[1]) for line in lines if line.startswith(word)]
            if found:
                total += found[0]
                break
    return total / 1024
