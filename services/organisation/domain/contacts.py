"""How a person is reached, and whether he has said the code that was sent there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from contracts.base import Refusal, Sealed
from contracts.organisation.contacts import (
    AskContactCode,
    ContactCodeFailed,
    ContactCodeIssued,
    ContactStated,
    ContactVerified,
    ContactWay,
    StateContact,
    VerifyContact,
)
from services.kit.deciding import Accept, Decision, Given, accept
from services.kit.policy import roles_of
from services.kit.secrets import proves
from services.organisation.domain.people import Person
from services.organisation.domain.reach import MOST_CODES, WAYS, Reach
from services.organisation.policy import SYSTEM, refused

KEEPERS = frozenset({"admin", SYSTEM})
CODE_LASTS = timedelta(hours=24)


def state_contact(command: StateContact, person: Person | None, given: Given) -> Decision:
    """A person states his own; an administrator anybody's. Every time is a fact: what is sealed cannot be compared.

    What is the same as before and verified stays so; everything else gets a code, as far as there is room for today.
    """
    if no := _not_his(command.person_id, person, given, KEEPERS):
        return no
    reach = person.reach if person is not None else Reach()
    stated = {"email": command.email, "phone": command.phone}
    kept = {way for way in command.unchanged if way in reach.stated and way not in reach.to_verify}
    to_verify = tuple(way for way in WAYS if stated[way] and way not in kept)
    subject = contact_subject(command.person_id)
    fact = ContactStated(
        person_id=command.person_id,
        subject_id=subject,
        email=Sealed.of(command.email, "contact", subject),
        phone=Sealed.of(command.phone, "contact", subject),
        language=command.language,
        by=given.officer(),
        to_verify=to_verify,
    )
    sent = to_verify[: max(reach.room(given.now), 0)]
    codes = [_code(command.person_id, way, command.code_macs, given) for way in sent if way in command.code_macs]
    return accept(_stream(command.person_id), fact, *codes)


def ask_code(command: AskContactCode, person: Person | None, given: Given) -> Decision:
    if no := _not_his(command.person_id, person, given, KEEPERS):
        return no
    reach = person.reach if person is not None else Reach()
    if command.way not in reach.to_verify:
        return Accept() if command.way in reach.stated else refused("way-not-stated")
    if reach.room(given.now) <= 0:
        return refused("codes-too-often", most=MOST_CODES)
    return accept(_stream(command.person_id), _code(command.person_id, command.way, command.code_macs, given))


def verify(command: VerifyContact, person: Person | None, given: Given) -> Decision:
    """A wrong code is a fact: a hundred doors would not give more tries than one."""
    if no := _not_his(command.person_id, person, given):
        return no
    reach = person.reach if person is not None else Reach()
    if command.way not in reach.to_verify:
        return accept(_stream(command.person_id), verified=True) if command.way in reach.stated else refused("no-code")
    code = reach.codes.get(command.way)
    if code is None or code.left <= 0 or given.now >= code.ends_at:
        return refused("no-code")
    said = {"person_id": command.person_id, "way": command.way}
    if proves(command.code_mac, code.mac):
        return accept(_stream(command.person_id), ContactVerified(**said, at=given.now), verified=True)
    left = code.left - 1
    return accept(_stream(command.person_id), ContactCodeFailed(**said, left=left), verified=False, left=left)


def contact_subject(person_id: str) -> str:
    """Whose key seals how he is reached: erasing this subject leaves the person and takes the contact."""
    return f"contact-{person_id}"


def _code(person_id: str, way: ContactWay, macs: Mapping[str, str], given: Given) -> ContactCodeIssued:
    ends = given.now + CODE_LASTS
    return ContactCodeIssued(person_id=person_id, way=way, code_mac=macs[way], at=given.now, ends_at=ends)


def _not_his(
    person_id: str, person: Person | None, given: Given, others: frozenset[str] = frozenset()
) -> Refusal | None:
    if person is None:
        return refused("person-unknown", 404, person=person_id)
    if given.actor.id != person_id and not others & roles_of(given.actor):
        return refused("not-your-contact", 403)
    return None


def _stream(person_id: str) -> str:
    return f"person:{person_id}"
