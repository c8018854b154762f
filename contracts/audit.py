"""Audit: hash chains over every service's log. Decides nothing; keeps hashes, not copies."""

from typing import Any

from contracts.base import Message, Query, Shape


class ChainHeads(Query):
    """The heads of all chains of the agency that asks: one per service."""


class ChainHead(Shape):
    service: str
    agency: str
    position: int
    count: int
    head: str
    at: str


class ChainHeadsAnswer(Shape):
    heads: tuple[ChainHead, ...]
    breach: dict[str, Any] | None = None


KINDS: tuple[type[Message], ...] = (ChainHeads,)
