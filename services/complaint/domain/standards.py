"""Standards of complaints, and the register that numbers them: gapless per civil year."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from contracts.base import Event, Refusal
from contracts.complaint import (
    AdoptStandard,
    CorrectOpening,
    OpeningCorrected,
    OpenRegister,
    RegisterNumberTaken,
    RegisterOpened,
    StandardAdopted,
)
from services.complaint.domain.state import Register, register_stream
from services.complaint.policy import AGENCY_RULES, refuse
from services.complaint.policy.rules import complaint_rules, limits_of, missing_of
from services.kit import numbering
from services.kit.deadlines import Adopted, Rules, Standard, faults, standard_stream, told_before, unreckonable, zone
from services.kit.deciding import Accept, Claim, Decision, Given, accept

CLAIM = ("standard", "complaints")
"""The standard that a complaint runs under which names none: the first that was adopted."""


def adopt(command: AdoptStandard, standard: Standard, given: Given) -> Decision:
    """What a version itself says never changes under its number; what is the agency's may (decision 0030)."""
    if (no := _unusable(command.rules, command.valid_from)) is not None:
        return no
    match told_before(command, standard, AGENCY_RULES):
        case "same":
            return Accept()
        case "otherwise":
            return refuse("standard-version-taken", version=command.standard.version)
        case _:
            fact = StandardAdopted(standard=command.standard, valid_from=command.valid_from, rules=command.rules)
            first = given.claimed(*CLAIM) is None
            claims = (Claim(*CLAIM, command.standard.standard),) if first else ()
            return accept(standard_stream(command.standard.standard), fact, claims=claims)


def in_force(named: str, given: Given) -> Adopted | Refusal:
    """The highest version that is valid today, of the standard that somebody names, else of the agency's first."""
    which = named or given.claimed(*CLAIM)
    standard: Standard = given.load(standard_stream(which)) if which else Standard()
    found = standard.in_force(given.now)
    if found is not None:
        return found
    return refuse("standard-unknown", standard=named[:64]) if named else refuse("no-standard")


def numbered(complaint_id: UUID, rules: Rules, given: Given) -> tuple[str, Event]:
    """The register's stream, and the fact that takes its next number."""
    year = given.now.astimezone(zone(rules)).year
    place = register_stream(year)
    register: Register = given.load(place)
    return place, RegisterNumberTaken(year=year, number=register.last + 1, complaint_id=complaint_id)


def open_register(command: OpenRegister, register: Register, given: Given) -> Decision:
    """Before the first number of the year is taken; the same once more changes nothing."""
    if register.opened and register.last == command.opening:
        return Accept()
    if register.opened or register.last:
        return refuse("register-open", last=register.last)
    fact = RegisterOpened(year=command.year, opening=command.opening, by=given.officer())
    return accept(register_stream(command.year), fact)


def correct_opening(command: CorrectOpening, register: Register, given: Given) -> Decision:
    """While the year's first complaint has not come."""
    if not register.opened and not register.last:
        return refuse("register-not-open", year=command.year)
    fact = OpeningCorrected(
        year=command.year, was=register.opening, opening=command.opening, reason=command.reason, by=given.officer()
    )
    return numbering.correct(refuse, "opening-used", register_stream(command.year), fact, last=register.last)


def _unusable(rules: dict[str, Any], valid_from: str) -> Refusal | None:
    """Rules that complaints cannot run under are refused when they are adopted, not at the counter."""
    if missing := missing_of(rules):
        return refuse("standard-incomplete", missing=missing)
    found = next(_faults(rules, valid_from), None)
    return None if found is None else refuse("standard-incomplete", place=found[0], reason=found[1])


def _faults(rules: dict[str, Any], valid_from: str) -> Iterator[tuple[str, str]]:
    limits = limits_of(rules)
    for place, limit in limits:
        if (found := unreckonable(rules, place, limit)) is not None:
            yield found
            return
    if complaint_rules(rules).objections < 0:
        yield "rules.answers.objections", "tidak boleh negatif"
    said = [
        *limits,
        *([("remind_before", {"service_minutes": rules["remind_before"]})] if "remind_before" in rules else []),
    ]
    yield from ((f"rules.{fault.place}", fault.reason) for fault in faults(rules, valid_from, said))
