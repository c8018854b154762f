"""What dispatch is asked: every command is about the copies of one letter."""

from contracts.dispatch import (
    ArchiveLetter,
    AssignCourier,
    CloseDispatch,
    FlagDelivery,
    PlanDispatch,
    RecordDelivery,
    RecordTransmission,
    ReleaseDispatch,
    RetimeDispatch,
    WaiveProof,
)
from services.dispatch.domain import Unplanned, decide, evolve, stream, timers
from services.kit.deciding import Commands, Given, Handles, StreamKind

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
)


def _dispatch(command: DispatchCommand, _given: Given) -> str:
    return stream(command.letter_id)


COMMANDS: Commands = {
    PlanDispatch: Handles(_dispatch, decide),
    ReleaseDispatch: Handles(_dispatch, decide),
    AssignCourier: Handles(_dispatch, decide),
    RecordDelivery: Handles(_dispatch, decide),
    RecordTransmission: Handles(_dispatch, decide),
    WaiveProof: Handles(_dispatch, decide),
    ArchiveLetter: Handles(_dispatch, decide),
    CloseDispatch: Handles(_dispatch, decide),
    FlagDelivery: Handles(_dispatch, decide),
    RetimeDispatch: Handles(_dispatch, decide),
}

STREAMS: dict[str, StreamKind] = {"dispatch": StreamKind(Unplanned(), evolve, timers=timers)}
