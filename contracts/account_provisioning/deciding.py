"""What becomes of a request: asked for more, agreed to, refused, told."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.account_provisioning.filing import CodeMac, Words
from contracts.base import Command, Moment, Slug


class AskForCompletion(Command):
    """The clock stands still until the applicant has answered. ``reason``: a row of the standard's ``pauses``.

    ``asker_subject``: who reviews, named like an applicant; the service fills it in.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"asker_subject"})

    request_id: UUID
    reason: Slug
    words: str = Words
    asker_subject: str = Field(default="", max_length=64)


class ApproveRequest(Command):
    """``address`` of a new account (nothing: the first free one of the standard's patterns), or the additional one of a
    change that asks for one (nothing: the one that was asked for).

    ``reason``: why another than the patterns give, or one that looks like another's. ``candidates``: what the patterns
    give for this name, ``wished``: the additional address that was asked for; only the service can open both, and fills
    them in, like ``asker_subject``.
    """

    filled: ClassVar[frozenset[str]] = frozenset({"candidates", "wished", "asker_subject"})

    request_id: UUID
    address: str = Field(default="", max_length=254)
    reason: str = Field(default="", max_length=500, pattern=r"^[^\x00]*$")
    candidates: tuple[str, ...] = Field(default=(), max_length=100)
    wished: str = Field(default="", max_length=254)
    asker_subject: str = Field(default="", max_length=64)


class RejectRequest(Command):
    """``reason``: a row of the standard's ``reject``; ``words`` are for the applicant."""

    filled: ClassVar[frozenset[str]] = frozenset({"asker_subject"})

    request_id: UUID
    reason: Slug
    words: str = Words
    asker_subject: str = Field(default="", max_length=64)


class RecordNotice(Command):
    """An officer told the applicant himself. ``how``: phone, whatsapp, in-person, letter, email."""

    request_id: UUID
    how: Slug
    told_at: Moment | None = None


class StopClock(Command):
    """Reaction to `NoticeAccepted` of purpose *reply*: the applicant was told. ``how``: the channel, or the way."""

    request_id: UUID
    at: AwareDatetime
    how: Slug


class ConfirmReceipt(Command):
    """The applicant says that he has it, or an officer for him."""

    request_id: UUID
    code_mac: CodeMac = None
