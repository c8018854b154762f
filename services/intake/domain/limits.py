"""Whether letters can run under a standard: each amount of working time in it can be reckoned, each number written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from contracts import bounds
from contracts.base import Refusal
from services.intake.policy import refuse
from services.kit.deadlines import faults

PATTERN: TypeAdapter[str] = TypeAdapter(bounds.Pattern)


def beyond(rules: Mapping[str, Any], valid_from: str) -> Refusal | None:
    """The first row of rules that nobody could work under. Rules whose calendar can be read."""
    found = next(_faults(rules, valid_from), None)
    return None if found is None else refuse("standard-incomplete", place=f"rules.{found[0]}", reason=found[1])


def _faults(rules: Mapping[str, Any], valid_from: str) -> Iterator[tuple[str, str]]:
    for fault in faults(rules, valid_from, _limits(rules)):
        yield fault.place, fault.reason
    for book, facts in rules["books"].items():
        try:
            PATTERN.validate_python(facts.get("pattern", "{number:04d}/{year}"))
        except ValidationError as error:
            yield f"books.{book}.pattern", str(error.errors()[0]["msg"])
        for year, opening in facts.get("openings", {}).items():
            if not 0 <= int(opening) <= bounds.MOST_NUMBER:
                yield f"books.{book}.openings.{year}", f"dari 0 sampai {bounds.MOST_NUMBER}"


def _limits(rules: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "deadline", rules["deadline"]
    if rules.get("remind_before"):
        yield "remind_before", {"service_minutes": rules["remind_before"]}
    for part in ("tiers", "delivery"):
        for at, row in enumerate(rules[part]):
            if row.get("limit"):
                yield f"{part}[{at}].limit", row["limit"]
            if row.get("remind_before"):
                yield f"{part}[{at}].remind_before", {"service_minutes": row["remind_before"]}
