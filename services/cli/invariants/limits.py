"""Limits of initials and of couriers, for I10: what they should be after each fact, and which of them run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.approval import (
    ApprovalCompleted,
    ApprovalReturned,
    RoundClosed,
    RoundOpened,
    RoundRetimed,
    TierInitialled,
    TierLimitMoved,
    TierOverdue,
    TierReturned,
    TurnLimit,
)
from contracts.base import Recorded
from contracts.dispatch import (
    CopyDelivered,
    CopyTransmitted,
    CourierAssigned,
    DeliveryFailed,
    DeliveryLimitMoved,
    DeliveryOverdue,
    DispatchClosed,
    DispatchPlanned,
    DispatchRetimed,
    ProofWaived,
)
from services.approval.policy import turn_limit
from services.dispatch.policy import deliver_by

ENDED = (ApprovalCompleted, DispatchClosed)
OVERDUE = (TierOverdue, DeliveryOverdue)


@dataclass
class LimitCase:
    """What one letter still has to keep, by what it belongs to ("" or a copy's id)."""

    running: dict[str, datetime] = field(default_factory=dict)
    over: dict[str, datetime] = field(default_factory=dict)
    opened: RoundOpened | None = None
    planned: DispatchPlanned | None = None
    since: datetime | None = None
    turn: tuple[int, datetime] | None = None
    assigned: dict[str, datetime] = field(default_factory=dict)


def place_of(event: Any) -> str:
    """Which of the limits of its case a fact says to be over."""
    return str(event.copy_id) if isinstance(event, DeliveryOverdue) else ""


def follow(event: Any, case: LimitCase) -> None:
    """What runs after this fact."""
    match event:
        case RoundOpened(limit=limit) | TierInitialled(next_limit=limit) | TierReturned(next_limit=limit):
            case.running, case.over = ({"": limit.due_at} if limit else {}), {}
        case ApprovalCompleted() | ApprovalReturned() | RoundClosed() | DispatchClosed():
            case.running = {}
        case TierLimitMoved():
            case.running = {"": event.due_at}
        case DeliveryLimitMoved():
            case.running[str(event.copy_id)] = event.due_at
        case CourierAssigned():
            for copy_id in map(str, event.copy_ids):
                case.running.pop(copy_id, None)
                case.over.pop(copy_id, None)
            case.running |= {str(limit.copy_id): limit.due_at for limit in event.limits}
        case CopyDelivered() | CopyTransmitted() | ProofWaived() | DeliveryFailed():
            case.running.pop(str(event.copy_id), None)


def wanted(recorded: Recorded, case: LimitCase) -> Iterator[tuple[Any, Any, str]]:  # noqa: C901 - a table: one row per fact
    """What the working time says and what is stored, for each limit that this fact sets."""
    event: Any = recorded.event
    match event:
        case RoundOpened():
            case.opened = event
            yield from _turn(case, 0, event.opened_at, event.limit)
        case TierInitialled():
            yield from _turn(case, event.tier + 1, recorded.at, event.next_limit)
        case TierReturned() if case.opened is not None:
            below = case.opened.tiers[: event.tier]
            number = max(number for number, tier in enumerate(below) if tier.position == event.next_position)
            yield from _turn(case, number, recorded.at, event.next_limit)
        case RoundRetimed():
            _round_retimed(case, event)
        case TierLimitMoved():
            yield case.running.get(""), event.due_at, f"batas waktu yang digeser, jenjang {event.tier}"
        case DispatchPlanned():
            case.planned = event
        case DispatchRetimed():
            _dispatch_retimed(case, event)
        case DeliveryLimitMoved():
            yield case.running.get(str(event.copy_id)), event.due_at, "batas waktu kurir yang digeser"
        case CourierAssigned() if case.planned is not None and event.assigned_at is not None:
            stored = {limit.copy_id: limit.due_at for limit in event.limits}
            for copy in case.planned.copies:
                if copy.copy_id in event.copy_ids:
                    case.assigned[str(copy.copy_id)] = event.assigned_at
                    wanted = deliver_by(copy, event.assigned_at, case.planned.working_time)
                    yield wanted, stored.get(copy.copy_id), f"batas waktu kurir untuk {copy.office}"


def _round_retimed(case: LimitCase, event: RoundRetimed) -> None:
    """What runs from now on, whether or not the fact that says so follows."""
    if case.opened is None:
        return
    case.opened = case.opened.model_copy(update={"working_time": event.working_time})
    if case.running and case.turn is not None:
        number, begins_at = case.turn
        limit = turn_limit(case.opened.tiers, number, begins_at, event.working_time)
        case.running = {"": limit.due_at} if limit else {}


def _dispatch_retimed(case: LimitCase, event: DispatchRetimed) -> None:
    if case.planned is None:
        return
    case.planned = case.planned.model_copy(update={"working_time": event.working_time})
    for copy in case.planned.copies:
        copy_id = str(copy.copy_id)
        if copy_id in case.running and copy_id in case.assigned:
            due_at = deliver_by(copy, case.assigned[copy_id], event.working_time)
            case.running |= {copy_id: due_at} if due_at else {}


def _turn(
    case: LimitCase, number: int, begins_at: datetime | None, stored: TurnLimit | None
) -> Iterator[tuple[Any, Any, str]]:
    opened = case.opened
    if opened is None or begins_at is None:
        return
    wanted = turn_limit(opened.tiers, number, begins_at, opened.working_time) if number < len(opened.tiers) else None
    case.turn = (number, begins_at) if stored is not None and stored.begins_at is not None else None
    if wanted is not None and stored is not None and stored.begins_at is None:
        wanted = wanted.model_copy(update={"begins_at": None})
    yield wanted, stored, f"batas waktu jenjang {number}"
