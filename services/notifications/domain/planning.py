"""A fact becomes notices: which route is in force for it, whom that means, when it may leave the house."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from contracts.base import Event
from contracts.notices import EMAIL, HOOK_TEST, INBOX, ROUTABLE, TEST_TEMPLATE, NotifyRoute
from contracts.notifications import (
    CaseKnown,
    CaseNoted,
    NoticePlanned,
    NoticesPlanned,
    PlanNotices,
    RouteTold,
    TestChannel,
)
from services.kit.deciding import Accept, Decision, Given, accept
from services.kit.templates import places_of
from services.notifications.domain import gathering
from services.notifications.domain import hooks as webhooks
from services.notifications.domain import office as offices
from services.notifications.domain.hiding import hides, shut
from services.notifications.domain.notice import stream as notice_stream
from services.notifications.domain.office import Office
from services.notifications.policy import HIDDEN, OPERATIONS, by_machine, outward, refuse

TRIED = frozenset({EMAIL})
"""The channels that can be tried by a message to oneself."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a service's earlier facts have said of a case."""

    known: CaseKnown = field(default_factory=CaseKnown)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A position or a person, with the values that are his alone. ``contact``: which of the case; empty: its own."""

    position: str | None = None
    person_id: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    by_contact: bool = False
    contact: str = ""

    @property
    def name(self) -> str:
        if self.by_contact:
            return f"contact:{self.contact}" if self.contact else "contact"
        return f"position:{self.position}" if self.position else f"person:{self.person_id}"


def case_stream(command: PlanNotices) -> str:
    return f"case:{command.case_service}:{command.case_id}"


def event_stream(event_id: UUID) -> str:
    return f"event:{event_id}"


def plan(command: PlanNotices, planned: bool, given: Given) -> Decision:  # noqa: FBT001 - the state of its stream
    """What is known of its case, the notices, and what came of every route; a second time nothing."""
    if planned:
        return Accept()
    case: Case = given.load(case_stream(command))
    known = merged(case.known, command.known)
    facts: list[tuple[str, Event]] = []
    if known != case.known:
        noted = CaseNoted(case_service=command.case_service, case_id=command.case_id, known=known)
        facts.append((case_stream(command), noted))
    office: Office = given.load(offices.STREAM)
    told: list[RouteTold] = []
    heard: set[str] = set()
    for route in office.routes(command.event_kind):
        notices, why = _of_route(route, command, known, office, heard, given.now)
        for each in notices:
            notice = each
            if gathering.gathers(route, each):
                notice, fact = gathering.joined(route, each, office, given)
                facts.append((gathering.stream(gathering.who(each)), fact))
            facts.append((notice_stream(each.notice_id), notice))
        named = tuple(each.notice_id for each in notices)
        told.append(RouteTold(audience=route.audience, template=route.template, notices=named, why=why))
    hooks: webhooks.Hooks = given.load(webhooks.STREAM)
    for hook in hooks.of_kind(command.event_kind):
        if not hook.hears(given.now):
            told.append(RouteTold(audience="hook", template="hook", why="hook-suspended"))
            continue
        case_of = (command.case_kind, command.case_id)
        values = {**known.values, **command.values}
        notice = webhooks.notice_for(
            hook, command.event_id, command.event_kind, case_of, values, command.happened_at, given.now
        )  # fmt: skip
        facts.append((notice_stream(notice.notice_id), notice))
        told.append(RouteTold(audience="hook", template="hook", notices=(notice.notice_id,)))
    if facts or told or command.event_kind in ROUTABLE:
        summed = NoticesPlanned(
            event_id=command.event_id, event_kind=command.event_kind, happened_at=command.happened_at,
            case_kind=command.case_kind, case_id=command.case_id, rules=office.number, routes=tuple(told),
            values=command.values, positions=command.positions, persons=command.persons, parts=command.parts,
            by_contact=command.by_contact,
        )  # fmt: skip
        facts.append((event_stream(command.event_id), summed))
    return Accept(tuple(facts))


def test(command: TestChannel, _tested: bool, given: Given) -> Decision:  # noqa: FBT001 - the state of its stream
    """To the asker himself; in no route, so it causes nothing."""
    if command.channel not in TRIED:
        return refuse("channel-unknown")
    office: Office = given.load(offices.STREAM)
    if office.template(TEST_TEMPLATE) is None:
        return refuse("template-unknown", place=TEST_TEMPLATE)
    notice = NoticePlanned(
        notice_id=uuid5(given.command_id, "notice/test"), event_id=given.command_id, event_kind=HOOK_TEST,
        case_kind="hooks", case_id=given.command_id, audience="keeper", person_id=given.actor.id,
        channels=(INBOX, command.channel), template=TEST_TEMPLATE, values={}, purpose=OPERATIONS, urgent=True,
        planned_at=given.now, not_before=given.now,
    )  # fmt: skip
    return accept(notice_stream(notice.notice_id), notice, notice_id=str(notice.notice_id))


def evolve(case: Case, event: Event) -> Case:
    return Case(event.known) if isinstance(event, CaseNoted) else case


def evolve_event(_planned: bool, event: Event) -> bool:  # noqa: FBT001 - a state: whether its notices are planned
    return isinstance(event, NoticesPlanned)


def recipients_of(command: PlanNotices, known: CaseKnown, office: Office) -> Iterator[tuple[str, list[str]]]:
    """(audience, whom) of each route, without planning anything."""
    heard: set[str] = set()
    for route in office.routes(command.event_kind):
        told, _ = _of_route(route, command, known, office, heard, command.happened_at)
        yield route.audience, [each.position or each.person_id or "contact" for each in told]


def _of_route(  # noqa: PLR0913 - a route, its fact, its case, its agency, who has heard, and now
    route: NotifyRoute, command: PlanNotices, known: CaseKnown, office: Office, heard: set[str], now: datetime
) -> tuple[list[NoticePlanned], str]:
    """The notices, or why there are none. ``heard`` grows: nobody hears of one fact twice."""
    if not route.channels:
        return [], "off"
    meant = list(_recipients(route.audience, command, known, office))
    if not meant:
        return [], "no-seat" if route.audience == "unit" and command.parts else "nobody"
    meant = [each for each in meant if not _barred(each, known)]
    if not meant:
        return [], "barred"
    if meant[0].by_contact and hides(route.audience, known):
        route = route.model_copy(update={"channels": by_machine(route.channels)})
        if not outward(route.channels):
            return [], HIDDEN
    fresh = [each for each in meant if each.name not in heard]
    notices: list[NoticePlanned] = []
    for each in fresh:
        values = {**known.values, **command.values, **each.values}
        if not _complete(route, office, values):
            continue
        heard.add(each.name)
        notices.append(_notice(route, command, known, each, values, office, now))
    if notices:
        return notices, ""
    return [], "value-empty" if fresh else "told-already"


def _barred(recipient: Recipient, known: CaseKnown) -> bool:
    if recipient.position is not None:
        return shut(recipient.position, known)
    return f"person:{recipient.person_id}" in known.barred


def _notice(  # noqa: PLR0913 - the same, for one recipient
    route: NotifyRoute,
    command: PlanNotices,
    known: CaseKnown,
    recipient: Recipient,
    values: dict[str, str],
    office: Office,
    now: datetime,
) -> NoticePlanned:
    """Its id is the same whenever this is asked: one notice per fact and recipient."""
    leaves = route.urgent or set(route.channels) == {INBOX}
    not_before = now if leaves else office.opens(now)
    return NoticePlanned(
        notice_id=uuid5(command.event_id, f"notice/{route.audience}/{recipient.name}"),
        event_id=command.event_id,
        event_kind=command.event_kind,
        case_kind=command.case_kind,
        case_id=command.case_id,
        audience=route.audience,
        position=recipient.position,
        person_id=recipient.person_id,
        by_contact=recipient.by_contact,
        not_for=known.not_for.get(route.audience) if recipient.position else None,
        channels=route.channels,
        template=route.template,
        values=values,
        purpose=route.purpose,
        urgent=route.urgent,
        planned_at=now,
        not_before=not_before,
        onward_at=_onward(route, office, not_before),
    )


def _onward(route: NotifyRoute, office: Office, not_before: datetime) -> datetime | None:
    """Where there is a second way."""
    if route.onward_after is None or len(outward(route.channels)) < 2:  # noqa: PLR2004 - a second
        return None
    if route.urgent:
        return not_before + timedelta(minutes=route.onward_after)
    return office.later(not_before, route.onward_after)


def _recipients(audience: str, command: PlanNotices, known: CaseKnown, office: Office) -> Iterator[Recipient]:
    """Whom the fact itself names, else whom its case knows; of parts: who sits there for their recipients."""
    parts = [known.parts[str(each)] for each in command.parts if str(each) in known.parts]
    if audience == "unit":
        seen: set[str] = set()
        for part in parts:
            for position in office.seats(part.recipient_class):
                if position not in seen:
                    seen.add(position)
                    yield Recipient(position=position, values={"office": part.office})
        return
    values = {"office": parts[0].office} if parts else {}
    if audience in command.by_contact:
        yield Recipient(by_contact=True, contact=audience)
    elif audience in known.by_contact:
        yield Recipient(by_contact=True, values=command.own)
    elif person := command.persons.get(audience):
        yield Recipient(person_id=person, values=values)
    elif seat := command.positions.get(audience) or known.positions.get(audience):
        yield Recipient(position=seat, values=values)
    elif person := known.persons.get(audience):
        yield Recipient(person_id=person, values=values)


def _complete(route: NotifyRoute, office: Office, values: Mapping[str, str]) -> bool:
    """Whether every place of its words has a value."""
    template = office.template(route.template)
    if template is None:
        return False
    wanted = places_of(template.subject) | places_of(template.body)
    return all(values.get(name) for name in wanted)


def merged(known: CaseKnown, more: CaseKnown | None) -> CaseKnown:
    if more is None:
        return known
    return CaseKnown(
        values={**known.values, **more.values}, positions={**known.positions, **more.positions},
        persons={**known.persons, **more.persons}, parts={**known.parts, **more.parts},
        not_for={**known.not_for, **more.not_for},
        by_contact=tuple(dict.fromkeys((*known.by_contact, *more.by_contact))),
        named=known.named if more.named is None else more.named,
        barred=tuple(dict.fromkeys((*known.barred, *more.barred))),
    )  # fmt: skip
