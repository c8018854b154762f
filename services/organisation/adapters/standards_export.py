"""The running state in the form of the files: what was imported once, as it stands today. Pure; the caller writes.

Acting holders, absences and dated qualifications have no place in the files: they are facts of single days.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from contracts.offices import AgencyWords, CalendarsAnswer, PositionsAnswer, StandardVersion, StandardVersionsAnswer
from contracts.organisation import PeopleAnswer
from services.organisation.policy import own_rules

CLOCKS = frozenset({"open", "close"})
DATES = frozenset({"on", "valid_from", "season_from", "season_until"})
WIDE = 100


def exported(  # noqa: PLR0913 - a file is made of each
    agency: str,
    words: AgencyWords,
    people: PeopleAnswer,
    positions: PositionsAnswer,
    calendars: CalendarsAnswer,
    standards: StandardVersionsAnswer,
) -> dict[str, str]:
    """Path below the standards folder → text; read back it gives the same standards, positions and calendars."""
    named = {position.role for position in positions.positions}
    files = {
        "calendar.toml": toml(_calendar(words, calendars)),
        f"{agency}/agency.toml": toml(_agency(agency, words, calendars)),
        f"{agency}/positions.toml": toml({"positions": [_position(row) for row in positions.positions]}),
        f"{agency}/people.toml": toml({"people": [_person(row, named) for row in people.people]}),
    }
    for version in standards.versions:
        name = f"{agency}/standard-{version.standard.standard}-v{version.standard.version}.toml"
        files[name] = toml(_standard(version))
    return files


def _calendar(words: AgencyWords, calendars: CalendarsAnswer) -> dict[str, Any]:
    check = {decree.year: decree.check for decree in words.decrees}
    decrees = [
        {
            "year": year.year,
            "number": year.number,
            "check": year.state != "confirmed" and check.get(year.year, True),
            "closed": [day.model_dump() for day in year.days if day.kind != "local"],
        }
        for year in calendars.calendars
        if year.in_use and year.number
    ]
    return {"calendar": words.calendar, "hours": list(words.hours), "decrees": decrees}


def _agency(agency: str, words: AgencyWords, calendars: CalendarsAnswer) -> dict[str, Any]:
    closed = [day.model_dump() for year in calendars.calendars for day in year.days if day.kind == "local"]
    return {
        "agency": agency,
        "name": words.name,
        "zone": words.zone,
        "closed": closed,
        "letterhead": words.letterhead,
        "books": list(words.books.values()),
        "units": [unit.model_dump() for unit in words.units],
        "aides": [aide.model_dump() for aide in words.aides],
        "notify": [route.model_dump(exclude_none=True) for route in words.notify.routes],
        "notify_templates": [template.model_dump() for template in words.notify.templates],
        "notify_units": [seat.model_dump() for seat in words.notify.units],
    }


def _position(row: Any) -> dict[str, Any]:
    holder = next((term.person_id for term in reversed(row.terms) if term.capacity == "holder"), None)
    told = {"slug": row.position, "title": row.title, "role": row.role, "unit": row.unit}
    return told | {key: value for key, value in (("holder", holder), ("substitute", row.substitute)) if value}


def _person(row: Any, by_position: set[str]) -> dict[str, Any]:
    """Roles that come with a position stand there."""
    roles = [role for role in row.roles if not (row.positions and role in by_position)]
    undated = [each.qualification for each in row.qualifications if not each.from_on and each.valid]
    return {"id": row.person_id, "name": row.name, "nip": row.nip, "roles": roles, "qualifications": undated}


def _standard(version: StandardVersion) -> dict[str, Any]:
    return {
        "standard": version.standard.standard,
        "version": version.standard.version,
        "decree": version.standard.decree,
        "name": version.name,
        "valid_from": version.valid_from,
        "components": version.components,
        "rules": own_rules(version.rules),
    }


def toml(table: Mapping[str, Any]) -> str:
    """TOML 1.0. Clocks and dates are written as such, by the names of their keys."""
    return "\n".join(_table(table, ())).strip() + "\n"


def _table(table: Mapping[str, Any], place: tuple[str, ...]) -> Iterator[str]:
    later = []
    for key, value in table.items():
        if isinstance(value, Mapping) or (isinstance(value, list) and value and isinstance(value[0], Mapping)):
            later.append((key, value))
        elif value is not None:
            yield f"{_key(key)} = {_value(key, value)}"
    for key, value in later:
        path = (*place, key)
        name = ".".join(map(_key, path))
        for one in [value] if isinstance(value, Mapping) else value:
            yield ""
            yield f"[{name}]" if isinstance(value, Mapping) else f"[[{name}]]"
            yield from _table(one, path)


def _value(key: str, value: Any) -> str:  # noqa: PLR0911 - one row per kind of value
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str() if key in DATES and value:
            return value
        case str() if key in CLOCKS:
            return f"{value}:00"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list() if key == "breaks":
            return "[" + ", ".join(f"[{', '.join(f'{clock}:00' for clock in pair)}]" for pair in value) + "]"
        case list() | tuple():
            items = [_value("", each) for each in value]
            line = f"[{', '.join(items)}]"
            return line if len(line) < WIDE else "[\n" + "".join(f"  {item},\n" for item in items) + "]"
        case _:
            return f"{{ {', '.join(f'{_key(name)} = {_value(name, each)}' for name, each in value.items())} }}"


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else json.dumps(key)
