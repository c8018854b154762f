"""Approval: tiered initials (paraf berjenjang). Stream ``round:<letter_id>``: the rounds of one letter, a revision
each.
"""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, Line, Message, Officer, Slug
from contracts.words import Tier


class OpenRound(Command):
    """Reaction to `LetterForwarded`; supersedes an unfinished round of a lower revision."""

    letter_id: UUID
    revision: int
    agenda: str
    urgency: Slug
    due_at: AwareDatetime
    tiers: tuple[Tier, ...]
    registrar_id: Slug


class InitialLetter(Command):
    """The holder of the tier whose turn it is puts his initial, with or without a note."""

    letter_id: UUID
    note: str = Field(default="", max_length=2000)


class ReturnLetter(Command):
    """Back to the previous tier or to the operator; the note is mandatory."""

    letter_id: UUID
    to: Literal["previous", "operator"] = "operator"
    note: Line


class CloseRound(Command):
    """Reaction to `LetterCancelled`."""

    letter_id: UUID
    reason: str


class RoundOpened(Event):
    letter_id: UUID
    round_id: UUID
    revision: int
    agenda: str
    urgency: Slug
    due_at: AwareDatetime
    tiers: tuple[Tier, ...]
    registrar_id: Slug


class TierInitialled(Event):
    """``tier`` counts from 0; ``next_position`` is None after the last."""

    letter_id: UUID
    round_id: UUID
    revision: int
    tier: int
    note: str = ""
    next_position: Slug | None
    by: Officer


class ApprovalCompleted(Event):
    letter_id: UUID
    round_id: UUID
    revision: int


class TierReturned(Event):
    """To the previous tier, which must look again."""

    letter_id: UUID
    round_id: UUID
    revision: int
    tier: int
    note: str
    next_position: Slug
    by: Officer


class ApprovalReturned(Event):
    """To the operator, who revises and forwards the next revision."""

    letter_id: UUID
    round_id: UUID
    revision: int
    tier: int
    note: str
    by: Officer


class RoundClosed(Event):
    letter_id: UUID
    round_id: UUID
    revision: int
    reason: str


COMMANDS: tuple[type[Command], ...] = (OpenRound, InitialLetter, ReturnLetter, CloseRound)
EVENTS: tuple[type[Event], ...] = (
    RoundOpened, TierInitialled, ApprovalCompleted, TierReturned, ApprovalReturned, RoundClosed,
)  # fmt: skip
KINDS: tuple[type[Message], ...] = (*COMMANDS, *EVENTS)
