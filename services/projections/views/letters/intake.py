"""What intake's facts do to the views."""

from collections.abc import Iterator
from uuid import UUID

from contracts.base import Recorded
from contracts.intake import (
    CalendarAdopted,
    ClockPaused,
    ClockResumed,
    ClockStopped,
    DeadlineMoved,
    LetterCancelled,
    LetterDueSoon,
    LetterForwarded,
    LetterOverdue,
    LetterRegistered,
    LetterRevised,
    LetterShut,
    MessageCaptured,
    MessageExamined,
    MessageQuarantined,
    MessageReleased,
    PrintPackProduced,
    QuarantineConfirmed,
    SeasonsAdopted,
    TwinLinked,
    WorkingTimeChanged,
)
from contracts.words import BlobRef, Copy, SealedFields
from services.kit.ids import text_of
from services.kit.projections import Operation, Put, Value, micros, packed


def letter(told: Recorded, letter_id: UUID, **columns: Value) -> Put:
    """Columns of intake in the letter's row."""
    return Put(
        "letters",
        {"agency": told.agency, "letter_id": text_of(letter_id)},
        columns,
    )


def captured(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, MessageQuarantined):
        yield letter(
            told, event.letter_id, channel=event.source.channel, received_at=micros(event.received_at),
            blob=_blob(event.blob), quarantine=event.reason, attachment_count=0,
            held_from=event.from_name, held_address=event.from_address, held_subject=event.subject,
        )  # fmt: skip
    elif isinstance(event, MessageCaptured | TwinLinked):
        yield letter(
            told, event.letter_id, channel=event.source.channel, received_at=micros(event.received_at),
            sent_at=micros(event.sent_at), blob=_blob(event.blob), warnings=packed(list(event.warnings)),
            attachments=packed(list(event.attachments)),
            attachment_count=len(event.attachments), sender_subject=event.sender_subject,
            from_name=event.from_name, from_address=event.from_address, message_subject=event.subject, text=event.text,
            automatic=int(isinstance(event, MessageCaptured) and event.automatic),
            twin_of=str(event.twin_of) if isinstance(event, TwinLinked) else None,
        )  # fmt: skip


def released(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, MessageReleased):
        yield letter(
            told, event.letter_id, sent_at=micros(event.sent_at), blob=_blob(event.blob),
            warnings=packed(list(event.warnings)), attachments=packed(list(event.attachments)),
            attachment_count=len(event.attachments), sender_subject=event.sender_subject,
            from_name=event.from_name, from_address=event.from_address, message_subject=event.subject, text=event.text,
            automatic=int(event.automatic), twin_of=str(event.twin_of) if event.twin_of else None,
            quarantine=None, held_from=None, held_address=None, held_subject=None,
        )  # fmt: skip


def confirmed(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, QuarantineConfirmed):
        yield letter(told, event.letter_id, quarantine_confirmed=micros(told.at))


def examined(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, MessageExamined):
        yield letter(told, event.letter_id, **_fields(event.fields), examined_at=micros(told.at))


def registered(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, LetterRegistered):
        yield letter(
            told, event.letter_id, agenda=event.agenda, book=event.book, number=event.number,
            standard=f"{event.standard.decree} v{event.standard.version}", due_at=micros(event.due_at),
            received_at=micros(event.received_at), registered_at=micros(told.at), urgency=event.urgency,
            registrar_id=event.by.person_id, minted=0, minted_copies=len(event.copies),
            calendar_of=f"{event.standard.standard}.{event.standard.version}",
        )  # fmt: skip
        yield from _minted(told, event.letter_id, 0, event.copies)


def printed(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, PrintPackProduced):
        yield letter(
            told,
            event.letter_id,
            print_pack=_blob(event.blob),
            print_number=event.print_number,
            printed_as=told.version,
        )


def forwarded(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, LetterForwarded):
        yield letter(
            told, event.letter_id, forwarded=event.revision, forwarded_as=told.version,
            registrar_id=event.registrar.person_id, due_at=micros(event.due_at), urgency=event.urgency,
        )  # fmt: skip


def revised(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, LetterRevised):
        yield letter(
            told, event.letter_id, **_fields(event.fields), revised_as=told.version,
            minted=event.revision, minted_copies=len(event.copies),
        )  # fmt: skip
        yield from _minted(told, event.letter_id, event.revision, event.copies)


def shut(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, LetterShut):
        yield letter(told, event.letter_id)


def due_soon(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, LetterDueSoon):
        yield letter(told, event.letter_id, due_soon_at=micros(told.at))


def overdue(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, LetterOverdue):
        yield letter(told, event.letter_id, overdue_at=micros(told.at))


def moved(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, DeadlineMoved):
        yield letter(told, event.letter_id, due_at=micros(event.due_at), due_soon_at=None, overdue_at=None)


def clocked(told: Recorded) -> Iterator[Operation]:
    """Since when it stands still; all else that its clock says is asked of intake."""
    event = told.event
    if isinstance(event, ClockPaused):
        yield letter(told, event.letter_id, paused_at=micros(event.at))
    elif isinstance(event, ClockResumed):
        yield letter(told, event.letter_id, paused_at=None)
    elif isinstance(event, ClockStopped):
        yield letter(told, event.letter_id, paused_at=None, stopped_at=micros(event.at))
    elif isinstance(event, WorkingTimeChanged):
        yield letter(told, event.letter_id)


def closed_year(told: Recorded) -> Iterator[Operation]:
    """The closed days of a year as they count from now on."""
    event = told.event
    if isinstance(event, CalendarAdopted):
        yield Put("closed_years", {"agency": told.agency, "year": event.year}, {"closed": packed(list(event.closed))})


def seasons(told: Recorded) -> Iterator[Operation]:
    """Other hours for a time, as they count from now on."""
    event = told.event
    if isinstance(event, SeasonsAdopted):
        yield Put("seasons", {"agency": told.agency}, {"seasons": packed(list(event.seasons))})


def cancelled(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, LetterCancelled):
        yield letter(told, event.letter_id, cancelled_at=micros(told.at), cancel_reason=event.reason)


def _minted(told: Recorded, letter_id: UUID, revision: int, copies: tuple[Copy, ...]) -> Iterator[Put]:
    for copy in copies:
        yield Put(
            "minted",
            {"agency": told.agency, "copy_id": str(copy.copy_id)},
            {"letter_id": text_of(letter_id), "revision": revision, **planned(copy)},
        )


def planned(copy: Copy) -> dict[str, str]:
    """What is known of a copy before it goes anywhere."""
    return {
        "recipient_class": copy.recipient_class, "office": copy.office, "copy_kind": copy.copy_kind,
        "route": copy.route, "routes": packed(list(copy.routes)), "proof": copy.proof,
    }  # fmt: skip


def _fields(fields: SealedFields) -> dict[str, Value]:
    return {
        "sender": fields.sender, "letter_number": fields.letter_number, "letter_on": fields.letter_on,
        "subject": fields.subject, "summary": fields.summary, "urgency": fields.urgency,
        "classification": fields.classification,
        "recipients": packed(list(fields.recipients)),
    }  # fmt: skip


def _blob(blob: BlobRef | None) -> str | None:
    return None if blob is None else packed(blob)
