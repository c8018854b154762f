"""The standards and calendars that cases run under, as a service has adopted them. Pure.

Streams ``standard:<id>`` and ``calendar:years`` of the service's own.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from contracts.clocks import CalendarFields, SeasonsFields, StandardFields
from contracts.words import StandardRef
from services.kit.worktime import (
    Calendar,
    Fault,
    amount_fault,
    closed_fault,
    due,
    hours_faults,
    with_seasons,
    with_years,
)

Rules = Mapping[str, Any]
"""Of one adopted version of a standard, as `contracts.clocks.StandardFields` has them."""

YEARS = "calendar:years"
CLOCK_FACTS = ("zone", "calendar", "holidays", "decreed_years")
# What comes from the agency and the year's decree, not from a standard's own text.
AGENCY_RULES = frozenset({
    "aides", "calendar", "holidays", "seasons", "decreed_years", "decrees", "letterhead", "zone",
})  # fmt: skip
SOME_MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
MOST_HELD = 64
KEPT = 1_000
A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Adopted:
    ref: StandardRef
    valid_from: str
    rules: Rules


@dataclass(frozen=True, slots=True)
class Standard:
    """All versions ever adopted, the lowest first. ``facts``: what the agency's calendar said last, for all of them."""

    versions: tuple[Adopted, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def version(self, number: int) -> Adopted | None:
        return next((adopted for adopted in self.versions if adopted.ref.version == number), None)

    def in_force(self, received_at: datetime) -> Adopted | None:
        """The highest version that was valid on the day of receipt; for a case older than all of them, the first."""
        valid = [each for each in self.versions if each.valid_from <= _day(received_at, each.rules)]
        return valid[-1] if valid else next(iter(self.versions), None)


@dataclass(frozen=True, slots=True)
class Years:
    """Years that were decreed or changed at run time: their closed days, and what said so last; and the seasons."""

    closed: Mapping[int, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    revisions: Mapping[int, int] = field(default_factory=dict)
    said_by: str = ""
    seasons: tuple[Mapping[str, Any], ...] = ()
    seasons_revision: int = 0


_HELD: dict[tuple[int, int, int], tuple[Standard, Years, dict[str, Any]]] = {}
"""By the identity of what they are made from, which is held so that it stays theirs."""


def standard_stream(standard: str) -> str:
    return f"standard:{standard}"


def zone(rules: Rules) -> ZoneInfo:
    return ZoneInfo(rules["zone"])


def _day(moment: datetime, rules: Rules) -> str:
    return moment.astimezone(zone(rules)).date().isoformat()


def evolve_standard(standard: Standard, event: object) -> Standard:
    if not isinstance(event, StandardFields):
        return standard
    others = (adopted for adopted in standard.versions if adopted.ref.version != event.standard.version)
    versions = (*others, Adopted(event.standard, event.valid_from, event.rules))
    return Standard(tuple(sorted(versions, key=lambda adopted: adopted.ref.version)), clock_facts(event.rules))


def evolve_years(years: Years, event: object) -> Years:
    match event:
        case CalendarFields():
            days = tuple(day.model_dump() for day in event.closed)
            return replace(
                years,
                closed={**years.closed, event.year: days},
                revisions={**years.revisions, event.year: event.revision},
                said_by=event.reason or event.number,
            )
        case SeasonsFields():
            seasons = tuple(each.model_dump(mode="json") for each in event.seasons)
            return replace(years, seasons=seasons, seasons_revision=event.revision, said_by=event.reason)
        case _:
            return years


def rules_of(version: int, standard: Standard, years: Years) -> dict[str, Any]:
    """The rules of a version under the calendar that holds now: the agency's newest facts, the years decreed since.

    The same standard and years give the same object, so that its calendar is found again without being read.
    """
    key = (id(standard), id(years), version)
    held = _HELD.get(key)
    if held is not None and held[0] is standard and held[1] is years:
        return held[2]
    adopted = standard.version(version)
    if adopted is None:
        raise LookupError(f"version {version} was adopted and is gone")
    facts = dict(standard.facts)
    if adopted.rules.get("hours_stated", True):
        facts.pop("hours", None)
    rules = with_seasons(with_years({**adopted.rules, **facts}, years.closed), years.seasons)
    if len(_HELD) >= MOST_HELD:
        _HELD.clear()
    _HELD[key] = (standard, years, rules)
    return rules


def clock_facts(rules: Rules) -> dict[str, Any]:
    """What the agency says of its calendar; its usual hours where the standard states none of its own."""
    keys = CLOCK_FACTS if rules.get("hours_stated", True) else (*CLOCK_FACTS, "hours")
    return {key: rules[key] for key in keys if key in rules}


def own_rules(rules: Rules, agency_rules: frozenset[str] = AGENCY_RULES) -> dict[str, Any]:
    """What a version itself says: the rest is the agency's, and may change under it."""
    theirs = agency_rules if rules.get("hours_stated", True) else {*agency_rules, "hours"}
    return {key: value for key, value in rules.items() if key not in theirs}


def told_before(
    said: StandardFields, standard: Standard, agency_rules: frozenset[str] = AGENCY_RULES
) -> Literal["never", "same", "agency", "otherwise"]:
    """Whether a version was adopted before. *agency*: it was, and only what is the agency's (calendar, letterhead) is
    told anew, and holds from now on (decision 0030). *otherwise*: it was, under the same number, with other words.
    """
    known = standard.version(said.standard.version)
    if known is None:
        return "never"
    if (known.ref, known.valid_from, known.rules) == (said.standard, said.valid_from, said.rules):
        return "same"
    before = (known.ref, known.valid_from, own_rules(known.rules, agency_rules))
    now = (said.standard, said.valid_from, own_rules(said.rules, agency_rules))
    return "agency" if before == now else "otherwise"


Limits = Iterable[tuple[str, Mapping[str, Any]]]
"""Every amount of working time in a standard's rules: its place, and the row that says it."""


def unreckonable(rules: Rules, place: str, limit: Mapping[str, Any]) -> tuple[str, str] | None:
    """Rules under which this limit cannot be reckoned: the place, and why."""
    try:
        due(Calendar.from_rules(rules), SOME_MONDAY, limit)
    except ValueError as error:
        named, colon, _ = str(error).partition(": ")
        return f"rules.{named if colon else place}", str(error)
    return None


def faults(rules: Rules, valid_from: str, limits: Limits) -> Iterator[Fault]:
    """What nobody could work under, in rules whose calendar can be read."""
    yield from hours_faults(rules, valid_from)
    holidays = (day if isinstance(day, str) else day["on"] for day in rules.get("holidays", ()))
    if (reason := closed_fault(holidays)) is not None:
        yield Fault("holidays", reason)
    for place, limit in limits:
        if (reason := amount_fault(rules, limit)) is not None:
            yield Fault(place, reason)


def once_each(work: Callable[[A], B]) -> Callable[[A], B]:
    """Remembers by identity, for mappings that nobody changes (adopted rules): they cannot be hashed.

    Each is held as long as it is remembered, so that its identity stays its own.
    """
    known: OrderedDict[int, tuple[Any, B]] = OrderedDict()

    @wraps(work)
    def remembered(value: A) -> B:
        found = known.get(id(value))
        if found is None:
            found = known[id(value)] = (value, work(value))
            if len(known) > KEPT:
                known.popitem(last=False)
        return found[1]

    return remembered
