"""How somebody outside the office is reached about his case: a contact that its service has sealed, carried on.

Stream ``case:<service>:<id>``. It is opened when a notice leaves, and stands in no notice.
"""

from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, Sealed, ServiceName, Slug
from contracts.notifications.planning import CaseKnown
from contracts.organisation.contacts import ContactWay


class NoteContact(Command):
    """Reaction to a fact that holds a contact. ``known``: what later facts of the case do not say themselves."""

    case_service: ServiceName
    case_id: UUID
    contact: Sealed
    known: CaseKnown = Field(default_factory=CaseKnown)


class SendContactCode(Command):
    """Reaction to `ContactCodeIssued`. ``seed``: its command, from which the code is made anew."""

    event_id: UUID
    person_id: Slug
    way: ContactWay
    seed: UUID
    ends_at: AwareDatetime


class ContactNoted(Event):
    """The newest one holds."""

    case_service: ServiceName
    case_id: UUID
    contact: Sealed


COMMANDS: tuple[type[Command], ...] = (NoteContact, SendContactCode)
EVENTS: tuple[type[Event], ...] = (ContactNoted,)
