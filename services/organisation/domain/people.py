"""People: their roles, what they are qualified for and since when, the days on which they are away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from contracts.base import Event, Refusal, Sealed
from contracts.offices import AccessGrant
from contracts.organisation import (
    AbsenceEntered,
    AbsenceWithdrawn,
    AccessEnded,
    AddUser,
    ContactCodeIssued,
    ContactStated,
    EndAccess,
    EnterAbsence,
    FirstPasswordIssued,
    GrantQualification,
    IssueFirstPassword,
    QualificationGranted,
    QualificationWithdrawn,
    RolesGranted,
    UserAdded,
    WithdrawAbsence,
    WithdrawQualification,
)
from contracts.organisation.contacts import ContactCodeFailed, ContactVerified
from services.kit.deciding import Accept, Decision, Given, accept
from services.organisation.domain.access import hand_over, widen
from services.organisation.domain.positions import Position, unended
from services.organisation.domain.reach import Reach, evolve_reach
from services.organisation.policy import (
    bad_dates,
    not_of_deployment,
    refused,
    reserved_id,
    unknown_roles,
    within,
)
from services.organisation.policy.letters import opened_by, opens


@dataclass(frozen=True, slots=True)
class Qualification:
    """A dated fact. ``withdrawn_on``: from this day on it does not hold."""

    qualification: str
    from_on: str = ""
    until_on: str = ""
    certificate: str = ""
    withdrawn_on: str = ""

    def holds(self, day: str) -> bool:
        return within(self.from_on, self.until_on, day) and not (self.withdrawn_on and self.withdrawn_on <= day)


@dataclass(frozen=True, slots=True)
class Person:
    """``absences``: first day → (last day, reason)."""

    roles: tuple[str, ...]
    qualifications: tuple[str, ...] = ()
    granted: tuple[Qualification, ...] = ()
    absences: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    gone: bool = False
    ended_at: datetime | None = None
    """Whatever opened the door until then does not open it any more, also after he has come back."""
    reach: Reach = field(default_factory=Reach)

    def qualified(self, day: str) -> tuple[str, ...]:
        """What he is qualified for on this day."""
        return tuple(dict.fromkeys(each.qualification for each in self.granted if each.holds(day)))

    def absent(self, day: str) -> bool:
        return self.gone or any(first <= day <= last for first, (last, _) in self.absences.items())


def add_user(command: AddUser, person: Person | None, given: Given) -> Decision:
    """A known person with the same roles and qualifications stays as he is; others are a new fact about him.

    A role that reads letters and is new to him waits for a leader, each by itself; the others hold at once.
    """
    if no := unknown_roles(*command.roles) or not_of_deployment(given.agency, *command.roles):
        return no
    if no := reserved_id(command.person_id):
        return no
    widening = opened_by(command.roles, person.roles if person else ())
    grants = [AccessGrant(what="role", person_id=command.person_id, role=role) for role in widening]
    now, meanwhile = (_told(command, person, given, without) for without in ((), widening))
    return widen(grants, given, now=now, held=meanwhile)


def _told(
    command: AddUser, person: Person | None, given: Given, without: tuple[str, ...]
) -> tuple[tuple[str, Event], ...]:
    roles, qualifications = tuple(sorted(set(command.roles) - set(without))), tuple(sorted(set(command.qualifications)))
    same = person is not None and (person.roles, person.qualifications) == (roles, qualifications)
    if same and not (person is not None and person.gone):
        return ()
    fact = UserAdded(
        person_id=command.person_id,
        name=Sealed.of(command.name),
        nip=Sealed.of(command.nip),
        roles=roles,
        qualifications=qualifications,
        by=given.officer(),
    )
    return ((stream(command.person_id), fact),)


def granted_role(grant: AccessGrant, given: Given) -> Decision:
    """A role that was agreed to takes effect."""
    name, role = grant.person_id or "", grant.role or ""
    person: Person | None = given.load(stream(name))
    if person is None:
        return refused("person-unknown", 404, person=name)
    if person.gone:
        return refused("person-gone", 409, person=name)
    if role in person.roles:
        return Accept()
    roles = tuple(sorted({*person.roles, role}))
    return accept(stream(name), RolesGranted(person_id=name, roles=roles, granted=(role,), by=given.officer()))


def issue_first_password(command: IssueFirstPassword, person: Person | None, given: Given) -> Decision:
    """Every time is a fact of its own: somebody could have come in under another's name with it.

    For somebody who sees letters it waits for a leader: who hands it out could see them in his place.
    """
    if no := _unknown(command.person_id, person):
        return no
    if person is not None and person.gone:
        return refused("person-gone", 409, person=command.person_id)
    reads = person is not None and (opens(*person.roles) or _seated(command, given))
    grant = AccessGrant(what="first-password", person_id=command.person_id) if reads else None
    fact = FirstPasswordIssued(person_id=command.person_id, by=given.officer())
    return hand_over(grant, given, (stream(command.person_id), fact))


def _seated(command: IssueFirstPassword, given: Given) -> bool:
    """Any position counts: as somebody's substitute he may come to see letters."""
    seats: list[Position] = [given.load(f"position:{seat}") for seat in command.seats]
    return any(command.person_id in unended(seat, given) for seat in seats)


