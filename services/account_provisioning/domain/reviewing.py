"""What the office decides: completion, refusal, approval with an address that is free. Nobody reviews his own."""

from dataclasses import replace
from typing import Any

from contracts.account_provisioning import (
    ApproveRequest,
    AskForCompletion,
    CompletionAsked,
    RejectRequest,
    RequestApproved,
    RequestRejected,
    RequestSeconded,
)
from contracts.base import EMPTY, Event, Holding, Officer, Refusal, Sealed
from services.account_provisioning import policy
from services.account_provisioning.domain import clock, naming
from services.account_provisioning.domain.state import (
    Account,
    Asked,
    Provisioning,
    Rejected,
    Reviewed,
    Wish,
    account_stream,
    phase,
    request_stream,
)
from services.account_provisioning.policy import addresses, refuse
from services.account_provisioning.policy.rules import AccountRules
from services.kit.deciding import Accept, Decision, Given, accept


def ask_completion(command: AskForCompletion, state: Reviewed | Asked, given: Given) -> Decision:
    rules = clock.accounts_of(state.wish.standard, given)
    by = _reviewer(rules, state.wish, command.asker_subject, given)
    if isinstance(by, Refusal):
        return by
    titles = dict(rules.pauses)
    if command.reason not in titles:
        return refuse("reason-unknown", reason=command.reason, known=sorted(titles))
    if isinstance(state, Asked):
        return Accept() if state.reason == command.reason else refuse("not-complete", phase=phase(state))
    fact = CompletionAsked(
        request_id=command.request_id,
        reason=command.reason,
        title=titles[command.reason],
        words=_words(command.words),
        by=by,
    )
    paused = clock.DECIDING.pausing(command.request_id, state.clock, command.reason, "", given)
    if isinstance(paused, Refusal):
        return paused
    return accept(request_stream(command.request_id), fact, *(() if paused is None else (paused,)))


def reject(command: RejectRequest, state: Reviewed | Asked | Rejected, given: Given) -> Decision:
    """The clock runs on until the applicant has been told."""
    rules = clock.accounts_of(state.wish.standard, given)
    by = _reviewer(rules, state.wish, command.asker_subject, given)
    if isinstance(by, Refusal):
        return by
    titles = dict(rules.reject)
    if command.reason not in titles:
        return refuse("reason-unknown", reason=command.reason, known=sorted(titles))
    if isinstance(state, Rejected):
        return Accept() if state.reason == command.reason else refuse("already-decided", phase=phase(state))
    fact = RequestRejected(
        request_id=command.request_id,
        rejected_at=given.now,
        reason=command.reason,
        title=titles[command.reason],
        words=_words(command.words),
        by=by,
    )
    goes_on = clock.DECIDING.resuming(command.request_id, state.clock, given)
    return accept(request_stream(command.request_id), fact, *goes_on)


def approve(command: ApproveRequest, state: Reviewed | Provisioning, given: Given) -> Decision:
    """The first of two only agrees; with the last one's word the address is reserved in the same commit."""
    rules = clock.accounts_of(state.wish.standard, given)
    by = _reviewer(rules, state.wish, command.asker_subject, given)
    if isinstance(by, Refusal):
        return by
    if isinstance(state, Provisioning):
        given_out = state.wish.alias or state.wish.address
        same = not command.address or addresses.normal(command.address) == given_out
        return Accept(result=_told(state.wish)) if same else refuse("already-decided", phase=phase(state))
    place = request_stream(command.request_id)
    if rules.eyes > 1 and not state.first:
        return accept(place, RequestSeconded(request_id=command.request_id, by=by), seconded=True)
    if rules.eyes > 1 and state.first == given.actor.id:
        return refuse("same-eyes")
    account: Account = given.load(account_stream(state.wish.account_id))
    found = _address(command, state.wish, account, rules, given)
    if isinstance(found, Refusal):
        return found
    wish, reserved = found
    fact = RequestApproved(
        request_id=command.request_id,
        account_id=wish.account_id,
        address=wish.address,
        connector=account.connector or rules.connector,
        approved_at=given.now,
        unusual=Sealed.of(command.reason.strip()) if command.reason.strip() else EMPTY,
        by=by,
        alias=wish.alias,
        alias_ends=wish.alias_ends,
    )
    return Accept(((place, fact), *reserved), result=_told(wish))


def _told(wish: Wish) -> dict[str, Any]:
    return {"address": wish.address, **({"alias": wish.alias} if wish.alias else {})}


def _address(
    command: ApproveRequest, wish: Wish, account: Account, rules: AccountRules, given: Given
) -> tuple[Wish, tuple[tuple[str, Event], ...]] | Refusal:
    """An address is unique by construction: its stream is looked at under the lock under which it is reserved."""
    if wish.kind != policy.CREATE and not wish.asks_alias:
        return wish, ()
    wanted = command.address.strip() or command.wished
    if wish.kind == policy.CREATE and not wanted:
        chosen = _first_free(command, wish, given)
    else:
        chosen = _chosen(command, wanted, wish, account, rules, given)
    if isinstance(chosen, Refusal):
        return chosen
    reserved = naming.reserve(chosen, wish.account_id, given)
    if isinstance(reserved, Refusal):
        return reserved
    given_out = replace(wish, address=chosen) if wish.kind == policy.CREATE else replace(wish, alias=chosen)
    return given_out, reserved


def _first_free(command: ApproveRequest, wish: Wish, given: Given) -> str | Refusal:
    chosen = next((each for each in command.candidates if naming.hindered(each, wish.account_id, given) is None), None)
    return chosen or refuse("address-missing", tried=len(command.candidates))


def _chosen(  # noqa: PLR0913 - what is decided by
    command: ApproveRequest, wanted: str, wish: Wish, account: Account, rules: AccountRules, given: Given
) -> str | Refusal:
    """Another than the patterns give, or one that looks like somebody's, needs a reason; a taken one has none."""
    address, reason = addresses.normal(wanted), command.reason.strip()
    if address in account.own:
        return refuse("alias-own")
    own = address.endswith(f"@{rules.domain}")
    why = addresses.fault(rules, addresses.local_of(address)) if own else "pattern"
    if why == "pattern" or (why is None and address not in command.candidates and not reason):
        return refuse("address-pattern", domain=rules.domain, patterns=list(rules.patterns))
    if why is not None:
        return refuse("address-reserved")
    hindered = naming.hindered(address, wish.account_id, given)
    waived = hindered is None or (hindered.code.endswith(".address-alike") and reason)
    return address if waived or hindered is None else hindered


def _reviewer(rules: AccountRules, wish: Wish, asker_subject: str, given: Given) -> Officer | Refusal:
    """Whoever acts for one of the reviewers' positions, unless he is the applicant."""
    held = (given.actor.holding(position) for position in rules.reviewers)
    holding: Holding | None = next((each for each in held if each is not None), None)
    if holding is None:
        return refuse("not-the-reviewer", positions=list(rules.reviewers))
    if asker_subject and asker_subject == wish.person_id:
        return refuse("own-request")
    return given.officer(holding)


def _words(text: str) -> Sealed:
    """The office's own: they stay when the applicant is forgotten."""
    return Sealed.of(text.strip()) if text.strip() else EMPTY
