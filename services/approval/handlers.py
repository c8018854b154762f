"""What approval is asked: every command is about the rounds of one letter."""

from contracts.approval import CloseRound, InitialLetter, OpenRound, ReturnLetter
from services.approval.domain import NoRound, decide, evolve, stream
from services.kit.deciding import Commands, Given, Handles, StreamKind


def _round(command: OpenRound | InitialLetter | ReturnLetter | CloseRound, _given: Given) -> str:
    return stream(command.letter_id)


COMMANDS: Commands = {
    OpenRound: Handles(_round, decide),
    InitialLetter: Handles(_round, decide),
    ReturnLetter: Handles(_round, decide),
    CloseRound: Handles(_round, decide),
}

STREAMS: dict[str, StreamKind] = {"round": StreamKind(NoRound(), evolve)}
