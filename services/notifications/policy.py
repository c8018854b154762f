"""Notifications' named rules and tables: who may ask, what is refused and how, what a route and a template may say."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from uuid import UUID

from contracts.notices import CHANNELS, INBOX, MANUAL, ROUTABLE, NoticeRules, NotifyRoute
from services.kit.policy import Refusals
from services.kit.templates import places_of

REFUSALS: Mapping[str, int] = {
    "unknown": 404,
    "not-for-you": 403,
    "kind-unknown": 422,
    "channel-unknown": 422,
    "audience-unknown": 422,
    "template-unknown": 422,
    "gather-urgent": 422,
    "field-not-allowed": 422,
    "reason-missing": 422,
    "not-open": 409,
    "still-open": 409,
    "older-attempt": 409,
    "identity-hidden": 409,
    "hook-unknown": 404,
    "hook-known": 409,
    "hook-suspended": 409,
    "hook-address": 422,
    "hook-range": 422,
    "too-many-hooks": 409,
}
refuse = Refusals("notifications", REFUSALS)

MOST_TRIES = 12
"""Of one channel that fails for now; with the pauses of its queue about half a day."""
NO_CHANNEL = "no-channel-left"
TOO_LONG = "too-long"
"""The first way has not accepted it in the time that its route gives."""
HIDDEN = "identity-hidden"
"""No way is left by which nobody learns who it is."""
MOST_HOOKS = 20
MOST_RANGES = 50
BOTH_SIGN = timedelta(hours=24)
"""So long after a rotation the secret before it signs too."""
HOOK_FAILS_FOR = timedelta(days=5)
"""After that a hook is suspended."""
HOOK_WAITS_FOR = timedelta(days=30)
"""So long a suspended hook is kept its messages."""
ANSWERING = frozenset({"reply"})
"""Purposes that somebody waits for: no preference mutes them."""
BOUNCES = frozenset({"mailbox-unknown"})
"""Reasons of a permanent failure that say that the contact itself is wrong."""
OPERATIONS = "operations"
"""The purpose of notices about the machine itself: they never cause another."""
KEEPERS = ("admin",)
"""Who keeps the machine: hooks and their private ranges."""
DESK = ("operator", "complaint-officer")
"""Who tells people himself where no channel could, and looks after what was not sent: of the cases that he may see,
which the edge asks (decision 0113).
"""
PUBLISHING = ("admin", "kadis")
"""Who publishes routes, as he publishes standards."""
LOOKING_AFTER = ("operator", *KEEPERS)
"""Who blocks a contact that is wrong, and lets it go on."""


def outward(channels: tuple[str, ...]) -> tuple[str, ...]:
    """The channels by which something is sent, in their order."""
    return tuple(each for each in channels if each != INBOX)


def by_machine(channels: tuple[str, ...]) -> tuple[str, ...]:
    """Those by which no person learns whom they reach."""
    return tuple(each for each in channels if each != MANUAL)


def queue_of(channel: str, hook_id: UUID | None = None) -> str | None:
    """The queue of its jobs, a webhook's its lane; None: a person does it."""
    if channel == MANUAL:
        return None
    return channel if hook_id is None else f"{channel}:{hook_id}"


def faults(rules: NoticeRules) -> Iterator[tuple[str, str]]:
    """(place, refusal's reason) of what no notice could be made from."""
    words: dict[str, list[str]] = {}
    for template in rules.templates:
        words.setdefault(template.template, []).extend((template.subject, template.body))
    for at, route in enumerate(rules.routes):
        yield from ((f"routes[{at}]", reason) for reason in _of_route(route, words))


def _of_route(route: NotifyRoute, words: Mapping[str, list[str]]) -> Iterator[str]:
    known = ROUTABLE.get(route.kind)
    if known is None:
        yield "kind-unknown"
        return
    if route.audience not in known.audiences:
        yield "audience-unknown"
    if set(route.channels) - set(CHANNELS):
        yield "channel-unknown"
    if route.urgent and route.gather:
        yield "gather-urgent"
    if route.template not in words:
        yield "template-unknown"
    for text in words.get(route.template, ()):
        try:
            strange = places_of(text) - known.fields
        except ValueError:
            strange = frozenset({"?"})
        if strange:
            yield "field-not-allowed"
