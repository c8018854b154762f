"""The applicant hears what became of it: there the standard's clock ends. That he has it is another fact."""

from contracts.account_provisioning import ConfirmReceipt, RecordNotice, RequestNotified, RequestReceived
from services.account_provisioning import policy
from services.account_provisioning.domain import clock, handover
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
    )
    ends = clock.DECIDING.stopping(command.request_id, state.clock, told_at)
    return accept(request_stream(command.request_id), fact, *ends)


def receive(command: ConfirmReceipt, state: Provisioned | Notified | Received, given: Given) -> Decision:
    if isinstance(state, Received):
        return Accept()
    if isinstance(state, Provisioned):
        return refuse("not-notified")
    if state.hand_over is not None and state.hand_over.phase == "open":
        return refuse("hand-over-open")
    by = None if policy.SERVICE in given.actor.roles else given.officer()
    return accept(request_stream(command.request_id), RequestReceived(request_id=command.request_id, by=by))
