"""One row per event of a case: who, when, and what a sentence about it needs.

``params`` are plain fields of the event; ``who`` and ``what`` are sealed ones, kept apart so that each can be erased.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

from contracts import account_provisioning as accounts
from contracts import approval, complaint, dispatch, intake, organisation
from contracts.base import Event, Officer, Recorded, Sealed
from services.kit.ids import is_machine
from services.kit.projections import Operation, Put, Value, micros, packed


@dataclass(frozen=True, slots=True)
class Sentence:
    """Which plain fields go into ``params``, and which sealed ones are ``who`` and ``what``."""

    fields: tuple[str, ...] = ()
    who: str = ""
    what: str = ""


SENTENCES: dict[type[Event], Sentence] = {
    intake.MessageCaptured: Sentence(
        ("source", "received_at", "size", "automatic", "warnings"), "from_name", "subject"
    ),
    intake.TwinLinked: Sentence(("source", "received_at", "twin_of", "likeness"), "from_name", "subject"),
    intake.MessageQuarantined: Sentence(("source", "received_at", "size", "reason")),
    intake.MessageReleased: Sentence(("reason", "twin_of", "warnings"), "from_name", "subject"),
    intake.QuarantineConfirmed: Sentence(("reason",)),
    intake.MessageTaken: Sentence(()),
    intake.MessageExamined: Sentence((), "fields.sender", "fields.subject"),
    intake.AgendaNumberTaken: Sentence(("book", "year", "number")),
    intake.LetterRegistered: Sentence(
        ("agenda", "book", "year", "number", "standard", "due_at", "calendar", "urgency")
    ),
    intake.PrintPackProduced: Sentence(("pages", "print_number", "reason")),
    intake.LetterForwarded: Sentence(("revision", "agenda", "tiers")),
    intake.LetterRevised: Sentence(("revision", "note"), "fields.sender", "fields.subject"),
    intake.LetterCancelled: Sentence(("reason", "agenda")),
    intake.LetterShut: Sentence(("agenda",)),
    intake.LetterDueSoon: Sentence(("due_at", "told")),
    intake.LetterOverdue: Sentence(("due_at", "told")),
    intake.DeadlineMoved: Sentence(("old_due_at", "due_at", "calendar", "reason")),
    intake.WorkingTimeChanged: Sentence(("revision", "reason")),
    intake.ClockPaused: Sentence(("at", "reason", "note")),
    intake.ClockResumed: Sentence(("at",)),
    intake.ClockStopped: Sentence(("at",)),
    approval.RoundOpened: Sentence(("revision", "tiers")),
    approval.TierInitialled: Sentence(("revision", "tier", "note", "next_position", "passed")),
    approval.ApprovalCompleted: Sentence(("revision",)),
    approval.TierReturned: Sentence(("revision", "tier", "note", "next_position")),
    approval.ApprovalReturned: Sentence(("revision", "tier", "note")),
    approval.RoundClosed: Sentence(("revision", "reason")),
    approval.TierReminded: Sentence(("revision", "tier", "position", "title", "due_at")),
    approval.TierOverdue: Sentence(("revision", "tier", "position", "title", "due_at", "escalated_to")),
    approval.TierLimitMoved: Sentence(
        ("revision", "tier", "position", "title", "old_due_at", "due_at", "calendar", "reason")
    ),
    dispatch.DispatchPlanned: Sentence(("revision", "copies", "assigner")),
    dispatch.ApprovalNoted: Sentence(("revision",)),
    dispatch.DispatchReleased: Sentence(("revision",)),
    dispatch.CourierAssigned: Sentence(("courier_id", "copy_ids"), "courier_name"),
    dispatch.CopyDelivered: Sentence(("copy_id", "receiver_position", "happened_at"), "receiver_name"),
    dispatch.DeliveryFailed: Sentence(("copy_id", "reason", "happened_at")),
    dispatch.CopyTransmitted: Sentence(("copy_id", "route", "reference", "happened_at")),
    dispatch.ProofWaived: Sentence(("copy_id", "reason")),
    dispatch.DispatchProven: Sentence(("revision", "completed_at")),
    dispatch.LetterArchived: Sentence(("classification", "place")),
    dispatch.DispatchClosed: Sentence(("reason",)),
    dispatch.DispatchHeld: Sentence(("revision", "copy_ids")),
    dispatch.DispatchRecalled: Sentence(("revision", "by_revision", "proven")),
    dispatch.RevisionRefused: Sentence(("revision",)),
    dispatch.DeliveryOverdue: Sentence(("copy_id", "courier_id", "due_at", "told")),
    dispatch.DeliveryLimitMoved: Sentence(("copy_id", "courier_id", "old_due_at", "due_at", "calendar", "reason")),
    accounts.RequestFiled: Sentence(
        ("number", "request_kind", "cause", "holder", "unit", "channel", "address", "missing"), "name"
    ),
    accounts.RequestCompleted: Sentence(("completed_at", "due_at", "calendar")),
    accounts.RequestSupplemented: Sentence(("missing",)),
    accounts.CompletionAsked: Sentence(("reason", "title")),
    accounts.RequestWithdrawn: Sentence(),
    accounts.RequestSeconded: Sentence(),
    accounts.RequestApproved: Sentence(("address", "connector", "alias", "alias_ends")),
    accounts.RequestRejected: Sentence(("reason", "title")),
    accounts.RequestNotified: Sentence(("told_at", "how")),
    accounts.RequestReceived: Sentence(),
    accounts.ProvisioningProven: Sentence(("connector", "proven_at")),
    accounts.ProvisioningFailed: Sentence(("attempt", "outcome", "reason", "undoing")),
    accounts.ProvisioningRetried: Sentence(("attempt",)),
    accounts.ProvisioningAbandoned: Sentence(("attempt",)),
    accounts.ProvisioningUndone: Sentence(("attempt",)),
    accounts.AccountSuspended: Sentence(("leftovers", "before")),
    accounts.AccountClosed: Sentence(("leftovers", "before")),
    accounts.AccessRevoked: Sentence(("leftovers",)),
    accounts.HandOverOpened: Sentence(("generation", "way", "ends")),
    accounts.ClaimCodeIssued: Sentence(("generation",)),
    accounts.ClaimantConfirmed: Sentence(("how",)),
    accounts.SlipPrinted: Sentence(("generation",)),
    accounts.ClaimBegun: Sentence(),
    accounts.ClaimDropped: Sentence(("reason",)),
    accounts.SecretSet: Sentence(("generation",)),
    accounts.SecretChanged: Sentence(),
    accounts.SecretChangeUnknown: Sentence(),
    accounts.FirstLoginSeen: Sentence(("at",)),
    accounts.ReplyIssued: Sentence(("number", "template")),
    accounts.ApplicantRetentionEnded: Sentence(),
    accounts.HandOverTold: Sentence(("generation", "ends")),
    accounts.HandOverExpired: Sentence(("generation",)),
    accounts.RequestDueSoon: Sentence(("due_at", "told")),
    accounts.RequestOverdue: Sentence(("due_at", "told")),
    accounts.DeadlineMoved: Sentence(("old_due_at", "due_at", "calendar", "reason")),
    accounts.ClockPaused: Sentence(("at", "reason", "note")),
    accounts.ClockResumed: Sentence(("at",)),
    accounts.ClockStopped: Sentence(("at",)),
    # Of a reporter nothing: neither his words nor who he is. What an officer wrote is asked of the service too.
    complaint.ComplaintFiled: Sentence(
        ("number", "complaint_kind", "channel", "stance", "due_at", "left_files", "officer", "told")
    ),
    complaint.EntryCorrected: Sentence(
        ("complaint_kind", "channel", "received_on", "was_received_on", "paper_number", "was_paper_number", "due_at")
    ),
    complaint.ComplaintAcknowledged: Sentence(),
    complaint.AcknowledgementOverdue: Sentence(("due_at", "told")),
    complaint.ComplaintClassified: Sentence(
        ("complaint_class", "title", "default", "restricted", "due_at"), "", "gist"
    ),
    complaint.ComplaintReclassified: Sentence(
        ("complaint_class", "title", "default", "restricted", "due_at", "before"), "", "gist"
    ),
    complaint.ComplainedAboutNamed: Sentence(("desk",)),
    complaint.ComplaintAssigned: Sentence(("position", "why")),
    complaint.ComplaintEscalated: Sentence(("rung", "from_position", "to_position", "why")),
    complaint.NoteAdded: Sentence(),
    complaint.ReporterAsked: Sentence(("reason", "title")),
    complaint.ReporterSilent: Sentence(("told",)),
    complaint.ReporterWrote: Sentence(("channel", "left_files")),
    complaint.MessageLeft: Sentence(("why",)),
    complaint.AnswerProposed: Sentence(("approver",)),
    complaint.AnswerReturned: Sentence(),
    complaint.ComplaintAnswered: Sentence(("late", "letter_number")),
    complaint.ObjectionRaised: Sentence(("count",)),
    complaint.StanceChanged: Sentence(("stance",)),
    complaint.ComplaintReferred: Sentence(),
    complaint.ComplaintSetAside: Sentence(("why",)),
    complaint.ComplaintWithdrawn: Sentence(),
    complaint.ComplaintClosed: Sentence(("outcome", "late")),
    complaint.ReporterRetentionEnded: Sentence(("reason",)),
    complaint.ComplaintDueSoon: Sentence(("due_at", "told")),
    complaint.ComplaintOverdue: Sentence(("due_at", "told")),
    complaint.DeadlineMoved: Sentence(("old_due_at", "due_at", "calendar", "reason")),
    complaint.ClockPaused: Sentence(("reason", "note")),
    complaint.ClockResumed: Sentence(),
    complaint.ClockStopped: Sentence(),
    organisation.OperationNoted: Sentence(("operation", "of_service", "case_kind", "reason")),
}


def told(recorded: Recorded) -> Iterator[Operation]:
    """The row of this event in the history of its case; none where it tells of no case."""
    event: Any = recorded.event
    if recorded.case is None and event.case:
        return
    sentence = SENTENCES[type(event)]
    by: Officer | None = getattr(event, "by", None)
    columns: dict[str, Value] = {
        "event_id": str(recorded.event_id),
        "kind": recorded.kind,
        "at": micros(recorded.at),
        "by_name": by.name if by else "",
        "by_title": (by.title or by.position or "") if by else "",
        "by_capacity": _capacity(by),
        "params": packed({name: getattr(event, name) for name in sentence.fields}),
        "who": _sealed(event, sentence.who),
        "what": _sealed(event, sentence.what),
    }
    key: dict[str, str | int] = {
        "agency": recorded.agency, "case_id": recorded.case or recorded.stream, "service": recorded.service,
        "position": recorded.position,
    }  # fmt: skip
    yield Put("history", key, columns)


def _capacity(by: Officer | None) -> str:
    """``machine``: a token did it, whatever its label says."""
    if by is None:
        return ""
    return "machine" if is_machine(by.person_id) else by.capacity


def _sealed(event: Event, path: str) -> Sealed | None:
    if not path:
        return None
    found: Sealed = _getter(path)(event)
    return found


@cache
def _getter(path: str) -> "attrgetter[Sealed]":
    return attrgetter(path)
