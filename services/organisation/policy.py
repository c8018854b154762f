"""Named rules of the organisation: who may change what, which roles exist, what a standard must say."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from contracts.base import Actor, Command, Refusal
from contracts.organisation import (
    AddUser,
    AppointHolder,
    EraseSubject,
    IssueToken,
    PublishStandard,
    RevokeToken,
)

ROLES = frozenset({"operator", "kasi", "kabid", "kadis", "courier", "admin", "inspector", "leader"})

SYSTEM = "system"
"""The office's own console and the import of its files: never a person's or a token's role."""

MAY: Mapping[type[Command], frozenset[str]] = {
    AddUser: frozenset({"admin", SYSTEM}),
    AppointHolder: frozenset({"admin", SYSTEM}),
    IssueToken: frozenset({"admin", SYSTEM}),
    RevokeToken: frozenset({"admin", SYSTEM}),
    PublishStandard: frozenset({"admin", "kadis", SYSTEM}),
    EraseSubject: frozenset({"admin", SYSTEM}),
}

PUBLISHED_COMPONENTS = ("requirements", "procedure", "completion-time", "fee", "product", "complaints")
INTERNAL_COMPONENTS = (
    "legal-basis", "facilities", "competence", "internal-oversight", "staff-number", "service-guarantee",
    "safety-guarantee", "evaluation",
)  # fmt: skip
COMPONENTS = (*PUBLISHED_COMPONENTS, *INTERNAL_COMPONENTS)
"""The 14 components of Permenpan RB 15/2014, by key."""

AGENCY_RULES = frozenset({"calendar", "holidays", "decreed_years", "decrees", "letterhead", "books", "zone"})
"""Rules that come from the agency and the year's decree, not from the standard's own text."""

ARCHIVE_SUBJECT = "agency"
"""The subject of the agency's own key; destroying it would erase the archive, so nobody may ask for it."""


def refused(word: str, status: int = 409, /, **detail: Any) -> Refusal:
    return Refusal(code=f"organisation.{word}", status=status, detail=detail)


def not_allowed(command: type[Command], actor: Actor) -> Refusal | None:
    """The table `MAY`; deny by default. Roles come with the person and with the positions that he holds."""
    roles = {*actor.roles, *(held.role for held in actor.holdings)}
    return None if roles & MAY.get(command, frozenset()) else refused("not-allowed", 403)


def unknown_roles(*roles: str) -> Refusal | None:
    strange = sorted(set(roles) - ROLES)
    return refused("role-unknown", 422, roles=strange) if strange else None


def not_erasable(subject_id: str) -> Refusal | None:
    return refused("subject-kept", 422) if subject_id == ARCHIVE_SUBJECT else None


def civil_date(text: str) -> date | None:
    """A date as `YYYY-MM-DD`; None when it is none."""
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-01") else None
    except ValueError:
        return None
