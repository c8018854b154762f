"""How a copy is proven: delivered by hand, sent by wire, or waived. The last proof proves the dispatch."""

from uuid import UUID

from contracts.base import Event, Officer, Refusal, Sealed
from contracts.dispatch import (
    CopyDelivered,
    CopyTransmitted,
    DeliveryFailed,
    DispatchProven,
    ProofWaived,
    RecordDelivery,
    RecordTransmission,
    WaiveProof,
)
from services.dispatch import policy
from services.dispatch.domain.evolve import failure, proof
from services.dispatch.domain.state import (
    Archived,
    Closed,
    Dispatch,
    Held,
    Item,
    Planned,
    Released,
    Report,
    Unplanned,
    stream,
)
from services.dispatch.policy import refuse
from services.kit.deciding import Accept, Decision, Given, accept


def record_delivery(command: RecordDelivery, state: Dispatch, given: Given) -> Decision:
    """By the copy's courier, or by the operator from the slip. A failed attempt leaves the copy with its courier."""
    found = _on_the_way(state, command.copy_id)
    if isinstance(found, Refusal):
        return found
    release, item = found
    if item.courier_id is None:
        return unfit(release) if isinstance(release, Held) else refuse("not-assigned", copy_id=str(command.copy_id))
    if (no := policy.reporter(given.actor, item.courier_id) or _incomplete(command)) is not None:
        return no
    fact = _delivered(command, item, given) if command.delivered else _failed(command, item, given)
    if isinstance(fact, CopyDelivered):
        return _proven(release, item, fact, given)
    return _attempted(release, item, fact, told=command.happened_at is not None)


def _attempted(release: Released, item: Item, fact: DeliveryFailed, *, told: bool) -> Decision:
    """``told``: the device said when; without it nothing tells one attempt from another."""
    if isinstance(release, Held):
        return unfit(release)
    if item.proof is not None:
        return refuse("copy-proven", copy_id=str(fact.copy_id))
    again = item.failed is not None and item.failed.content == failure(fact).content
    return Accept() if again and told else accept(stream(fact.letter_id), fact)


def _incomplete(command: RecordDelivery) -> Refusal | None:
    if command.delivered and not command.receiver_name.strip():
        return refuse("receiver-missing", copy_id=str(command.copy_id))
    if not command.delivered and not command.reason.strip():
        return refuse("reason-missing", copy_id=str(command.copy_id))
    return None


def _delivered(command: RecordDelivery, item: Item, given: Given) -> CopyDelivered:
    return CopyDelivered(
        letter_id=command.letter_id,
        copy_id=command.copy_id,
        receiver_name=Sealed.of(command.receiver_name.strip()),
        receiver_position=command.receiver_position.strip(),
        happened_at=policy.clamped(command.happened_at, item.assigned_at, given.now),
        recorded_at=given.now,
        reported_at=command.happened_at,
        signature=command.signature,
        by=_reporter(item, given),
    )


def _failed(command: RecordDelivery, item: Item, given: Given) -> DeliveryFailed:
    return DeliveryFailed(
        letter_id=command.letter_id,
        copy_id=command.copy_id,
        reason=command.reason.strip(),
        happened_at=policy.clamped(command.happened_at, item.assigned_at, given.now),
        recorded_at=given.now,
        reported_at=command.happened_at,
        by=_reporter(item, given),
    )


def _reporter(item: Item, given: Given) -> Officer:
    return given.officer() if given.actor.id == item.courier_id else operator(given)


def record_transmission(command: RecordTransmission, state: Dispatch, given: Given) -> Decision:
    """By fax or the online letter application, where the copy's rule row names that route."""
    found = _on_the_way(state, command.copy_id)
    if isinstance(found, Refusal):
        return found
    release, item = found
    allowed = policy.TRANSMITTED.intersection(item.copy.routes)
    if command.route not in allowed:
        return refuse("route-not-allowed", copy_id=str(command.copy_id), route=command.route, allowed=sorted(allowed))
    fact = CopyTransmitted(
        letter_id=command.letter_id,
        copy_id=command.copy_id,
        route=command.route,
        reference=command.reference,
        happened_at=policy.clamped(command.happened_at, release.released_at, given.now),
        reported_at=command.happened_at,
        by=operator(given),
    )
    return _proven(release, item, fact, given)


def waive_proof(command: WaiveProof, state: Planned | Released, given: Given) -> Decision:
    """By the assigner (the Kasi) alone, with his reason; a waived copy ends the letter's clock when it is waived."""
    holding = policy.assigner(given.actor, state.plan.assigner)
    if isinstance(holding, Refusal):
        return holding
    found = _on_the_way(state, command.copy_id)
    if isinstance(found, Refusal):
        return found
    release, item = found
    fact = ProofWaived(
        letter_id=command.letter_id,
        copy_id=command.copy_id,
        reason=command.reason,
        waived_at=given.now,
        by=given.officer(holding),
    )
    return _proven(release, item, fact, given)


def _on_the_way(state: Dispatch, copy_id: UUID) -> tuple[Released, Item] | Refusal:
    if not isinstance(state, Released):
        return unfit(state)
    if isinstance(state, Held) and not state.items:
        return unfit(state)
    item = state.item(copy_id)
    return refuse("unknown-copy", copy_id=str(copy_id)) if item is None else (state, item)


def _proven(
    release: Released, item: Item, fact: CopyDelivered | CopyTransmitted | ProofWaived, given: Given
) -> Decision:
    """A copy is proven once. The same report again is no new fact, another one is refused: nothing is overwritten."""
    new, old = proof(fact), item.proof
    if old is not None:
        if _same(old, new, fact):
            return Accept(result={"copy_id": str(fact.copy_id)})
        at = old.moment.isoformat() if old.moment else None
        return refuse("copy-proven", copy_id=str(fact.copy_id), how=old.content[0], at=at)
    if isinstance(release, Held):
        return unfit(release)
    facts: list[Event] = [fact]
    proofs = [other.proof for other in release.items if other is not item]
    if all(proofs):
        moments = [known.moment for known in (*proofs, new) if known and known.moment]
        completed_at = max(moments, default=given.now)
        done = DispatchProven(letter_id=fact.letter_id, revision=release.plan.revision, completed_at=completed_at)
        facts.append(done)
    return accept(stream(fact.letter_id), *facts, proven=all(proofs))


def _same(old: Report, new: Report, fact: CopyDelivered | CopyTransmitted | ProofWaived) -> bool:
    """Without the device's own time nothing tells one delivery from another: then it counts as another."""
    told = not isinstance(fact, CopyDelivered) or fact.reported_at is not None
    return told and old.content == new.content


def unfit(state: Dispatch) -> Refusal:
    """What is told about a dispatch whose phase does not allow what was asked."""
    match state:
        case Held():
            return refuse("held", revision=state.revision)
        case Planned():
            return refuse("not-released", revision=state.plan.revision)
        case Archived():
            return refuse("archived", place=state.place)
        case Closed():
            return refuse("closed", reason=state.reason)
        case Unplanned(approved=0):
            return refuse("unknown-letter")
        case _:
            return refuse("not-planned")


def operator(given: Given) -> Officer:
    """The actor in the position by which he is operator, where he holds one."""
    return given.officer(next((held for held in given.actor.holdings if held.role == policy.OPERATOR), None))
