"""What a request's clock is called; what follows from it, the kit decides (`services/kit/deadlines`).

It starts when all is there, stands still while the applicant is waited for, and ends where the standard says.
"""

from uuid import UUID

from contracts import account_provisioning as facts
from contracts.account_provisioning import RequestCompleted
from contracts.words import StandardRef
from services.account_provisioning import policy
from services.account_provisioning.domain.state import Absent, Request
from services.account_provisioning.policy import refuse
from services.account_provisioning.policy.rules import AccountRules, account_rules
from services.kit.deadlines import CaseClocks, Clock, ClockCommands, ClockFacts, Deciding, Rules
from services.kit.deciding import Given


def begun(event: RequestCompleted) -> Clock:
    return Clock(event.standard, event.completed_at, event.due_at, event.remind_at, told=event.told)


def clock_of(state: Request) -> Clock | None:
    return None if isinstance(state, Absent) else state.clock


CLOCKS = CaseClocks(
    stream="request",
    facts=ClockFacts(
        standard_adopted=facts.StandardAdopted,
        calendar_adopted=facts.CalendarAdopted,
        seasons_adopted=facts.SeasonsAdopted,
        moved=facts.DeadlineMoved,
        paused=facts.ClockPaused,
        resumed=facts.ClockResumed,
        stopped=facts.ClockStopped,
        due_soon=facts.RequestDueSoon,
        overdue=facts.RequestOverdue,
    ),
    commands=ClockCommands(move=facts.MoveDeadline, remind=facts.RemindDeadline, flag=facts.FlagOverdue),
    starts={facts.RequestCompleted: begun},
    ends=(facts.RequestWithdrawn,),
    clock_of=clock_of,
    refuse=refuse,
    agency_rules=policy.AGENCY_RULES,
)

DECIDING = Deciding(CLOCKS)


def completed(request_id: UUID, standard: StandardRef, given: Given) -> RequestCompleted:
    """All is there, now."""
    rules = CLOCKS.rules_under(standard, given)
    due = CLOCKS.due(rules, given.now)
    return RequestCompleted(
        request_id=request_id,
        standard=standard,
        completed_at=given.now,
        due_at=due.due_at,
        remind_at=due.remind_at,
        calendar=due.calendar,
        told=account_rules(rules).reviewers[0],
    )


def rules_of(standard: StandardRef, given: Given) -> Rules:
    """Of the version that a request runs under, for all its life."""
    return CLOCKS.rules_under(standard, given)


def accounts_of(standard: StandardRef, given: Given) -> AccountRules:
    return account_rules(rules_of(standard, given))
