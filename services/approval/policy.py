"""Approval's named rules and tables: who may ask, what is refused and how. The tiers come with the letter."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.approval import (
    CloseRound,
    EscalateTier,
    InitialLetter,
    OpenRound,
    RemindTier,
    ReturnLetter,
    TurnLimit,
)
from contracts.base import Actor, Command, Holding, Refusal
from contracts.words import Tier, WorkingTime
from services.kit.worktime import Calendar, due, minutes_before

SERVICE = "service"

# An empty row: whoever holds the position whose turn it is, decided on the round itself.
ASKERS: Mapping[type[Command], frozenset[str]] = {
    OpenRound: frozenset({SERVICE}),
    CloseRound: frozenset({SERVICE}),
    InitialLetter: frozenset(),
    ReturnLetter: frozenset(),
    RemindTier: frozenset({SERVICE}),
    EscalateTier: frozenset({SERVICE}),
}

REFUSALS: Mapping[str, int] = {
    "not-permitted": 403,
    "unknown-letter": 404,
    "not-an-examiner": 403,
    "not-your-turn": 409,
    "own-letter": 403,
    "returned": 409,
    "already-completed": 409,
    "closed": 409,
    "no-tiers": 422,
    "older-revision": 409,
    "not-due": 409,
}


def refuse(reason: str, /, **detail: Any) -> Refusal:
    return Refusal(code=f"approval.{reason}", status=REFUSALS[reason], detail=detail)


def barred(command: Command, actor: Actor) -> Refusal | None:
    """Roles count whether they come with the person or with a position that he holds now."""
    askers = ASKERS[type(command)]
    held = {*actor.roles, *(holding.role for holding in actor.holdings)}
    return None if not askers or askers & held else refuse("not-permitted", needs=sorted(askers))


def examiner(actor: Actor, tiers: tuple[Tier, ...], turn: int, registrar_id: str) -> Holding | Refusal:
    """The holding by which the actor may act on the tier whose turn it is.

    Nobody initials a letter that he registered himself, in whatever capacity.
    """
    upcoming = tiers[turn]
    if not any(actor.holding(tier.position) for tier in tiers):
        return refuse("not-an-examiner", next_position=upcoming.position, next_title=upcoming.title)
    holding = actor.holding(upcoming.position)
    if holding is None:
        return refuse("not-your-turn", next_position=upcoming.position, next_title=upcoming.title)
    if actor.id == registrar_id:
        return refuse("own-letter", position=upcoming.position)
    return holding


def turn_limit(
    tiers: tuple[Tier, ...], number: int, begins_at: datetime, working_time: WorkingTime | None
) -> TurnLimit | None:
    """Until when the tier may keep the letter, counted in working time from the moment its turn begins.

    Afterwards the superior is told: the position that the standard names, else that of the next tier.
    """
    tier = tiers[number]
    if tier.limit is None or working_time is None:
        return None
    days = {"zone": working_time.zone, "hours": list(working_time.hours), "holidays": list(working_time.closed)}
    calendar = Calendar.from_rules(days)
    due_at = due(calendar, begins_at, tier.limit.model_dump(exclude_none=True))
    remind_at = minutes_before(calendar, due_at, tier.remind_before) if tier.remind_before else None
    superior = tiers[number + 1].position if number + 1 < len(tiers) else None
    return TurnLimit(
        due_at=due_at,
        remind_at=remind_at if remind_at is not None and remind_at > begins_at else None,
        escalate_to=tier.escalate_to or superior,
    )
