"""How a person wants to be told, and by which way he cannot be told any more. Stream ``contact:<person_id>``."""

from pydantic import AwareDatetime, Field

from contracts.base import Command, Event, Line, Query, Shape, Slug
from contracts.notifications.attempts import Doer


class SetPreferences(Command):
    """By the person himself: channels that he does not want. What is urgent or answers him comes all the same."""

    person_id: Slug
    muted: tuple[Slug, ...] = Field(default=(), max_length=10)


class BlockContact(Command):
    """Nothing more is sent to him by this channel, however urgent: what is stated there is wrong."""

    person_id: Slug
    channel: Slug
    reason: Line


class UnblockContact(Command):
    """``reason``: why it is right again; a person without one is refused."""

    person_id: Slug
    channel: Slug
    reason: str = Field(default="", max_length=500, pattern=r"^[^\x00]*$")


class RenewContact(Command):
    """Reaction to a contact that was stated anew: what was wrong with the old one is over."""

    person_id: Slug


class PreferencesSet(Event):
    person_id: Slug
    muted: tuple[Slug, ...]
    at: AwareDatetime


class ContactBlocked(Event):
    """``by`` None: a server said that there is no such address."""

    person_id: Slug
    channel: Slug
    reason: str
    at: AwareDatetime
    by: Doer | None = None


class ContactUnblocked(Event):
    """``by`` None: the contact was stated anew."""

    person_id: Slug
    channel: Slug
    at: AwareDatetime
    by: Doer | None = None
    reason: str = ""


class WaysOf(Query):
    """Of one person; asked for himself, or by who looks after notices."""

    person_id: Slug


class WaysOfAnswer(Shape):
    """``blocked``: channel → why."""

    muted: tuple[str, ...] = ()
    blocked: dict[str, str] = Field(default_factory=dict)


COMMANDS: tuple[type[Command], ...] = (SetPreferences, BlockContact, UnblockContact, RenewContact)
EVENTS: tuple[type[Event], ...] = (PreferencesSet, ContactBlocked, ContactUnblocked)
ANSWERS: dict[type[Query], type[Shape]] = {WaysOf: WaysOfAnswer}
