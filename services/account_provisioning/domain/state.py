"""Phases of a request, and the accounts, people and books that it needs. No plain text of a person is kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.words import StandardRef
from services.kit import links
from services.kit.deadlines import Clock
from services.kit.public_numbers import typed_number


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for. ``address``: the account's, empty while a new one has none yet.

    ``subject_id``: whose key seals name and contact. ``person_id``: whose request it is, by his NIP where one is known
    (``numbered``), even if it came after the name. ``papers_id``: whose key seals the letter and the NIP.
    ``reachable``: the applicant said how. ``code_mac``: of the code by which the applicant finds it again.
    ``unit_admin``: the position that files for his unit; empty: none.

    ``asks_alias``: an additional address is asked for; ``alias``: the one that was agreed to. ``alias_ends``: one that
    shall end.
    """

    number: str
    kind: str
    cause: str
    holder: str
    subject_id: str
    account_id: UUID
    address: str
    unit: str
    standard: StandardRef
    filed_at: datetime
    papers_id: str = ""
    missing: tuple[str, ...] = ()
    reachable: bool = False
    code_mac: str = ""
    person_id: str = ""
    numbered: bool = False
    unit_admin: str = ""
    quota: int | None = None
    asks_alias: bool = False
    alias: str = ""
    alias_ends: str = ""


@dataclass(frozen=True, slots=True)
class HandOver:
    """One way in. ``phase``: open, set, expired. ``confirmed``: by whom, empty: nobody yet.

    ``opening``, ``until``: the gesture that goes on, and how long it keeps others out. ``told``: its holder
    has heard of it. ``code``: one goes to the contact on file.
    """

    generation: int
    way: str
    ends: datetime
    confirmed: str = ""
    opening: UUID | None = None
    until: datetime | None = None
    told: bool = False
    code: bool = False
    link_length: int = links.LENGTH
    phase: Literal["open", "set", "expired"] = "open"


@dataclass(frozen=True, slots=True)
class Absent:
    """Nobody has heard of this request."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Taken, numbered, and waiting for what is missing."""

    wish: Wish
    clock: Clock | None = None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Complete, and somebody's turn. ``first``: who has agreed as the first of two."""

    wish: Wish
    clock: Clock | None
    first: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Waits for the applicant's answer."""

    wish: Wish
    clock: Clock | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """``attempt``: the how-manieth job for it; each has a name of its own. ``since``: from when it may be done."""

    connector: str
    since: datetime
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Provisioning:
    wish: Wish
    clock: Clock | None
    approval: Approval


@dataclass(frozen=True, slots=True)
class Failed:
    """Not done, and it does not go on by itself. ``undoing``: on the way back."""

    wish: Wish
    clock: Clock | None
    approval: Approval
    reason: str
    undoing: bool = False


@dataclass(frozen=True, slots=True)
class Abandoning:
    """What was begun is being undone."""

    wish: Wish
    clock: Clock | None
    approval: Approval


@dataclass(frozen=True, slots=True)
class Provisioned:
    """The directory has it, and the applicant has not been told."""

    wish: Wish
    clock: Clock | None
    decided_at: datetime
    hand_over: HandOver | None = None


@dataclass(frozen=True, slots=True)
class Notified:
    """``retain_until``: so long its papers are kept; None: they are gone, or go with the person."""

    wish: Wish
    clock: Clock | None
    how: str
    told_at: datetime
    hand_over: HandOver | None = None
    retain_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Received:
    wish: Wish
    clock: Clock | None
    hand_over: HandOver | None = None
    retain_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Decided; the applicant has not been told. ``reason``: a row of the standard."""

    wish: Wish
    clock: Clock | None
    decided_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Nothing of it is in the directory; the applicant has not been told."""

    wish: Wish
    clock: Clock | None
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """Withdrawn, or told of a refusal: nothing follows."""

    wish: Wish
    clock: Clock | None
    how: str = ""
    told_at: datetime | None = None
    retain_until: datetime | None = None


Waiting = Incomplete | Reviewed | Asked
Doing = Provisioning | Failed | Abandoning
Decided = Provisioned | Rejected | GivenUp
Known = Waiting | Doing | Decided | Notified | Received | Closed
Request = Absent | Known


@dataclass(frozen=True, slots=True)
class Changing:
    """Its holder changes his secret now; ``until``: so long that keeps others out."""

    opening: UUID
    until: datetime


@dataclass(frozen=True, slots=True)
class Awaited:
    """Nobody has logged in since a secret was set with this request. ``look``: which one is next."""

    request_id: UUID
    since: datetime
    look: int = 1


@dataclass(frozen=True, slots=True)
class Account:
    """``phase``: none, active, suspended, closed. ``latest``: the request that was made about it last.

    ``contact_of``: the request whose contact is on file: somebody with it has set a secret. ``way_in``: request and
    generation of the hand-over that holds. ``logged_in``: somebody has used it.

    ``quota``: megabytes that were asked for; None: never, the mail server's own holds. ``aliases``: additional
    addresses under which it receives.
    """

    phase: str = "none"
    address: str = ""
    subject_id: str = ""
    connector: str = ""
    unit: str = ""
    latest: UUID | None = None
    contact_of: UUID | None = None
    way_in: tuple[UUID, int] | None = None
    changing: Changing | None = None
    quota: int | None = None
    awaited: Awaited | None = None
    logged_in: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def own(self) -> frozenset[str]:
        """Every address under which it receives."""
        return frozenset({self.address, *self.aliases}) - {""}


@dataclass(frozen=True, slots=True)
class Skeleton:
    """All addresses that are taken and look like this."""

    addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Person:
    """``latest``: his last request for a new account."""

    latest: UUID | None = None


@dataclass(frozen=True, slots=True)
class Letterbook:
    last: int = 0


def request_stream(request_id: UUID) -> str:
    return f"request:{request_id}"


def account_stream(account_id: UUID) -> str:
    return f"account:{account_id}"


def reply_stream(request_id: UUID) -> str:
    return f"reply:{request_id}"


def number_stream(number: str) -> str:
    return f"number:{typed_number(number)}"


def skeleton_stream(form: str) -> str:
    return f"skeleton:{form}"


def applicant_stream(subject_id: str) -> str:
    return f"applicant:{subject_id}"


def phase(state: Request) -> str:
    """As a slug, for the detail of a refusal."""
    return type(state).__name__.lower()
