"""What came of a notice: attempts, a person's tick, seen, given up, sent again."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, Line, Sha256, Shape, Slug
from contracts.jobs import Outcome

Reason = Slug
"""A word for a person; nothing personal."""
Way = Literal["whatsapp", "phone", "in-person"]


class Doer(Shape):
    """Who did it, without his name: this service has no key that would open one. ``capacity`` as in `Officer`."""

    person_id: Slug
    position: Slug | None = None
    capacity: Literal["holder", "plt", "plh"] = "holder"


class RecordAttempt(Command):
    """What a worker said of an attempt by this channel. ``sha256``: of the words that were sent. ``person_id``: to whom
    they went, where that is known still.
    """

    notice_id: UUID
    channel: Slug
    generation: int = Field(ge=1)
    outcome: Outcome
    reason: Reason | None = None
    provider_id: str = Field(default="", max_length=200, pattern=r"^[\x20-\x7e]*$")
    sha256: Sha256 | None = None
    person_id: Slug | None = None


class TickSent(Command):
    """A person says that he told the recipient himself, and how."""

    notice_id: UUID
    how: Way


class RecordReceipt(Command):
    """What came back after the channel had taken it (of an e-mail: a DSN, RFC 3464). ``reason``: a word."""

    notice_id: UUID
    channel: Slug
    generation: int = Field(ge=1)
    what: Literal["delivered", "failed"]
    reason: Reason | None = None


class PassOn(Command):
    """By a timer: the first way has not accepted it in the time that its route gives."""

    notice_id: UUID
    channel: Slug
    generation: int = Field(ge=1)


class SendAgain(Command):
    """From the first channel on; what was accepted before may come a second time."""

    notice_id: UUID
    reason: Line


class GiveUp(Command):
    notice_id: UUID
    reason: Line


class MarkSeen(Command):
    """Whoever it is for has seen it: the person, or who acts for the position today."""

    notice_id: UUID


class TestChannel(Command):
    """Sends the asker himself a message that is about nothing, by this channel, at once."""

    __test__ = False
    channel: Slug


class NoticeEvent(Event):
    case: ClassVar[str] = "notice_id"
    notice_id: UUID


class NoticeAccepted(NoticeEvent):
    """The channel's provider took it over, or (``by``) a person told it: ``how``. ``purpose`` to
    ``case_id``: as the notice was planned, for the service whose clock ends there. ``person_id``: to whom it went,
    where that is known.
    """

    channel: Slug
    generation: int
    accepted_at: AwareDatetime
    provider_id: str = ""
    sha256: Sha256 | None = None
    how: str = ""
    by: Doer | None = None
    purpose: str = ""
    event_kind: str = ""
    case_kind: str = ""
    case_id: UUID | None = None
    person_id: Slug | None = None


class NoticeDelivered(NoticeEvent):
    """It lies in the recipient's mailbox."""

    channel: Slug
    generation: int
    at: AwareDatetime


class NoticeBounced(NoticeEvent):
    """It did not arrive after all. ``next_channel``: where it goes on; None: nowhere."""

    channel: Slug
    generation: int
    reason: Reason
    at: AwareDatetime
    next_channel: Slug | None = None


class AttemptFailed(NoticeEvent):
    """``next_channel``: where it goes on; None: the same channel again later."""

    channel: Slug
    generation: int
    reason: Reason
    tries: int
    next_channel: Slug | None = None


class AttemptUnknown(NoticeEvent):
    """Nobody can tell whether it was sent: a person decides."""

    channel: Slug
    generation: int
    reason: Reason


class NoticeGivenUp(NoticeEvent):
    """No channel is left, or (``by``) a person said so."""

    channel: Slug
    generation: int
    reason: str
    by: Doer | None = None


class NoticeSentAgain(NoticeEvent):
    generation: int
    channel: Slug
    reason: str
    by: Doer


class NoticeSeen(NoticeEvent):
    seen_at: AwareDatetime
    by: Doer


COMMANDS: tuple[type[Command], ...] = (
    RecordAttempt,
    RecordReceipt,
    PassOn,
    TickSent,
    SendAgain,
    GiveUp,
    MarkSeen,
    TestChannel,
)
EVENTS: tuple[type[Event], ...] = (
    NoticeAccepted, AttemptFailed, AttemptUnknown, NoticeGivenUp, NoticeSentAgain, NoticeSeen, NoticeDelivered,
    NoticeBounced,
)  # fmt: skip
