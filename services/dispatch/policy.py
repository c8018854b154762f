"""Dispatch's named rules and tables: who may ask, what is refused and how, which routes need hands and which a wire."""

from collections.abc import Mapping
from datetime import datetime

from contracts.base import Actor, Holding, Refusal
from contracts.words import Copy, TimeLimit, WorkingTime
from services.kit.policy import Refusals, roles_of
from services.kit.worktime import Calendar, due

OPERATOR = "operator"

REFUSALS: Mapping[str, int] = {
    "not-the-assigner": 403,
    "not-your-copy": 403,
    "unknown-letter": 404,
    "unknown-copy": 404,
    "not-planned": 409,
    "not-released": 409,
    "held": 409,
    "older-revision": 409,
    "plan-differs": 409,
    "no-copies": 422,
    "limit-unusable": 422,
    "nothing-to-assign": 409,
    "not-assigned": 409,
    "copy-proven": 409,
    "route-not-by-hand": 409,
    "route-not-allowed": 409,
    "receiver-missing": 422,
    "reason-missing": 422,
    "not-proven": 409,
    "not-due": 409,
    "archived": 409,
    "closed": 409,
}
refuse = Refusals("dispatch", REFUSALS)

CARRIED = frozenset({"courier", "aide"})
TRANSMITTED = frozenset({"fax", "online"})


def assigner(actor: Actor, position: str) -> Holding | Refusal:
    """The holding by which the actor assigns couriers and waives proofs for this letter."""
    return actor.holding(position) or refuse("not-the-assigner", position=position)


def reporter(actor: Actor, courier_id: str) -> Refusal | None:
    """The courier reports his own copies; the operator reports from the receipt slip that came back on paper."""
    if actor.id == courier_id or OPERATOR in roles_of(actor):
        return None
    return refuse("not-your-copy", courier_id=courier_id)


def carried(copy: Copy) -> bool:
    return bool(CARRIED.intersection(copy.routes))


def clamped(said: datetime | None, earliest: datetime | None, now: datetime) -> datetime:
    """A device's time, not before the copy was on its way and not after now; now when nothing was said."""
    moment = min(said or now, now)
    return max(moment, earliest) if earliest is not None else moment


def deliver_by(copy: Copy, assigned_at: datetime, working_time: WorkingTime | None) -> datetime | None:
    """Until when a courier may have the copy, in working time from its assignment; None where nothing is said."""
    if copy.limit is None or working_time is None or not carried(copy):
        return None
    try:
        return _reckoned(copy.limit, assigned_at, working_time)
    except ValueError:  # a plan from before `unusable` was asked: the courier goes without this limit
        return None


def unusable(copies: tuple[Copy, ...], now: datetime, working_time: WorkingTime | None) -> Refusal | None:
    """The first copy whose limit cannot be reckoned, before anybody carries it."""
    for number, copy in enumerate(copies):
        if copy.limit is not None and working_time is not None and carried(copy):
            try:
                _reckoned(copy.limit, now, working_time)
            except ValueError as error:
                place = f"copies[{number}].limit"
                told = {"recipient_class": copy.recipient_class, "copy_kind": copy.copy_kind}
                return refuse("limit-unusable", place=place, **told, reason=str(error))
    return None


def _reckoned(limit: TimeLimit, since: datetime, working_time: WorkingTime) -> datetime:
    """Raises ValueError."""
    days = {
        "zone": working_time.zone,
        "hours": list(working_time.hours),
        "seasons": list(working_time.seasons),
        "holidays": list(working_time.closed),
    }
    return due(Calendar.from_rules(days), since, limit.model_dump(exclude_none=True))
