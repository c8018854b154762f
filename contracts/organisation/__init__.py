"""Organisation: the agency, its people, positions and their holders, calendars, published standards, tokens.

Streams ``agency:facts``, ``person:<id>``, ``position:<slug>``, ``calendar:<year>``, ``standard:<slug>``,
``token:<id>``, ``subject:<id>``, ``access:<grant_id>``, ``operations:<year>``. Password hashes, token hashes and
sessions live in a mutable table of the service, never in an event. Civil dates (``…_on``, ``valid_from``) are
``YYYY-MM-DD`` in the agency's zone, both ends included; "" leaves an end open.
The shapes of the answers stand in `contracts.offices`.
"""

from typing import Any

from pydantic import Field

from contracts.base import Command, Event, Line, Message, Officer, Query, Sealed, ServiceRequest, Slug
from contracts.offices import (
    AccessGrantsAnswer,
    AgencyWords,
    Capacity,
    FirstPasswordGranted,
    Identified,
    PeopleAnswer,
    PersonRow,
    Principal,
    SessionOpened,
    StandardRow,
    StandardsAnswer,
    TokenGranted,
)  # fmt: skip
from contracts.organisation import access, contacts
from contracts.organisation.absences import AbsenceEntered, AbsenceWithdrawn, EnterAbsence, WithdrawAbsence
from contracts.organisation.access import (
    AccessAsked,
    AccessConfirmed,
    AccessEnded,
    AccessGiven,
    AccessGrants,
    AccessLapsed,
    AccessRefused,
    AccessReleased,
    AccessUsed,
    ConfirmAccess,
    EndAccess,
    FirstPasswordIssued,
    GrantFirstPassword,
    GrantRenewal,
    GrantToken,
    IssueFirstPassword,
    IssueToken,
    RefuseAccess,
    ReleaseAccess,
    RenewToken,
    RevokeToken,
    RolesGranted,
    TokenIssued,
    TokenRenewed,
    TokenRevoked,
)
from contracts.organisation.contacts import (
    AskContactCode,
    ContactCodeIssued,
    ContactOf,
    ContactOfAnswer,
    ContactStated,
    Keepers,
    KeepersAnswer,
    KeepersRow,
    StateContact,
    VerifyContact,
)
from contracts.organisation.operations import NoteOperation, OperationNoted
from contracts.organisation.questions import (
    Agencies,
    AgencyFacts,
    Authenticate,
    Calendars,
    ChangePassword,
    ChoosePassword,
    EndSession,
    Identify,
    People,
    Positions,
    StandardDeadline,
    StandardDifference,
    StandardPreview,
    Standards,
    StandardSheet,
    StandardVersions,
    Tokens,
)
from contracts.organisation.seasons import ConfirmSeason, SeasonConfirmed, SeasonWithdrawn, WithdrawSeason
from contracts.words import ClosedDay, StandardRef


class DescribeAgency(Command):
    """What holds for the whole agency; its standards are completed with it."""

    facts: AgencyWords


class AddUser(Command):
    """A person who works for the agency. ``login`` is ``<person_id>@<agency>``; qualifications are dated facts
    later.
    """

    person_id: Slug
    name: Line
    nip: str = Field(default="", max_length=30)
    roles: tuple[Slug, ...] = ()
    qualifications: tuple[Slug, ...] = ()


class GrantQualification(Command):
    """A dated fact about a person, for example *sandi*; ``certificate`` is its number."""

    person_id: Slug
    qualification: Slug
    from_on: str
    until_on: str = ""
    certificate: str = Field(default="", max_length=200)


class WithdrawQualification(Command):
    """From this day on he does not have it."""

    person_id: Slug
    qualification: Slug
    on: str
    reason: Line


class EstablishPosition(Command):
    """A position, whether somebody holds it or not."""

    position: Slug
    title: Line
    role: Slug
    unit: str = ""


