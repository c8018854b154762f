"""Dispatch: the copies of a letter, their couriers and proofs, and the gate to the archive. Stream
``dispatch:<letter_id>``.
"""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, Line, Message, Moment, Officer, Sealed, Shape, Slug
from contracts.words import BlobRef, Copy, LetterEvent, WorkingTime


class CopyLimit(Shape):
    """By when a courier should have delivered a copy. Aware UTC."""

    copy_id: UUID
    due_at: AwareDatetime


class PlanDispatch(Command):
    """Reaction to `LetterForwarded`; a higher revision replaces an unreleased plan."""

    letter_id: UUID
    revision: int
    agenda: str
    urgency: Slug
    due_at: AwareDatetime
    copies: tuple[Copy, ...]
    assigner: Slug
    working_time: WorkingTime | None = None


class ReleaseDispatch(Command):
    """Reaction to `ApprovalCompleted`; releases only the plan of the same revision, whichever comes first."""

    letter_id: UUID
    revision: int


class AssignCourier(Command):
    """The Kasi assigns the courier for some or all copies (empty: all that are open).

    ``courier_name`` is looked up by who sends the command (the gateway, in organisation), never taken from a client.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"courier_name"})

    letter_id: UUID
    courier_id: Slug
    courier_name: str = Field(default="", max_length=200)
    copy_ids: tuple[UUID, ...] = ()


class RecordDelivery(Command):
    """The courier's report for one copy: delivered with the receiver's name and position, or failed with a reason."""

    letter_id: UUID
    copy_id: UUID
    delivered: bool = True
    receiver_name: str = Field(default="", max_length=200)
    receiver_position: str = Field(default="", max_length=200)
    happened_at: Moment | None = None
    signature: BlobRef | None = None
    reason: str = Field(default="", max_length=500)


class RecordTransmission(Command):
    """A copy sent by fax (transmission report) or by the online letter application (reference number)."""

    letter_id: UUID
    copy_id: UUID
    route: Slug
    reference: Line
    happened_at: Moment | None = None


class WaiveProof(Command):
    """The Kasi waives the proof of one copy, with his reason."""

    letter_id: UUID
    copy_id: UUID
    reason: Line


class ArchiveLetter(Command):
    """Allowed only when every copy is proven or waived."""

    letter_id: UUID
    classification: Line
    place: Line


class CloseDispatch(Command):
    """Reaction to `LetterCancelled`: copies still on the way stop."""

    letter_id: UUID
    reason: str


class FlagDelivery(Command):
    """Timer: a courier has had a copy for longer than the standard allows."""

    letter_id: UUID
    copy_id: UUID
    assigned_at: AwareDatetime


class RetimeDispatch(Command):
    """Reaction to `WorkingTimeChanged`: limits that couriers have, and all further ones, follow it."""

    letter_id: UUID
    revision: int
    working_time: WorkingTime
    reason: str = ""


class HoldDispatch(Command):
    """Reaction to `LetterRevised`: words that no head has seen are on the way, so nothing is proven until they have."""

    letter_id: UUID
    revision: int


class DispatchPlanned(LetterEvent):
    revision: int
    agenda: str
    urgency: Slug
    due_at: AwareDatetime
    copies: tuple[Copy, ...]
    assigner: Slug
    working_time: WorkingTime | None = None


class ApprovalNoted(LetterEvent):
    """The initials were complete before the plan of the same revision came; released as soon as it does."""

    revision: int


class DispatchReleased(LetterEvent):
    revision: int
    released_at: AwareDatetime | None = None


class DispatchHeld(LetterEvent):
    """The letter is being revised: no courier is assigned and no proof is taken. ``copy_ids``: what is out, unproven.

    ``revision``: the one that is being written.
    """

    revision: int
    copy_ids: tuple[UUID, ...] = ()


class DispatchRecalled(LetterEvent):
    """A higher revision (``by_revision``) takes the place of what was released: its copies are delivered anew.

    ``proven``: how many copies of the recalled ``revision`` had been proven.
    """

    revision: int
    by_revision: int
    proven: int = 0


class RevisionRefused(LetterEvent):
    """A revision crossed the archiving of the letter: what is archived stays; a *ralat* is a letter of its own."""

    revision: int


class CourierAssigned(LetterEvent):
    courier_id: Slug
    courier_name: Sealed
    copy_ids: tuple[UUID, ...]
    assigned_at: AwareDatetime | None = None
    limits: tuple[CopyLimit, ...] = ()
    by: Officer


class CopyDelivered(LetterEvent):
    """``happened_at`` is the courier's time, clamped to [assigned, received]; ``recorded_at`` the service's.

    ``reported_at``: what the courier's device said, unclamped; None when nothing was said.
    """

    copy_id: UUID
    receiver_name: Sealed
    receiver_position: str
    happened_at: AwareDatetime
    recorded_at: AwareDatetime
    reported_at: AwareDatetime | None = None
    signature: BlobRef | None = None
    by: Officer


class DeliveryFailed(LetterEvent):
    copy_id: UUID
    reason: str
    happened_at: AwareDatetime
    recorded_at: AwareDatetime
    reported_at: AwareDatetime | None = None
    by: Officer


class CopyTransmitted(LetterEvent):
    copy_id: UUID
    route: Slug
    reference: str
    happened_at: AwareDatetime
    reported_at: AwareDatetime | None = None
    by: Officer


class ProofWaived(LetterEvent):
    copy_id: UUID
    reason: str
    waived_at: AwareDatetime | None = None
    by: Officer


class DispatchProven(LetterEvent):
    """``completed_at``: the latest proof's moment (delivered, sent or waived), where the letter's clock ends."""

    revision: int
    completed_at: AwareDatetime


class LetterArchived(LetterEvent):
    classification: str
    place: str
    by: Officer


class DispatchClosed(LetterEvent):
    reason: str


class DeliveryOverdue(LetterEvent):
    """The courier has had the copy for longer than the standard allows; ``told`` is the assigner's position."""

    copy_id: UUID
    courier_id: Slug
    due_at: AwareDatetime
    told: Slug | None = None


class DispatchRetimed(LetterEvent):
    """Every further limit of this dispatch is computed from this working time."""

    revision: int
    working_time: WorkingTime
    reason: str = ""


class DeliveryLimitMoved(LetterEvent):
    """The calendar moved the limit of a copy that a courier has; one that was said to be over is not moved."""

    copy_id: UUID
    courier_id: Slug
    old_due_at: AwareDatetime
    due_at: AwareDatetime
    calendar: str
    reason: str = ""


COMMANDS: tuple[type[Command], ...] = (
    PlanDispatch, ReleaseDispatch, AssignCourier, RecordDelivery, RecordTransmission, WaiveProof, ArchiveLetter,
    CloseDispatch, FlagDelivery, RetimeDispatch, HoldDispatch,
)  # fmt: skip
EVENTS: tuple[type[Event], ...] = (
    DispatchPlanned, ApprovalNoted, DispatchReleased, CourierAssigned, CopyDelivered, DeliveryFailed, CopyTransmitted,
    ProofWaived, DispatchProven, LetterArchived, DispatchClosed, DeliveryOverdue, DispatchRetimed, DeliveryLimitMoved,
    DispatchHeld, DispatchRecalled, RevisionRefused,
)  # fmt: skip
KINDS: tuple[type[Message], ...] = (*COMMANDS, *EVENTS)
