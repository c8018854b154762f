"""The page of the faults: provokes them all and writes down what happened (``docs/faults.md``).

    python -m tests.faults.summary [--seed 7] [--seconds 1] [--page docs/faults.md] [what pytest takes …]

Exit status: pytest's. The page is written also when a test has failed, and says so.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
OUTCOMES = {"passed": "all hold", "failed": "**broken**", "skipped": "not run here"}
PAGE = """\
# Faults

What happens to a running Caraka when things break, provoked on real processes: every service in a process of its own on
PostgreSQL and NATS, reached through a TCP proxy of ours, or everything in one process on SQLite. Made by

    python -m tests.faults.summary     # --seed N gives the dice again, --seconds N makes the faults longer

Under each fault an office works: letters are carried from the mailbox to the archive, letters are entered by hand, mail
arrives, hostile mail too. Clients repeat what was not answered, with the same key, and keep a ledger of what was
acknowledged. Then the fault is healed, all is quiet, and `caraka verify` looks at every invariant, the ledger and the
mailbox included; every letter must be where it was brought, and the agenda book without a gap.

{measured}

| fault | what was done | acknowledged | working again after | `caraka verify` and the ledger |
|---|---|---|---|---|
{rows}

*Working again*: from the end of the fault (for a death: from the kill) until a letter entered after it is acknowledged
**and** seen in the views. The fault's own length is not in it. For poison in a log (F13) and tampering (F21) *all hold*
means that exactly this was found and named.

Not among them, so that nobody takes them for proved: a three-node broker that loses its leader (F5: the streams have
one copy), 10,000 messages behind on a mail server under load (F18; its other cases are tests without load), a
provider or directory that does a thing and loses the answer under load (F19; tested without load), a blob that is
lost under load (F20; `caraka verify` finds it), the old version beside the new one or on its data (F23), and a
process that the kernel ends for its memory by a cgroup (F24; it is as if killed, F1). A gateway that may open no more
files takes no new connection, so it cannot say so itself. A backup under load that is restored elsewhere (F22) has
its figures in [speed.md](speed.md#backups).
"""


def main() -> int:
    """The command line."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--seed", type=int, help="the dice of an earlier run")
    reader.add_argument("--seconds", type=float, default=1.0, help="how long a fault stays")
    reader.add_argument("--page", type=Path, default=ROOT / "docs" / "faults.md")
    asked, words = reader.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="caraka-faults-") as folder:
        results = Path(folder) / "results.jsonl"
        env = os.environ | {"CARAKA_TEST_RESULTS": str(results), "CARAKA_TEST_SECONDS": str(asked.seconds)}
        if asked.seed is not None:
            env["CARAKA_TEST_SEED"] = str(asked.seed)
        began = time.monotonic()
        command = [sys.executable, "-m", "pytest", "-q", *(words or [str(Path(__file__).parent)])]
        status = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
        if not results.exists():
            return status
        lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
        asked.page.write_text(page(lines, time.monotonic() - began, asked.seconds), encoding="utf-8")
    return status


def page(lines: Sequence[dict[str, Any]], took: float, seconds: float) -> str:
    """Markdown: a row per test, in the order of the faults' numbers."""
    rows = sorted(lines, key=lambda line: int(line["fault"][1:]))
    slowest = max((line["recovery"] for line in rows if line["recovery"] is not None), default=0.0)
    acknowledged = sum(line["acknowledged"] for line in rows)
    measured = (
        f"Measured {datetime.now(UTC):%Y-%m-%d}: {len(rows)} tests in {took / 60:.0f} min on {os.cpu_count()} cores"
        f" that did other work too (Python {platform.python_version()}); seed {rows[0]['seed']}, faults of about"
        f" {seconds:g} s. Commands acknowledged: {acknowledged:,}. Slowest to work again: {slowest:.1f} s."
    )
    return PAGE.format(measured="\n".join(textwrap.wrap(measured, 118)), rows="\n".join(map(row, rows)))


def row(line: dict[str, Any]) -> str:
    recovery = "" if line["recovery"] is None else f"{line['recovery']:.1f} s"
    acknowledged = f"{line['acknowledged']:,}" if line["acknowledged"] else ""
    deed = "; ".join([line["deed"], *line["notes"]])
    outcome = OUTCOMES.get(line["outcome"], line["outcome"])
    return f"| {line['fault']} | {deed} | {acknowledged} | {recovery} | {outcome} |"


if __name__ == "__main__":
    sys.exit(main())
