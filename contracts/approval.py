"""Approval: tiered initials (paraf berjenjang). Stream ``round:<letter_id>``: the rounds of one letter, a revision
each.
"""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, Line, Message, Officer, Shape, Slug
from contracts.words import LetterEvent, Tier, WorkingTime


class TurnLimit(Shape):
    """When the tier whose turn begins is reminded and is late, and which position is told then. Aware UTC.

    ``begins_at``: when the turn began; absent in what was stored before limits could be moved.
    """

    due_at: AwareDatetime
    remind_at: AwareDatetime | None = None
    escalate_to: Slug | None = None
    begins_at: AwareDatetime | None = None


class OpenRound(Command):
    """Reaction to `LetterForwarded`; supersedes the round of a lower revision, also a complete one."""

    letter_id: UUID
    revision: int
    agenda: str
    urgency: Slug
    due_at: AwareDatetime
    tiers: tuple[Tier, ...]
    registrar_id: Slug
    working_time: WorkingTime | None = None


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


class RemindTier(Command):
    """Timer: the limit of this turn draws near; ``turn`` counts the turns of a round from 0."""

    letter_id: UUID
    revision: int
    turn: int


class EscalateTier(Command):
    """Timer: the limit of this turn is over."""

    letter_id: UUID
    revision: int
    turn: int


class RetimeRound(Command):
    """Reaction to `WorkingTimeChanged`: the limit of the turn that runs, and all further ones, follow it."""

    letter_id: UUID
    revision: int
    working_time: WorkingTime
    reason: str = ""


class RoundOpened(LetterEvent):
    """``limit``: of the first tier's turn; ``working_time``: what every limit of this round is computed from."""

    round_id: UUID
    revision: int
    agenda: str
    urgency: Slug
    due_at: AwareDatetime
    tiers: tuple[Tier, ...]
    registrar_id: Slug
    opened_at: AwareDatetime | None = None
    working_time: WorkingTime | None = None
    limit: TurnLimit | None = None


class TierInitialled(LetterEvent):
    """``tier`` counts from 0; ``next_position`` is None after the last. ``next_limit``: of the turn that begins.

    ``passed``: the tier's own holder registered the letter, so it went to his ``substitute`` or ``upward``.
    """

    round_id: UUID
    revision: int
    tier: int
    note: str = ""
    next_position: Slug | None
    next_limit: TurnLimit | None = None
    passed: Slug | None = None
    by: Officer


class ApprovalCompleted(LetterEvent):
    round_id: UUID
    revision: int


class TierReturned(LetterEvent):
    """To the previous tier, which must look again, with a limit of its own anew."""

    round_id: UUID
    revision: int
    tier: int
    note: str
    next_position: Slug
    next_limit: TurnLimit | None = None
    by: Officer


class ApprovalReturned(LetterEvent):
    """To the operator, who revises and forwards the next revision."""

    round_id: UUID
    revision: int
    tier: int
    note: str
    by: Officer


class RoundClosed(LetterEvent):
    round_id: UUID
    revision: int
    reason: str


class TierReminded(LetterEvent):
    """The letter still waits for this tier and its limit ends at ``due_at``."""

    round_id: UUID
    revision: int
    tier: int
    position: Slug
    title: str
    due_at: AwareDatetime


class TierOverdue(LetterEvent):
    """The tier's limit is over; ``escalated_to`` is the superior position that is told, None above the highest."""

    round_id: UUID
    revision: int
    tier: int
    position: Slug
    title: str
    due_at: AwareDatetime
    escalated_to: Slug | None = None


class RoundRetimed(LetterEvent):
    """Every further limit of this round is computed from this working time."""

    round_id: UUID
    revision: int
    working_time: WorkingTime
    reason: str = ""


class TierLimitMoved(LetterEvent):
    """The calendar moved the limit of the turn that runs. ``reason``: Indonesian, what changed the calendar.

    A limit that was said to be over is not moved; a reminder that was given comes again only where it lies ahead of
    ``moved_at``.
    """

    round_id: UUID
    revision: int
    tier: int
    position: Slug
    title: str
    old_due_at: AwareDatetime
    due_at: AwareDatetime
    remind_at: AwareDatetime | None = None
    moved_at: AwareDatetime
    calendar: str
    reason: str = ""


COMMANDS: tuple[type[Command], ...] = (
    OpenRound, InitialLetter, ReturnLetter, CloseRound, RemindTier, EscalateTier, RetimeRound,
)  # fmt: skip
EVENTS: tuple[type[Event], ...] = (
    RoundOpened, TierInitialled, ApprovalCompleted, TierReturned, ApprovalReturned, RoundClosed, TierReminded,
    TierOverdue, RoundRetimed, TierLimitMoved,
)  # fmt: skip
KINDS: tuple[type[Message], ...] = (*COMMANDS, *EVENTS)
