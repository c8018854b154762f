"""A grant that waited is confirmed by a leader, refused, or released because nobody said anything in time."""

from __future__ import annotations

from contracts.base import Refusal
from contracts.offices import AccessGrant
from contracts.organisation import (
    AccessConfirmed,
    AccessLapsed,
    AccessRefused,
    AccessReleased,
    AppointHolder,
    ConfirmAccess,
    EstablishPosition,
    NameSubstitute,
    RefuseAccess,
    ReleaseAccess,
)
from services.kit.deciding import Accept, Decision, Given, accept
from services.kit.ids import is_machine
from services.organisation.domain import people, positions
from services.organisation.domain.access import Access, InForce, Waiting, stream, unfit, until_handed_over
from services.organisation.policy import refused


def confirm_access(command: ConfirmAccess, access: Access, given: Given) -> Decision:
    """What waits takes effect now; what took effect without a leader, a leader has seen."""
    if is_machine(given.actor.id):
        return refused("people-only", 403)
    place = stream(command.grant_id)
    if isinstance(access, InForce):
        seen = AccessConfirmed(grant_id=command.grant_id, hand_over_until=access.hand_over_until, by=given.officer())
        return Accept() if access.seen else accept(place, seen)
    if not isinstance(access, Waiting):
        return unfit(access)
    effect = _effect(access.grant, given)
    if isinstance(effect, Refusal):
        return effect
    until = until_handed_over(access.grant, given.now)
    fact = AccessConfirmed(grant_id=command.grant_id, hand_over_until=until, by=given.officer())
    return Accept(((place, fact), *effect.events))


def refuse_access(command: RefuseAccess, access: Access, given: Given) -> Decision:
    if not isinstance(access, Waiting):
        return unfit(access)
    fact = AccessRefused(grant_id=command.grant_id, reason=command.reason, by=given.officer())
    return accept(stream(command.grant_id), fact)


def release_access(command: ReleaseAccess, access: Access, given: Given) -> Decision:
    """What can no longer take effect (the person is gone, the position unknown) ends here."""
    if not isinstance(access, Waiting):
        return Accept()
    if given.now < access.until_at:
        return refused("not-due")
    place, effect = stream(command.grant_id), _effect(access.grant, given)
    if isinstance(effect, Refusal):
        return accept(place, AccessLapsed(grant_id=command.grant_id, reason=effect.code))
    until = until_handed_over(access.grant, given.now)
    return Accept(((place, AccessReleased(grant_id=command.grant_id, hand_over_until=until)), *effect.events))


def _effect(grant: AccessGrant, given: Given) -> Decision:
    """The facts that were held back, decided on what is so now. A credential has none: it is handed over later."""
    said = grant.model_dump(exclude={"what", "token_id", "label", "substitute"})
    named = str(grant.position)
    match grant.what:
        case "role":
            return people.granted_role(grant, given)
        case "seat":
            command = AppointHolder.model_validate(said)
            return positions.appointed(command, given.load(positions.stream(named)), given)
        case "position":
            wanted = EstablishPosition(position=named, title=grant.title, role=str(grant.role), unit=grant.unit)
            return positions.established(wanted, given.load(positions.stream(named)), given)
        case "substitute":
            asked = NameSubstitute(position=named, substitute=grant.substitute)
            return positions.substituted(asked, given.load(positions.stream(named)), given)
    return Accept()
