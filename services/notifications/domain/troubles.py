"""Which troubles stand, and who is told of a new one: once, until it has ended.

A trouble is told of by a notice of purpose *operations*. What becomes of that notice is no trouble and no fact that
anybody is told of, so the machine never talks to itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from contracts.base import Event
from contracts.notices import INBOX, TROUBLE_KINDS, NotifyRoute
from contracts.notifications import NoteTroubles, NoticePlanned, Trouble, TroubleEnded, TroubleNoted
from services.kit.deciding import Accept, Decision, Given
from services.notifications.domain import office as offices
from services.notifications.domain.notice import stream as notice_stream
from services.notifications.domain.office import Office
from services.notifications.policy import OPERATIONS

STREAM = "machine:agency"
CASE_KIND = "machine"
CASES = UUID("5d1f7bb0-55b2-5d5c-9d6c-2b0c7a6c6f10")
"""The namespace of a trouble's case id."""
KEEPER = "keeper"


@dataclass(frozen=True, slots=True)
class Machine:
    """Trouble → since when."""

    standing: Mapping[Trouble, datetime] = field(default_factory=dict)


def note(command: NoteTroubles, machine: Machine, given: Given) -> Decision:
    office: Office = given.load(offices.STREAM)
    facts: list[tuple[str, Event]] = []
    found = dict.fromkeys(command.found)
    for trouble in found:
        if trouble in machine.standing:
            continue
        notices = list(_told(trouble, command.keepers, office, given))
        facts.append((STREAM, TroubleNoted(trouble=trouble, since=given.now, told=len(notices))))
        facts += [(notice_stream(each.notice_id), each) for each in notices]
    facts += [
        (STREAM, TroubleEnded(trouble=trouble, since=since, at=given.now))
        for trouble, since in machine.standing.items()
        if trouble not in found
    ]
    return Accept(tuple(facts))


def evolve(machine: Machine, event: Event) -> Machine:
    match event:
        case TroubleNoted():
            return Machine({**machine.standing, event.trouble: event.since})
        case TroubleEnded():
            return Machine({each: since for each, since in machine.standing.items() if each != event.trouble})
    return machine


def _told(trouble: Trouble, keepers: tuple[str, ...], office: Office, given: Given) -> Iterator[NoticePlanned]:
    for route in office.routes(TROUBLE_KINDS[trouble.kind]):
        if route.channels and office.template(route.template) is not None:
            yield from (_notice(trouble, each, route, office, given) for each in dict.fromkeys(keepers))


def _notice(trouble: Trouble, person_id: str, route: NotifyRoute, office: Office, given: Given) -> NoticePlanned:
    leaves = route.urgent or set(route.channels) == {INBOX}
    return NoticePlanned(
        notice_id=uuid5(given.command_id, f"notice/{trouble.kind}/{trouble.name}/person:{person_id}"),
        event_id=given.command_id, event_kind=route.kind, case_kind=CASE_KIND,
        case_id=uuid5(CASES, f"{given.agency}/{trouble.kind}/{trouble.name}"), audience=KEEPER, person_id=person_id,
        channels=route.channels, template=route.template, values={"name": trouble.name}, purpose=OPERATIONS,
        urgent=route.urgent, planned_at=given.now, not_before=given.now if leaves else office.opens(given.now),
    )  # fmt: skip
