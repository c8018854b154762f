"""Phases of the rounds of one letter. Only what a decision asks for."""

from dataclasses import dataclass
from uuid import UUID

from contracts.approval import (
    TurnLimit,
)
from contracts.words import Tier, WorkingTime


@dataclass(frozen=True, slots=True)
class NoRound:
    """The letter has not been forwarded yet, as far as approval knows."""


@dataclass(frozen=True, slots=True)
class Returned:
    """Who returned it, with which words: the same request again is the same return."""

    revision: int
    round_id: UUID
    person_id: str
    note: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The present turn's limit, what was said of it, and which turn of the round it is (from 0)."""

    limit: TurnLimit | None = None
    number: int = 0
    reminded: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """``turn``: the tier whose turn it is. ``initials``: (person, note) of the tiers below it.

    ``sent_back``: the return to a previous tier that brought the round here, (person, note).
    """

    revision: int
    round_id: UUID
    tiers: tuple[Tier, ...]
    registrar_id: str
    turn: int = 0
    initials: tuple[tuple[str, str], ...] = ()
    sent_back: tuple[str, str] | None = None
    working_time: WorkingTime | None = None
    waiting: Waiting = Waiting()


@dataclass(frozen=True, slots=True)
class Completed:
    revision: int
    round_id: UUID
    initials: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Closed:
    revision: int
    reason: str


Round = NoRound | Open | Returned | Completed | Closed


def stream(letter_id: UUID) -> str:
    return f"round:{letter_id}"


def tier_of(tiers: tuple[Tier, ...], position: str) -> int:
    """The highest of these tiers that has the position."""
    return max(number for number, tier in enumerate(tiers) if tier.position == position)
