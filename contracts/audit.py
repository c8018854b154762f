"""Audit: hash chains over every service's log. Decides nothing; keeps hashes, not copies."""

from typing import Any

from contracts.base import Message, Query, Shape


class ChainHeads(Query):
    """The heads of all chains of the agency that asks: one per service."""


class ChainHead(Shape):
    """``since``: when the chain of the whole log began ("": not written down). ``older``: events there were already;
    nothing proves those. ``taken_over_by``: who decided to go on all the same.
    """

    service: str
    agency: str
    position: int
    count: int
    head: str
    at: str
    since: str = ""
    older: int = 0
    taken_over_by: str = ""


class ChainHeadsAnswer(Shape):
    heads: tuple[ChainHead, ...]
    breach: dict[str, Any] | None = None


KINDS: tuple[type[Message], ...] = (ChainHeads,)
