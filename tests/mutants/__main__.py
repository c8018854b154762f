"""Puts every fault of `table` into a copy of the tree, one at a time, and runs the tests that must notice it.

Ends with 1 where one survives, or where the table no longer fits the code: its line is found once, or the row is stale.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.mutants.table import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "node_modules", "__pycache__", ".*_cache", ".hypothesis")
SECONDS = 600


def main() -> int:
    wanted = set(sys.argv[1:])
    mutants = [each for each in MUTANTS if not wanted or each.name in wanted]
    with tempfile.TemporaryDirectory(prefix="mutants-") as home:
        copy = Path(home) / "copy"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT, symlinks=True)
        everyone = sorted({test for mutant in mutants for test in mutant.tests})
        if not _green(copy, everyone):
            sys.stdout.write("the tests fail without any fault: mend them first\n")
            return 1
        outcomes = [_tried(copy, mutant) for mutant in mutants]
    sys.stdout.write(f"{outcomes.count('killed')} of {len(outcomes)} killed\n")
    return 0 if set(outcomes) == {"killed"} else 1


def _tried(copy: Path, mutant: Mutant) -> str:
    place = copy / mutant.path
    sound = place.read_text()
    started = time.monotonic()
    if sound.count(mutant.old) != 1:
        outcome = f"stale: its line stands {sound.count(mutant.old)} times in {mutant.path}"
    else:
        place.write_text(sound.replace(mutant.old, mutant.new))
        try:
            outcome = "SURVIVED" if _green(copy, mutant.tests) else "killed"
        finally:
            place.write_text(sound)
    sys.stdout.write(f"{outcome:8}  {mutant.name} ({time.monotonic() - started:.0f} s)\n")
    sys.stdout.flush()
    return outcome


def _green(copy: Path, tests: tuple[str, ...] | list[str]) -> bool:
    """Whether these tests pass there. Anything but passing and failing is a fault of the table."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    ran = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=SECONDS, check=False)
    if ran.returncode not in {0, 1}:
        raise SystemExit(f"{' '.join(tests)} did not run:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return ran.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
