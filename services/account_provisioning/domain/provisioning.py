"""The way into the directory and back: what is wanted (a job), what came of it, and when a person has to look.

An effect is repeated until it is done: it finds its own marker. So what nobody can tell is tried again.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from contracts.account_provisioning import (
    AbandonProvisioning,
    AccessRevoked,
    AccountChanged,
    AccountClosed,
    AccountProvisioned,
    AccountResumed,
    AccountSuspended,
    ProvisioningAbandoned,
    ProvisioningFailed,
    ProvisioningProven,
    ProvisioningRetried,
    ProvisioningUndone,
    RecordProvisioned,
    RecordProvisioningFailed,
    RecordUndone,
    RetryProvisioning,
)
from contracts.base import Event, Refusal, Sealed
from services.account_provisioning import policy
from services.account_provisioning.domain import aliasing, clock, handover, naming
from services.account_provisioning.domain.state import (
    Abandoning,
    Account,
    Approval,
    Doing,
    Failed,
    GivenUp,
    Provisioning,
    Request,
    Wish,
    account_stream,
    request_stream,
)
from services.account_provisioning.policy import refuse
from services.account_provisioning.policy.rules import AccountRules
from services.kit.deciding import Accept, Decision, Given, Job, accept
from services.kit.reservations import Stated


def jobs(place: str, state: Request) -> tuple[Job, ...]:
    """One at a time; each attempt has a name of its own, for a job that was settled is not done again."""
    if not isinstance(state, Provisioning | Abandoning):
        return ()
    undo = isinstance(state, Abandoning)
    deed = "undo" if undo else "provision"
    approval = state.approval
    body = {"request_id": place.partition(":")[2], "attempt": approval.attempt, "undo": undo}
    return (Job(f"{deed}-{approval.attempt}", approval.connector, approval.since, body),)


def record(command: RecordProvisioned, state: Provisioning, given: Given) -> Decision:
    wish = state.wish
    if (no := _of_another(command.attempt, state.approval)) is not None:
        return no
    if command.marker != wish.account_id:
        return refuse("foreign-entry")
    proven = ProvisioningProven(
        request_id=command.request_id,
        connector=command.connector,
        read_back=command.read_back,
        proven_at=given.now,
        announced=wish.reachable and not handover.hands_over(wish),
        unread=wish.address if wish.kind in {policy.SUSPEND, policy.CLOSE} else "",
    )
    rules = clock.accounts_of(wish.standard, given)
    over = rules.ends == "provisioned"
    ends = clock.DECIDING.stopping(command.request_id, state.clock, given.now) if over else ()
    place = request_stream(command.request_id)
    told: tuple[tuple[str, Event], ...] = tuple((place, fact) for fact in (proven, *ends))
    by_whom = "notice" if wish.reachable else "slip"
    ways = handover.opened(command.request_id, wish, None, by_whom, given) if handover.hands_over(wish) else ()
    account: Account = given.load(account_stream(wish.account_id))
    held = _held(wish, account, rules, given)
    if isinstance(held, Refusal):
        return held
    return Accept((*told, *_account_facts(command, wish, account, rules), *held, *ways))


def record_failure(command: RecordProvisioningFailed, state: Provisioning | Abandoning, _given: Given) -> Decision:
    if (no := _of_another(command.attempt, state.approval)) is not None:
        return no
    fact = ProvisioningFailed(**dict(command), undoing=isinstance(state, Abandoning))
    return accept(request_stream(command.request_id), fact)


def retry(command: RetryProvisioning, state: Failed | Provisioning | Abandoning, given: Given) -> Decision:
    if not isinstance(state, Failed):
        return Accept()
    fact = ProvisioningRetried(
        request_id=command.request_id,
        attempt=state.approval.attempt + 1,
        retried_at=given.now,
        by=given.officer(),
    )
    return accept(request_stream(command.request_id), fact)


def abandon(command: AbandonProvisioning, state: Doing | GivenUp, given: Given) -> Decision:
    """Only what waits for a person: a job that is on its way might still be done."""
    if isinstance(state, Abandoning | GivenUp):
        return Accept()
    if not isinstance(state, Failed):
        return refuse("not-failed")
    if state.undoing:
        return Accept()
    fact = ProvisioningAbandoned(
        request_id=command.request_id,
        attempt=state.approval.attempt + 1,
        reason=Sealed.of(command.reason),
        abandoned_at=given.now,
        by=given.officer(),
    )
    return accept(request_stream(command.request_id), fact)


def record_undone(command: RecordUndone, state: Abandoning, given: Given) -> Decision:
    if (no := _of_another(command.attempt, state.approval)) is not None:
        return no
    wish = state.wish
    fact = ProvisioningUndone(request_id=command.request_id, attempt=command.attempt, undone_at=given.now)
    first = ((request_stream(command.request_id), fact),)
    promised = wish.address if wish.kind == policy.CREATE else wish.alias
    if not promised:
        return Accept(first)
    return Accept((*first, *naming.release(promised, wish.account_id, given)))


def _of_another(attempt: int, approval: Approval) -> Refusal | None:
    return None if attempt == approval.attempt else refuse("attempt-over", attempt=approval.attempt)


def _account_facts(
    command: RecordProvisioned, wish: Wish, account: Account, rules: AccountRules
) -> Iterator[tuple[str, Event]]:
    """What the account is now, by what was asked for."""
    place = account_stream(wish.account_id)
    common: dict[str, Any] = {
        "account_id": wish.account_id,
        "request_id": command.request_id,
        "read_back": command.read_back,
    }
    match wish.kind:
        case policy.CREATE:
            made = {"address": wish.address, "subject_id": wish.person_id, "holder": wish.holder, "unit": wish.unit}
            admin = wish.unit_admin or None
            yield place, AccountProvisioned(**common, **made, connector=command.connector, unit_admin=admin)
        case policy.RESET if wish.cause == policy.COMPROMISED:
            yield place, AccessRevoked(**common, leftovers=command.leftovers)
        case policy.CHANGE:
            asked = {"unit": wish.unit, "quota": wish.quota, "aliases": aliasing.after(wish, account)}
            yield place, AccountChanged(**common, **asked, unit_admin=rules.admin_of(wish.unit))
        case policy.SUSPEND:
            yield place, AccountSuspended(**common, leftovers=command.leftovers, before=command.before)
        case policy.RESUME:
            yield place, AccountResumed(**common)
        case policy.CLOSE:
            yield place, AccountClosed(**common, leftovers=command.leftovers, before=command.before)
        case _:
            return


def _held(wish: Wish, account: Account, rules: AccountRules, given: Given) -> Stated | Refusal:
    """What becomes of its addresses."""
    match wish.kind:
        case policy.CREATE:
            return naming.bind(wish.address, wish.account_id, given)
        case policy.CLOSE:
            until, owner = _until(rules, given), str(wish.account_id)
            ended = (
                naming.ADDRESSES.quarantine(each, owner, until, given) for each in (wish.address, *account.aliases)
            )
            return tuple(fact for each in ended for fact in each)
        case policy.CHANGE:
            return aliasing.changed(wish, _until(rules, given), given)
        case _:
            return ()


def _until(rules: AccountRules, given: Given) -> datetime | None:
    """The end of a quarantine that begins now; None: never."""
    return given.now + timedelta(days=rules.quarantine_days) if rules.reuse else None
