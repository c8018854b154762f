"""How the holder of an account comes to his secret: a link or a sealed slip, a confirmation, and his own gesture.

The secret exists in the answer to `SetSecret` alone. A *generation* is one way in; a newer one ends the older.
"""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.account_provisioning.provisioning import RequestEvent
from contracts.base import Actor, Command, Event, Officer, Query, ServiceRequest, Sha256, Shape, Slug

Way = Literal["notice", "slip"]
"""*notice*: the link goes to the applicant's contact. *slip*: a sealed sheet that an officer hands over."""
CLAIM = "claim"
"""The purpose of its link (`services.kit.links`): of the request, its generation, without an end."""
CODE_ISSUED = "account_provisioning.ClaimCodeIssued"
Token = Field(max_length=60, pattern=r"^[A-Za-z0-9]*$")


class ConfirmClaimant(Command):
    """The personnel officer, or the admin of his unit, knows him and has asked him. The service fills in
    ``asker_subject``.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"asker_subject"})

    request_id: UUID
    asker_subject: str = Field(default="", max_length=64)


class RenewHandOver(Command):
    """A new way in; the one before it is worth nothing any more."""

    filled: ClassVar[frozenset[str]] = frozenset({"asker_subject"})

    request_id: UUID
    way: Way = "notice"
    asker_subject: str = Field(default="", max_length=64)


class RecordSlip(Command):
    """The slip of this generation has been set. ``sha256``: of the PDF, which is kept nowhere."""

    request_id: UUID
    filled: ClassVar[frozenset[str]] = frozenset({"asker_subject"})

    generation: int = Field(ge=1)
    sha256: Sha256
    asker_subject: str = Field(default="", max_length=64)


class BeginClaim(Command):
    """The service's own: somebody with the link, confirmed, sets a secret now. ``how``: by what he brings;
    ``by_contact``: by the code that went to the contact on file.

    ``opening`` names this gesture: while it lasts no other one goes on.
    """

    request_id: UUID
    generation: int = Field(ge=1)
    opening: UUID
    how: Literal["", "slip"] = ""
    by_contact: bool = False


class DropClaim(Command):
    """The directory did not do it: another gesture may try at once."""

    request_id: UUID
    opening: UUID
    reason: Slug


class RecordSecretSet(Command):
    """The directory has it, proven by logging in with it. ``former``: as in the fact; the service fills it in."""

    filled: ClassVar[frozenset[str]] = frozenset({"former"})

    request_id: UUID
    generation: int = Field(ge=1)
    opening: UUID
    former: UUID | None = None


class EndHandOver(Command):
    """Timer: the end of a hand-over."""

    request_id: UUID
    generation: int = Field(ge=1)


class HandOverOpened(RequestEvent):
    """``ends``: at the latest; when the applicant has been told it ends sooner (`RequestNotified.hand_over_ends`).

    ``account_id``, ``address``: whose secret it is about. ``link_length``: characters of its link's token; of a slip's,
    and of older facts', there are fewer (decision 0114).
    """

    generation: int
    way: Slug
    ends: AwareDatetime
    account_id: UUID
    address: str
    by: Officer | None = None
    link_length: int = 26


class ClaimCodeIssued(RequestEvent):
    """A code for this way in goes to the contact on file, which is that of the request ``contact_of``; the link goes to
    the contact of this request. ``number``: of this one. ``address``: whose; a code never goes to that mailbox itself.
    """

    generation: int
    contact_of: UUID
    number: str
    address: str


class ClaimantConfirmed(RequestEvent):
    """``how``: who says that it is he: personnel or unit-admin (an officer asked him), slip (he has the code upon
    it), contact (he has the code that went to the contact on file).
    """

    generation: int
    how: Slug
    by: Officer | None = None


class SlipPrinted(RequestEvent):
    generation: int
    sha256: Sha256
    by: Officer


class ClaimBegun(RequestEvent):
    """Somebody who was confirmed opened it. ``until``: so long no other gesture goes on."""

    generation: int
    opening: UUID
    until: AwareDatetime


class ClaimDropped(RequestEvent):
    opening: UUID
    reason: Slug


class SecretSet(RequestEvent):
    """Its holder has set his secret, which nobody else knows; what was logged in has ended.

    ``former``: the request whose contact was on file, where it is another than the one that this request reaches him
    by; this request itself, where it had named another one first. ``told``: the position of its unit's admin.
    """

    generation: int
    account_id: UUID
    address: str
    set_at: AwareDatetime
    former: UUID | None = None
    told: Slug | None = None


class WayInNamed(Event):
    """Which way in holds for this account now: all others have ended."""

    case: ClassVar[str] = "request_id"
    account_id: UUID
    request_id: UUID
    generation: int


class ContactTrusted(Event):
    """The contact of this request belongs to who has the account: from now on it is the contact on file, by which a
    later request may be confirmed.
    """

    case: ClassVar[str] = "request_id"
    account_id: UUID
    request_id: UUID


class HandOverTold(RequestEvent):
    """The applicant has been told of a way in that was opened anew."""

    generation: int
    ends: AwareDatetime


class HandOverExpired(RequestEvent):
    generation: int


class ClaimState(Query):
    """What a link is worth. It changes nothing, whoever asks and how often."""

    request_id: UUID
    token: str = Token


class MailServers(Shape):
    """``host:port`` of a directory's mail server, and its page in a browser; empty where nobody has said."""

    imap: str = ""
    smtp: str = ""
    webmail: str = ""


class ClaimStateAnswer(Shape):
    """``state``: unknown (no such link), open, set, ended. The rest is told to who has the right link.

    ``confirmed``: by whom, empty: nobody yet, so a code is needed. ``way``: how it was handed over. ``code``: one
    went to the contact on file.
    """

    state: Literal["unknown", "open", "set", "ended"] = "unknown"
    way: str = ""
    confirmed: str = ""
    code: bool = False
    address: str = ""
    ends: AwareDatetime | None = None


class SetSecret(ServiceRequest):
    """By who has the link, by a gesture of his. ``code``: of the slip, or as it went to the contact on file.

    ``secret``: his own; empty: words are proposed, and stand in the answer alone.
    """

    request_id: UUID
    token: str = Token
    code: str = Field(default="", max_length=60)
    secret: str = Field(default="", max_length=400, repr=False)


class SecretSetAnswer(Shape):
    """``secret``: the proposed words, this once; empty where he chose his own."""

    address: str
    secret: str = Field(default="", repr=False)
    servers: MailServers = Field(default_factory=MailServers)


class PrintSlip(ServiceRequest):
    """The sealed slip of the hand-over that is open, as PDF: link and code, never a secret. Asked by an officer."""

    request_id: UUID
    by: Actor
    command_id: UUID


class SlipAnswer(Shape):
    """``pdf``: base64."""

    pdf: str
    number: str = ""


COMMANDS: tuple[type[Command], ...] = (
    ConfirmClaimant, RenewHandOver, RecordSlip, BeginClaim, DropClaim, RecordSecretSet, EndHandOver,
)  # fmt: skip
EVENTS: tuple[type[Event], ...] = (
    HandOverOpened, ClaimCodeIssued, ClaimantConfirmed, SlipPrinted, ClaimBegun, ClaimDropped, SecretSet,
    ContactTrusted, HandOverExpired, WayInNamed, HandOverTold,
)  # fmt: skip
REQUESTS: tuple[type[ServiceRequest], ...] = (SetSecret, PrintSlip)
QUERIES: dict[type[Query], type[Shape]] = {ClaimState: ClaimStateAnswer}
