"""The views and what fills them: which fact goes to which functions."""

from contracts import approval, dispatch, intake, organisation
from contracts.base import Event
from services.kit.projections import Cases, Handlers, ViewSet
from services.projections import policy
from services.projections.views.letters import approval as rounds
from services.projections.views.letters import computed, tables
from services.projections.views.letters import dispatch as copies
from services.projections.views.letters import intake as letters
from services.projections.views.shared import organisation as office
from services.projections.views.shared.history import told

HANDLERS: Handlers = {
    intake.MessageCaptured: (letters.captured, told),
    intake.MessageQuarantined: (letters.captured, told),
    intake.TwinLinked: (letters.captured, told),
    intake.MessageExamined: (letters.examined, told),
    intake.AgendaNumberTaken: (told,),
    intake.LetterRegistered: (letters.registered, told),
    intake.PrintPackProduced: (letters.printed, told),
    intake.LetterForwarded: (letters.forwarded, told),
    intake.LetterRevised: (letters.revised, told),
    intake.LetterCancelled: (letters.cancelled, told),
    intake.LetterShut: (letters.shut, told),
    intake.LetterDueSoon: (letters.due_soon, told),
    intake.LetterOverdue: (letters.overdue, told),
    intake.DeadlineMoved: (letters.moved, told),
    intake.WorkingTimeChanged: (letters.clocked, told),
    intake.ClockPaused: (letters.clocked, told),
    intake.ClockResumed: (letters.clocked, told),
    intake.ClockStopped: (letters.clocked, told),
    intake.CalendarAdopted: (letters.closed_year,),
    intake.SeasonsAdopted: (letters.seasons,),
    approval.RoundOpened: (rounds.opened, told),
    approval.TierInitialled: (rounds.initialled, told),
    approval.ApprovalCompleted: (rounds.completed, told),
    approval.TierReturned: (rounds.tier_returned, told),
    approval.ApprovalReturned: (rounds.returned, told),
    approval.RoundClosed: (rounds.closed, told),
    approval.TierReminded: (rounds.reminded, told),
    approval.TierOverdue: (rounds.overdue, told),
    approval.RoundRetimed: (rounds.retimed,),
    approval.TierLimitMoved: (rounds.limit_moved, told),
    dispatch.DispatchPlanned: (copies.plan, told),
    dispatch.ApprovalNoted: (copies.noted, told),
    dispatch.DispatchReleased: (copies.released, told),
    dispatch.CourierAssigned: (copies.assigned, told),
    dispatch.CopyDelivered: (copies.delivered, told),
    dispatch.DeliveryFailed: (copies.failed, told),
    dispatch.CopyTransmitted: (copies.transmitted, told),
    dispatch.ProofWaived: (copies.waived, told),
    dispatch.DispatchProven: (copies.proven, told),
    dispatch.LetterArchived: (copies.archived, told),
    dispatch.DispatchClosed: (copies.closed, told),
    dispatch.DispatchHeld: (copies.held, told),
    dispatch.DispatchRecalled: (copies.recalled, told),
    dispatch.RevisionRefused: (copies.refused, told),
    dispatch.DeliveryOverdue: (copies.late, told),
    dispatch.DispatchRetimed: (copies.retimed,),
    dispatch.DeliveryLimitMoved: (copies.limit_moved, told),
    organisation.UserAdded: (office.user,),
    organisation.StandardPublished: (office.zone, office.calendar),
    organisation.SubjectErased: (office.erased,),
}

# Facts that no view tells of.
UNPROJECTED: frozenset[type[Event]] = frozenset({
    intake.BookOpened, intake.StandardAdopted, organisation.HolderAppointed, organisation.TokenIssued,
    organisation.FirstPasswordIssued, organisation.TokenRevoked, organisation.AgencyDescribed,
    organisation.QualificationGranted,
    organisation.QualificationWithdrawn, organisation.AbsenceEntered, organisation.AbsenceWithdrawn,
    organisation.PositionEstablished, organisation.SubstituteNamed, organisation.HoldingEnded,
    organisation.CalendarDrafted, organisation.CalendarConfirmed, organisation.OfficeClosed,
    organisation.OfficeReopened, organisation.SeasonConfirmed, organisation.SeasonWithdrawn,
})  # fmt: skip

SOURCES = ("organisation", "intake", "approval", "dispatch")

VIEWS = ViewSet(
    tables.ALL,
    HANDLERS,
    Cases("letters", "letter_id", "stage", computed.PASSES),
    policy.VERSION,
)
