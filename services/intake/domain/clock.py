"""What a letter's clock is called; what follows from it, the kit decides (`services/kit/deadlines`)."""

from typing import Any

from contracts import intake as facts
from contracts.intake import FlagOverdue, LetterRegistered, MoveDeadline, WorkingTimeChanged
from contracts.words import WorkingTime
from services.intake import policy
from services.intake.domain.state import Case, Letter, Numbered
from services.intake.policy import refuse
from services.kit.deadlines import CaseClocks, Clock, ClockCommands, ClockFacts, Deciding, OuterLimits
from services.kit.deciding import Decision, Given


def begun(event: LetterRegistered) -> Clock:
    return Clock(
        event.standard, event.received_at, event.due_at, event.remind_at, told=event.assigner, number=event.agenda
    )


def clock_of(letter: Letter) -> Clock | None:
    return letter.case.clock if isinstance(letter, Numbered) else None


def _retimed(command: MoveDeadline, letter: Numbered, working: WorkingTime) -> WorkingTimeChanged:
    """For the limits of its tiers and couriers, which approval and dispatch keep."""
    return WorkingTimeChanged(
        letter_id=command.letter_id, revision=letter.case.revision, working_time=working, reason=command.reason
    )


CLOCKS = CaseClocks(
    stream="letter",
    facts=ClockFacts(
        standard_adopted=facts.StandardAdopted,
        calendar_adopted=facts.CalendarAdopted,
        seasons_adopted=facts.SeasonsAdopted,
        moved=facts.DeadlineMoved,
        paused=facts.ClockPaused,
        resumed=facts.ClockResumed,
        stopped=facts.ClockStopped,
        due_soon=facts.LetterDueSoon,
        overdue=facts.LetterOverdue,
    ),
    commands=ClockCommands(move=facts.MoveDeadline, remind=facts.RemindDeadline, flag=facts.FlagOverdue),
    starts={facts.LetterRegistered: begun},
    ends=(facts.LetterCancelled, facts.LetterShut),
    clock_of=clock_of,
    refuse=refuse,
    agency_rules=policy.AGENCY_RULES,
    outer=OuterLimits(
        told=(facts.LetterForwarded, facts.WorkingTimeChanged), reckoned=policy.working_time, fact=_retimed
    ),
)

DECIDING = Deciding(CLOCKS)


def flag(command: FlagOverdue, letter: Letter, given: Given) -> Decision:
    """Whoever stands above the assigner hears of it, too."""
    case_clock = clock_of(letter)
    superior = None
    if case_clock is not None:
        tiers = [tier["position"] for tier in CLOCKS.rules_of(case_clock, given).get("tiers", ())]
        at = tiers.index(case_clock.told) + 1 if case_clock.told in tiers else len(tiers)
        superior = tiers[at] if at < len(tiers) else None
    return DECIDING.flag(command, letter, given, superior=superior)


def current_rules(case: Case, given: Given) -> dict[str, Any]:
    """The rules of the version that the case runs under, for all its life, under the calendar that holds now."""
    return CLOCKS.rules_of(case.clock, given)
