"""Grants that widen who sees letters: what they are, whose word is enough, how long they wait (decision 0051)."""

from collections.abc import Collection
from datetime import timedelta

from contracts.base import Actor
from contracts.words import LEADERS, LETTER_ROLES
from services.kit.ids import is_machine
from services.kit.policy import roles_of
from services.organisation.policy import CONSOLE_ID, SYSTEM

TIME_TO_OBJECT = timedelta(hours=24)
"""So long a grant waits while the leaders see it; then it takes effect by itself."""

TIME_TO_HAND_OVER = timedelta(days=3)
"""So long a credential that was agreed to may be handed over; afterwards it is asked for anew."""


def opens(*roles: str) -> bool:
    """Whether somebody with these roles reads letters."""
    return not LETTER_ROLES.isdisjoint(roles)


def opened_by(wanted: Collection[str], had: Collection[str]) -> tuple[str, ...]:
    """The roles that read letters and are new to him."""
    return tuple(sorted((set(wanted) - set(had)) & LETTER_ROLES))


def at_once(actor: Actor) -> bool:
    """His word is enough: he has the machine itself (console, files), or leads the office. A machine never leads."""
    return SYSTEM in actor.roles or leads(actor)


def leads(actor: Actor) -> bool:
    return not is_machine(actor.id) and not LEADERS.isdisjoint(roles_of(actor))


def shown(actor: Actor) -> bool:
    """What is given in one step at the console, the leaders are shown. The files are the office's own words."""
    return actor.id == CONSOLE_ID and SYSTEM in actor.roles
