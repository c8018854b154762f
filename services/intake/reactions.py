"""What intake is told: a published standard with an agenda book becomes the rules that letters run under."""

from contracts.base import Command, Event, Recorded
from contracts.intake import AdoptStandard
from contracts.organisation import StandardPublished
from services.kit.service import Reaction


def adopt_standard(recorded: Recorded) -> Command | None:
    """Standards of other services (accounts, complaints) keep no agenda book and ask nothing of intake."""
    event = recorded.event
    if not isinstance(event, StandardPublished) or not event.rules.get("books"):
        return None
    return AdoptStandard(standard=event.standard, valid_from=event.valid_from, rules=event.rules)


REACTIONS: dict[type[Event], Reaction] = {StandardPublished: adopt_standard}
