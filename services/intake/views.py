"""What intake answers and watches: why a letter is due when it is due, and which open letters a calendar has moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.base import Recorded
from contracts.intake import (
    CalendarAdopted,
    ClockPaused,
    ClockResumed,
    ClockStopped,
    DeadlineMove,
    DeadlineMoved,
    LetterCancelled,
    LetterDeadlineAnswer,
    LetterRegistered,
    StandardAdopted,
)
from contracts.words import ClockInterval, DeadlineAccount
from services.intake.domain import Absent, Standard, Years, evolve_letter, evolve_standard, evolve_years
from services.intake.domain.clock import due_of, pauses_of, rules_of
from services.intake.domain.state import Case, Letter, Numbered
from services.kit.worktime import Calendar, explain, in_words

CLOCK = (LetterRegistered, DeadlineMoved, ClockPaused, ClockResumed, ClockStopped, LetterCancelled)
ADOPTIONS = (StandardAdopted, CalendarAdopted)
WATCHED = frozenset(event.kind() for event in (*CLOCK, *ADOPTIONS))


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
    return LetterDeadlineAnswer(
        deadline=_account(case, rules, years, now),
        moves=tuple(moves),
        paused_since=case.pauses[-1].from_at if case.paused else None,
        paused_reason=case.pauses[-1].reason if case.paused else "",
        stopped_at=ended,
    )


def standard_of(letter: Iterable[Recorded]) -> str | None:
    """The standard that a letter runs under; None before its registration."""
    found = (told.event for told in letter if isinstance(told.event, LetterRegistered))
    return next((event.standard.standard for event in found), None)


def _account(case: Case, standard: Standard, years: Years, now: datetime) -> DeadlineAccount:
    rules = rules_of(case.standard.version, standard, years)
    explained = explain(Calendar.from_rules(rules), case.received_at, rules["deadline"], pauses_of(case, now))
    return DeadlineAccount(
        standard=case.standard,
        kind=explained.kind,
        amount=explained.amount,
        received_at=explained.received_at,
        starts_at=explained.starts_at,
        due_at=explained.due_at,
        calendar=explained.calendar,
        zone=explained.zone,
        intervals=tuple(
            ClockInterval(
                from_at=each.from_at, until_at=each.until_at, counted=each.counted, why=each.why, note=each.note,
                day=each.day,
            )
            for each in explained.intervals
        ),
        undecreed=explained.undecreed,
        sentence=in_words(explained),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Adoption:
    """The newest one of an agency: which event, and what it says of itself."""

    event_id: UUID
    reason: str


@dataclass
class OpenClocks:
    """Every letter whose clock runs, with the standards and calendars: folded from the own log, kept in memory."""

    letters: dict[tuple[str, UUID], Letter] = field(default_factory=dict)
    standards: dict[tuple[str, str], Standard] = field(default_factory=dict)
    years: dict[str, Years] = field(default_factory=dict)
    adoptions: dict[str, Adoption] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def tell(self, told: Recorded) -> None:
        agency, event = told.agency, told.event
        match event:
            case StandardAdopted():
                key = (agency, event.standard.standard)
                self.standards[key] = evolve_standard(self.standards.get(key, Standard()), event)
                self._adopted(told, "kalender instansi berubah")
            case CalendarAdopted():
                self.years[agency] = evolve_years(self.years.get(agency, Years()), event)
                self._adopted(told, event.reason)
            case ClockStopped() | LetterCancelled():
                self.letters.pop((agency, event.letter_id), None)
            case LetterRegistered() | DeadlineMoved() | ClockPaused() | ClockResumed():
                key_of = (agency, event.letter_id)
                self.letters[key_of] = evolve_letter(self.letters.get(key_of, Absent()), event)

    def moved(self, agency: str, now: datetime) -> Iterator[UUID]:
        """The letters of an agency that are due at another moment than they say."""
        years = self.years.get(agency, Years())
        for (owner, letter_id), letter in self.letters.items():
            if owner != agency or not isinstance(letter, Numbered) or letter.case.paused:
                continue
            standard = self.standards.get((agency, letter.case.standard.standard), Standard())
            if due_of(letter.case, standard, years, now)[0] != letter.case.due_at:
                yield letter_id

    def _adopted(self, told: Recorded, reason: str) -> None:
        self.adoptions[told.agency] = Adoption(told.event_id, reason)
        self.touched.add(told.agency)
