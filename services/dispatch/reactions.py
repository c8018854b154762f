"""What dispatch is told: what was forwarded is planned, revised held, initialled released, cancelled stopped.

A calendar that has changed moves the limits of those who carry.
"""

from contracts.approval import ApprovalCompleted
from contracts.base import Command, Event, Recorded
from contracts.dispatch import CloseDispatch, HoldDispatch, PlanDispatch, ReleaseDispatch, RetimeDispatch
from contracts.intake import LetterCancelled, LetterForwarded, LetterRevised, WorkingTimeChanged
from services.kit.service import Reaction


def plan_dispatch(recorded: Recorded) -> Command | None:
    match recorded.event:
        case LetterForwarded() as forwarded:
            return PlanDispatch(
                letter_id=forwarded.letter_id,
                revision=forwarded.revision,
                agenda=forwarded.agenda,
                urgency=forwarded.urgency,
                due_at=forwarded.due_at,
                copies=forwarded.copies,
                assigner=forwarded.assigner,
                working_time=forwarded.working_time,
            )
        case _:
            return None


def release_dispatch(recorded: Recorded) -> Command | None:
    match recorded.event:
        case ApprovalCompleted() as completed:
            return ReleaseDispatch(letter_id=completed.letter_id, revision=completed.revision)
        case _:
            return None


def hold_dispatch(recorded: Recorded) -> Command | None:
    match recorded.event:
        case LetterRevised() as revised:
            return HoldDispatch(letter_id=revised.letter_id, revision=revised.revision)
        case _:
            return None


def close_dispatch(recorded: Recorded) -> Command | None:
    """A message that was never registered has nothing on the way."""
    match recorded.event:
        case LetterCancelled(agenda=str()) as cancelled:
            return CloseDispatch(letter_id=cancelled.letter_id, reason=cancelled.reason)
        case _:
            return None


def retime_dispatch(recorded: Recorded) -> Command | None:
    match recorded.event:
        case WorkingTimeChanged() as changed:
            return RetimeDispatch(**dict(changed))
        case _:
            return None


REACTIONS: dict[type[Event], Reaction] = {
    LetterForwarded: plan_dispatch,
    LetterRevised: hold_dispatch,
    ApprovalCompleted: release_dispatch,
    LetterCancelled: close_dispatch,
    WorkingTimeChanged: retime_dispatch,
}
