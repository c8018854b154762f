"""The applicant hears what became of it: there the standard's clock ends. That he has it is another fact."""

from contracts.account_provisioning import (
    ConfirmReceipt,
    HandOverTold,
    RecordNotice,
    RequestNotified,
    RequestReceived,
    StopClock,
)
from services.account_provisioning import policy
from services.account_provisioning.domain import clock, handover, retention
from services.account_provisioning.domain.filing import not_his
from services.account_provisioning.domain.state import (
    Closed,
    Decided,
    Notified,
    Provisioned,
    Received,
    phase,
    request_stream,
)
from services.account_provisioning.policy import refuse
from services.kit.deciding import Accept, Decision, Given, accept


def record(command: RecordNotice, state: Decided | Notified | Closed, given: Given) -> Decision:
    """How an officer told him, and when; a notice that the system sent is told by the reaction to its acceptance."""
    told_at = command.told_at or given.now
    if command.how not in policy.NOTICES:
        return refuse("notice-unknown", how=command.how, known=list(policy.NOTICES))
    if isinstance(state, Notified | Closed):
        same = (state.how, state.told_at) == (command.how, command.told_at or state.told_at)
        return Accept() if same else refuse("already-decided", phase=phase(state))
    if told_at > given.now:
        return refuse("told-in-future", told_at=told_at.isoformat(), now=given.now.isoformat())
    if told_at < state.decided_at:
        return refuse("told-before-decided", told_at=told_at.isoformat(), decided_at=state.decided_at.isoformat())
    by = None if policy.SERVICE in given.actor.roles else given.officer()
    hand_over = state.hand_over if isinstance(state, Provisioned) else None
    fact = RequestNotified(
        request_id=command.request_id,
        told_at=told_at,
        how=command.how,
        by=by,
        hand_over_ends=handover.ends_after_notice(state.wish, hand_over, told_at, given),
        retain_until=retention.until(state.wish, told_at, given),
    )
    ends = clock.DECIDING.stopping(command.request_id, state.clock, told_at)
    return accept(request_stream(command.request_id), fact, *ends)


def stop(command: StopClock, state: Decided | Notified | Closed | Received, given: Given) -> Decision:
    """A reply was accepted. Of a way in that was opened anew the end is counted anew; all else was told already."""
    place = request_stream(command.request_id)
    if isinstance(state, Received | Closed):
        return Accept()
    hand_over = state.hand_over if isinstance(state, Provisioned | Notified) else None
    ends = handover.ends_after_notice(state.wish, hand_over, command.at, given)
    if isinstance(state, Notified):
        if hand_over is None or ends is None or hand_over.told or hand_over.generation == 1:
            return Accept()
        return accept(place, HandOverTold(request_id=command.request_id, generation=hand_over.generation, ends=ends))
    told_at = max(command.at, state.decided_at)
    fact = RequestNotified(
        request_id=command.request_id, told_at=told_at, how=command.how, hand_over_ends=ends,
        retain_until=retention.until(state.wish, told_at, given),
    )  # fmt: skip
    return accept(place, fact, *clock.DECIDING.stopping(command.request_id, state.clock, told_at))


def receive(command: ConfirmReceipt, state: Provisioned | Notified | Received, given: Given) -> Decision:
    if (no := not_his(command.code_mac, state.wish, given)) is not None:
        return no
    if isinstance(state, Received):
        return Accept()
    if isinstance(state, Provisioned):
        return refuse("not-notified")
    if state.hand_over is not None and state.hand_over.phase == "open":
        return refuse("hand-over-open")
    by = None if {policy.SERVICE, policy.PUBLIC} & set(given.actor.roles) else given.officer()
    return accept(request_stream(command.request_id), RequestReceived(request_id=command.request_id, by=by))
