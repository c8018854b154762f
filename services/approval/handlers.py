"""What approval is asked: every command is about the rounds of one letter."""

from contracts import approval as facts
from contracts.approval import (
    CloseRound,
    EscalateTier,
    InitialLetter,
    OpenRound,
    RemindTier,
    RetimeRound,
    ReturnLetter,
)
from services.approval.domain import decide, lateness
from services.approval.domain.evolve import evolve
from services.approval.domain.state import Closed, Completed, NoRound, Open, Returned, stream
from services.kit.deciding import Commands, Given, Handles, StreamKind
from services.kit.policy import related, roles

RoundCommand = OpenRound | InitialLetter | ReturnLetter | CloseRound | RemindTier | EscalateTier | RetimeRound


def _round(command: RoundCommand, _given: Given) -> str:
    return stream(command.letter_id)


SERVICE = roles("service")
EXAMINER = related("whoever acts for the tier whose turn it is, and did not register the letter himself")

COMMANDS: Commands = {
    OpenRound: Handles(
        _round, decide.open_round,
        facts=(facts.RoundOpened,), askers=SERVICE, states=(NoRound, Open, Returned, Completed),
    ),
    InitialLetter: Handles(
        _round, decide.initial,
        facts=(facts.TierInitialled, facts.ApprovalCompleted), askers=EXAMINER, states=(Open,), repeats=(Completed,),
    ),
    ReturnLetter: Handles(
        _round, decide.give_back,
        facts=(facts.TierReturned, facts.ApprovalReturned), askers=EXAMINER, states=(Open,), repeats=(Returned,),
    ),
    CloseRound: Handles(
        _round, decide.close,
        facts=(facts.RoundClosed,), askers=SERVICE, states=(Open, Returned), repeats=(NoRound, Completed, Closed),
    ),
    RemindTier: Handles(
        _round, lateness.remind,
        facts=(facts.TierReminded,), askers=SERVICE, states=(Open,), repeats=(NoRound, Returned, Completed, Closed),
    ),
    EscalateTier: Handles(
        _round, lateness.escalate,
        facts=(facts.TierOverdue,), askers=SERVICE, states=(Open,), repeats=(NoRound, Returned, Completed, Closed),
    ),
    RetimeRound: Handles(
        _round, lateness.retime,
        facts=(facts.RoundRetimed, facts.TierLimitMoved), askers=SERVICE,
        states=(Open,), repeats=(NoRound, Returned, Completed, Closed),
    ),
}  # fmt: skip

STREAMS: dict[str, StreamKind] = {"round": StreamKind(NoRound(), evolve, timers=lateness.timers, unfit=decide.unfit)}
