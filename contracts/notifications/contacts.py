"""How somebody outside the office is reached about his case: a contact that its service has sealed, carried on.

Stream ``case:<service>:<id>``. It is opened when a notice leaves, and stands in no notice.
"""

from uuid import UUID

from pydantic import Field

from contracts.base import Command, Event, Sealed, ServiceName
from contracts.notifications.planning import CaseKnown


class NoteContact(Command):
    """Reaction to a fact that holds a contact. ``known``: what later facts of the case do not say themselves."""

    case_service: ServiceName
    case_id: UUID
    contact: Sealed
    known: CaseKnown = Field(default_factory=CaseKnown)


class ContactNoted(Event):
    """The newest one holds."""

    case_service: ServiceName
    case_id: UUID
    contact: Sealed


COMMANDS: tuple[type[Command], ...] = (NoteContact,)
EVENTS: tuple[type[Event], ...] = (ContactNoted,)
