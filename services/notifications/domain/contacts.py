"""The contact of a case, as its own service has told it: noted, opened only when a notice leaves."""

from contracts.base import Event
from contracts.notifications import CaseNoted
from contracts.notifications.contacts import ContactNoted, NoteContact
from services.kit.deciding import Accept, Decision, Given
from services.notifications.domain.planning import Case, merged


def stream(command: NoteContact) -> str:
    return f"case:{command.case_service}:{command.case_id}"


def note(command: NoteContact, case: Case, _given: Given) -> Decision:
    """A second time it is the same contact under another seal: noted again, nothing follows from it."""
    place, known = stream(command), merged(case.known, command.known)
    fact = ContactNoted(case_service=command.case_service, case_id=command.case_id, contact=command.contact)
    facts: list[tuple[str, Event]] = [(place, fact)]
    if known != case.known:
        facts.append((place, CaseNoted(case_service=command.case_service, case_id=command.case_id, known=known)))
    return Accept(tuple(facts))
