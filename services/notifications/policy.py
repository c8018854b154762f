"""Notifications' named rules and tables: who may ask, what is refused and how, what a route and a template may say."""

from collections.abc import Iterator, Mapping

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
    "field-not-allowed": 422,
    "not-open": 409,
    "still-open": 409,
    "older-attempt": 409,
}
refuse = Refusals("notifications", REFUSALS)

MOST_TRIES = 12
"""Of one channel that fails for now; with the pauses of its queue about half a day."""
NO_CHANNEL = "no-channel-left"
DESK = ("operator",)
"""Who tells people himself where no channel could, and looks after what was not sent."""


def outward(channels: tuple[str, ...]) -> tuple[str, ...]:
    """The channels by which something is sent, in their order."""
    return tuple(each for each in channels if each != INBOX)


def queue_of(channel: str) -> str | None:
    """The queue of its jobs; None: a person does it."""
    return None if channel == MANUAL else channel


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
    if route.template not in words:
        yield "template-unknown"
    for text in words.get(route.template, ()):
        try:
            strange = places_of(text) - known.fields
        except ValueError:
            strange = frozenset({"?"})
        if strange:
            yield "field-not-allowed"
