"""Phases of a letter, and the book and standard that it needs. Only what a decision asks for; no plain text is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from contracts.base import Officer
from contracts.words import Copy, RecipientEntry, StandardRef, Tier, WorkingTime


@dataclass(frozen=True, slots=True)
class Absent:
    """Nobody has heard of this letter."""


@dataclass(frozen=True, slots=True)
class Captured:
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Twin:
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Quarantined:
    reason: str


@dataclass(frozen=True, slots=True)
class Examined:
    received_at: datetime
    urgency: str
    recipients: tuple[RecipientEntry, ...]


@dataclass(frozen=True, slots=True)
class Clock:
    """What has been said of the deadline: ``reminded``, ``flagged``: the deadlines for which it has been.

    ``told``: the position that hears of it.
    """

    remind_at: datetime | None = None
    told: str | None = None
    reminded: datetime | None = None
    flagged: datetime | None = None


@dataclass(frozen=True, slots=True)
class Paused:
    """``until_at`` is None while the clock stands still."""

    from_at: datetime
    until_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """What stays with a registered letter. ``revision``: how often it has been forwarded.

    ``minted``: every copy that it ever had, ``copies``: those of its present recipients. ``working_time``: what the
    limits of its tiers and couriers are computed from, as it was told last.
    """

    book: str
    agenda: str
    standard: StandardRef
    due_at: datetime
    tiers: tuple[Tier, ...]
    registrar: Officer
    urgency: str
    copies: tuple[Copy, ...]
    minted: tuple[Copy, ...]
    received_at: datetime
    revision: int = 0
    clock: Clock = Clock()
    pauses: tuple[Paused, ...] = ()
    stopped: bool = False
    working_time: WorkingTime | None = None

    @property
    def paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].until_at is None

    def resumed(self, at: datetime) -> "Case":
        return replace(self, pauses=(*self.pauses[:-1], replace(self.pauses[-1], until_at=at)))


@dataclass(frozen=True, slots=True)
class Printing:
    """The last print pack: its number, its bytes and why it was printed again."""

    number: int = 0
    sha256: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """With a number, but its present fields have not been printed (new, or revised)."""

    case: Case
    printing: Printing = Printing()


@dataclass(frozen=True, slots=True)
class Printed:
    case: Case
    printing: Printing


@dataclass(frozen=True, slots=True)
class Forwarded:
    case: Case
    printing: Printing


@dataclass(frozen=True, slots=True)
class Shut:
    """Archived: it is read, and changed no more."""

    case: Case


@dataclass(frozen=True, slots=True)
class Cancelled:
    reason: str
    agenda: str | None


Arrived = Captured | Twin | Examined
Numbered = Registered | Printed | Forwarded
Letter = Absent | Captured | Twin | Quarantined | Examined | Numbered | Shut | Cancelled


@dataclass(frozen=True, slots=True)
class Book:
    """``last`` is the last number used; None: the book is not open."""

    last: int | None = None
    opening: int = 0


@dataclass(frozen=True, slots=True)
class Adopted:
    ref: StandardRef
    valid_from: str
    rules: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standard:
    """All versions ever adopted, the lowest first. ``facts``: what the agency's calendar said last, for all of them."""

    versions: tuple[Adopted, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def version(self, number: int) -> Adopted | None:
        return next((adopted for adopted in self.versions if adopted.ref.version == number), None)


@dataclass(frozen=True, slots=True)
class Years:
    """Years that were decreed or changed at run time: their closed days, and what said so last; and the seasons."""

    closed: Mapping[int, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    revisions: Mapping[int, int] = field(default_factory=dict)
    said_by: str = ""
    seasons: tuple[Mapping[str, Any], ...] = ()
    seasons_revision: int = 0


def phase(letter: Letter) -> str:
    """The phase as a slug, for the detail of a refusal."""
    return type(letter).__name__.lower()
