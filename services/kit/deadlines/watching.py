"""Every case whose clock runs, folded from a service's own facts: which of them has a calendar moved? Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.base import Recorded
from services.kit.deadlines.clock import Clock
from services.kit.deadlines.standards import Standard, Years, evolve_standard, evolve_years
from services.kit.deadlines.table import CaseClocks


@dataclass(frozen=True, slots=True)
class Adoption:
    """The newest one of an agency: which event, and what it says of itself."""

    event_id: UUID
    reason: str


class WatchedKinds:
    """The stored names of the facts that a watch of these clocks reads."""

    def __init__(self, clocks: CaseClocks) -> None:
        facts = clocks.facts
        self.adopted = frozenset(each.kind() for each in facts.adoptions)
        self.begun = frozenset(each.kind() for each in clocks.starts)
        self.ended = frozenset(each.kind() for each in clocks.final)
        outer = () if clocks.outer is None else clocks.outer.told
        changed = (facts.moved, facts.paused, facts.resumed, facts.stopped, *outer)
        self.all = self.adopted | self.begun | self.ended | {each.kind() for each in changed}


@dataclass
class OpenClocks:
    """Every case whose clock runs, with the standards and calendars: folded from the own log, kept in memory."""

    table: CaseClocks
    clocks: dict[tuple[str, UUID], Clock] = field(default_factory=dict)
    standards: dict[tuple[str, str], Standard] = field(default_factory=dict)
    years: dict[str, Years] = field(default_factory=dict)
    adoptions: dict[str, Adoption] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def tell(self, told: Recorded) -> None:
        agency, event, table = told.agency, told.event, self.table
        if isinstance(event, table.facts.standard_adopted):
            key = (agency, event.standard.standard)
            self.standards[key] = evolve_standard(self.standards.get(key, Standard()), event)
            self._adopted(told, "kalender instansi berubah")
        elif isinstance(event, table.facts.adoptions):
            self.years[agency] = evolve_years(self.years.get(agency, Years()), event)
            self._adopted(told, event.reason)
        else:
            self._fold(agency, told)

    def _fold(self, agency: str, told: Recorded) -> None:
        key = (agency, self.table.case_of(told.event))
        clock = None if type(told.event) in self.table.final else self.table.fold(self.clocks.get(key), told.event)
        if clock is None:
            self.clocks.pop(key, None)
        else:
            self.clocks[key] = clock

    def moved(self, agency: str, now: datetime) -> Iterator[UUID]:
        """The cases of an agency that are due at another moment than they say, or whose working time is another."""
        years = self.years.get(agency, Years())
        for (owner, case_id), clock in self.clocks.items():
            if owner != agency or clock.stopped:
                continue
            standard = self.standards.get((agency, clock.standard.standard), Standard())
            if self.table.moves(clock, standard, years, now):
                yield case_id

    def _adopted(self, told: Recorded, reason: str) -> None:
        self.adoptions[told.agency] = Adoption(told.event_id, reason)
        self.touched.add(told.agency)
