"""Questions about standards, calendars, positions, tokens and the agency: each with its answer from the register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from contracts.base import Query, Refusal, Shape
from contracts.organisation import (
    AccessGrants,
    Agencies,
    AgencyFacts,
    Calendars,
    ContactOf,
    Keepers,
    Positions,
    StandardDeadline,
    StandardDifference,
    StandardPreview,
    Standards,
    StandardVersions,
    Tokens,
)
from contracts.organisation.contacts import OwnContact
from services.kit.service import QueryHandler
from services.organisation.policy import bad_dates, refused
from services.organisation.views import access, calendars, contacts, people, previews, standards
from services.organisation.views.register import LogRegister

Answer = Callable[[LogRegister, str, Any, datetime], "Shape | Refusal"]


def questions(register: LogRegister, clock: Callable[[], datetime]) -> dict[type[Query], QueryHandler]:
    """One row per question; the register is read on first, up to now where the asker has just written."""

    def handler(answer: Answer) -> QueryHandler:
        async def answered(agency: str, asked: Any) -> Any:
            await register.fresh(now=asked.after is not None or _just_stated(asked))
            return answer(register, agency, asked, clock())

        return answered

    return {question: handler(answer) for question, answer in ANSWERS.items()}


def _standards(register: LogRegister, agency: str, _asked: Standards, at: datetime) -> Shape:
    return standards.in_force(register.directory, agency, at)


def _versions(register: LogRegister, agency: str, asked: StandardVersions, at: datetime) -> Shape:
    return standards.versions(register.directory, register.open, agency, asked, at)


def _difference(register: LogRegister, agency: str, asked: StandardDifference, _at: datetime) -> Shape | Refusal:
    found = standards.difference(register.directory, agency, asked)
    return found or refused("version-unknown", 404, standard=asked.standard, old=asked.old, new=asked.new)


def _preview(register: LogRegister, agency: str, asked: StandardPreview, at: datetime) -> Shape:
    return previews.preview(register.directory, agency, asked, at)


def _deadline(register: LogRegister, agency: str, asked: StandardDeadline, _at: datetime) -> Shape | Refusal:
    try:
        return previews.deadline(register.directory, agency, asked)
    except ValueError as error:
        return refused("beyond-calendar", 422, reason=str(error))


def _calendars(register: LogRegister, agency: str, asked: Calendars, _at: datetime) -> Shape:
    return calendars.calendars(register.directory, register.open, agency, asked)


def _positions(register: LogRegister, agency: str, asked: Positions, at: datetime) -> Shape | Refusal:
    return bad_dates(asked.on, "") or people.positions(register.directory, register.open, agency, asked, at)


def _tokens(register: LogRegister, agency: str, _asked: Tokens, _at: datetime) -> Shape:
    return access.tokens(register.directory, register.open, agency)


def _grants(register: LogRegister, agency: str, asked: AccessGrants, at: datetime) -> Shape:
    return access.grants(register.directory, register.open, agency, asked, at)


def _facts(register: LogRegister, agency: str, _asked: AgencyFacts, _at: datetime) -> Shape:
    return calendars.facts(register.directory, agency)


def _agencies(register: LogRegister, _agency: str, _asked: Agencies, at: datetime) -> Shape:
    return standards.agencies(register.directory, at)


def _just_stated(asked: Query) -> bool:
    """A code leaves within the blink in which its contact was stated."""
    return isinstance(asked, ContactOf) and asked.unverified


def _contact(register: LogRegister, agency: str, asked: ContactOf, at: datetime) -> Shape:
    return contacts.contact_of(register.directory, register.open, agency, asked, at)


def _own_contact(register: LogRegister, agency: str, asked: OwnContact, at: datetime) -> Shape:
    return contacts.own(register.directory, register.open, agency, asked, at)


def _keepers(register: LogRegister, _agency: str, _asked: Keepers, _at: datetime) -> Shape:
    return contacts.keepers(register.directory)


ANSWERS: Mapping[type[Query], Answer] = {
    Standards: _standards,
    StandardVersions: _versions,
    StandardDifference: _difference,
    StandardPreview: _preview,
    StandardDeadline: _deadline,
    Calendars: _calendars,
    Positions: _positions,
    Tokens: _tokens,
    AccessGrants: _grants,
    AgencyFacts: _facts,
    Agencies: _agencies,
    ContactOf: _contact,
    OwnContact: _own_contact,
    Keepers: _keepers,
}