class NameSubstitute(Command):
    """Whoever acts for ``substitute`` (a position) is Plh. while this one's holder is away; None: nobody."""

    position: Slug
    substitute: Slug | None


class EndHolding(Command):
    """The newest appointment of this capacity ends with this day."""

    position: Slug
    capacity: Capacity = "holder"
    on: str
    reason: Line


class AppointHolder(Command):
    """``title`` is the position's, without Plt. or Plh.: the capacity says that.

    ``seats``: the positions to which the person is appointed already, filled in by the service.
    """

    filled = frozenset({"seats"})
    position: Slug
    title: Line
    role: Slug
    unit: str = ""
    person_id: Slug
    capacity: Capacity = "holder"
    from_on: str = ""
    until_on: str = ""
    seats: tuple[Slug, ...] = ()


class PublishStandard(Command):
    """A version of a service standard: the published text by component key, and the running rules read from it."""

    standard: StandardRef
    name: Line
    valid_from: str
    components: dict[str, Any]
    rules: dict[str, Any]


class DraftCalendar(Command):
    """Proposes the closed days of a year. ``closed`` is filled in by the service (package ``holidays``)."""

    year: int = Field(ge=2000, le=2200)
    closed: tuple[ClosedDay, ...] = ()


class ConfirmCalendar(Command):
    """An officer confirms a year with its decree's number. ``closed`` empty: as drafted. A later decree supersedes."""

    year: int = Field(ge=2000, le=2200)
    number: Line
    decreed_on: str
    closed: tuple[ClosedDay, ...] = ()


class CloseOffice(Command):
    """A day on which this agency alone is closed."""

    on: str
    reason: Line


class ReopenOffice(Command):
    on: str
    reason: Line


class EraseSubject(Command):
    """A person asked to be forgotten: his key is destroyed first, then this leaves the event.

    ``key_ids`` is filled in by the service itself when it destroys them, whatever a client says.
    """

    subject_id: str = Field(min_length=1, max_length=80)
    reason: Line
    key_ids: tuple[str, ...] = ()


class UserAdded(Event):
    person_id: Slug
    name: Sealed
    nip: Sealed
    roles: tuple[Slug, ...]
    qualifications: tuple[Slug, ...] = ()
    by: Officer | None = None


class AgencyDescribed(Event):
    facts: AgencyWords


class QualificationGranted(Event):
    person_id: Slug
    qualification: Slug
    from_on: str
    until_on: str = ""
    certificate: str = ""
    by: Officer | None = None


class QualificationWithdrawn(Event):
    person_id: Slug
    qualification: Slug
    on: str
    reason: str
    by: Officer | None = None


class PositionEstablished(Event):
    position: Slug
    title: Line
    role: Slug
    unit: str = ""
    by: Officer | None = None


class SubstituteNamed(Event):
    position: Slug
    substitute: Slug | None
    by: Officer | None = None


class HoldingEnded(Event):
    position: Slug
    capacity: Capacity
    on: str
    reason: str
    by: Officer | None = None


class HolderAppointed(Event):
    position: Slug
    title: Line
    role: Slug
    unit: str = ""
    person_id: Slug
    capacity: Capacity
    from_on: str = ""
    until_on: str = ""
    by: Officer | None = None


class StandardPublished(Event):
    standard: StandardRef
    name: str
    valid_from: str
    components: dict[str, Any]
    rules: dict[str, Any]
    by: Officer | None = None


class CalendarDrafted(Event):
    """A proposal; nothing counts by it."""

    year: int
    closed: tuple[ClosedDay, ...]
    by: Officer | None = None


class CalendarConfirmed(Event):
    """``closed``: every closed day of the year from now on, the agency's own included. ``revision`` counts changes."""

    year: int
    number: str
    decreed_on: str
    revision: int
    closed: tuple[ClosedDay, ...]
    by: Officer | None = None


class OfficeClosed(Event):
    """``closed``: every closed day of that year from now on."""

    year: int
    on: str
    reason: str
    revision: int
    closed: tuple[ClosedDay, ...]
    by: Officer | None = None


