"""The letter's clock: the calendar that it runs by, pauses with a reason, deadlines that a decree has moved."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from contracts.base import Event
from contracts.intake import (
    AdoptCalendar,
    AdoptSeasons,
    CalendarAdopted,
    ClockPaused,
    ClockResumed,
    ClockStopped,
    DeadlineMoved,
    MoveDeadline,
    PauseClock,
    ResumeClock,
    SeasonsAdopted,
    StopClock,
    WorkingTimeChanged,
)
from contracts.words import WorkingTime
from services.intake import policy
from services.intake.domain.capture import stream
from services.intake.domain.state import Case, Letter, Numbered, Standard, Years
from services.intake.policy import refuse
from services.kit.deciding import Accept, Decision, Given, accept
from services.kit.worktime import Pause, with_seasons, with_years

YEARS = "calendar:years"
MOST_HELD = 64
_HELD: dict[tuple[int, int, int], tuple[Standard, Years, dict[str, Any]]] = {}
"""By the identity of what they are made from, which is held so that it stays theirs."""


def adopt_calendar(command: AdoptCalendar, years: Years, _given: Given) -> Decision:
    """An older revision that comes late changes nothing."""
    known = years.revisions.get(command.year, 0)
    if command.revision <= known:
        return Accept()
    return accept(YEARS, CalendarAdopted(**dict(command)))


def adopt_seasons(command: AdoptSeasons, years: Years, _given: Given) -> Decision:
    if command.revision <= years.seasons_revision:
        return Accept()
    return accept(YEARS, SeasonsAdopted(**dict(command)))


def move(command: MoveDeadline, letter: Letter, given: Given) -> Decision:
    """Only a clock that runs: what is paused is reckoned anew when it goes on, what has ended stays as it was.

    Tiers and couriers are not paused with it: their limits follow the calendar as long as the letter is on its way.
    """
    if not isinstance(letter, Numbered) or letter.case.stopped:
        return Accept()
    facts: tuple[Event, ...] = (*_moved(command, letter.case, given), *_retimed(command, letter.case, given))
    return Accept(tuple((stream(command.letter_id), fact) for fact in facts))


def pause(command: PauseClock, letter: Numbered, given: Given) -> Decision:
    case = letter.case
    allowed = {row["reason"]: row["title"] for row in current_rules(case, given).get("pauses", ())}
    if command.reason not in allowed:
        return refuse("pause-not-allowed", reason=command.reason, allowed=sorted(allowed))
    if case.stopped:
        return refuse("clock-stopped")
    if case.paused:
        return Accept() if case.pauses[-1].reason == command.reason else refuse("clock-paused")
    fact = ClockPaused(
        letter_id=command.letter_id,
        at=given.now,
        reason=command.reason,
        note=command.note,
        by=given.officer(),
    )
    return accept(stream(command.letter_id), fact)


def resume(command: ResumeClock, letter: Numbered, given: Given) -> Decision:
    case = letter.case
    if not case.paused:
        return Accept()
    running = case.resumed(given.now)
    rules = current_rules(case, given)
    due_at, calendar = policy.deadline(rules, case.received_at, pauses_of(running, given.now))
    facts: list[Event] = [ClockResumed(letter_id=command.letter_id, at=given.now, by=given.officer())]
    if due_at != case.due_at:
        facts.append(
            DeadlineMoved(
                letter_id=command.letter_id,
                old_due_at=case.due_at,
                due_at=due_at,
                remind_at=policy.reminder(rules, due_at),
                calendar=calendar,
                reason=f"jam dihentikan: {_title(rules, case.pauses[-1].reason)}",
            )
        )
    return accept(stream(command.letter_id), *facts)


def stop(command: StopClock, letter: Letter, _given: Given) -> Decision:
    if not isinstance(letter, Numbered) or letter.case.stopped:
        return Accept()
    return accept(stream(command.letter_id), ClockStopped(letter_id=command.letter_id, at=command.at))


def due_of(case: Case, standard: Standard, years: Years, now: datetime) -> tuple[datetime, str]:
    """When the case is due by the calendar that holds now, and that calendar; its own version says how long it has."""
    rules = rules_of(case.standard.version, standard, years)
    return policy.deadline(rules, case.received_at, pauses_of(case, now))


def retimed(case: Case, rules: dict[str, Any]) -> WorkingTime | None:
    """What the limits of its tiers and couriers are computed from now; None: they have none, or it is the same.

    The calendar's name alone is no difference: only zone, hours and closed days are.
    """
    told = case.working_time
    now = policy.working_time(rules, case.received_at) if told is not None else None
    if told is None or now is None or now.model_copy(update={"calendar": told.calendar}) == told:
        return None
    return now


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


def pauses_of(case: Case, now: datetime) -> tuple[Pause, ...]:
    return tuple(Pause(each.from_at, each.until_at or max(now, each.from_at), each.reason) for each in case.pauses)


def evolve_years(years: Years, event: Event) -> Years:
    match event:
        case CalendarAdopted():
            days = tuple(day.model_dump() for day in event.closed)
            return replace(
                years,
                closed={**years.closed, event.year: days},
                revisions={**years.revisions, event.year: event.revision},
                said_by=event.reason or event.number,
            )
        case SeasonsAdopted():
            seasons = tuple(each.model_dump(mode="json") for each in event.seasons)
            return replace(years, seasons=seasons, seasons_revision=event.revision, said_by=event.reason)
        case _:
            return years


def _moved(command: MoveDeadline, case: Case, given: Given) -> Iterator[DeadlineMoved]:
    if case.paused:
        return
    rules = current_rules(case, given)
    due_at, calendar = policy.deadline(rules, case.received_at, pauses_of(case, given.now))
    if due_at != case.due_at:
        yield DeadlineMoved(
            letter_id=command.letter_id,
            old_due_at=case.due_at,
            due_at=due_at,
            remind_at=policy.reminder(rules, due_at),
            calendar=calendar,
            reason=command.reason,
        )


def _retimed(command: MoveDeadline, case: Case, given: Given) -> Iterator[WorkingTimeChanged]:
    working = retimed(case, current_rules(case, given))
    if working is not None:
        yield WorkingTimeChanged(
            letter_id=command.letter_id, revision=case.revision, working_time=working, reason=command.reason
        )


def current_rules(case: Case, given: Given) -> dict[str, Any]:
    """The rules of the version that the case runs under, for all its life, under the calendar that holds now."""
    return rules_of(case.standard.version, given.load(f"standard:{case.standard.standard}"), given.load(YEARS))


def _title(rules: dict[str, Any], reason: str) -> str:
    return str(next((row["title"] for row in rules.get("pauses", ()) if row["reason"] == reason), reason))
