"""Audit's words and figures: whom it follows, how it says what it found, what a person can do then."""

from datetime import datetime
from typing import Protocol

from services.kit.chain import Difference


class Began(Protocol):
    """`Beginning`, as far as it is put into words."""

    @property
    def service(self) -> str: ...

    @property
    def since(self) -> str: ...

    @property
    def older(self) -> int: ...

    @property
    def by(self) -> str: ...

    @property
    def why(self) -> str: ...


SOURCES = ("organisation", "intake", "approval", "dispatch", "account_provisioning", "complaint", "notifications")

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


def unproven(source: str, older: int, since: str) -> str:
    """What is said of a chain that began when there were events already: somebody has taken the evidence away."""
    return (
        f"the chain of {source} began {since} although {older} events were stored already: nothing proves those."
        f" Find out where the evidence went; then `caraka audit adopt {source}`"
    )


def since(began: Began) -> str:
    """One chain's beginning in words."""
    when = f"chained since {began.since}" if began.since else "chained since before that was written down"
    taken = f", taken over by {began.by}: {began.why}" if began.by else ""
    return f"{began.service} {when}" + (f" ({began.older} events are older{taken})" if began.older else "")


def stamp(now: datetime) -> str:
    return now.isoformat(timespec="seconds")
