"""What an officer wrote down wrongly of a complaint is corrected, while nobody has begun to work on it."""

from datetime import datetime

from contracts.base import Refusal, Sealed
from contracts.complaint import CorrectEntry, EntryCorrected, Rung
from services.complaint import policy
from services.complaint.domain import clock, filing, who
from services.complaint.domain.state import Case, Classified, Filed, Sorting, complaint_stream
from services.complaint.policy import refuse
from services.complaint.policy.rules import complaint_rules
from services.kit.deadlines import zone
from services.kit.deciding import Accept, Decision, Given


def correct(command: CorrectEntry, state: Sorting | Classified, given: Given) -> Decision:
    """Every limit is reckoned anew from the receipt; one that was said to be over and lies ahead now is said again."""
    case, now = state.case, state.clock
    paper = command.paper_number.strip() or case.paper
    received_at = command.received_at or case.filed_at
    kind, channel = command.complaint_kind or case.kind, command.channel or case.channel
    if (no := _faulty(case, kind, channel, received_at, given)) is not None:
        return no
    if (kind, channel, paper, received_at) == (case.kind, case.channel, case.paper, case.filed_at):
        return Accept()
    other = filing.paper_key(paper) != filing.paper_key(case.paper)
    claims = filing.paper_claim(paper, case.complaint_id, given) if other else ()
    if isinstance(claims, Refusal):
        return claims
    rules = clock.rules_of(case.standard, given)
    pauses = now.pauses_until(given.now) if now is not None else ()
    due = clock.CLOCKS.due(rules, received_at, case.complaint_class, pauses)
    rungs = filing.rungs(rules, received_at, due.due_at, pauses)
    first = clock.after(rules, complaint_rules(rules).acknowledge, received_at)
    fact = EntryCorrected(
        complaint_id=case.complaint_id,
        complaint_kind=kind,
        channel=channel,
        paper_number=paper,
        was_paper_number=case.paper,
        received_at=received_at,
        received_on=received_at.astimezone(zone(rules)).date().isoformat(),
        was_received_on=case.filed_at.astimezone(zone(rules)).date().isoformat(),
        standard=case.standard,
        complaint_class=case.complaint_class,
        due_at=due.due_at,
        remind_at=due.remind_at,
        calendar=due.calendar,
        told=now.told if now is not None else None,
        acknowledge_by=first if isinstance(state, Filed) else case.acknowledge_by,
        rungs=rungs,
        reached=_reached(case, rungs, given.now),
        reason=Sealed.of(command.reason.strip()),
        by=who.officer(case, given),
    )
    return Accept(((complaint_stream(case.complaint_id), fact),), claims=claims)


def _reached(case: Case, rungs: tuple[Rung, ...], now: datetime) -> int:
    """Of the rungs that it had reached by time, those whose time it still is."""
    passed = [at for at, rung in enumerate(rungs[: case.reached], 1) if rung.due_at is None or rung.due_at <= now]
    return passed[-1] if passed else 0


def _faulty(case: Case, kind: str, channel: str, received_at: datetime, given: Given) -> Refusal | None:
    if not case.entered:
        return refuse("not-entered")
    if kind not in policy.KINDS:
        return refuse("kind-unknown", known=list(policy.KINDS))
    if channel not in policy.CHANNELS:
        return refuse("channel-unknown", known=list(policy.CHANNELS))
    return filing.untimely(received_at, given)
