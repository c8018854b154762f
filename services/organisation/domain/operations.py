"""What a person does to the machine itself stands in the agency's history before it is done."""

from __future__ import annotations

from uuid import UUID

from contracts.base import Event
from contracts.organisation import NoteOperation, OperationNoted
from contracts.subjects import UNREADABLE
from contracts.words import DEPLOYMENT
from services.kit.deciding import Decision, Given, accept
from services.organisation.policy import refused


def stream(_command: NoteOperation, given: Given) -> str:
    return f"operations:{given.now.year}"


def note_operation(command: NoteOperation, _state: None, given: Given) -> Decision:
    """A case belongs to the agency whose name stands before it; where nobody can read that, to the deployment."""
    agency, _, named = command.parked.partition("/")
    if command.parked and agency not in {given.agency, *({UNREADABLE} if given.agency == DEPLOYMENT else ())}:
        return refused("case-unknown", 404)
    fact = OperationNoted(**command.model_dump(), letter_id=_letter(named), by=given.officer())
    return accept(stream(command, given), fact)


def evolve_operations(state: None, _event: Event) -> None:
    return state


def _letter(named: str) -> UUID | None:
    try:
        return UUID(named)
    except ValueError:
        return None
