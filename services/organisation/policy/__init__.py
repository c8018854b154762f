"""Named rules of the organisation: who may change what, which roles exist, what a standard must say."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from contracts.base import Refusal
from contracts.offices import AgencyWords
from contracts.subjects import UNREADABLE
from contracts.words import ADDRESSES, DEPLOYMENT, PUBLIC
from services.kit.ids import is_machine

ROLES = frozenset({
    "operator", "kasi", "kabid", "kadis", "courier", "admin", "inspector", "leader", "secretary", "complaint-officer",
    "complaint-handler", "personnel", "unit-admin",
})  # fmt: skip

SYSTEM = "system"
"""The office's own console and the import of its files: never a person's or a token's role."""

IMPORTER_ID = "standards-import"
"""Who brings the agencies' files in: they name first holders, later ones are appointed at run time."""

CONSOLE_ID = "console"
"""Whoever has the machine itself: the command line."""

NOT_FOR_PEOPLE = frozenset({
    IMPORTER_ID, CONSOLE_ID, SYSTEM, "service", "organisation", "intake", "approval", "dispatch", "projections",
    "notifications", "account-provisioning", "complaint", "audit", "gateway", "reactor", PUBLIC,
})  # fmt: skip
"""Names under which the house itself acts in the history: no person and no machine is called so."""

OF_DEPLOYMENT = frozenset({"admin", "inspector"})
"""The roles that the agency of the installation has: it keeps the machine and has no letters."""

RESERVED_AGENCIES = frozenset({DEPLOYMENT, UNREADABLE}) | ADDRESSES
"""No ordinary agency is named so."""

LONGEST_CHAIN = 4
"""How many substitutes may follow each other for one position."""

EARLIEST_YEAR, LATEST_YEAR = 1900, 2200

PUBLISHED_COMPONENTS = ("requirements", "procedure", "completion-time", "fee", "product", "complaints")
INTERNAL_COMPONENTS = (
    "legal-basis", "facilities", "competence", "internal-oversight", "staff-number", "service-guarantee",
    "safety-guarantee", "evaluation",
)  # fmt: skip
COMPONENTS = (*PUBLISHED_COMPONENTS, *INTERNAL_COMPONENTS)
"""The 14 components of Permenpan RB 15/2014, by key."""

AGENCY_RULES = frozenset({
    "aides", "calendar", "holidays", "seasons", "decreed_years", "decrees", "letterhead", "books", "zone",
})  # fmt: skip
"""Rules that come from the agency and the year's decree, not from the standard's own text; intake has the same list."""

ARCHIVE_SUBJECT = "agency"
"""The subject of the agency's own key; destroying it would erase the archive, so nobody may ask for it."""


def refused(word: str, status: int = 409, /, **detail: Any) -> Refusal:
    return Refusal(code=f"organisation.{word}", status=status, detail=detail)


def unknown_roles(*roles: str) -> Refusal | None:
    strange = sorted(set(roles) - ROLES)
    return refused("role-unknown", 422, roles=strange) if strange else None


def reserved_id(person_id: str) -> Refusal | None:
    """A person is never called like a machine, nor like the house itself."""
    taken = is_machine(person_id) or person_id in NOT_FOR_PEOPLE
    return refused("name-reserved", 422, name=person_id) if taken else None


def not_of_deployment(agency: str, *roles: str) -> Refusal | None:
    strange = sorted(set(roles) - OF_DEPLOYMENT) if agency == DEPLOYMENT else []
    return refused("role-not-here", 422, roles=strange) if strange else None


def reserved_agency(agency: str) -> Refusal | None:
    """What makes an ordinary agency: words of its own, standards."""
    return refused("agency-reserved", 422, agency=agency) if agency in RESERVED_AGENCIES else None


def not_erasable(subject_id: str) -> Refusal | None:
    return refused("subject-kept", 422) if subject_id == ARCHIVE_SUBJECT else None


def civil_date(text: str) -> date | None:
    """A date as `YYYY-MM-DD`, in years that an office can mean; None when it is none."""
    try:
        found = date.fromisoformat(text) if len(text) == len("2026-01-01") else None
    except ValueError:
        return None
    return found if found is not None and EARLIEST_YEAR <= found.year <= LATEST_YEAR else None


def within(from_on: str, until_on: str, day: str) -> bool:
    return (from_on or day) <= day <= (until_on or day)


def bad_dates(from_on: str, until_on: str, *, first_needed: bool = False, last_needed: bool = False) -> Refusal | None:
    """An open end is "" unless it is needed."""
    begins, ends = civil_date(from_on), civil_date(until_on)
    if (begins is None and (from_on or first_needed)) or (ends is None and (until_on or last_needed)):
        return refused("date-unreadable", 422)
    if begins and ends and ends < begins:
        return refused("term-ends-before-it-begins", 422)
    return None


def not_decreed_yet(decreed_on: str, now: datetime) -> Refusal | None:
    """A decree of days to come would bar every other one until then. A day is left for zones east of UTC."""
    if decreed_on > (now.date() + timedelta(days=1)).isoformat():
        return refused("decree-in-future", 422, on=decreed_on)
    return None


def printed_title(capacity: str, title: str) -> str:
    """``Plh. Kepala Bidang …``, as it stands on paper."""
    prefix = {"plt": "Plt. ", "plh": "Plh. "}.get(capacity, "")
    return title if title.startswith(prefix) else prefix + title


def completed(own: Mapping[str, Any], agency: AgencyWords) -> dict[str, Any]:
    """A standard's own rules with what the agency adds: zone, calendar, books, letterhead; JSON words only."""
    decreed = [day.model_dump() for decree in agency.decrees for day in decree.closed]
    closed = sorted([*decreed, *(day.model_dump() for day in agency.closed)], key=lambda day: day["on"])
    said = own.get("books", [])
    named = [book for book in said if isinstance(book, str)] if isinstance(said, list | tuple) else []
    return {
        **own,
        "zone": agency.zone,
        "calendar": agency.calendar,
        "hours": own.get("hours") or list(agency.hours),
        "hours_stated": bool(own.get("hours")) if own.get("hours_stated") is None else own["hours_stated"],
        "holidays": closed,
        "decreed_years": sorted({decree.year for decree in agency.decrees}),
        "decrees": [{"year": d.year, "number": d.number, "check": d.check} for d in agency.decrees],
        "tiers": own.get("tiers", []),
        "delivery": [{"copy_kind": "*", **row} for row in own.get("delivery", [])],
        "books": {book: agency.books[book] for book in named if book in agency.books},
        "letterhead": agency.letterhead,
        **({"aides": {each.recipient_class: each.title for each in agency.aides}} if agency.aides else {}),
    }


def own_rules(rules: Mapping[str, Any]) -> dict[str, Any]:
    """What the standard itself says, in the form of its file: without the agency's facts, books by their names."""
    left_out = AGENCY_RULES | {"hours_stated"}
    own = {key: value for key, value in rules.items() if key not in left_out}
    if not rules.get("hours_stated", True):
        own.pop("hours", None)
    books = rules.get("books", [])
    named = list(books) if isinstance(books, list | tuple | Mapping) else books  # what is none is named as a mistake
    return {key: value for key, value in {**own, "books": named}.items() if value != []}
