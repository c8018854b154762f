"""What dispatch's facts do to the views."""

from collections.abc import Iterator
from uuid import UUID

from contracts.base import Recorded
from contracts.dispatch import (
    ApprovalNoted,
    CopyDelivered,
    CopyTransmitted,
    CourierAssigned,
    DeliveryFailed,
    DeliveryLimitMoved,
    DeliveryOverdue,
    DispatchClosed,
    DispatchHeld,
    DispatchPlanned,
    DispatchProven,
    DispatchRecalled,
    DispatchReleased,
    DispatchRetimed,
    LetterArchived,
    ProofWaived,
    RevisionRefused,
)
from services.kit.ids import text_of
from services.kit.projections import Operation, Put, Value, Wipe, micros, packed
from services.projections.views.letters.intake import planned

# Computed from the copies afterwards; a plan begins with none.
NUMBERS = (
    "copies", "copies_proven", "copies_assigned", "copies_reported", "copies_unassigned", "copies_unsent",
    "copies_failed",
)  # fmt: skip


def letter(told: Recorded, letter_id: UUID, **columns: Value) -> Put:
    """Columns of dispatch in the letter's row."""
    return Put(
        "letters",
        {"agency": told.agency, "letter_id": text_of(letter_id)},
        columns,
    )


def _copy(told: Recorded, letter_id: UUID, copy_id: UUID, **columns: Value) -> Put:
    return Put("copies", {"agency": told.agency, "letter_id": text_of(letter_id), "copy_id": text_of(copy_id)}, columns)


def plan(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, DispatchPlanned):
        yield letter(told, event.letter_id, assigner=event.assigner, copies_due_at=None, **dict.fromkeys(NUMBERS, 0))
        yield Wipe("copies", {"agency": told.agency, "letter_id": text_of(event.letter_id)})
        for place, copy in enumerate(event.copies):
            yield _copy(told, event.letter_id, copy.copy_id, place=place, state="planned", **planned(copy))


def held(told: Recorded) -> Iterator[Operation]:
    """The copies that are out and unproven are called back."""
    event = told.event
    if isinstance(event, DispatchHeld):
        yield letter(told, event.letter_id)
        for copy_id in event.copy_ids:
            yield _copy(told, event.letter_id, copy_id, state="held", deliver_by=None)


def recalled(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, DispatchRecalled):
        yield letter(told, event.letter_id, released=None, completed_at=None)


def refused(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, RevisionRefused):
        yield letter(told, event.letter_id)


def noted(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, ApprovalNoted):
        yield letter(told, event.letter_id)


def released(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, DispatchReleased):
        yield letter(told, event.letter_id, released=event.revision)


def assigned(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, CourierAssigned):
        yield letter(told, event.letter_id)
        limits = {limit.copy_id: limit.due_at for limit in event.limits}
        for copy_id in event.copy_ids:
            yield _copy(
                told,
                event.letter_id,
                copy_id,
                state="assigned",
                courier_id=event.courier_id,
                courier_name=event.courier_name,
                deliver_by=micros(limits.get(copy_id)),
                late_at=None,
            )


def late(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, DeliveryOverdue):
        yield letter(told, event.letter_id)
        yield _copy(told, event.letter_id, event.copy_id, late_at=micros(told.at))


def retimed(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, DispatchRetimed):
        yield letter(told, event.letter_id)


def limit_moved(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, DeliveryLimitMoved):
        yield letter(told, event.letter_id)
        yield _copy(told, event.letter_id, event.copy_id, deliver_by=micros(event.due_at))


def delivered(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, CopyDelivered):
        yield letter(told, event.letter_id)
        yield _copy(
            told, event.letter_id, event.copy_id, state="delivered", receiver_name=event.receiver_name,
            receiver_position=event.receiver_position, happened_at=micros(event.happened_at), reason=None,
            signature=packed(event.signature) if event.signature else None,
        )  # fmt: skip


def failed(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, DeliveryFailed):
        yield letter(told, event.letter_id)
        yield _copy(
            told,
            event.letter_id,
            event.copy_id,
            state="failed",
            reason=event.reason,
            happened_at=micros(event.happened_at),
        )


def transmitted(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, CopyTransmitted):
        yield letter(told, event.letter_id)
        yield _copy(
            told, event.letter_id, event.copy_id, state="transmitted", route=event.route, reference=event.reference,
            happened_at=micros(event.happened_at), reason=None,
        )  # fmt: skip


def waived(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, ProofWaived):
        yield letter(told, event.letter_id)
        yield _copy(
            told, event.letter_id, event.copy_id, state="waived", reason=event.reason, happened_at=micros(told.at)
        )


def proven(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, DispatchProven):
        yield letter(told, event.letter_id, completed_at=micros(event.completed_at))


def archived(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, LetterArchived):
        yield letter(
            told, event.letter_id, archived_at=micros(told.at), archive_place=event.place,
            archive_classification=event.classification,
        )  # fmt: skip


def closed(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, DispatchClosed):
        yield letter(told, event.letter_id, closed=1)
