"""Approval's named rules and tables: who may ask, what is refused and how. The tiers come with the letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from contracts.approval import TurnLimit
from contracts.base import Actor, Holding, Refusal
from contracts.words import Tier, WorkingTime
from services.kit.policy import Refusals
from services.kit.worktime import Calendar, due, minutes_before

REFUSALS: Mapping[str, int] = {
    "unknown-letter": 404,
    "not-an-examiner": 403,
    "not-your-turn": 409,
    "own-letter": 403,
    "returned": 409,
    "already-completed": 409,
    "closed": 409,
    "no-tiers": 422,
    "limit-unusable": 422,
    "older-revision": 409,
    "not-due": 409,
}
refuse = Refusals("approval", REFUSALS)


@dataclass(frozen=True, slots=True)
class ActingTier:
    """The holding by which somebody acts on a tier. ``passed``: how he came to it: ``substitute``, ``upward``."""

    holding: Holding
    passed: str | None = None


def acting(actor: Actor, tiers: tuple[Tier, ...], number: int, registrar_id: str) -> ActingTier | None:
    """By his own position; or, where its holder registered the letter himself, as his substitute, else from above.

    Nobody initials a letter that he registered himself, in whatever capacity.
    """
    position = tiers[number].position
    if actor.id == registrar_id:
        return None
    if held := actor.holding(position):
        return ActingTier(held)
    stands_in = next(
        (each for each in actor.stand_ins if (each.position, each.instead_of) == (position, registrar_id)), None
    )
    if stands_in is None:
        return None
    if stands_in.why == "upward":
        above = (actor.holding(tier.position) for tier in tiers[number + 1 :])
        return next((ActingTier(held, "upward") for held in above if held), None)
    as_plh = Holding(position=position, title=stands_in.title, capacity="plh", role=stands_in.role)
    return ActingTier(as_plh, "substitute")


def examiner(actor: Actor, tiers: tuple[Tier, ...], turn: int, registrar_id: str) -> ActingTier | Refusal:
    """How the actor may act on the tier whose turn it is."""
    upcoming = tiers[turn]
    if found := acting(actor, tiers, turn, registrar_id):
        return found
    if actor.id == registrar_id and actor.holding(upcoming.position):
        return refuse("own-letter", position=upcoming.position, title=upcoming.title)
    if any(actor.holding(tier.position) for tier in tiers):
        return refuse("not-your-turn", next_position=upcoming.position, next_title=upcoming.title)
    return refuse("not-an-examiner", next_position=upcoming.position, next_title=upcoming.title)


def turn_limit(
    tiers: tuple[Tier, ...], number: int, begins_at: datetime, working_time: WorkingTime | None
) -> TurnLimit | None:
    """Until when the tier may keep the letter, counted in working time from the moment its turn begins.

    Afterwards the superior is told: the position that the standard names, else that of the next tier.
    """
    tier = tiers[number]
    if tier.limit is None or working_time is None:
        return None
    try:
        due_at, remind_at = _reckoned(tier, begins_at, working_time)
    except ValueError:  # a round from before `unusable` was asked: without this limit, or nobody could initial
        return None
    superior = tiers[number + 1].position if number + 1 < len(tiers) else None
    return TurnLimit(
        due_at=due_at,
        remind_at=remind_at if remind_at is not None and remind_at > begins_at else None,
        escalate_to=tier.escalate_to or superior,
        begins_at=begins_at,
    )


def unusable(tiers: tuple[Tier, ...], begins_at: datetime, working_time: WorkingTime | None) -> Refusal | None:
    """The first tier whose limit cannot be reckoned, before anybody waits for it."""
    for number, tier in enumerate(tiers):
        if tier.limit is not None and working_time is not None:
            try:
                _reckoned(tier, begins_at, working_time)
            except ValueError as error:
                place = f"tiers[{number}].limit"
                return refuse("limit-unusable", place=place, position=tier.position, reason=str(error))
    return None


def _reckoned(tier: Tier, begins_at: datetime, working_time: WorkingTime) -> tuple[datetime, datetime | None]:
    """When the tier is late, and when it is reminded. Raises ValueError."""
    calendar = _calendar(working_time.model_dump_json())
    limit = tier.limit.model_dump(exclude_none=True) if tier.limit is not None else {}
    due_at = due(calendar, begins_at, limit)
    return due_at, minutes_before(calendar, due_at, tier.remind_before) if tier.remind_before else None


@lru_cache(maxsize=256)
def _calendar(working_time: str) -> Calendar:
    """Letters of the same days bring the same working time, each in an object of its own: its JSON tells them apart."""
    told = WorkingTime.model_validate_json(working_time)
    days = {
        "zone": told.zone,
        "hours": list(told.hours),
        "seasons": list(told.seasons),
        "holidays": list(told.closed),
    }
    return Calendar.from_rules(days)
