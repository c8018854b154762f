"""Standards of accounts, and the books that number requests: gapless per book and civil year."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from contracts import bounds
from contracts.account_provisioning import AdoptStandard, LetterbookNumberTaken, StandardAdopted
from contracts.base import Event, Refusal
from services.account_provisioning.domain.state import Adopted, Letterbook, Standard
from services.account_provisioning.policy import CONNECTORS, refuse
from services.account_provisioning.policy.addresses import unfillable
from services.account_provisioning.policy.rules import AccountRules, account_rules, missing_of
from services.kit.deciding import Accept, Claim, Decision, Given, accept
from services.kit.worktime import Calendar, due

NUMBER: TypeAdapter[str] = TypeAdapter(bounds.Pattern)
CLAIM = ("standard", "accounts")
AGENCY_RULES = frozenset({"calendar", "holidays", "seasons", "decreed_years", "decrees", "letterhead", "books", "zone"})
"""Rules that come from the agency and the year's decree, not from the standard's own text."""


def adopt(command: AdoptStandard, standard: Standard, given: Given) -> Decision:
    """One standard of accounts per agency. What a version itself says never changes under its number."""
    if (no := _unusable(command.rules, given.now)) is not None:
        return no
    owner = given.claimed(*CLAIM)
    if owner not in {None, command.standard.standard}:
        return refuse("standard-of-another", standard=owner)
    known = standard.version(command.standard.version)
    if known is not None:
        if (known.ref, known.valid_from, known.rules) == (command.standard, command.valid_from, command.rules):
            return Accept()
        if _own(known.rules) != _own(command.rules) or known.ref != command.standard:
            return refuse("standard-version-taken", version=command.standard.version)
    fact = StandardAdopted(standard=command.standard, valid_from=command.valid_from, rules=command.rules)
    claims = () if owner else (Claim(*CLAIM, command.standard.standard),)
    return accept(stream(command.standard.standard), fact, claims=claims)


def in_force(given: Given) -> Adopted | Refusal:
    """The highest version that is valid today."""
    owner = given.claimed(*CLAIM)
    standard: Standard = given.load(stream(owner)) if owner else Standard()
    if not standard.versions:
        return refuse("no-standard")
    valid = [each for each in standard.versions if each.valid_from <= _today(each.rules, given.now)]
    return valid[-1] if valid else standard.versions[0]


def rules_of(standard: str, version: int, given: Given) -> dict[str, Any]:
    """Of the version that a case runs under, for all its life."""
    adopted = given.load(stream(standard)).version(version)
    if adopted is None:
        raise LookupError(f"version {version} was adopted and is gone")
    return dict(adopted.rules)


def number(book: str, request_id: UUID, rules: AccountRules, zone: str, given: Given) -> tuple[str, str, Event]:
    """The next number as people write it, the book's stream, and the fact that takes it."""
    year = given.now.astimezone(ZoneInfo(zone)).year
    place = f"letterbook:{book}:{year}"
    last: Letterbook = given.load(place)
    taken = LetterbookNumberTaken.model_validate(
        {"book": book, "year": year, "number": last.last + 1, "request_id": request_id}
    )
    return rules.book.format(number=taken.number, year=year), place, taken


def evolve_standard(standard: Standard, event: Event) -> Standard:
    if not isinstance(event, StandardAdopted):
        return standard
    others = (adopted for adopted in standard.versions if adopted.ref.version != event.standard.version)
    versions = (*others, Adopted(event.standard, event.valid_from, event.rules))
    return Standard(tuple(sorted(versions, key=lambda adopted: adopted.ref.version)))


def evolve_letterbook(book: Letterbook, event: Event) -> Letterbook:
    return Letterbook(event.number) if isinstance(event, LetterbookNumberTaken) else book


def stream(standard: str) -> str:
    return f"standard:{standard}"


def _own(rules: Any) -> dict[str, Any]:
    return {key: value for key, value in rules.items() if key not in AGENCY_RULES}


def _today(rules: Any, now: datetime) -> str:
    return now.astimezone(ZoneInfo(rules["zone"])).date().isoformat()


def _unusable(rules: dict[str, Any], now: datetime) -> Refusal | None:
    """Rules that requests cannot run under are refused when they are adopted, not at the counter."""
    if missing := missing_of(rules):
        return refuse("standard-incomplete", missing=missing)
    own = account_rules(rules)
    for pattern in (*own.patterns, *([own.single_name] if own.single_name else [])):
        if why := unfillable(pattern):
            return refuse("standard-incomplete", place="rules.accounts.pattern", pattern=pattern, reason=why)
    if own.connector not in CONNECTORS:
        return refuse("standard-incomplete", place="rules.accounts.connector", known=list(CONNECTORS))
    try:
        NUMBER.validate_python(own.book)
    except ValidationError as error:
        return refuse("standard-incomplete", place="rules.accounts.number", reason=str(error.errors()[0]["msg"]))
    try:
        due(Calendar.from_rules(rules), now, rules["deadline"])
    except ValueError as error:
        return refuse("standard-incomplete", place="rules.deadline", reason=str(error))
    return None
