"""Whether an office can work under a standard: each of its limits can be reckoned, and a correction can follow it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from contracts import bounds
from contracts.offices import AgencyWords, Mistake
from services.kit.worktime import amount_fault, closed_fault, hours_faults


def beyond(rules: Mapping[str, Any], valid_from: str) -> Iterator[Mistake]:
    """What is too much in completed rules whose form is right; places as in the standard's file."""
    for fault in hours_faults(rules, valid_from):
        yield Mistake(place=f"rules.{fault.place}", reason=fault.reason)
    if (reason := closed_fault(_days(rules.get("holidays", ())))) is not None:
        yield Mistake(place="rules.holidays", reason=reason)
    for place, limit in limits_of(rules):
        if (reason := amount_fault(rules, limit)) is not None:
            yield Mistake(place=f"rules.{place}", reason=reason)


def limits_of(rules: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every amount of working time that a standard speaks of, with its place."""
    yield "deadline", rules.get("deadline", {})
    if rules.get("remind_before") is not None:
        yield "remind_before", {"service_minutes": rules["remind_before"]}
    for part, key in (("tiers", "limit"), ("delivery", "limit"), ("complaints", "deadline")):
        for at, row in enumerate(rules.get(part, ())):
            if row.get(key) is not None:
                yield f"{part}[{at}].{key}", row[key]
            if row.get("remind_before") is not None:
                yield f"{part}[{at}].remind_before", {"service_minutes": row["remind_before"]}
    for at, row in enumerate(rules.get("ladder", ())):
        yield from ((f"ladder[{at}].{key}", row[key]) for key in ("after", "past_due") if row.get(key) is not None)
    answers = rules.get("answers") or {}
    limits = ("acknowledge", "objection_window", "silence")
    yield from ((f"answers.{key}", answers[key]) for key in limits if answers.get(key) is not None)
    if answers.get("remind_before") is not None:
        yield "answers.remind_before", {"service_minutes": answers["remind_before"]}


def too_far(version: int, newest: int, valid_from: date, today: date) -> Iterator[Mistake]:
    """A number or a first day that would bar every later version."""
    if version > min(newest + bounds.MOST_SKIPPED, bounds.MOST_VERSION):
        yield Mistake(place="version", reason=f"terlalu besar; nomor berikutnya {newest + 1}")
    last = today + timedelta(days=bounds.MOST_AHEAD_DAYS)
    if valid_from > last:
        yield Mistake(place="valid_from", reason=f"paling lambat {last}: sampai saat itu tidak ada versi lain")


def agency_faults(facts: AgencyWords) -> str | None:
    """What is wrong with the closed days that an agency's files state."""
    decreed = (day.on for decree in facts.decrees for day in decree.closed)
    return closed_fault({*decreed, *(day.on for day in facts.closed)})


def _days(holidays: Any) -> Iterator[str]:
    return (day if isinstance(day, str) else day["on"] for day in holidays)