class OfficeReopened(Event):
    year: int
    on: str
    reason: str
    revision: int
    closed: tuple[ClosedDay, ...]
    by: Officer | None = None


class SubjectErased(Event):
    """``key_ids``: the keys that no longer exist; a later message of the same person gets a new one."""

    subject_id: str
    key_ids: tuple[str, ...] = ()
    reason: str
    by: Officer | None = None


COMMANDS: tuple[type[Command], ...] = (
    DescribeAgency, AddUser, GrantQualification, WithdrawQualification, EnterAbsence, WithdrawAbsence,
    EstablishPosition, NameSubstitute, AppointHolder, EndHolding, PublishStandard, DraftCalendar, ConfirmCalendar,
    CloseOffice, ReopenOffice, ConfirmSeason, WithdrawSeason, EraseSubject, NoteOperation, *access.COMMANDS,
    *contacts.COMMANDS,
)  # fmt: skip
EVENTS: tuple[type[Event], ...] = (
    AgencyDescribed, UserAdded, QualificationGranted, QualificationWithdrawn, AbsenceEntered, AbsenceWithdrawn,
    PositionEstablished, SubstituteNamed, HolderAppointed, HoldingEnded, StandardPublished, CalendarDrafted,
    CalendarConfirmed, OfficeClosed, OfficeReopened, SeasonConfirmed, SeasonWithdrawn, SubjectErased, OperationNoted,
    *access.EVENTS, *contacts.EVENTS,
)  # fmt: skip
QUERIES: tuple[type[Query], ...] = (
    Identify, People, Standards, StandardVersions, StandardDifference, StandardPreview, StandardDeadline,
    StandardSheet, Calendars, Positions, Tokens, Agencies, AgencyFacts, *access.QUERIES, *contacts.QUERIES,
)  # fmt: skip
REQUESTS: tuple[type[ServiceRequest], ...] = (
    Authenticate,
    EndSession,
    ChoosePassword,
    ChangePassword,
    *access.REQUESTS,
)
KINDS: tuple[type[Message], ...] = (*COMMANDS, *EVENTS, *QUERIES, *REQUESTS)

# Defined beside this module and asked for together with it; the other answers are in `contracts.offices`.
__all__ = (
    "AbsenceEntered", "AbsenceWithdrawn", "AccessAsked", "AccessConfirmed", "AccessEnded", "AccessGiven",
    "AccessGrants", "AccessGrantsAnswer", "AccessLapsed", "AccessRefused", "AccessReleased", "AccessUsed", "Agencies",
    "AgencyFacts", "AskContactCode", "Authenticate", "Calendars", "ChangePassword", "ChoosePassword", "ConfirmAccess",
    "ConfirmSeason", "ContactCodeIssued", "ContactOf", "ContactOfAnswer", "ContactStated", "EndAccess", "EndSession",
    "EnterAbsence", "FirstPasswordGranted", "FirstPasswordIssued", "GrantFirstPassword", "GrantRenewal", "GrantToken",
    "Identified", "Identify", "IssueFirstPassword", "IssueToken", "Keepers", "KeepersAnswer", "KeepersRow",
    "NoteOperation", "OperationNoted", "People", "PeopleAnswer", "PersonRow", "Positions", "Principal",
    "RefuseAccess", "ReleaseAccess", "RenewToken", "RevokeToken", "RolesGranted", "SeasonConfirmed",
    "SeasonWithdrawn", "SessionOpened", "StandardDeadline", "StandardDifference", "StandardPreview", "StandardRow",
    "StandardSheet", "StandardVersions", "Standards", "StandardsAnswer", "StateContact", "TokenGranted",
    "TokenIssued", "TokenRenewed", "TokenRevoked", "Tokens", "VerifyContact", "WithdrawAbsence", "WithdrawSeason",
)  # fmt: skip
