"""What a folder's files must agree on among themselves: positions, people, books, routes, versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from services.organisation.policy import LONGEST_CHAIN, reserved_id
from services.organisation.policy.shapes import (
    AgencyFile,
    PeopleFile,
    PositionsFile,
    Rules,
    StandardFile,
)

PROOFS = {"aide": {"receipt"}, "courier": {"receipt"}, "fax": {"transmission-report"}, "online": {"reference-number"}}
"""Which proof a route can give."""


def contradictions(
    folder: str,
    agency: AgencyFile,
    positions: PositionsFile,
    people: PeopleFile,
    standards: Mapping[str, StandardFile],
) -> list[str]:
    """Sentences in Indonesian, each with file and place."""
    sentences = [f"{folder}/people.toml: {sentence}" for sentence in _people(people)]
    sentences += [f"{folder}/positions.toml: {sentence}" for sentence in _positions(positions, people)]
    books = {book.book for book in agency.books}
    for name, standard in standards.items():
        sentences += [f"{folder}/{name}: {found}" for found in _rules(standard.rules, positions, people, books)]
    sentences += [f"{folder}/{sentence}" for sentence in _versions(standards)]
    return sentences


def _people(people: PeopleFile) -> Iterator[str]:
    yield from _twice("people", "id", [person.id for person in people.people])
    for at, person in enumerate(people.people):
        if reserved_id(person.id):
            yield f"people[{at}].id: {person.id!r} dipakai oleh mesin atau sistem"
    yield from _twice("people", "nip", [person.nip for person in people.people if person.nip])


def _positions(positions: PositionsFile, people: PeopleFile) -> Iterator[str]:
    yield from _twice("positions", "slug", [position.slug for position in positions.positions])
    known = {person.id for person in people.people}
    for at, position in enumerate(positions.positions):
        if position.holder and position.holder not in known:
            yield f"positions[{at}].holder: {position.holder!r} tidak ada di people.toml"
    yield from _substitutes(positions)


def _substitutes(positions: PositionsFile) -> Iterator[str]:
    after = {position.slug: position.substitute for position in positions.positions}
    for at, position in enumerate(positions.positions):
        place = f"positions[{at}].substitute"
        if position.substitute and position.substitute not in after:
            yield f"{place}: jabatan {position.substitute!r} tidak ada"
        chain, link = [position.slug], position.substitute
        while link is not None and link != position.slug and len(chain) <= LONGEST_CHAIN + 1:
            chain.append(link)
            link = after.get(link)
        if link == position.slug:
            yield f"{place}: pengganti berputar: {' → '.join([*chain, link])}"
        elif len(chain) > LONGEST_CHAIN + 1:
            yield f"{place}: rantai pengganti lebih panjang dari {LONGEST_CHAIN}"


def _rules(rules: Rules, positions: PositionsFile, people: PeopleFile, books: set[str]) -> Iterator[str]:
    known = {position.slug for position in positions.positions}
    named = [("rules.assigner", rules.assigner), ("rules.oversight", rules.oversight)]
    named += [(f"rules.tiers[{at}].position", tier.position) for at, tier in enumerate(rules.tiers)]
    named += [(f"rules.evaluation.by[{at}]", position) for at, position in enumerate(rules.evaluation.by)]
    reviewers = rules.accounts.reviewers if rules.accounts else []
    named += [(f"rules.accounts.reviewers[{at}]", position) for at, position in enumerate(reviewers)]
    admins = rules.accounts.unit_admins if rules.accounts else []
    named += [(f"rules.accounts.unit_admins[{at}].position", each.position) for at, each in enumerate(admins)]
    named += [(f"rules.ladder[{at}].position", rung.position) for at, rung in enumerate(rules.ladder)]
    if rules.answers is not None:
        named += [("rules.answers.officer", rules.answers.officer), ("rules.answers.approval", rules.answers.approval)]
    for place, position in named:
        if position is not None and position not in known:
            yield f"{place}: jabatan {position!r} tidak ada di positions.toml"
    yield from _twice("rules.accounts.unit_admins", "unit", [" ".join(each.unit.casefold().split()) for each in admins])
    yield from _twice("rules.tiers", "position", [tier.position for tier in rules.tiers])
    for at, book in enumerate(rules.books):
        if book not in books:
            yield f"rules.books[{at}]: buku {book!r} tidak ada di agency.toml"
    if rules.delivery and not rules.assigner:
        yield "rules.assigner: belum ada, padahal ada aturan pengantaran"
    yield from _delivery(rules)
    yield from _twice("rules.complaints", "class", [each.slug for each in rules.complaints])
    yield from _twice("rules.ladder", "position", [each.position for each in rules.ladder])
    if rules.answers is not None and not rules.complaints:
        yield "rules.answers: ada, padahal belum ada kelas pengaduan di rules.complaints"
    wanted = rules.registrar_qualification
    by_position = {position.holder for position in positions.positions if position.role == rules.registrar_role}
    registrars = [each for each in people.people if rules.registrar_role in each.roles or each.id in by_position]
    if wanted and not any(wanted in person.qualifications for person in registrars):
        yield f"rules.registrar_qualification: tidak ada {rules.registrar_role} dengan kualifikasi {wanted!r}"


def _delivery(rules: Rules) -> Iterator[str]:
    yield from _twice(
        "rules.delivery", "recipient_class", [(row.recipient_class, row.copy_kind) for row in rules.delivery]
    )
    for at, row in enumerate(rules.delivery):
        for route in row.routes:
            proof = row.proofs.get(route, row.proof)
            if proof not in PROOFS[route]:
                yield f"rules.delivery[{at}]: jalur {route!r} tidak dapat memberi bukti {proof!r}"
        for strange in sorted(row.proofs.keys() - set(row.routes)):
            yield f"rules.delivery[{at}].proofs.{strange}: jalur ini tidak ada di routes"


def _versions(standards: Mapping[str, StandardFile]) -> Iterator[str]:
    seen: dict[str, tuple[str, StandardFile]] = {}
    for name, standard in sorted(standards.items(), key=lambda item: (item[1].standard, item[1].version)):
        before = seen.get(standard.standard)
        if before and before[1].version == standard.version:
            yield f"{name}: version: versi {standard.version} juga ada di {before[0]}"
        elif before and standard.valid_from <= before[1].valid_from:
            yield f"{name}: valid_from: harus setelah {before[1].valid_from}, mulai berlakunya {before[0]}"
        seen[standard.standard] = (name, standard)


def _twice(place: str, key: str, values: Iterable[object]) -> Iterator[str]:
    for value, count in Counter(values).items():
        if count > 1:
            yield f"{place}: {key} {value!r} tertulis {count} kali"
