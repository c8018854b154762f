"""One fault's trial: its dice, its loads, and the line that it leaves for the page of results.

``CARAKA_TEST_SEED`` gives a seed again, ``CARAKA_TEST_SECONDS`` makes the faults last longer than in CI,
``CARAKA_TEST_RESULTS`` names a file that gets a line of JSON per test. All three are read once, when the tests load.
"""

from __future__ import annotations

import json
import os
import random
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.faults.load import Load

SEED = int(os.environ.get("CARAKA_TEST_SEED") or secrets.randbelow(2**31))
SECONDS = float(os.environ.get("CARAKA_TEST_SECONDS") or 1)
RESULTS = os.environ.get("CARAKA_TEST_RESULTS")


@dataclass
class Trial:
    """``lasting`` is how long a fault stays; figures that are no load's own go to ``notes``."""

    fault: str
    deed: str
    seed: int = SEED
    notes: list[str] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)
    lasting: float = SECONDS

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # noqa: S311 - dice, no secret
        print(f"seed: {self.seed}")  # noqa: T201 - shown where the test fails

    def note(self, sentence: str) -> None:
        """A measured fact for the page."""
        self.notes.append(sentence)
        print(sentence)  # noqa: T201 - same

    def line(self, outcome: str) -> dict[str, Any]:
        recovered = [seconds for load in self.loads for seconds in load.recoveries]
        return {
            "fault": self.fault,
            "deed": self.deed,
            "seed": self.seed,
            "acknowledged": sum(load.acknowledged for load in self.loads),
            "recovery": max(recovered, default=None),
            "outcome": outcome,
            "notes": self.notes,
        }

    def keep(self, outcome: str) -> None:
        if RESULTS:
            with Path(RESULTS).open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(self.line(outcome)) + "\n")
