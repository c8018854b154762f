"""Phases of a letter, and the book that it needs. Only what a decision asks for; no plain text is kept."""

from dataclasses import dataclass
from datetime import datetime

from contracts.base import Officer
from contracts.words import Copy, RecipientEntry, Tier
from services.kit.deadlines import Clock


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
    """``confirmed``: an officer has said that it belongs here."""

    reason: str
    received_at: datetime
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Examined:
    received_at: datetime
    urgency: str
    recipients: tuple[RecipientEntry, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What stays with a registered letter. ``revision``: how often it has been forwarded.

    ``minted``: every copy that it ever had, ``copies``: those of its present recipients.
    """

    book: str
    agenda: str
    clock: Clock
    tiers: tuple[Tier, ...]
    registrar: Officer
    urgency: str
    copies: tuple[Copy, ...]
    minted: tuple[Copy, ...]
    revision: int = 0


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


def phase(letter: Letter) -> str:
    """The phase as a slug, for the detail of a refusal."""
    return type(letter).__name__.lower()
