"""What approval's facts do to the views."""

from collections.abc import Iterator
from uuid import UUID

from contracts.approval import (
    ApprovalCompleted,
    ApprovalReturned,
    RoundClosed,
    RoundOpened,
    RoundRetimed,
    TierInitialled,
    TierLimitMoved,
    TierOverdue,
    TierReminded,
    TierReturned,
    TurnLimit,
)
from contracts.base import Recorded
from services.kit.access import listed
from services.kit.ids import text_of
from services.kit.projections import Operation, Put, Value, Wipe, micros


def letter(told: Recorded, letter_id: UUID, **columns: Value) -> Put:
    """Columns of approval in the letter's row."""
    return Put(
        "letters",
        {"agency": told.agency, "letter_id": text_of(letter_id)},
        columns,
    )


def _tier(told: Recorded, letter_id: UUID, tier: int, **columns: Value) -> Put:
    return Put("initials", {"agency": told.agency, "letter_id": text_of(letter_id), "tier": tier}, columns)


def opened(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, RoundOpened):
        first = event.tiers[0].position if event.tiers else None
        yield letter(
            told, event.letter_id, round=event.revision, round_open=1, round_position=first,
            round_registrar=event.registrar_id, returned_note=None, readers=_stand_ins(event), **_limit(event.limit),
        )  # fmt: skip
        yield Wipe("initials", {"agency": told.agency, "letter_id": text_of(event.letter_id)})
        for number, tier in enumerate(event.tiers):
            yield _tier(told, event.letter_id, number, position=tier.position, title=tier.title, state="waiting")


def _stand_ins(event: RoundOpened) -> str | None:
    """Who would act on a tier because the letter's registrar may not: he sees this letter, whatever his role."""
    return listed(f"stand-in:{tier.position}:{event.registrar_id}" for tier in event.tiers)


def initialled(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, TierInitialled):
        yield letter(told, event.letter_id, round_position=event.next_position, **_limit(event.next_limit))
        yield _by(told, event, "initialled")


def completed(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, ApprovalCompleted):
        yield letter(told, event.letter_id, round_open=0, round_position=None, **_limit(None))


def tier_returned(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, TierReturned):
        yield letter(told, event.letter_id, round_position=event.next_position, **_limit(event.next_limit))
        yield _by(told, event, "returned")


def returned(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, ApprovalReturned):
        yield letter(
            told, event.letter_id, round_open=0, round_position=None, returned=event.revision,
            returned_note=event.note, **_limit(None),
        )  # fmt: skip
        yield _by(told, event, "returned")


def closed(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, RoundClosed):
        yield letter(told, event.letter_id, round_open=0, round_position=None, **_limit(None))


def reminded(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, TierReminded):
        yield letter(told, event.letter_id, tier_reminded_at=micros(told.at))


def overdue(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, TierOverdue):
        yield letter(told, event.letter_id, tier_overdue_at=micros(told.at), escalated_to=event.escalated_to)


def retimed(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, RoundRetimed):
        yield letter(told, event.letter_id)


def limit_moved(told: Recorded) -> Iterator[Operation]:
    """A reminder that lies ahead again is not given yet."""
    event = told.event
    if isinstance(event, TierLimitMoved):
        ahead = event.remind_at is not None and event.remind_at > event.moved_at
        again: dict[str, Value] = {"tier_reminded_at": None} if ahead else {}
        yield letter(told, event.letter_id, tier_due_at=micros(event.due_at), **again)


def _limit(limit: TurnLimit | None) -> dict[str, Value]:
    """A turn begins, with its limit, or the last one is over."""
    due_at = micros(limit.due_at) if limit else None
    return {"tier_due_at": due_at, "tier_reminded_at": None, "tier_overdue_at": None, "escalated_to": None}


def _by(told: Recorded, event: TierInitialled | TierReturned | ApprovalReturned, state: str) -> Put:
    return _tier(
        told, event.letter_id, event.tier, state=state, note=event.note, by_name=event.by.name, by_nip=event.by.nip,
        by_title=event.by.title, capacity=event.by.capacity, at=micros(told.at),
        passed=event.passed if isinstance(event, TierInitialled) else None,
    )  # fmt: skip
