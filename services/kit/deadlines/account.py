"""Why a case is due when it is due, from its own facts and those of its standard and calendar. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from contracts.base import Recorded
from contracts.clocks import DeadlineMove, PauseReason
from contracts.words import DeadlineAccount
from services.kit.deadlines.clock import STOPPED, Clock
from services.kit.deadlines.standards import Rules, Standard, Years, evolve_standard, evolve_years, rules_of
from services.kit.deadlines.table import CaseClocks
from services.kit.worktime import Calendar, as_answer, explain


def answer(
    clocks: CaseClocks,
    case: Sequence[Recorded],
    standard: Sequence[Recorded],
    calendar: Sequence[Recorded],
    now: datetime,
) -> dict[str, Any]:
    """The fields of a `contracts.clocks.DeadlineAnswer`; none where no clock runs or has run. An ended clock keeps its
    calendar. Raises ValueError where nobody would read it day by day.
    """
    clock: Clock | None = None
    moves, ended_told = [], None
    for told in case:
        clock, event = clocks.fold(clock, told.event), told.event
        if isinstance(event, clocks.facts.moved):
            moves.append(_move(told))
        elif isinstance(event, clocks.facts.stopped):
            ended_told = told.at
    if clock is None:
        return {}
    heard = [
        told for told in (*standard, *calendar) if not clock.stopped or ended_told is None or told.at <= ended_told
    ]
    versions, years = Standard(), Years()
    for told in heard:
        versions, years = evolve_standard(versions, told.event), evolve_years(years, told.event)
    rules = rules_of(clock.standard.version, versions, years)
    titles = {row["reason"]: row["title"] for row in rules.get("pauses", ())}
    return {
        "deadline": _account(clocks, clock, rules, titles, now),
        "moves": tuple(moves),
        "paused_since": clock.pauses[-1].from_at if clock.paused else None,
        "paused_reason": titles.get(clock.pauses[-1].reason, clock.pauses[-1].reason) if clock.paused else "",
        "stopped_at": clock.stopped_at,
        "pauses": tuple(PauseReason(reason=reason, title=title) for reason, title in titles.items()),
    }


def standard_of(clocks: CaseClocks, case: Iterable[Recorded]) -> str | None:
    """The standard that a case runs under; None before its clock has begun."""
    found = [clocks.starts[type(told.event)](told.event) for told in case if type(told.event) in clocks.starts]
    return found[-1].standard.standard if found else None


def stated(standard: Iterable[Recorded], version: int) -> Rules:
    """All that this version says, of the facts of its stream; empty: it was never adopted."""
    known = Standard()
    for told in standard:
        known = evolve_standard(known, told.event)
    found = known.version(version)
    return {} if found is None else found.rules


def _move(told: Recorded) -> DeadlineMove:
    event: Any = told.event
    return DeadlineMove(
        at=told.at,
        old_due_at=event.old_due_at,
        new_due_at=event.due_at,
        calendar=event.calendar,
        reason=event.reason,
    )


def _account(
    clocks: CaseClocks, clock: Clock, rules: Rules, titles: Mapping[str, str], now: datetime
) -> DeadlineAccount:
    """With each pause under the title that the standard gives its reason."""
    known = {STOPPED: "jam telah berakhir", **titles}
    pauses = [replace(each, reason=known.get(each.reason, each.reason)) for each in clock.pauses_until(now)]
    limit = clocks.limit(rules, clock.row)
    explained = explain(Calendar.from_rules(rules), clock.received_at, limit, pauses)
    return DeadlineAccount(standard=clock.standard, **as_answer(explained))
