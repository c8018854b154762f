"""The views of letters: tables, what each service's facts do to them, and the answers read from them."""

from collections.abc import Callable, Mapping

from contracts import approval as approval_facts
from contracts import dispatch as dispatch_facts
from contracts import intake as intake_facts
from contracts.base import Event, Query, Shape
from contracts.projections import CopyByCode, CopyDetail, CourierStops, LetterDetail, LetterList
from services.kit.projections import Handlers
from services.projections.views.letters import approval as rounds
from services.projections.views.letters import detail, lists, tables, tasks
from services.projections.views.letters import dispatch as copies
from services.projections.views.letters import intake as letters
from services.projections.views.letters.kind import LETTERS
from services.projections.views.shared.history import told

VIEWS = tables.ALL

HANDLERS: Handlers = {
    intake_facts.MessageCaptured: (letters.captured, told),
    intake_facts.MessageQuarantined: (letters.captured, told),
    intake_facts.TwinLinked: (letters.captured, told),
    intake_facts.MessageReleased: (letters.released, told),
    intake_facts.QuarantineConfirmed: (letters.confirmed, told),
    intake_facts.MessageTaken: (told,),
    intake_facts.MessageExamined: (letters.examined, told),
    intake_facts.AgendaNumberTaken: (told,),
    intake_facts.LetterRegistered: (letters.registered, told),
    intake_facts.PrintPackProduced: (letters.printed, told),
    intake_facts.LetterForwarded: (letters.forwarded, told),
    intake_facts.LetterRevised: (letters.revised, told),
    intake_facts.LetterCancelled: (letters.cancelled, told),
    intake_facts.LetterShut: (letters.shut, told),
    intake_facts.LetterDueSoon: (letters.due_soon, told),
    intake_facts.LetterOverdue: (letters.overdue, told),
    intake_facts.DeadlineMoved: (letters.moved, told),
    intake_facts.WorkingTimeChanged: (letters.clocked, told),
    intake_facts.ClockPaused: (letters.clocked, told),
    intake_facts.ClockResumed: (letters.clocked, told),
    intake_facts.ClockStopped: (letters.clocked, told),
    intake_facts.CalendarAdopted: (letters.closed_year,),
    intake_facts.SeasonsAdopted: (letters.seasons,),
    approval_facts.RoundOpened: (rounds.opened, told),
    approval_facts.TierInitialled: (rounds.initialled, told),
    approval_facts.ApprovalCompleted: (rounds.completed, told),
    approval_facts.TierReturned: (rounds.tier_returned, told),
    approval_facts.ApprovalReturned: (rounds.returned, told),
    approval_facts.RoundClosed: (rounds.closed, told),
    approval_facts.TierReminded: (rounds.reminded, told),
    approval_facts.TierOverdue: (rounds.overdue, told),
    approval_facts.RoundRetimed: (rounds.retimed,),
    approval_facts.TierLimitMoved: (rounds.limit_moved, told),
    dispatch_facts.DispatchPlanned: (copies.plan, told),
    dispatch_facts.ApprovalNoted: (copies.noted, told),
    dispatch_facts.DispatchReleased: (copies.released, told),
    dispatch_facts.CourierAssigned: (copies.assigned, told),
    dispatch_facts.CopyDelivered: (copies.delivered, told),
    dispatch_facts.DeliveryFailed: (copies.failed, told),
    dispatch_facts.CopyTransmitted: (copies.transmitted, told),
    dispatch_facts.ProofWaived: (copies.waived, told),
    dispatch_facts.DispatchProven: (copies.proven, told),
    dispatch_facts.LetterArchived: (copies.archived, told),
    dispatch_facts.DispatchClosed: (copies.closed, told),
    dispatch_facts.DispatchHeld: (copies.held, told),
    dispatch_facts.DispatchRecalled: (copies.recalled, told),
    dispatch_facts.RevisionRefused: (copies.refused, told),
    dispatch_facts.DeliveryOverdue: (copies.late, told),
    dispatch_facts.DispatchRetimed: (copies.retimed,),
    dispatch_facts.DeliveryLimitMoved: (copies.limit_moved, told),
}

# Facts that no view of letters tells of.
UNPROJECTED: frozenset[type[Event]] = frozenset(
    {
        intake_facts.BookOpened,
        intake_facts.OpeningCorrected,
        intake_facts.NumbersReserved,
        intake_facts.StandardAdopted,
        intake_facts.PostReceived,
    }
)

ANSWERS: Mapping[type[Query], Callable[..., Shape]] = {
    LetterList: lambda c, g, agency, query, **_: lists.letters(c, g, agency, query),
    LetterDetail: lambda c, g, agency, query, **_: detail.detail(c, g, agency, query),
    CopyDetail: lambda c, g, agency, query, **_: detail.copy(c, g, agency, query),
    CopyByCode: lambda c, g, agency, query, **_: detail.copy_by_code(c, g, agency, query),
    CourierStops: lambda c, g, agency, query, now, zone: tasks.stops(c, g, agency, query, now(), zone),
}

__all__ = ["ANSWERS", "HANDLERS", "LETTERS", "UNPROJECTED", "VIEWS"]
