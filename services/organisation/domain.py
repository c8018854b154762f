"""People, positions, tokens, standards, erased subjects: their states, what is decided, how facts change them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from contracts.base import Event, Refusal, Sealed
from contracts.organisation import (
    AddUser,
    AppointHolder,
    EraseSubject,
    HolderAppointed,
    IssueToken,
    PublishStandard,
    RevokeToken,
    StandardPublished,
    SubjectErased,
    TokenIssued,
    TokenRevoked,
    UserAdded,
)
from services.kit.deciding import Accept, Decision, Given, accept
from services.kit.worktime import Calendar
from services.kit.worktime.deadline import read_deadline
from services.organisation.policy import (
    AGENCY_RULES,
    COMPONENTS,
    civil_date,
    not_allowed,
    not_erasable,
    refused,
    unknown_roles,
)


@dataclass(frozen=True, slots=True)
class Person:
    roles: tuple[str, ...]
    qualifications: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """The newest appointment of each capacity, without its kind's envelope."""

    appointments: Mapping[str, HolderAppointed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    role: str
    label: str
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Standard:
    """Published versions → digests of (the standard's words and rules, the agency's facts); the newest's first day."""

    versions: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    valid_from: str = ""


def add_user(command: AddUser, person: Person | None, given: Given) -> Decision:
    """A known person with the same roles and qualifications stays as he is; others are a new fact about him."""
    if no := not_allowed(AddUser, given.actor) or unknown_roles(*command.roles):
        return no
    wanted = Person(tuple(sorted(set(command.roles))), tuple(sorted(set(command.qualifications))))
    if person == wanted:
        return Accept()
    fact = UserAdded(
        person_id=command.person_id,
        name=Sealed.of(command.name),
        nip=Sealed.of(command.nip),
        roles=wanted.roles,
        qualifications=wanted.qualifications,
    )
    return accept(f"person:{command.person_id}", fact)


def appoint_holder(command: AppointHolder, position: Position, given: Given) -> Decision:
    """An acting holder has a first day; a Plh. (absence) also a last one."""
    if no := not_allowed(AppointHolder, given.actor) or unknown_roles(command.role) or _bad_term(command):
        return no
    if given.load(f"person:{command.person_id}") is None:
        return refused("person-unknown", 404, person=command.person_id)
    fact = HolderAppointed(**command.model_dump())
    if position.appointments.get(command.capacity) == fact:
        return Accept()
    return accept(f"position:{command.position}", fact)


def issue_token(command: IssueToken, token: Token | None, given: Given) -> Decision:
    if no := not_allowed(IssueToken, given.actor) or unknown_roles(command.role):
        return no
    if token is not None:
        same = (token.role, token.label, token.revoked) == (command.role, command.label, False)
        return Accept() if same else refused("token-known")
    return accept(f"token:{command.token_id}", TokenIssued(**command.model_dump(), by=given.officer()))


def revoke_token(command: RevokeToken, token: Token | None, given: Given) -> Decision:
    if no := not_allowed(RevokeToken, given.actor):
        return no
    if token is None:
        return refused("token-unknown", 404)
    if token.revoked:
        return Accept()
    return accept(f"token:{command.token_id}", TokenRevoked(**command.model_dump(), by=given.officer()))


def publish_standard(command: PublishStandard, standard: Standard, given: Given) -> Decision:
    """Versions follow each other; what a standard says never changes under its number.

    Its calendar, letterhead and books are the agency's: when they change, the newest version is published again with
    them, so that everybody who adopted it hears of it.
    """
    if no := not_allowed(PublishStandard, given.actor):
        return no
    published = standard.versions.get(command.standard.version)
    digests = digests_of(command)
    if published == digests:
        return Accept()
    if published is not None and published[0] != digests[0]:
        return refused("version-published", version=command.standard.version)
    if no := _unsound(command) or _out_of_order(command, standard):
        return no
    fact = StandardPublished(
        standard=command.standard,
        name=command.name,
        valid_from=command.valid_from,
        components=command.components,
        rules=command.rules,
        by=given.officer(),
    )
    return accept(f"standard:{command.standard.standard}", fact)


def erase_subject(command: EraseSubject, gone: frozenset[str] | None, given: Given) -> Decision:
    """His keys are gone already (see `handlers.before`); this leaves the fact. Later keys make a later fact."""
    if no := not_allowed(EraseSubject, given.actor) or not_erasable(command.subject_id):
        return no
    if gone is not None and gone.issuperset(command.key_ids):
        return Accept()
    return accept(f"subject:{command.subject_id}", SubjectErased(**command.model_dump(), by=given.officer()))


def evolve_person(person: Person | None, event: Event) -> Person | None:
    match event:
        case UserAdded():
            return Person(event.roles, event.qualifications)
    return person


def evolve_position(position: Position, event: Event) -> Position:
    match event:
        case HolderAppointed():
            return Position({**position.appointments, event.capacity: event})
    return position


def evolve_token(token: Token | None, event: Event) -> Token | None:
    match event:
        case TokenIssued():
            return Token(event.role, event.label)
        case TokenRevoked() if token:
            return replace(token, revoked=True)
    return token


def evolve_standard(standard: Standard, event: Event) -> Standard:
    match event:
        case StandardPublished():
            return Standard({**standard.versions, event.standard.version: digests_of(event)}, event.valid_from)
    return standard


def evolve_subject(gone: frozenset[str] | None, event: Event) -> frozenset[str] | None:
    match event:
        case SubjectErased():
            return (gone or frozenset()) | frozenset(event.key_ids)
    return gone


def digests_of(published: PublishStandard | StandardPublished) -> tuple[str, str]:
    """What the standard itself says (name, number, first day, components, rules), and the agency's facts beside it."""
    theirs = AGENCY_RULES if published.rules.get("hours_stated", True) else {*AGENCY_RULES, "hours"}
    own = {key: value for key, value in published.rules.items() if key not in theirs}
    around = {key: value for key, value in published.rules.items() if key in theirs}
    says = [published.standard.model_dump(), published.name, published.valid_from, published.components, own]
    return _digest(says), _digest(around)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _bad_term(command: AppointHolder) -> Refusal | None:
    begins, ends = civil_date(command.from_on), civil_date(command.until_on)
    if (command.from_on and begins is None) or (command.until_on and ends is None):
        return refused("date-unreadable", 422)
    if begins and ends and ends < begins:
        return refused("term-ends-before-it-begins", 422)
    if command.capacity != "holder" and begins is None:
        return refused("acting-without-first-day", 422)
    if command.capacity == "plh" and ends is None:
        return refused("absence-without-last-day", 422)
    return None


def _out_of_order(command: PublishStandard, standard: Standard) -> Refusal | None:
    version, newest = command.standard.version, max(standard.versions, default=0)
    if version < max(newest, 1):
        return refused("version-outdated", version=version, newest=newest)
    if version > newest and standard.valid_from and command.valid_from <= standard.valid_from:
        return refused("versions-overlap", valid_from=command.valid_from, newest_from=standard.valid_from)
    return None


def _unsound(command: PublishStandard) -> Refusal | None:
    missing = [key for key in COMPONENTS if not command.components.get(key)]
    if missing:
        return refused("component-missing", 422, components=missing)
    if civil_date(command.valid_from) is None:
        return refused("date-unreadable", 422)
    try:
        Calendar.from_rules(command.rules)
        read_deadline(command.rules.get("deadline", {}))
    except (ValueError, TypeError, AttributeError) as error:
        return refused("rules-unsound", 422, reason=str(error))
    return None
