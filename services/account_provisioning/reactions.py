"""What account provisioning is told: the standard that its requests run under."""

from contracts.account_provisioning import AdoptStandard
from contracts.base import Command, Event, Recorded
from contracts.organisation import StandardPublished
from services.kit.service import Reaction


def adopt_standard(recorded: Recorded) -> Command | None:
    """Standards of letters and complaints have no rules of accounts and ask nothing of this service."""
    event = recorded.event
    if not isinstance(event, StandardPublished) or not event.rules.get("accounts"):
        return None
    return AdoptStandard(standard=event.standard, valid_from=event.valid_from, rules=event.rules)


REACTIONS: dict[type[Event], Reaction] = {StandardPublished: adopt_standard}
