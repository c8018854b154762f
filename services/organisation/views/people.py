"""Who somebody is at a moment: roles, positions that he acts for, what he is qualified for, whom he stands in for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from contracts.base import Actor, Holding, StandIn
from contracts.offices import (
    AbsenceRow,
    Acting,
    PositionRow,
    PositionsAnswer,
    QualificationRow,
    Term,
)
from contracts.organisation import People, PeopleAnswer, PersonRow, Positions
from contracts.words import ASSIGNER, BY_POSITION, EXAMINER, STAND_IN
from services.kit.ids import is_machine, machine_id
from services.organisation.domain.people import Person
from services.organisation.domain.positions import Deputy, Position, acting
from services.organisation.domain.tokens import LONGEST_NAME
from services.organisation.ports import OpenField
from services.organisation.views.directory import Directory
from services.organisation.views.standards import newest_begun


def deputies(directory: Directory, agency: str, position: str, day: str) -> tuple[Deputy, ...]:
    """Who acts for a position on this day, and who would after him."""

    def away(person_id: str) -> bool:
        return directory.people.get((agency, person_id), Person(())).absent(day)

    def find(name: str) -> Position:
        return directory.positions.get((agency, name), Position())

    return tuple(acting(find(position), day, away, find))


def actor(directory: Directory, opened: OpenField, agency: str, person_id: str, at: datetime) -> Actor | None:
    named = directory.named.get((agency, person_id))
    person = directory.people.get((agency, person_id))
    if named is None or person is None or person.gone or is_machine(person_id):
        return None
    day = directory.today(agency, at).isoformat()
    chains = {name: deputies(directory, agency, name, day) for name, _ in directory.of(directory.positions, agency)}
    holdings = tuple(_holdings(directory, agency, person_id, chains))
    stand_ins = tuple(_stand_ins(directory, agency, person_id, chains, day))
    followed = _by_position(directory, agency, {h.position for h in holdings}, {s.position for s in stand_ins})
    return Actor(
        id=person_id,
        name=str(opened(named.name)),
        nip=str(opened(named.nip)),
        roles=tuple(dict.fromkeys([*person.roles, *(held.role for held in holdings), *followed])),
        holdings=holdings,
        qualifications=person.qualified(day),
        stand_ins=stand_ins,
    )


def _by_position(directory: Directory, agency: str, held: set[str], stood: set[str]) -> Iterator[str]:
    """What positions open by themselves. Every version counts that was ever published: a running case keeps its own."""
    published = [each.event.rules for _, versions in directory.of(directory.standards, agency) for each in versions]
    tiers = {tier["position"] for rules in published for tier in rules.get("tiers", ())}
    if tiers & held:
        yield EXAMINER
    if tiers & stood:
        yield STAND_IN
    if held & {rules.get("assigner") for rules in published}:
        yield ASSIGNER


def machine(directory: Directory, agency: str, token_id: str) -> Actor | None:
    """A machine has the qualifications that the standards ask of its role: who issues its token vouches for it.

    None: revoked, or its name would not fit behind the mark that keeps it apart from people.
    """
    token = directory.tokens.get((agency, token_id))
    if token is None or token.revoked or len(token_id) > LONGEST_NAME:
        return None
    asked = (
        published.event.rules.get("registrar_qualification")
        for _, versions in directory.of(directory.standards, agency)
        for published in versions
        if published.event.rules.get("registrar_role") == token.role
    )
    qualifications = tuple(dict.fromkeys(name for name in asked if name))
    return Actor(id=machine_id(token_id), name=token.label, roles=(token.role,), qualifications=qualifications)


def listed(directory: Directory, opened: OpenField, agency: str, asked: People, at: datetime) -> PeopleAnswer:
    """By id; ``role``: also those who have it by a position that they act for now."""
    day = directory.today(agency, at).isoformat()
    rows = []
    for person_id, person in directory.of(directory.people, agency):
        found = actor(directory, opened, agency, person_id, at)
        if found is None or (asked.role is not None and asked.role not in found.roles):
            continue
        rows.append(
            PersonRow(
                person_id=found.id,
                name=found.name,
                nip=found.nip,
                roles=tuple(role for role in found.roles if role not in BY_POSITION),
                positions=tuple(held.position for held in found.holdings),
                qualifications=tuple(
                    QualificationRow(
                        qualification=each.qualification,
                        from_on=each.from_on,
                        until_on=min(filter(None, (each.until_on, each.withdrawn_on)), default=""),
                        certificate=each.certificate,
                        valid=each.holds(day),
                    )
                    for each in person.granted
                ),
                absences=tuple(
                    AbsenceRow(from_on=first, until_on=last, reason=reason)
                    for first, (last, reason) in sorted(person.absences.items())
                ),
            )
        )
    return PeopleAnswer(people=tuple(rows))


def positions(directory: Directory, opened: OpenField, agency: str, asked: Positions, at: datetime) -> PositionsAnswer:
    day = asked.on or directory.today(agency, at).isoformat()

    def name(person_id: str) -> str:
        named = directory.named.get((agency, person_id))
        return str(opened(named.name)) if named else person_id

    def told(deputy: Deputy) -> Acting:
        because = "absent" if deputy.absent else ""
        return Acting(
            person_id=deputy.person_id,
            name=name(deputy.person_id),
            capacity=deputy.capacity,
            title=deputy.title,
            because=because,
        )

    rows = []
    for slug, position in directory.of(directory.positions, agency):
        chain = [told(each) for each in deputies(directory, agency, slug, day)]
        appointed = any(position.term(capacity, day) for capacity in ("plh", "plt", "holder"))
        rows.append(
            PositionRow(
                position=slug,
                title=position.title,
                role=position.role,
                unit=position.unit,
                acting=chain[0] if chain else None,
                why_nobody="" if chain else "absent" if appointed else "vacant",
                terms=tuple(
                    Term(
                        person_id=term.person_id, name=name(term.person_id), capacity=term.capacity,
                        from_on=term.from_on, until_on=term.until_on, ended_on=term.ended_on, reason=term.reason,
                    )
                    for term in position.terms
                ),
                substitute=position.substitute,
                chain=tuple(chain[1:]),
            )
        )  # fmt: skip
    return PositionsAnswer(on=day, positions=tuple(rows))


def seats(directory: Directory, agency: str, person_id: str, at: datetime) -> tuple[str, ...]:
    """Positions to which he is appointed, today or from a later day on."""
    day = directory.today(agency, at).isoformat()
    return tuple(
        name
        for name, position in directory.of(directory.positions, agency)
        if any(term.person_id == person_id and term.lasts(day) for term in position.terms)
    )


def _holdings(
    directory: Directory, agency: str, person_id: str, chains: dict[str, tuple[Deputy, ...]]
) -> Iterator[Holding]:
    for slug, chain in chains.items():
        if chain and chain[0].person_id == person_id:
            position = directory.positions[agency, slug]
            yield Holding(position=slug, title=position.title, capacity=chain[0].capacity, role=position.role)


def _stand_ins(
    directory: Directory, agency: str, person_id: str, chains: dict[str, tuple[Deputy, ...]], day: str
) -> Iterator[StandIn]:
    """Where he would act if the one who acts were barred: as his substitute, or upward, tier by tier of a standard."""
    above = dict(_tiers_above(directory, agency, day))
    for slug, chain in chains.items():
        if not chain:
            continue
        barred, position = chain[0].person_id, directory.positions[agency, slug]
        if len(chain) > 1:
            if chain[1].person_id == person_id:
                yield StandIn(position=slug, title=position.title, role=position.role, instead_of=barred)
            continue
        for higher in above.get(slug, ()):
            there = chains.get(higher, ())
            if not there or there[0].person_id == barred:
                continue
            if there[0].person_id == person_id:
                yield StandIn(position=slug, title=position.title, role=position.role, instead_of=barred, why="upward")
            break


def _tiers_above(directory: Directory, agency: str, day: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for _, versions in directory.of(directory.standards, agency):
        published = newest_begun(versions, day)
        tiers = [tier["position"] for tier in published.event.rules.get("tiers", ())] if published else []
        for at, slug in enumerate(tiers):
            yield slug, tuple(tiers[at + 1 :])
