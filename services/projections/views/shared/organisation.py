"""What organisation's facts do to the views."""

from collections.abc import Iterator

from contracts.base import Recorded
from contracts.organisation import AccessEnded, RolesGranted, StandardPublished, SubjectErased, UserAdded
from services.kit.projections import Erase, Operation, Put, packed
from services.kit.worktime import CALENDAR_RULES

RUN_UNDER = ("books", "accounts", "complaints")
"""The rules by which a standard has cases."""


def user(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, UserAdded):
        key = {"agency": told.agency, "person_id": event.person_id}
        yield Put("people", key, {"name": event.name, "roles": packed(list(event.roles))})


def roles(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, RolesGranted | AccessEnded):
        key = {"agency": told.agency, "person_id": event.person_id}
        now = event.roles if isinstance(event, RolesGranted) else ()
        yield Put("people", key, {"roles": packed(list(now))})


def zone(told: Recorded) -> Iterator[Operation]:
    """The zone in which the agency's day begins and ends."""
    event = told.event
    if isinstance(event, StandardPublished) and isinstance(name := event.rules.get("zone"), str):
        yield Put("offices", {"agency": told.agency}, {"zone": name})


def calendar(told: Recorded) -> Iterator[Operation]:
    """The working time of the cases that run under this version; of what no case runs under there is none."""
    event = told.event
    if isinstance(event, StandardPublished) and any(map(event.rules.get, RUN_UNDER)):
        known = {key: event.rules[key] for key in CALENDAR_RULES if key in event.rules}
        key = {"agency": told.agency, "standard": f"{event.standard.standard}.{event.standard.version}"}
        yield Put("calendars", key, {"rules": packed(known)})


def erased(told: Recorded) -> Iterator[Operation]:
    event = told.event
    if isinstance(event, SubjectErased):
        yield Erase(told.agency, event.subject_id, event.key_ids)
