"""Published standards: versions that follow each other, complete, sound, and never changed under their number."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from contracts.base import Event, Refusal
from contracts.offices import AgencyWords, Mistake, StandardDraft
from contracts.organisation import PublishStandard, StandardPublished
from services.kit.deciding import Accept, Decision, Given, accept
from services.kit.worktime import Calendar, read_deadline
from services.organisation.domain.agency import STREAM as AGENCY
from services.organisation.domain.positions import Position, newcomers, unended
from services.organisation.policy import (
    AGENCY_RULES,
    COMPONENTS,
    SYSTEM,
    civil_date,
    completed,
    own_rules,
    refused,
    reserved_agency,
)
from services.organisation.policy.letters import at_once, opens
from services.organisation.policy.reach import beyond, too_far
from services.organisation.policy.shapes import mistakes_of


@dataclass(frozen=True, slots=True)
class Standard:
    """Published versions → digests of (the standard's words and rules, the agency's facts); the newest's first day."""

    versions: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    valid_from: str = ""


def publish_standard(command: PublishStandard, standard: Standard, given: Given) -> Decision:
    """Versions follow each other; what a standard says never changes under its number.

    Its calendar, letterhead and books are the agency's: when they change, the newest version is published again with
    them, so that everybody who adopted it hears of it. An officer's version is completed with them here.
    """
    by_hand = SYSTEM not in given.actor.roles
    facts = given.load(AGENCY).facts
    asked = command
    if by_hand and facts is not None:
        command = command.model_copy(update={"rules": completed(own_rules(command.rules), facts)})
    published = standard.versions.get(command.standard.version)
    digests = digests_of(command)
    if published == digests:
        return Accept()
    if published is not None and published[0] != digests[0]:
        return refused("version-published", version=command.standard.version)
    if no := reserved_agency(given.agency) or _unsound(command) or _out_of_order(command, standard):
        return no
    if no := _wrong(asked, command, standard, given):
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


def _wrong(asked: PublishStandard, completed: PublishStandard, standard: Standard, given: Given) -> Refusal | None:
    """Mistakes of a draft by hand; what no calendar reaches; readers of letters whom no leader has let see them."""
    wrong = list(mistakes(draft_of(asked), given)) if SYSTEM not in given.actor.roles else []
    version, valid_from = completed.standard.version, completed.valid_from
    if version not in standard.versions and not wrong:  # what has been published cannot be changed any more
        newest, today = max(standard.versions, default=0), given.now.date()
        wrong += too_far(version, newest, date.fromisoformat(valid_from), today)
        wrong += beyond(completed.rules, valid_from)
    if wrong:
        first, told = wrong[0], [each.model_dump() for each in wrong]
        return refused("rules-unsound", 422, reason=f"{first.place}: {first.reason}", mistakes=told)
    seats = [] if at_once(given.actor) else _opens_seats(completed, given)
    return refused("leader-needed", positions=seats) if seats else None


def _opens_seats(command: PublishStandard, given: Given) -> list[str]:
    """Positions that this version makes readers of letters, and where somebody is appointed who is none yet."""
    rules = command.rules
    named = {str(tier.get("position", "")) for tier in rules.get("tiers", ())} | {str(rules.get("assigner") or "")}
    found: dict[str, Position] = {name: given.load(f"position:{name}") for name in sorted(named - {""})}
    return [name for name, seat in found.items() if not opens(seat.role) and newcomers(unended(seat, given), given)]


def evolve_standard(standard: Standard, event: Event) -> Standard:
    match event:
        case StandardPublished():
            return Standard({**standard.versions, event.standard.version: digests_of(event)}, event.valid_from)
    return standard


def draft_of(command: PublishStandard) -> StandardDraft:
    return StandardDraft(
        standard=command.standard.standard,
        decree=command.standard.decree,
        name=command.name,
        valid_from=command.valid_from,
        components=command.components,
        rules=own_rules(command.rules),
    )


def mistakes(draft: StandardDraft, given: Given) -> Iterator[Mistake]:
    """All that is wrong with a draft, with its places: its own form, then the positions and books that it names."""
    facts = given.load(AGENCY).facts
    yield from all_mistakes(draft, facts, lambda name: _position(given, name))


def all_mistakes(draft: StandardDraft, facts: AgencyWords | None, position: Callable[[str], bool]) -> Iterator[Mistake]:
    """At once, as far as each part can be read: its form, the names in it, and whether its hours fit together."""
    found = list(mistakes_of(draft))
    yield from found
    if not found and facts is not None:
        yield from _beyond(completed(draft.rules, facts), draft.valid_from)
    places = {each.place for each in found}
    named = unknown_names(draft.rules, set(facts.books) if facts else set(), position)
    yield from (each for each in named if each.place not in places)
    if facts is not None and not any(place.startswith("rules.hours") for place in places):
        yield from _unfit_hours(draft.rules.get("hours") or list(facts.hours), facts.zone)


def _beyond(rules: Mapping[str, Any], valid_from: str) -> Iterator[Mistake]:
    try:
        yield from beyond(rules, valid_from)
    except ValueError:
        return  # hours that do not fit together are named as such


def _unfit_hours(hours: object, zone: str) -> Iterator[Mistake]:
    try:
        Calendar.from_rules({"zone": zone, "hours": hours, "holidays": []})
    except ValueError as error:
        place, _, reason = str(error).partition(": ")
        yield Mistake(place=f"rules.{place}", reason=reason or str(error))


def unknown_names(rules: Mapping[str, Any], books: set[str], position: Any) -> Iterator[Mistake]:
    """``position(slug)``: whether the agency has it. What is no name is passed over: the draft's form says so."""
    named = [("rules.assigner", rules.get("assigner")), ("rules.oversight", rules.get("oversight"))]
    for at, tier in enumerate(_listed(rules.get("tiers"))):
        named.append((f"rules.tiers[{at}].position", tier.get("position") if isinstance(tier, Mapping) else None))
    evaluation = rules.get("evaluation")
    by = _listed(evaluation.get("by")) if isinstance(evaluation, Mapping) else ()
    named += [(f"rules.evaluation.by[{at}]", name) for at, name in enumerate(by)]
    for place, name in named:
        if isinstance(name, str) and not position(name):
            yield Mistake(place=place, reason=f"jabatan {name!r} tidak ada")
    for at, book in enumerate(_listed(rules.get("books"))):
        if isinstance(book, str) and book not in books:
            yield Mistake(place=f"rules.books[{at}]", reason=f"buku agenda {book!r} tidak ada")
    if rules.get("delivery") and not rules.get("assigner"):
        yield Mistake(place="rules.assigner", reason="belum ada, padahal ada aturan pengantaran")


def _listed(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _position(given: Given, name: str) -> bool:
    known: bool = given.load(f"position:{name}").known
    return known


def digests_of(published: PublishStandard | StandardPublished) -> tuple[str, str]:
    """What the standard itself says (name, number, first day, components, rules), and the agency's facts beside it."""
    theirs = AGENCY_RULES if published.rules.get("hours_stated", True) else {*AGENCY_RULES, "hours"}
    own = {key: value for key, value in published.rules.items() if key not in theirs}
    around = {key: value for key, value in published.rules.items() if key in theirs}
    says = [published.standard.model_dump(), published.name, published.valid_from, published.components, own]
    return _digest(says), _digest(around)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


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
        place, _, reason = str(error).partition(": ")
        wrong = [{"place": f"rules.{place}", "reason": reason or str(error)}]
        return refused("rules-unsound", 422, reason=str(error), mistakes=wrong)
    return None
