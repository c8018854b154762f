"""Mailboxes that cannot be read, in words that an operator and an administrator understand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class MailboxAway:
    agency: str
    mailbox: str
    since: datetime


def mailboxes_away(services: Iterable[Mapping[str, Any]]) -> list[MailboxAway]:
    """``services``: health reports as dictionaries. One of each, although several processes may tell of it."""
    found = {}
    for part in (part for each in services for part in each["parts"].values()):
        if isinstance(part, Mapping) and part.get("failing_since"):
            since = datetime.fromisoformat(str(part["failing_since"]))
            found[part["agency"], part["mailbox"]] = MailboxAway(part["agency"], part["mailbox"], since)
    return [found[key] for key in sorted(found)]
