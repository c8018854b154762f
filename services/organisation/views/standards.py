"""The published standards: those in force, every version, what changed, what a draft would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from contracts.offices import (
    AgenciesAnswer,
    AgencyRow,
    StandardChange,
    StandardDifferenceAnswer,
    StandardVersion,
    StandardVersionsAnswer,
)
from contracts.organisation import StandardDifference, StandardRow, StandardsAnswer, StandardVersions
from services.organisation.policy import civil_date, own_rules
from services.organisation.ports import OpenField
from services.organisation.views.access import signer
from services.organisation.views.directory import Directory, Published


def newest_begun(versions: Sequence[Published], day: str) -> Published | None:
    return next((each for each in reversed(versions) if each.event.valid_from <= day), None)


def in_force(directory: Directory, agency: str, at: datetime) -> StandardsAnswer:
    """Of each standard the newest version that has begun."""
    day = directory.today(agency, at).isoformat()
    found = (newest_begun(versions, day) for _, versions in directory.of(directory.standards, agency))
    return StandardsAnswer(standards=tuple(_row(directory, agency, each) for each in found if each))


def agencies(directory: Directory, at: datetime) -> AgenciesAnswer:
    """Those that have described themselves and have a standard in force."""
    found = []
    for agency, described in directory.agencies.items():
        if described.facts is not None and in_force(directory, agency, at).standards:
            head = {name: str(described.facts.letterhead.get(name) or "") for name in ("agency", "office", "place")}
            name = head["agency"] or described.facts.name
            found.append(AgencyRow(agency=agency, name=name, office=head["office"], place=head["place"]))
    return AgenciesAnswer(agencies=tuple(sorted(found, key=lambda row: (row.name, row.agency))))


def versions(
    directory: Directory, opened: OpenField, agency: str, asked: StandardVersions, at: datetime
) -> StandardVersionsAnswer:
    """Oldest first."""
    day = directory.today(agency, at).isoformat()
    told = []
    for slug, published in directory.of(directory.standards, agency):
        if asked.standard is not None and asked.standard != slug:
            continue
        holding = newest_begun(published, day)
        for each, after in zip(published, (*published[1:], None), strict=True):
            event = each.event
            until = civil_date(after.event.valid_from) if after else None
            by = event.by
            told.append(
                StandardVersion(
                    standard=event.standard,
                    name=event.name,
                    valid_from=event.valid_from,
                    valid_until=(until - timedelta(days=1)).isoformat() if until else "",
                    state="in-force" if each is holding else "coming" if event.valid_from > day else "past",
                    published_at=each.at,
                    by_name=signer(opened, by),
                    by_title=by.title if by else "",
                    by_capacity=by.capacity if by else "",
                    components=event.components,
                    rules=directory.rules(agency, event),
                )
            )
    return StandardVersionsAnswer(versions=tuple(told))


def version(directory: Directory, agency: str, standard: str, number: int) -> Published | None:
    known = directory.standards.get((agency, standard), ())
    return next((each for each in known if each.event.standard.version == number), None)


def difference(directory: Directory, agency: str, asked: StandardDifference) -> StandardDifferenceAnswer | None:
    """None: one of the versions does not exist."""
    old, new = (version(directory, agency, asked.standard, number) for number in (asked.old, asked.new))
    if old is None or new is None:
        return None
    return StandardDifferenceAnswer(changes=tuple(changes(_said(old), _said(new))))


def _said(published: Published) -> dict[str, Any]:
    event = published.event
    return said(event.standard.decree, event.name, event.valid_from, event.components, event.rules)


def said(decree: str, name: str, valid_from: str, components: Any, rules: Mapping[str, Any]) -> dict[str, Any]:
    """What a version itself says; the agency's facts are not its own."""
    return {
        "decree": decree, "name": name, "valid_from": valid_from, "components": components, "rules": own_rules(rules),
    }  # fmt: skip


def changes(old: Any, new: Any, place: str = "") -> Iterator[StandardChange]:
    """Every place at which the two differ, as deep as they have the same form."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            yield from changes(old.get(key), new.get(key), f"{place}.{key}".lstrip("."))
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple):
        for at in range(max(len(old), len(new))):
            one, other = (each[at] if at < len(each) else None for each in (old, new))
            yield from changes(one, other, f"{place}[{at}]")
    elif old != new:
        yield StandardChange(place=place, old=old, new=new)


def _row(directory: Directory, agency: str, published: Published) -> StandardRow:
    event = published.event
    return StandardRow(
        standard=event.standard,
        name=event.name,
        valid_from=event.valid_from,
        components=event.components,
        rules=directory.rules(agency, event),
    )
