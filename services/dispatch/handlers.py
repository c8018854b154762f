"""What dispatch is asked: every command is about the copies of one letter."""

from contracts import dispatch as facts
from contracts.dispatch import (
    ArchiveLetter,
    AssignCourier,
    CloseDispatch,
    FlagDelivery,
    HoldDispatch,
    PlanDispatch,
    RecordDelivery,
    RecordTransmission,
    ReleaseDispatch,
    RetimeDispatch,
    WaiveProof,
)
from services.dispatch import policy
from services.dispatch.domain import decide, lateness, proving
from services.dispatch.domain.evolve import evolve
from services.dispatch.domain.state import Archived, Closed, Held, Planned, Proven, Released, Unplanned, stream
from services.kit.deciding import Commands, Given, Handles, StreamKind
from services.kit.policy import related, roles

DispatchCommand = (
    PlanDispatch
    | ReleaseDispatch
    | AssignCourier
    | RecordDelivery
    | RecordTransmission
    | WaiveProof
    | ArchiveLetter
    | CloseDispatch
    | FlagDelivery
    | RetimeDispatch
    | HoldDispatch
)


def _dispatch(command: DispatchCommand, _given: Given) -> str:
    return stream(command.letter_id)


SERVICE, OPERATOR = roles("service"), roles(policy.OPERATOR)
ASSIGNER = related("whoever acts for the position that assigns this letter's couriers (the Kasi)")
REPORTER = related("the courier who has the copy, or the operator from the slip that came back")

COMMANDS: Commands = {
    PlanDispatch: Handles(
        _dispatch, decide.plan,
        facts=(facts.DispatchPlanned, facts.DispatchReleased, facts.DispatchRecalled, facts.RevisionRefused),
        askers=SERVICE, states=(Unplanned, Planned, Held, Released, Proven, Archived),
    ),
    ReleaseDispatch: Handles(
        _dispatch, decide.release,
        facts=(facts.DispatchReleased, facts.ApprovalNoted), askers=SERVICE,
        states=(Unplanned, Planned, Held, Released, Proven), repeats=(Archived, Closed),
    ),
    HoldDispatch: Handles(
        _dispatch, decide.hold,
        facts=(facts.DispatchHeld, facts.RevisionRefused), askers=SERVICE,
        states=(Planned, Held, Released, Proven, Archived), repeats=(Unplanned, Closed),
    ),
    AssignCourier: Handles(
        _dispatch, decide.assign,
        facts=(facts.CourierAssigned,), askers=ASSIGNER,
        states=(Released,), repeats=(Planned, Held, Proven, Archived),
    ),
    RecordDelivery: Handles(
        _dispatch, proving.record_delivery,
        facts=(facts.CopyDelivered, facts.DeliveryFailed, facts.DispatchProven), askers=REPORTER,
        states=(Released,), repeats=(Held, Proven, Archived),
    ),
    RecordTransmission: Handles(
        _dispatch, proving.record_transmission,
        facts=(facts.CopyTransmitted, facts.DispatchProven), askers=OPERATOR,
        states=(Released,), repeats=(Held, Proven, Archived),
    ),
    WaiveProof: Handles(
        _dispatch, proving.waive_proof,
        facts=(facts.ProofWaived, facts.DispatchProven), askers=ASSIGNER,
        states=(Released,), repeats=(Planned, Held, Proven, Archived),
    ),
    ArchiveLetter: Handles(
        _dispatch, decide.archive,
        facts=(facts.LetterArchived,), askers=OPERATOR, states=(Proven,), repeats=(Released, Archived),
    ),
    CloseDispatch: Handles(
        _dispatch, decide.close,
        facts=(facts.DispatchClosed,), askers=SERVICE,
        states=(Unplanned, Planned, Held, Released, Proven), repeats=(Closed,),
    ),
    FlagDelivery: Handles(
        _dispatch, lateness.flag,
        facts=(facts.DeliveryOverdue,), askers=SERVICE,
        states=(Released,), repeats=(Unplanned, Planned, Held, Proven, Archived, Closed),
    ),
    RetimeDispatch: Handles(
        _dispatch, lateness.retime,
        facts=(facts.DispatchRetimed, facts.DeliveryLimitMoved), askers=SERVICE,
        states=(Planned, Released, Proven), repeats=(Unplanned, Held, Archived, Closed),
    ),
}  # fmt: skip

STREAMS: dict[str, StreamKind] = {
    "dispatch": StreamKind(Unplanned(), evolve, timers=lateness.timers, unfit=proving.unfit)
}
