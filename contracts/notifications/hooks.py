"""Webhooks: addresses of other systems that hear of facts. Stream ``hooks:agency``.

What they are sent is thin: which kind of fact, which case, its number, when. The secret that signs it is computed from
the hook's id and generation and stands in no event.
"""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from contracts.base import Actor, Command, Event, Line, Query, Sealed, ServiceRequest, Shape, Slug
from contracts.notices import FactName
from contracts.notifications.attempts import Doer, Reason

HookAddress = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[\x21-\x7e]+$")]
Network = Annotated[str, StringConstraints(min_length=3, max_length=50, pattern=r"^[0-9a-fA-F.:/]+$")]
"""An address range with its prefix: ``10.20.0.0/16``, ``fd00::/8``."""


class SubscribeHook(Command):
    """``event_kinds``: of `contracts.notices.HOOKABLE`; ``label``: whose system it is and what for."""

    hook_id: UUID
    url: HookAddress
    event_kinds: tuple[FactName, ...] = Field(min_length=1, max_length=100)
    label: Line


class RotateHookSecret(Command):
    """A new secret; for 24 hours what is sent is signed by both."""

    hook_id: UUID


class SuspendHook(Command):
    """Nothing is sent until it is resumed. Asked by an administrator, or by a timer after days of failure."""

    hook_id: UUID
    reason: Line


class ResumeHook(Command):
    """``from_at``: what was planned before this is not sent any more; None: everything that waits is."""

    hook_id: UUID
    from_at: AwareDatetime | None = None


class EndHook(Command):
    """For good; what waits for it is given up."""

    hook_id: UUID
    reason: Line


class TestHook(Command):
    """Sends it a message that is about nothing (kind ``notifications.Test``)."""

    __test__ = False
    hook_id: UUID


class AllowHookRange(Command):
    """Hooks may lead into this private range, also without TLS."""

    network: Network
    reason: Line


class WithdrawHookRange(Command):
    network: Network


class HookSubscribed(Event):
    """``place``: host and port, which a log may name; the whole address is sealed, for it may hold a token."""

    hook_id: UUID
    url: Sealed
    place: str
    event_kinds: tuple[FactName, ...]
    label: str
    at: AwareDatetime
    by: Doer


class HookSecretRotated(Event):
    """``generation`` signs from now on; the one before it beside it until ``both_until``."""

    hook_id: UUID
    generation: int
    both_until: AwareDatetime
    by: Doer


class HookFailing(Event):
    """The first failure after a success."""

    hook_id: UUID
    since: AwareDatetime
    reason: Reason


class HookRecovered(Event):
    hook_id: UUID
    at: AwareDatetime


class HookSuspended(Event):
    """``by`` None: after days of failure, or because the other side said that it is gone."""

    hook_id: UUID
    at: AwareDatetime
    reason: str
    place: str = ""
    label: str = ""
    by: Doer | None = None


class HookResumed(Event):
    hook_id: UUID
    at: AwareDatetime
    from_at: AwareDatetime | None = None
    by: Doer


class HookEnded(Event):
    hook_id: UUID
    at: AwareDatetime
    reason: str
    by: Doer


class HookRangeAllowed(Event):
    network: Network
    reason: str
    by: Doer


class HookRangeWithdrawn(Event):
    network: Network
    by: Doer


class GrantHookSecret(ServiceRequest):
    """Subscribes (`SubscribeHook` on the one road) and returns the secret. The same request again gives it again: the
    answer may have been lost.
    """

    hook_id: UUID
    url: HookAddress
    event_kinds: tuple[FactName, ...] = Field(min_length=1, max_length=100)
    label: Line
    by: Actor
    command_id: UUID


class GrantHookRotation(ServiceRequest):
    """A new secret (`RotateHookSecret` on the one road), returned as above."""

    hook_id: UUID
    by: Actor
    command_id: UUID


class HookGranted(Shape):
    """``secret``: ``whsec_…``, as the Standard Webhooks libraries take it."""

    hook_id: UUID
    secret: str
    after: str = ""


class Hooks(Query):
    """The webhooks of the agency, and the private ranges that they may lead into."""


class HookRow(Shape):
    """``state``: active, failing, suspended. ``address``: without what stands behind a question mark."""

    hook_id: UUID
    label: str
    address: str
    place: str
    event_kinds: tuple[str, ...]
    state: Slug
    generation: int
    both_until: AwareDatetime | None = None
    subscribed_at: AwareDatetime
    subscribed_by: str
    failing_since: AwareDatetime | None = None
    suspended_at: AwareDatetime | None = None
    reason: str = ""


class HookRange(Shape):
    network: str
    reason: str
    by: str


class HooksAnswer(Shape):
    hooks: tuple[HookRow, ...] = ()
    ranges: tuple[HookRange, ...] = ()
    event_kinds: tuple[str, ...] = ()


COMMANDS: tuple[type[Command], ...] = (
    SubscribeHook, RotateHookSecret, SuspendHook, ResumeHook, EndHook, TestHook, AllowHookRange, WithdrawHookRange,
)  # fmt: skip
EVENTS: tuple[type[Event], ...] = (
    HookSubscribed, HookSecretRotated, HookFailing, HookRecovered, HookSuspended, HookResumed, HookEnded,
    HookRangeAllowed, HookRangeWithdrawn,
)  # fmt: skip
ANSWERS: dict[type[Query], type[Shape]] = {Hooks: HooksAnswer}
REQUESTS: tuple[type[ServiceRequest], ...] = (GrantHookSecret, GrantHookRotation)
CloudEvent = dict[str, Any]
"""``specversion, id, source, type, subject, time, datacontenttype, data{case_kind, case_id, number}``."""
