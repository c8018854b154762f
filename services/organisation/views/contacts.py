"""Who is to be told now, and how he is reached."""

from __future__ import annotations

from datetime import datetime

from contracts.base import Erased, Sealed
from contracts.organisation import ContactOf, ContactOfAnswer, KeepersAnswer, KeepersRow
from services.kit.ids import is_machine
from services.organisation.ports import OpenField
from services.organisation.views.directory import Directory
from services.organisation.views.people import actor, deputies


def _stand_in(  # noqa: PLR0913 - whom, where, when
    directory: Directory, opened: OpenField, agency: str, position: str, barred: str, at: datetime
) -> str | None:
    """Who decides at this position in place of whoever may not: his substitute, or upward."""
    for person_id, _ in directory.of(directory.people, agency):
        found = actor(directory, opened, agency, person_id, at)
        if found and any((each.position, each.instead_of) == (position, barred) for each in found.stand_ins):
            return found.id
    return None


def contact_of(directory: Directory, opened: OpenField, agency: str, asked: ContactOf, at: datetime) -> ContactOfAnswer:
    """Today's Plh. where the position's own holder is away."""
    person_id, title = asked.person_id, ""
    if asked.position is not None:
        chain = deputies(directory, agency, asked.position, directory.today(agency, at).isoformat())
        if not chain:
            return ContactOfAnswer()
        person_id, title = chain[0].person_id, chain[0].title
        if person_id == asked.not_for:
            person_id, title = _stand_in(directory, opened, agency, asked.position, person_id, at), ""
    found = actor(directory, opened, agency, person_id, at) if person_id else None
    if found is None:
        return ContactOfAnswer()
    stated = directory.contacts.get((agency, found.id))

    def plain(field: Sealed) -> str:
        value = opened(field)
        return "" if isinstance(value, Erased) else value

    return ContactOfAnswer(
        person_id=found.id,
        name=found.name,
        title=title,
        email=plain(stated.email) if stated else "",
        phone=plain(stated.phone) if stated else "",
        language=stated.language if stated else "id",
    )


def keepers(directory: Directory) -> KeepersAnswer:
    """Persons with the role *admin*, no machines; by agency."""
    found = {
        agency: [
            person_id
            for person_id, person in directory.of(directory.people, agency)
            if "admin" in person.roles and not is_machine(person_id)
        ]
        for agency in sorted(directory.agencies)
    }
    return KeepersAnswer(agencies=tuple(KeepersRow(agency=each, people=tuple(found[each])) for each in found))
