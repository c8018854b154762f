"""What time says to complaints, once and only once: to acknowledge, to answer, each rung, closing, forgetting."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.parts.product import Product

SAID = (
    "AcknowledgementOverdue", "ComplaintDueSoon", "ComplaintOverdue", "ComplaintEscalated", "ComplaintClosed",
    "ReporterRetentionEnded",
)  # fmt: skip
LONG_AGO = timedelta(days=120)
PATIENCE = 60.0


def late_complaint(now: datetime) -> dict[str, Any]:
    """As it is written down months after it came."""
    received = (now - LONG_AGO).isoformat()
    return {"channel": "kotak", "words": "Loket tutup", "name": "Siti Aminah", "received_at": received}


def said_of(product: Product, case: str) -> Counter[str]:
    """How often time has said what, by the name of the fact."""
    return told(product, [case])[case]


def told(product: Product, cases: Sequence[str]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {case: Counter() for case in cases}
    for event in product.events("complaint"):
        kind, case = event["type"].split(".")[1], str(event["data"].get("complaint_id"))
        if kind in SAID and case in found:
            found[case][kind] += 1
    return found


async def once(product: Product, wanted: Iterable[tuple[str, str]]) -> None:
    """Waits until each (case, fact) has been said."""
    ends, left = time.monotonic() + PATIENCE, set(wanted)
    cases = sorted({case for case, _ in left})
    while left and time.monotonic() < ends:
        await asyncio.sleep(0.3)
        now = await asyncio.to_thread(told, product, cases)
        left = {(case, kind) for case, kind in left if not now[case][kind]}
    assert not left, f"never said: {sorted(left)}"


def rungs_over(product: Product, cases: Sequence[str]) -> dict[str, int]:
    """How many rungs of the ladder each complaint has to climb by itself, of those that came long ago."""
    filed = {
        str(event["data"]["complaint_id"]): event["data"] for event in product.events("complaint", "ComplaintFiled")
    }
    return {case: sum(rung["due_at"] is not None for rung in filed[case]["rungs"]) for case in cases}


async def limits_told(product: Product, cases: Sequence[str]) -> None:
    """Until every limit of these late complaints has been said."""
    if cases:
        climbing = {(case, "ComplaintEscalated") for case, rungs in rungs_over(product, cases).items() if rungs}
        both = {(case, kind) for case in cases for kind in ("AcknowledgementOverdue", "ComplaintOverdue")}
        await once(product, both | climbing)


def told_otherwise(product: Product, cases: Sequence[str]) -> list[str]:
    """Late complaints of which a limit was said not at all or twice."""
    if not cases:
        return []
    found, rungs = told(product, cases), rungs_over(product, cases)
    wrong = []
    for case in cases:
        wanted = {"AcknowledgementOverdue": 1, "ComplaintOverdue": 1, "ComplaintEscalated": rungs[case]}
        heard = {kind: found[case][kind] for kind in wanted}
        if heard != wanted:
            wrong.append(f"complaint {case}: said {heard}, not {wanted}")
    return wrong
