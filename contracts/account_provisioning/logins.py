"""Whether the holder of an account has ever logged in, asked of the directory a few times after he set a secret."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.account_provisioning.accounts import AccountEvent
from contracts.base import Command, Event, Moment

Found = Literal["seen", "not-yet", "cannot-tell", "away"]


class RecordFirstLogin(Command):
    """What the directory said at the ``look``-th time (1, 2, …). ``at``: when somebody logged in last, of *seen*.

    *cannot-tell*: it keeps no such thing. *away*: nobody could be asked; the same look is taken again.
    """

    account_id: UUID
    request_id: UUID
    look: int = Field(ge=1)
    found: Found
    at: Moment | None = None


class LoginAwaited(AccountEvent):
    """A secret was set with this request, and nobody has logged in with it ``since``, as far as is known."""

    since: AwareDatetime


class LoginSought(AccountEvent):
    """It was asked for, and not found. ``again_at``: when it is asked for next; None: no more."""

    look: int
    found: Literal["not-yet", "cannot-tell"]
    again_at: AwareDatetime | None = None


class FirstLoginSeen(AccountEvent):
    """``at``: when, as the directory has it: the last login that it knew of when it was asked."""

    address: str
    at: AwareDatetime


COMMANDS: tuple[type[Command], ...] = (RecordFirstLogin,)
EVENTS: tuple[type[Event], ...] = (LoginAwaited, LoginSought, FirstLoginSeen)
