"""Machines' tokens, and subjects that asked to be forgotten."""

from __future__ import annotations

from dataclasses import dataclass, replace

from contracts.base import Event
from contracts.organisation import EraseSubject, IssueToken, RevokeToken, SubjectErased, TokenIssued, TokenRevoked
from services.kit.deciding import Accept, Decision, Given, accept
from services.organisation.policy import not_erasable, refused, unknown_roles


@dataclass(frozen=True, slots=True)
class Token:
    role: str
    label: str
    revoked: bool = False


def issue_token(command: IssueToken, token: Token | None, given: Given) -> Decision:
    if no := unknown_roles(command.role):
        return no
    if token is not None:
        same = (token.role, token.label, token.revoked) == (command.role, command.label, False)
        return Accept() if same else refused("token-known")
    by = given.officer()
    return accept(f"token:{command.token_id}", TokenIssued(**command.model_dump(), by=by))


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
