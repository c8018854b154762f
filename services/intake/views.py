"""What intake answers: why a letter is due when it is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from contracts.base import Recorded
from contracts.intake import (
    ClockStopped,
    DeadlineMove,
    DeadlineMoved,
    LetterDeadlineAnswer,
    LetterRegistered,
    PauseReason,
)
from contracts.words import DeadlineAccount
from services.intake.domain.clock import evolve_years, pauses_of, rules_of
from services.intake.domain.evolve import evolve_letter, evolve_standard
from services.intake.domain.state import Absent, Case, Letter, Numbered, Standard, Years
from services.kit.worktime import Calendar, as_answer, explain


def deadline(
    letter: Sequence[Recorded], standard: Sequence[Recorded], calendar: Sequence[Recorded], now: datetime
) -> LetterDeadlineAnswer:
    """From the events of the letter, of its standard, and of the calendar. An ended clock keeps its calendar."""
    state: Letter = Absent()
    moves, ended, ended_told = [], None, None
    for told in letter:
        state = evolve_letter(state, told.event)
        match told.event:
            case DeadlineMoved() as event:
                moves.append(
                    DeadlineMove(
                        at=told.at,
                        old_due_at=event.old_due_at,
                        new_due_at=event.due_at,
                        calendar=event.calendar,
                        reason=event.reason,
                    )
                )
            case ClockStopped() as event:
                ended, ended_told = event.at, told.at
    if not isinstance(state, Numbered):
        return LetterDeadlineAnswer()
    case = state.case
    heard = [told for told in (*standard, *calendar) if ended_told is None or told.at <= ended_told]
    rules, years = Standard(), Years()
    for told in heard:
        rules, years = evolve_standard(rules, told.event), evolve_years(years, told.event)
    said = rules_of(case.standard.version, rules, years)
    titles = {row["reason"]: row["title"] for row in said.get("pauses", ())}
    return LetterDeadlineAnswer(
        deadline=_account(case, said, titles, now),
        moves=tuple(moves),
        paused_since=case.pauses[-1].from_at if case.paused else None,
        paused_reason=titles.get(case.pauses[-1].reason, case.pauses[-1].reason) if case.paused else "",
        stopped_at=ended,
        pauses=tuple(PauseReason(reason=reason, title=title) for reason, title in titles.items()),
    )


def standard_of(letter: Iterable[Recorded]) -> str | None:
    """The standard that a letter runs under; None before its registration."""
    found = (told.event for told in letter if isinstance(told.event, LetterRegistered))
    return next((event.standard.standard for event in found), None)


def _account(case: Case, rules: Mapping[str, Any], titles: Mapping[str, str], now: datetime) -> DeadlineAccount:
    """With each pause under the title that the standard gives its reason."""
    pauses = [replace(each, reason=titles.get(each.reason, each.reason)) for each in pauses_of(case, now)]
    explained = explain(Calendar.from_rules(rules), case.received_at, rules["deadline"], pauses)
    return DeadlineAccount(standard=case.standard, **as_answer(explained))
