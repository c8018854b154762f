"""Troubles that are no fact of a service: a mailbox that cannot be read, a broken chain, a nearly full disk, cases that
are parked, a webhook that was suspended. Stream ``machine:agency``.
"""

from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, Shape, Slug

TroubleKind = Literal["mailbox", "chain", "disk", "parked", "hook"]


class Trouble(Shape):
    """``name`` tells it from others of its ``kind``: which mailbox, which service. Nothing personal is in it."""

    kind: TroubleKind
    name: Slug


class NoteTroubles(Command):
    """What stands now, as the watch has seen it; and who keeps this agency's machine (persons' ids)."""

    found: tuple[Trouble, ...] = Field(default=(), max_length=100)
    keepers: tuple[Slug, ...] = Field(default=(), max_length=100)


class TroubleEvent(Event):
    case: ClassVar[str] = ""
    trouble: Trouble


class TroubleNoted(TroubleEvent):
    """``told``: how many notices it has become."""

    since: AwareDatetime
    told: int = 0


class TroubleEnded(TroubleEvent):
    since: AwareDatetime
    at: AwareDatetime


COMMANDS: tuple[type[Command], ...] = (NoteTroubles,)
EVENTS: tuple[type[Event], ...] = (TroubleNoted, TroubleEnded)
