"""Who is to be told now, and how he is reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from contracts.base import Erased
from contracts.notices import Language
from contracts.organisation import (
    ContactOf,
    ContactOfAnswer,
    KeepersAnswer,
    KeepersRow,
)
from contracts.organisation.contacts import OwnContact, OwnContactAnswer
from services.kit.access import reader_of
from services.kit.ids import is_machine
from services.organisation.domain.reach import WAYS, Reach
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
    plain = stated(directory, opened, agency, found.id)
    to_verify = frozenset() if asked.unverified else _reach(directory, agency, found.id).to_verify
    told = {way: "" if way in to_verify else plain.get(way, "") for way in WAYS}
    return ContactOfAnswer(
        person_id=found.id,
        name=found.name,
        title=title,
        email=told["email"],
        phone=told["phone"],
        language=_language(directory, agency, found.id),
        to_verify=tuple(sorted(to_verify)),
        reader=reader_of(found),
    )


def own(directory: Directory, opened: OpenField, agency: str, asked: OwnContact, at: datetime) -> OwnContactAnswer:
    reach = _reach(directory, agency, asked.person_id)
    good = {way: code.ends_at for way, code in reach.codes.items() if code.left > 0 and at < code.ends_at}
    return OwnContactAnswer(
        **stated(directory, opened, agency, asked.person_id),
        language=_language(directory, agency, asked.person_id),
        to_verify=tuple(sorted(reach.to_verify)),
        codes={way: ends for way, ends in good.items() if way in reach.to_verify},
    )


def stated(directory: Directory, opened: OpenField, agency: str, person_id: str) -> Mapping[str, str]:
    """Way → what was stated last, in the clear; without what is empty or erased."""
    found = directory.contacts.get((agency, person_id))
    values = {} if found is None else {way: opened(getattr(found, way)) for way in WAYS}
    return {way: value for way, value in values.items() if value and not isinstance(value, Erased)}


def _reach(directory: Directory, agency: str, person_id: str) -> Reach:
    person = directory.people.get((agency, person_id))
    return person.reach if person is not None else Reach()


def _language(directory: Directory, agency: str, person_id: str) -> Language:
    found = directory.contacts.get((agency, person_id))
    return found.language if found is not None else "id"


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
