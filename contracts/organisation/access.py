"""Ways in: machines' tokens, first passwords, and grants by which more people would come to see letters.

Such a grant stands in a stream of its own, ``access:<grant_id>``: asked, confirmed by a leader or refused, or released
when its time to wait is over (decision 0051). Where the grant is a credential, its secret is made only afterwards.
"""

from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Actor, Command, Event, Line, Officer, Query, ServiceRequest, Slug
from contracts.offices import AccessGrant


class IssueToken(Command):
    """A machine's token; its secret is made outside and only its hash is kept (in the mutable table)."""

    token_id: Slug
    role: Slug
    label: Line


class RenewToken(Command):
    """A new secret in place of the old one, which ends."""

    token_id: Slug


class RevokeToken(Command):
    token_id: Slug
    reason: Line


class IssueFirstPassword(Command):
    """A first password is handed to a person, who chooses his own at his first login. His old one and his sessions end.

    The password is made outside, as a token is; only its hash is kept (in the mutable table). ``seats``: the positions
    to which he is appointed, filled in by the service.
    """

    filled = frozenset({"seats"})
    person_id: Slug
    seats: tuple[Slug, ...] = ()


class EndAccess(Command):
    """Somebody leaves, or must not come in any more: his sessions, passwords and roles end with this moment.

    His positions are ended by themselves (`EndHolding`); until then his substitutes act, as while he is away.
    """

    person_id: Slug
    reason: Line


class ConfirmAccess(Command):
    """A leader agrees; also afterwards, to what took effect at the console or because nobody said anything in time."""

    grant_id: UUID


class RefuseAccess(Command):
    """Before it takes effect: a leader says no, or an administrator takes it back."""

    grant_id: UUID
    reason: Line


class ReleaseAccess(Command):
    """The time to wait is over (a timer)."""

    grant_id: UUID


class TokenIssued(Event):
    token_id: Slug
    role: Slug
    label: str
    by: Officer | None = None


class TokenRenewed(Event):
    token_id: Slug
    by: Officer | None = None


class TokenRevoked(Event):
    token_id: Slug
    reason: str
    by: Officer | None = None


class FirstPasswordIssued(Event):
    """Who handed it out, and for whom; no secret, no hash."""

    person_id: Slug
    by: Officer | None = None


class AccessEnded(Event):
    """Nothing that opened the door before ``ended_at`` opens it again, also if he comes back (`UserAdded`)."""

    person_id: Slug
    reason: str
    ended_at: AwareDatetime
    by: Officer | None = None


class RolesGranted(Event):
    """A person has more roles; ``roles``: all of his from now on. ``by``: who confirmed, or the service's timer."""

    person_id: Slug
    roles: tuple[Slug, ...]
    granted: tuple[Slug, ...]
    by: Officer | None = None


class AccessAsked(Event):
    """It waits for a leader, at the longest until ``until_at``."""

    grant_id: UUID
    grant: AccessGrant
    until_at: AwareDatetime
    by: Officer | None = None


class AccessGiven(Event):
    """At the console, in one step; the leaders are shown it."""

    grant_id: UUID
    grant: AccessGrant
    by: Officer | None = None


class AccessConfirmed(Event):
    """``hand_over_until``: so long a credential may be handed over; None: it has taken effect."""

    grant_id: UUID
    hand_over_until: AwareDatetime | None = None
    by: Officer | None = None


class AccessReleased(Event):
    """No leader has said anything in time. ``hand_over_until`` as in `AccessConfirmed`."""

    grant_id: UUID
    hand_over_until: AwareDatetime | None = None


class AccessRefused(Event):
    grant_id: UUID
    reason: str
    by: Officer | None = None


class AccessLapsed(Event):
    """It could not take effect any more; ``reason`` is a refusal's code."""

    grant_id: UUID
    reason: str


class AccessUsed(Event):
    """The credential that was agreed to has been handed over."""

    grant_id: UUID
    by: Officer | None = None


class AccessGrants(Query):
    """Grants that widen who sees letters: those that no leader has seen, then the newest ones."""

    limit: int = Field(default=200, ge=1, le=500)


class GrantToken(ServiceRequest):
    """Issues a token (`IssueToken` on the one road) and returns its secret once. Asked by an administrator.

    ``command_id``: the same asked again is the same command; what was handed over already is not handed over again.
    """

    token_id: Slug
    role: Slug
    label: Line
    by: Actor
    command_id: UUID | None = None


class GrantRenewal(ServiceRequest):
    """A new secret for a known token (`RenewToken` on the one road), returned once."""

    token_id: Slug
    by: Actor
    command_id: UUID | None = None


class GrantFirstPassword(ServiceRequest):
    """Makes a first password (`IssueFirstPassword` on the one road) and returns it once. Asked by an administrator."""

    person_id: Slug
    by: Actor
    command_id: UUID | None = None


COMMANDS: tuple[type[Command], ...] = (
    IssueToken, RenewToken, RevokeToken, IssueFirstPassword, EndAccess, ConfirmAccess, RefuseAccess, ReleaseAccess,
)  # fmt: skip
EVENTS: tuple[type[Event], ...] = (
    TokenIssued, TokenRenewed, TokenRevoked, FirstPasswordIssued, AccessEnded, RolesGranted, AccessAsked, AccessGiven,
    AccessConfirmed, AccessReleased, AccessRefused, AccessLapsed, AccessUsed,
)  # fmt: skip
QUERIES: tuple[type[Query], ...] = (AccessGrants,)
REQUESTS: tuple[type[ServiceRequest], ...] = (GrantToken, GrantRenewal, GrantFirstPassword)
