"""What a complaint's clock is called; what follows from it, the kit decides (`services/kit/deadlines`).

It runs from the receipt by the strictest class until somebody has classified it, anew from the receipt by its class
from then on, stands still while the reporter is waited for, and ends with the answer; an objection lets it go on.
"""

from datetime import datetime

from contracts import complaint as facts
from contracts.complaint import ComplaintClassified, ComplaintFiled, EntryCorrected
from contracts.words import StandardRef
from services.complaint import policy
from services.complaint.domain.state import Absent, Complaint
from services.complaint.policy import refuse
from services.complaint.policy.rules import ComplaintRules, Limit, complaint_rules, limit_of
from services.kit.deadlines import CaseClocks, Clock, ClockCommands, ClockFacts, Deciding, Rules, due_of
from services.kit.deciding import Given


def filed(event: ComplaintFiled) -> Clock:
    return Clock(event.standard, event.received_at, event.due_at, event.remind_at, told=event.told)


def classified(event: ComplaintClassified | EntryCorrected) -> Clock:
    row = event.complaint_class
    return Clock(event.standard, event.received_at, event.due_at, event.remind_at, told=event.told, row=row)


def clock_of(state: Complaint) -> Clock | None:
    return None if isinstance(state, Absent) else state.clock


CLOCKS = CaseClocks(
    stream="complaint",
    facts=ClockFacts(
        standard_adopted=facts.StandardAdopted,
        calendar_adopted=facts.CalendarAdopted,
        seasons_adopted=facts.SeasonsAdopted,
        moved=facts.DeadlineMoved,
        paused=facts.ClockPaused,
        resumed=facts.ClockResumed,
        stopped=facts.ClockStopped,
        due_soon=facts.ComplaintDueSoon,
        overdue=facts.ComplaintOverdue,
    ),
    commands=ClockCommands(move=facts.MoveDeadline, remind=facts.RemindDeadline, flag=facts.FlagOverdue),
    starts={
        facts.ComplaintFiled: filed,
        facts.ComplaintClassified: classified,
        facts.ComplaintReclassified: classified,
        facts.EntryCorrected: classified,
    },
    ends=(facts.ComplaintClosed,),
    clock_of=clock_of,
    refuse=refuse,
    limit=limit_of,
    agency_rules=policy.AGENCY_RULES,
    restarts=True,
)

DECIDING = Deciding(CLOCKS)


def rules_of(standard: StandardRef, given: Given) -> Rules:
    """Of the version that a complaint runs under, under the calendar that holds now."""
    return CLOCKS.rules_under(standard, given)


def own_rules(standard: StandardRef, given: Given) -> ComplaintRules:
    return complaint_rules(rules_of(standard, given))


def after(rules: Rules, limit: Limit, since: datetime) -> datetime:
    """The moment so much working time later."""
    return due_of(rules, limit, since)[0]
