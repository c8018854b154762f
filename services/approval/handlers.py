"""What approval is asked: every command is about the rounds of one letter."""

from contracts.approval import (
    CloseRound,
    EscalateTier,
    InitialLetter,
    OpenRound,
    RemindTier,
    RetimeRound,
    ReturnLetter,
)
from services.approval.domain import NoRound, decide, evolve, stream, timers
from services.kit.deciding import Commands, Given, Handles, StreamKind

RoundCommand = OpenRound | InitialLetter | ReturnLetter | CloseRound | RemindTier | EscalateTier | RetimeRound


def _round(command: RoundCommand, _given: Given) -> str:
    return stream(command.letter_id)


COMMANDS: Commands = {
    OpenRound: Handles(_round, decide),
    InitialLetter: Handles(_round, decide),
    ReturnLetter: Handles(_round, decide),
    CloseRound: Handles(_round, decide),
    RemindTier: Handles(_round, decide),
    EscalateTier: Handles(_round, decide),
    RetimeRound: Handles(_round, decide),
}

STREAMS: dict[str, StreamKind] = {"round": StreamKind(NoRound(), evolve, timers=timers)}
