"""Organisation: people, positions and their holders, tokens, published standards. Thin at first; imported from data.

Streams ``person:<id>``, ``position:<slug>``, ``standard:<slug>``, ``token:<id>``, ``subject:<id>``. Password hashes,
token hashes and sessions live in a mutable table of the service, never in an event.
"""

from typing import Any, Literal

from pydantic import AwareDatetime, Field

from contracts.base import Actor, Command, Event, Line, Message, Officer, Query, Sealed, Shape, Slug
from contracts.words import StandardRef

Capacity = Literal["holder", "plt", "plh"]


class AddUser(Command):
    """A person who works for the agency. ``login`` is ``<person_id>@<agency>``; qualifications are dated facts
    later.
    """

    person_id: Slug
    name: Line
    nip: str = Field(default="", max_length=30)
    roles: tuple[Slug, ...] = ()
    qualifications: tuple[Slug, ...] = ()


class AppointHolder(Command):
    position: Slug
    title: Line
    role: Slug
    unit: str = ""
    person_id: Slug
    capacity: Capacity = "holder"
    from_on: str = ""
    until_on: str = ""


class IssueToken(Command):
    """A machine's token; its secret is made outside and only its hash is kept (in the mutable table)."""

    token_id: Slug
    role: Slug
    label: Line


class RevokeToken(Command):
    token_id: Slug
    reason: Line


class PublishStandard(Command):
    """A version of a service standard: the published text by component key, and the running rules read from it."""

    standard: StandardRef
    name: Line
    valid_from: str
    components: dict[str, Any]
    rules: dict[str, Any]


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


class HolderAppointed(Event):
    position: Slug
    title: Line
    role: Slug
    unit: str = ""
    person_id: Slug
    capacity: Capacity
    from_on: str = ""
    until_on: str = ""


class TokenIssued(Event):
    token_id: Slug
    role: Slug
    label: str
    by: Officer | None = None


class TokenRevoked(Event):
    token_id: Slug
    reason: str
    by: Officer | None = None


class StandardPublished(Event):
    standard: StandardRef
    name: str
    valid_from: str
    components: dict[str, Any]
    rules: dict[str, Any]
    by: Officer | None = None


class SubjectErased(Event):
    """``key_ids``: the keys that no longer exist; a later message of the same person gets a new one."""

    subject_id: str
    key_ids: tuple[str, ...] = ()
    reason: str
    by: Officer | None = None


class Authenticate(Query):
    """Checks a password (argon2id, same time for an unknown login) and opens a session. The password is never
    logged.
    """

    login: str = Field(max_length=120)
    password: str = Field(max_length=400)


class Identify(Query):
    """Whose session or token is this? ``secret_sha256`` is the hash of the cookie's or bearer's secret."""

    secret_sha256: str


class EndSession(Query):
    secret_sha256: str


class People(Query):
    """The people of the agency, optionally those with a role (for example the couriers)."""

    role: Slug | None = None


class Standards(Query):
    """The published standards in force; everybody may read them."""


class GrantToken(Query):
    """Issues a token (`IssueToken` on the one road) and returns its secret once. Asked by an administrator."""

    token_id: Slug
    role: Slug
    label: Line
    by: Actor


class TokenGranted(Shape):
    """``token`` = ``crk_<agency>_<id>_<secret>``, shown once."""

    token: str = ""
    refused: str = ""


class Principal(Shape):
    """Who a session or token stands for. ``machine``: a token."""

    agency: str
    actor: Actor
    machine: bool = False
    expires_at: AwareDatetime


class SessionOpened(Shape):
    """``secret`` goes into the cookie and nowhere else; ``refused`` is a stable code when the login failed."""

    secret: str = ""
    principal: Principal | None = None
    refused: str = ""


class Identified(Shape):
    principal: Principal | None = None


class PersonRow(Shape):
    person_id: str
    name: str
    nip: str
    roles: tuple[str, ...]
    positions: tuple[str, ...]


class PeopleAnswer(Shape):
    people: tuple[PersonRow, ...]


class StandardRow(Shape):
    standard: StandardRef
    name: str
    valid_from: str
    components: dict[str, Any]
    rules: dict[str, Any] = Field(default_factory=dict)


class StandardsAnswer(Shape):
    standards: tuple[StandardRow, ...]


COMMANDS: tuple[type[Command], ...] = (
    AddUser, AppointHolder, IssueToken, RevokeToken, PublishStandard, EraseSubject,
)  # fmt: skip
EVENTS: tuple[type[Event], ...] = (
    UserAdded, HolderAppointed, TokenIssued, TokenRevoked, StandardPublished, SubjectErased,
)  # fmt: skip
QUERIES: tuple[type[Query], ...] = (Authenticate, Identify, EndSession, People, Standards, GrantToken)
KINDS: tuple[type[Message], ...] = (*COMMANDS, *EVENTS, *QUERIES)
