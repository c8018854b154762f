"""Machines' tokens, and subjects that asked to be forgotten."""

from __future__ import annotations

from dataclasses import dataclass, replace

from contracts.base import Event, Refusal
from contracts.offices import AccessGrant
from contracts.organisation import (
    EraseSubject,
    IssueToken,
    RenewToken,
    RevokeToken,
    SubjectErased,
    TokenIssued,
    TokenRenewed,
    TokenRevoked,
)
from contracts.words import MACHINE
from services.kit.deciding import Accept, Decision, Given, accept
from services.organisation.domain.access import hand_over
from services.organisation.policy import NOT_FOR_PEOPLE, not_erasable, not_of_deployment, refused, unknown_roles
from services.organisation.policy.letters import opens

LONGEST_NAME = 64 - len(MACHINE)


@dataclass(frozen=True, slots=True)
class Token:
    role: str
    label: str
    revoked: bool = False


def issue_token(command: IssueToken, token: Token | None, given: Given) -> Decision:
    """Once under a name: a known token gets no second secret but by `renew_token`. One that reads letters waits."""
    if (
        no := unknown_roles(command.role)
        or not_of_deployment(given.agency, command.role)
        or _bad_name(command.token_id)
    ):
        return no
    if token is not None:
        return refused("token-known")
    grant = AccessGrant(what="token", **command.model_dump()) if opens(command.role) else None
    return hand_over(grant, given, _fact(TokenIssued(**command.model_dump(), by=given.officer())))


def renew_token(command: RenewToken, token: Token | None, given: Given) -> Decision:
    """A new secret is a new way in: that of a token that reads letters waits, like the token itself."""
    if token is None:
        return refused("token-unknown", 404)
    if token.revoked:
        return refused("token-revoked")
    grant = None
    if opens(token.role):
        grant = AccessGrant(what="renewal", token_id=command.token_id, role=token.role, label=token.label)
    return hand_over(grant, given, _fact(TokenRenewed(token_id=command.token_id, by=given.officer())))


def _fact(event: TokenIssued | TokenRenewed) -> tuple[str, Event]:
    return f"token:{event.token_id}", event


def _bad_name(token_id: str) -> Refusal | None:
    """It must fit behind the mark of the machines, and a machine is not called like the house itself."""
    if len(token_id) > LONGEST_NAME or token_id in NOT_FOR_PEOPLE:
        return refused("name-reserved", 422, name=token_id)
    return None


def revoke_token(command: RevokeToken, token: Token | None, given: Given) -> Decision:
    if token is None:
        return refused("token-unknown", 404)
    if token.revoked:
        return Accept()
    by = given.officer()
    return accept(f"token:{command.token_id}", TokenRevoked(**command.model_dump(), by=by))


def erase_subject(command: EraseSubject, gone: frozenset[str] | None, given: Given) -> Decision:
    """His keys are gone already (see `handlers.before`); this leaves the fact. Later keys make a later fact."""
    if no := not_erasable(command.subject_id):
        return no
    if gone is not None and gone.issuperset(command.key_ids):
        return Accept()
    by = given.officer()
    return accept(f"subject:{command.subject_id}", SubjectErased(**command.model_dump(), by=by))


def evolve_token(token: Token | None, event: Event) -> Token | None:
    match event:
        case TokenIssued():
            return Token(event.role, event.label)
        case TokenRevoked() if token:
            return replace(token, revoked=True)
    return token


def evolve_subject(gone: frozenset[str] | None, event: Event) -> frozenset[str] | None:
    match event:
        case SubjectErased():
            return (gone or frozenset()) | frozenset(event.key_ids)
    return gone
