"""Every letter whose clock runs, folded from intake's own facts: which of them has a calendar moved?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.base import Recorded
from contracts.intake import (
    CalendarAdopted,
    ClockPaused,
    ClockResumed,
    ClockStopped,
    DeadlineMoved,
    LetterCancelled,
    LetterForwarded,
    LetterRegistered,
    SeasonsAdopted,
    StandardAdopted,
    WorkingTimeChanged,
)
from services.intake.domain.clock import due_of, evolve_years, retimed, rules_of
from services.intake.domain.evolve import evolve_letter, evolve_standard
from services.intake.domain.state import Absent, Letter, Numbered, Standard, Years

CLOCK = (
    LetterRegistered, LetterForwarded, DeadlineMoved, WorkingTimeChanged, ClockPaused, ClockResumed, ClockStopped,
    LetterCancelled,
)  # fmt: skip
ADOPTIONS = (StandardAdopted, CalendarAdopted, SeasonsAdopted)
WATCHED = frozenset(event.kind() for event in (*CLOCK, *ADOPTIONS))
ADOPTED = frozenset(event.kind() for event in ADOPTIONS)
BEGUN = LetterRegistered.kind()
ENDED = frozenset(event.kind() for event in (ClockStopped, LetterCancelled))


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
            case CalendarAdopted() | SeasonsAdopted():
                self.years[agency] = evolve_years(self.years.get(agency, Years()), event)
                self._adopted(told, event.reason)
            case ClockStopped() | LetterCancelled():
                self.letters.pop((agency, event.letter_id), None)
            case LetterRegistered():
                self.letters[agency, event.letter_id] = evolve_letter(Absent(), event)
            case LetterForwarded() | DeadlineMoved() | WorkingTimeChanged() | ClockPaused() | ClockResumed():
                if (known := self.letters.get((agency, event.letter_id))) is not None:  # else its clock has ended
                    self.letters[agency, event.letter_id] = evolve_letter(known, event)

    def moved(self, agency: str, now: datetime) -> Iterator[UUID]:
        """The letters of an agency that are due at another moment than they say, or whose working time is another."""
        years = self.years.get(agency, Years())
        for (owner, letter_id), letter in self.letters.items():
            if owner != agency or not isinstance(letter, Numbered):
                continue
            case = letter.case
            standard = self.standards.get((agency, case.standard.standard), Standard())
            late = not case.paused and due_of(case, standard, years, now)[0] != case.due_at
            if late or retimed(case, rules_of(case.standard.version, standard, years)) is not None:
                yield letter_id

    def _adopted(self, told: Recorded, reason: str) -> None:
        self.adoptions[told.agency] = Adoption(told.event_id, reason)
        self.touched.add(told.agency)
