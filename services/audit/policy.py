"""Audit's words and figures: whom it follows, how it says what it found, what a person can do then."""

from datetime import datetime

from services.kit.chain import Difference

SOURCES = ("organisation", "intake", "approval", "dispatch")

SENTENCES = {
    "edited": "the stored event is not the one that was chained (edited bytes, position or order)",
    "removed": "the event that was chained here is gone",
    "added": "an event stands here that was never chained",
    "swapped": "the events at positions {position} and {other} were swapped",
    "other-agency": "the event now belongs to another agency",
}


def told(service: str, difference: Difference) -> str:
    """One breach in one sentence: where, and what differs; nothing of the content."""
    what = SENTENCES[difference.what].format(position=difference.position, other=difference.other)
    stream = f", {difference.stream}" if difference.stream else ""
    return f"{service}/{difference.agency}, position {difference.position}{stream}: {what}"


def foreign(source: str, ours: str, theirs: str) -> str:
    """What is said when a store was restored or exchanged: the remedy in words."""
    return (
        f"the log of {source} is now {theirs}, we have chained {ours}. If it was restored on purpose: run"
        f" `caraka verify`, then `caraka audit adopt {source}`, which keeps the old heads as evidence and"
        " chains on from what both have in common"
    )


def stamp(now: datetime) -> str:
    return now.isoformat(timespec="seconds")
