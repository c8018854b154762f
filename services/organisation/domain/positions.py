"""Positions: who was appointed and until when, who substitutes for whom, who acts on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from contracts.base import Event, Refusal
from contracts.organisation import (
    AppointHolder,
    EndHolding,
    EstablishPosition,
    HolderAppointed,
    HoldingEnded,
    NameSubstitute,
    PositionEstablished,
    SubstituteNamed,
)
from services.kit.deciding import Accept, Decision, Given, accept
from services.organisation.policy import (
    IMPORTER_ID,
    LONGEST_CHAIN,
    bad_dates,
    printed_title,
    refused,
    unknown_roles,
    within,
)

Capacity = Literal["holder", "plt", "plh"]


@dataclass(frozen=True, slots=True)
class Term:
    """An appointment, and the day with which it ended before its time."""

    person_id: str
    capacity: Capacity
    from_on: str = ""
    until_on: str = ""
    ended_on: str = ""
    reason: str = ""

    def covers(self, day: str) -> bool:
        return within(self.from_on, self.until_on, day) and not (self.ended_on and self.ended_on < day)


@dataclass(frozen=True, slots=True)
class Position:
    """``terms``: every appointment, the oldest first; of two that overlap in one capacity the later one holds."""

    title: str = ""
    role: str = ""
    unit: str = ""
    terms: tuple[Term, ...] = ()
    substitute: str | None = None

    @property
    def known(self) -> bool:
        return bool(self.title)

    def term(self, capacity: str, day: str) -> Term | None:
        return next((each for each in reversed(self.terms) if each.capacity == capacity and each.covers(day)), None)


@dataclass(frozen=True, slots=True)
class Deputy:
    """Who acts for a position. ``absent``: he does so because its own holder is away."""

    person_id: str
    capacity: Capacity
    title: str
    absent: bool = False


def acting(
    position: Position, day: str, away: Callable[[str], bool], find: Callable[[str], Position]
) -> Iterator[Deputy]:
    """Who acts on this day, then who would after him: a Plh. before a Plt. before the holder, then substitutes.

    Substitutes come in only where somebody is appointed and away, or (the rest of the iterator) barred from a case.
    Nobody comes twice. Bounded by `LONGEST_CHAIN`.
    """
    seen: set[str] = set()
    appointed = [term for capacity in ("plh", "plt", "holder") if (term := position.term(capacity, day))]
    for term in appointed:
        if not away(term.person_id) and term.person_id not in seen:
            seen.add(term.person_id)
            yield Deputy(term.person_id, term.capacity, printed_title(term.capacity, position.title))
            break
    link = position
    for _ in range(LONGEST_CHAIN):
        if not appointed or link.substitute is None:
            return
        link = find(link.substitute)
        present = next(
            (t for c in ("plh", "plt", "holder") if (t := link.term(c, day)) and not away(t.person_id)), None
        )
        if present and present.person_id not in seen:
            seen.add(present.person_id)
            yield Deputy(present.person_id, "plh", printed_title("plh", position.title), absent=True)


def establish_position(command: EstablishPosition, position: Position, _given: Given) -> Decision:
    if no := unknown_roles(command.role):
        return no
    if (position.title, position.role, position.unit) == (command.title, command.role, command.unit):
        return Accept()
    return accept(stream(command.position), PositionEstablished(**command.model_dump()))


def appoint_holder(command: AppointHolder, position: Position, given: Given) -> Decision:
    """An acting holder has a first day; a Plh. (absence) also a last one."""
    if no := unknown_roles(command.role) or _bad_term(command):
        return no
    if given.load(f"person:{command.person_id}") is None:
        return refused("person-unknown", 404, person=command.person_id)
    if given.actor.id == IMPORTER_ID and position.terms:
        return Accept()
    wanted = Term(command.person_id, command.capacity, command.from_on, command.until_on)
    newest = next((term for term in reversed(position.terms) if term.capacity == command.capacity), None)
    named = (position.title, position.role, position.unit) == (command.title, command.role, command.unit)
    if newest == wanted and named:
        return Accept()
    return accept(stream(command.position), HolderAppointed(**command.model_dump()))


def end_holding(command: EndHolding, position: Position, given: Given) -> Decision:
    if no := bad_dates(command.on, "", first_needed=True):
        return no
    newest = next((term for term in reversed(position.terms) if term.capacity == command.capacity), None)
    if newest is None:
        return refused("nobody-appointed", 404, position=command.position, capacity=command.capacity)
    if newest.ended_on:
        return Accept()
    by = given.officer()
    return accept(stream(command.position), HoldingEnded(**command.model_dump(), by=by))


def name_substitute(command: NameSubstitute, position: Position, given: Given) -> Decision:
    """A chain of substitutes never comes back to where it began, and is no longer than `LONGEST_CHAIN`."""
    for name in (command.position, command.substitute):
        if name is not None and not given.load(stream(name)).known:
            return refused("position-unknown", 404, position=name)
    if position.substitute == command.substitute:
        return Accept()
    chain, link = [command.position], command.substitute
    while link is not None:
        chain.append(link)
        if link == command.position:
            return refused("substitute-cycle", chain=chain)
        if len(chain) > LONGEST_CHAIN + 1:
            return refused("substitute-chain-too-long", most=LONGEST_CHAIN, chain=chain)
        link = given.load(stream(link)).substitute
    by = given.officer()
    return accept(stream(command.position), SubstituteNamed(**command.model_dump(), by=by))


def evolve_position(position: Position, event: Event) -> Position:
    match event:
        case PositionEstablished():
            return replace(position, title=event.title, role=event.role, unit=event.unit)
        case HolderAppointed():
            term = Term(event.person_id, event.capacity, event.from_on, event.until_on)
            terms = (*position.terms, term)
            return replace(position, title=event.title, role=event.role, unit=event.unit, terms=terms)
        case HoldingEnded():
            newest = max(at for at, term in enumerate(position.terms) if term.capacity == event.capacity)
            ended = replace(position.terms[newest], ended_on=event.on, reason=event.reason)
            return replace(position, terms=(*position.terms[:newest], ended, *position.terms[newest + 1 :]))
        case SubstituteNamed():
            return replace(position, substitute=event.substitute)
    return position


def _bad_term(command: AppointHolder) -> Refusal | None:
    if no := bad_dates(command.from_on, command.until_on):
        return no
    if command.capacity != "holder" and not command.from_on:
        return refused("acting-without-first-day", 422)
    if command.capacity == "plh" and not command.until_on:
        return refused("absence-without-last-day", 422)
    return None


def stream(position: str) -> str:
    return f"position:{position}"
