"""Whole lives of letters by chance, and the people of the office."""

import random

from contracts import organisation
from contracts.base import Sealed
from contracts.words import StandardRef
from tests.unit.given_when_then import Desk
from tests.unit.projections.office import Letter, Office


def live(office: Office, number: int, chance: random.Random) -> Letter:
    """Some life of a letter, anywhere between its arrival and the archive."""
    letter = office.letter(number)
    if number % 11 == 3:
        return letter.quarantined()
    if number % 11 == 5:
        return letter.twin(office.letter(number - 1).id)
    steps = [
        letter.captured,
        letter.examined,
        letter.registered,
        letter.printed,
        letter.forwarded,
        letter.stepped_back,
        letter.returned,
        letter.revised,
        lambda: letter.printed(2, "revisi"),
        letter.forwarded,
        letter.approved,
        letter.assigned,
        letter.failed,
        letter.assigned,
        letter.proven,
        letter.archived,
    ]
    for step in steps[: chance.randint(1, len(steps))]:
        step()
    if letter.revision and chance.random() < 0.1:
        letter.cancelled()
    return letter


def heard(office: Office, desk: Desk) -> None:
    """Every fact of a desk, as its log has it."""
    for each in desk.log:
        office.tell(each.stream, each.event)


def staff(office: Office) -> None:
    """The people and the standard of the agency."""
    for person in ("operator", "pak-kasi", "pak-kabid", "caraka-1"):
        user = organisation.UserAdded(
            person_id=person, name=Sealed.of(f"Bapak {person}"), nip=Sealed.of("1970"), roles=()
        )
        office.tell(f"person:{person}", user)
    standard = organisation.StandardPublished(
        standard=StandardRef(standard="naskah", version=1, decree="060/040/III/2022"),
        name="Naskah",
        valid_from="2022-03-01",
        components={},
        rules={"zone": "Asia/Jakarta"},
    )
    office.tell("standard:naskah", standard)
