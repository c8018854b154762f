"""Positions: who was appointed and until when, who substitutes for whom, who acts on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from contracts.base import Event, Refusal
from contracts.offices import AccessGrant
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
from services.organisation.domain.access import widen
from services.organisation.domain.agency import today
from services.organisation.policy import (
    IMPORTER_ID,
    LONGEST_CHAIN,
    bad_dates,
    not_of_deployment,
    printed_title,
    refused,
    unknown_roles,
    within,
)
from services.organisation.policy.letters import opens

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

    def lasts(self, day: str) -> bool:
        """It covers this day or a later one."""
        return min(filter(None, (self.until_on, self.ended_on)), default=day) >= day


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


def establish_position(command: EstablishPosition, position: Position, given: Given) -> Decision:
    """A role that reads letters waits for a leader where somebody is appointed who does not see them yet."""
    decision = established(command, position, given)
    if isinstance(decision, Refusal) or not _newly_read(command, position, given):
        return decision
    grant = AccessGrant(what="position", **command.model_dump())
    return widen([grant], given, now=decision.events)


def established(command: EstablishPosition, position: Position, given: Given) -> Decision:
    if no := unknown_roles(command.role) or not_of_deployment(given.agency, command.role):
        return no
    if (position.title, position.role, position.unit) == (command.title, command.role, command.unit):
        return Accept()
    fact = PositionEstablished(**command.model_dump(), by=given.officer())
    return accept(stream(command.position), fact)


def appoint_holder(command: AppointHolder, position: Position, given: Given) -> Decision:
    """Whoever does not see letters yet may come to see them by any position, as somebody's substitute: it waits."""
    decision = appointed(command, position, given)
    if isinstance(decision, Refusal) or not decision.events:
        return decision
    if _reads(command, given) and not _newly_read(command, position, given):
        return decision
    grant = AccessGrant(what="seat", **command.model_dump(exclude={"seats"}))
    return widen([grant], given, now=decision.events)


def appointed(command: AppointHolder, position: Position, given: Given) -> Decision:
    """An acting holder has a first day; a Plh. (absence) also a last one."""
    if no := unknown_roles(command.role) or not_of_deployment(given.agency, command.role) or _bad_term(command):
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
    fact = HolderAppointed(**command.model_dump(exclude={"seats"}), by=given.officer())
    return accept(stream(command.position), fact)


def unended(position: Position, given: Given) -> frozenset[str]:
    """Who is appointed there, today or from a later day on."""
    day = today(given)
    return frozenset(term.person_id for term in position.terms if term.lasts(day))


def _reads(command: AppointHolder, given: Given) -> bool:
    """Whether he sees letters today: by a role of his own, or by a position whose role does."""
    if opens(*given.load(f"person:{command.person_id}").roles):
        return True
    day = today(given)
    held: list[Position] = [given.load(stream(seat)) for seat in command.seats]
    return any(
        opens(seat.role) and any(term.person_id == command.person_id and term.covers(day) for term in seat.terms)
        for seat in held
    )


def _newly_read(command: EstablishPosition | AppointHolder, position: Position, given: Given) -> bool:
    """The position's role changes to one that reads letters, and somebody else is appointed there who does not."""
    if not opens(command.role) or opens(position.role):
        return False
    return bool(newcomers(unended(position, given) - {getattr(command, "person_id", None)}, given))


def newcomers(people: Iterable[str], given: Given) -> list[str]:
    """Those who see no letters by a role of their own."""
    known = {name: given.load(f"person:{name}") for name in people}
    return [name for name, person in known.items() if person is None or not opens(*person.roles)]


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
    """It waits for a leader where somebody would substitute who does not see letters yet."""
    decision = substituted(command, position, given)
    if isinstance(decision, Refusal) or not decision.events:
        return decision
    links = [given.load(stream(link)) for link in _chain(command, given)[1:]]
    if not any(not opens(link.role) and newcomers(unended(link, given), given) for link in links):
        return decision
    grant = AccessGrant(what="substitute", position=command.position, substitute=command.substitute)
    return widen([grant], given, now=decision.events)


def substituted(command: NameSubstitute, position: Position, given: Given) -> Decision:
    """A chain of substitutes never comes back to where it began, and is no longer than `LONGEST_CHAIN`."""
    for name in (command.position, command.substitute):
        if name is not None and not given.load(stream(name)).known:
            return refused("position-unknown", 404, position=name)
    if position.substitute == command.substitute:
        return Accept()
    chain = _chain(command, given)
    if chain[-1] == command.position and len(chain) > 1:
        return refused("substitute-cycle", chain=chain)
    if len(chain) > LONGEST_CHAIN + 1:
        return refused("substitute-chain-too-long", most=LONGEST_CHAIN, chain=chain)
    by = given.officer()
    return accept(stream(command.position), SubstituteNamed(**command.model_dump(), by=by))


def _chain(command: NameSubstitute, given: Given) -> list[str]:
    """The position and who would substitute after whom; it ends where it comes back, or is too long."""
    chain, link = [command.position], command.substitute
    while link is not None:
        chain.append(link)
        if link == command.position or len(chain) > LONGEST_CHAIN + 1:
            break
        link = given.load(stream(link)).substitute
    return chain


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
