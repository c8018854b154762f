"""Standards of accounts, and the books that number requests: gapless per book and civil year."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from contracts import bounds
from contracts.account_provisioning import AdoptStandard, LetterbookNumberTaken, StandardAdopted
from contracts.base import Event, Refusal
from services.account_provisioning.domain.state import Letterbook
from services.account_provisioning.policy import AGENCY_RULES, CONNECTORS, refuse
from services.account_provisioning.policy.addresses import unfillable
from services.account_provisioning.policy.rules import AccountRules, account_rules, missing_of
from services.kit.deadlines import Adopted, Rules, Standard, faults, standard_stream, told_before, unreckonable, zone
from services.kit.deciding import Accept, Claim, Decision, Given, accept

NUMBER: TypeAdapter[str] = TypeAdapter(bounds.Pattern)
CLAIM = ("standard", "accounts")


def adopt(command: AdoptStandard, standard: Standard, given: Given) -> Decision:
    """One standard of accounts per agency. What a version itself says never changes under its number."""
    if (no := _unusable(command.rules, command.valid_from)) is not None:
        return no
    owner = given.claimed(*CLAIM)
    if owner not in {None, command.standard.standard}:
        return refuse("standard-of-another", standard=owner)
    match told_before(command, standard, AGENCY_RULES):
        case "same":
            return Accept()
        case "otherwise":
            return refuse("standard-version-taken", version=command.standard.version)
        case _:
            fact = StandardAdopted(standard=command.standard, valid_from=command.valid_from, rules=command.rules)
            claims = () if owner else (Claim(*CLAIM, command.standard.standard),)
            return accept(standard_stream(command.standard.standard), fact, claims=claims)


def in_force(given: Given) -> Adopted | Refusal:
    """The highest version that is valid today."""
    owner = given.claimed(*CLAIM)
    standard: Standard = given.load(standard_stream(owner)) if owner else Standard()
    return standard.in_force(given.now) or refuse("no-standard")


def number(book: str, request_id: UUID, rules: Rules, own: AccountRules, given: Given) -> tuple[str, str, Event]:
    """The next number as people write it, the book's stream, and the fact that takes it."""
    year = given.now.astimezone(zone(rules)).year
    place = f"letterbook:{book}:{year}"
    last: Letterbook = given.load(place)
    taken = LetterbookNumberTaken.model_validate(
        {"book": book, "year": year, "number": last.last + 1, "request_id": request_id}
    )
    return own.book.format(number=taken.number, year=year), place, taken


def evolve_letterbook(book: Letterbook, event: Event) -> Letterbook:
    return Letterbook(event.number) if isinstance(event, LetterbookNumberTaken) else book


def _unusable(rules: dict[str, Any], valid_from: str) -> Refusal | None:
    """Rules that requests cannot run under are refused when they are adopted, not at the counter."""
    if missing := missing_of(rules):
        return refuse("standard-incomplete", missing=missing)
    found = next(_faults(rules, valid_from), None)
    return None if found is None else refuse("standard-incomplete", place=found[0], reason=found[1])


def _faults(rules: dict[str, Any], valid_from: str) -> Iterator[tuple[str, str]]:
    own = account_rules(rules)
    for pattern in (*own.patterns, *([own.single_name] if own.single_name else [])):
        if why := unfillable(pattern):
            yield "rules.accounts.pattern", f"{pattern}: {why}"
    if own.connector not in CONNECTORS:
        yield "rules.accounts.connector", ", ".join(CONNECTORS)
    try:
        NUMBER.validate_python(own.book)
    except ValidationError as error:
        yield "rules.accounts.number", str(error.errors()[0]["msg"])
    if (found := unreckonable(rules, "deadline", rules["deadline"])) is not None:
        yield found
        return
    limits = [("deadline", rules["deadline"])]
    limits += [("remind_before", {"service_minutes": rules["remind_before"]})] if rules.get("remind_before") else []
    yield from ((f"rules.{fault.place}", fault.reason) for fault in faults(rules, valid_from, limits))