def end_access(command: EndAccess, person: Person | None, given: Given) -> Decision:
    """Of nobody's own: an office without an administrator could let nobody in again."""
    if no := _unknown(command.person_id, person):
        return no
    if given.actor.id == command.person_id:
        return refused("own-access", 409)
    if person is not None and person.gone:
        return Accept()
    fact = AccessEnded(
        person_id=command.person_id, reason=command.reason, ended_at=given.now, by=given.officer()
    )  # fmt: skip
    return accept(stream(command.person_id), fact)


def grant_qualification(command: GrantQualification, person: Person | None, given: Given) -> Decision:
    if no := _unknown(command.person_id, person):
        return no
    if no := bad_dates(command.from_on, command.until_on, first_needed=True):
        return no
    wanted = Qualification(command.qualification, command.from_on, command.until_on, command.certificate)
    if person is not None and wanted in person.granted:
        return Accept()
    by = given.officer()
    return accept(stream(command.person_id), QualificationGranted(**command.model_dump(), by=by))


def withdraw_qualification(command: WithdrawQualification, person: Person | None, given: Given) -> Decision:
    if no := bad_dates(command.on, "", first_needed=True):
        return no
    if person is None or command.qualification not in {each.qualification for each in person.granted}:
        return refused("qualification-unknown", 404, qualification=command.qualification)
    if command.qualification not in person.qualified(command.on):
        return Accept()
    by = given.officer()
    return accept(stream(command.person_id), QualificationWithdrawn(**command.model_dump(), by=by))


def enter_absence(command: EnterAbsence, person: Person | None, given: Given) -> Decision:
    if no := _unknown(command.person_id, person):
        return no
    if no := bad_dates(command.from_on, command.until_on, first_needed=True, last_needed=True):
        return no
    if person is not None and person.absences.get(command.from_on) == (command.until_on, command.reason):
        return Accept()
    by = given.officer()
    return accept(stream(command.person_id), AbsenceEntered(**command.model_dump(), by=by))


def withdraw_absence(command: WithdrawAbsence, person: Person | None, given: Given) -> Decision:
    if no := _unknown(command.person_id, person):
        return no
    if person is None or command.from_on not in person.absences:
        return Accept()
    by = given.officer()
    return accept(stream(command.person_id), AbsenceWithdrawn(**command.model_dump(), by=by))


def evolve_person(person: Person | None, event: Event) -> Person | None:  # noqa: PLR0911 - a table: one row per fact
    match event:
        case UserAdded():
            return _added(person, event)
        case AccessEnded() if person:
            return replace(person, roles=(), gone=True, ended_at=event.ended_at)
        case RolesGranted() if person:
            return replace(person, roles=event.roles)
        case QualificationGranted() if person:
            fresh = Qualification(event.qualification, event.from_on, event.until_on, event.certificate)
            return replace(person, granted=(*person.granted, fresh))
        case QualificationWithdrawn() if person:
            granted = tuple(
                replace(each, withdrawn_on=event.on)
                if each.qualification == event.qualification and each.holds(event.on)
                else each
                for each in person.granted
            )
            return replace(person, granted=granted)
        case AbsenceEntered() if person:
            return replace(person, absences={**person.absences, event.from_on: (event.until_on, event.reason)})
        case ContactStated() | ContactCodeIssued() | ContactCodeFailed() | ContactVerified() if person:
            return replace(person, reach=evolve_reach(person.reach, event))
        case AbsenceWithdrawn() if person:
            return replace(person, absences={k: v for k, v in person.absences.items() if k != event.from_on})
    return person


def _added(person: Person | None, event: UserAdded) -> Person:
    """Qualifications that come with a person have no date; what was said of him before and is not said now is gone."""
    before = person or Person(())
    dated = tuple(each for each in before.granted if each.from_on)
    known = {each.qualification: each for each in before.granted if not each.from_on}
    undated = tuple(known.get(name, Qualification(name)) for name in event.qualifications)
    return replace(
        before, gone=False, roles=event.roles, qualifications=event.qualifications, granted=(*undated, *dated)
    )


def _unknown(person_id: str, person: Person | None) -> Refusal | None:
    return refused("person-unknown", 404, person=person_id) if person is None else None


def stream(person_id: str) -> str:
    return f"person:{person_id}"
