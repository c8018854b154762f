"""What approval is told: a forwarded letter opens a round, a cancelled one closes it, a calendar moves its limits."""

from contracts.approval import CloseRound, OpenRound, RetimeRound
from contracts.base import Command, Event, Recorded
from contracts.intake import LetterCancelled, LetterForwarded, WorkingTimeChanged
from services.kit.service import Reaction


def open_round(recorded: Recorded) -> Command | None:
    match recorded.event:
        case LetterForwarded() as forwarded:
            return OpenRound(
                letter_id=forwarded.letter_id,
                revision=forwarded.revision,
                agenda=forwarded.agenda,
                urgency=forwarded.urgency,
                due_at=forwarded.due_at,
                tiers=forwarded.tiers,
                registrar_id=forwarded.registrar.person_id,
                working_time=forwarded.working_time,
            )
        case _:
            return None


def close_round(recorded: Recorded) -> Command | None:
    """A message that was never registered has no round."""
    match recorded.event:
        case LetterCancelled(agenda=str()) as cancelled:
            return CloseRound(letter_id=cancelled.letter_id, reason=cancelled.reason)
        case _:
            return None


def retime_round(recorded: Recorded) -> Command | None:
    match recorded.event:
        case WorkingTimeChanged() as changed:
            return RetimeRound(**dict(changed))
        case _:
            return None


REACTIONS: dict[type[Event], Reaction] = {
    LetterForwarded: open_round,
    LetterCancelled: close_round,
    WorkingTimeChanged: retime_round,
}
