"""I10: every deadline and limit follows from the facts and the calendar that held then; each is said over once.

What still runs stands in the store's timers at its moment, and nothing that came due is left unsaid. Clocks of any kind
of case by the table of their service (`CLOCKS`); limits of initials and couriers by `limits`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from contracts.base import Recorded
from services.account_provisioning.domain.clock import CLOCKS as REQUESTS
from services.cli.invariants import limits
from services.cli.invariants.ground import Breaches, Finding, Seen, Source
from services.cli.invariants.limits import LimitCase
from services.complaint.domain.clock import CLOCKS as COMPLAINTS
from services.intake.domain.clock import CLOCKS as LETTERS
from services.kit.codec.envelope import Undecodable
from services.kit.deadlines import CaseClocks, Clock, Rules, Standard, Years, evolve_standard, evolve_years, rules_of
from services.kit.store.timetable import micros

CLOCKS: Mapping[str, CaseClocks] = {
    "intake": LETTERS, "account_provisioning": REQUESTS, "complaint": COMPLAINTS,
}  # fmt: skip
SERVICES = (*CLOCKS, "approval", "dispatch")
GRACE = timedelta(seconds=30)
OVER = ("overdue", "escalate-", "deliver-")  # names of the timers that say that a limit is over
Found = Iterator[tuple[Any, Any, str]]
"""What the calendar says, what is stored, and of what."""


@dataclass
class ClockCase:
    """A case with a clock. ``since``: its last fact."""

    clock: Clock | None = None
    since: datetime | None = None

    @property
    def running(self) -> dict[str, datetime]:
        clock = self.clock
        if clock is None or not clock.running or clock.flagged == clock.due_at:
            return {}
        return {"": clock.due_at}


@dataclass
class Adoptions:
    """What the services have adopted, by service and agency."""

    standards: dict[tuple[str, str, str], Standard] = field(default_factory=dict)
    years: dict[tuple[str, str], Years] = field(default_factory=dict)
    unknown: int = 0

    def tell(self, recorded: Recorded, table: CaseClocks) -> bool:
        """Whether it was one."""
        event, owner = recorded.event, (recorded.service, recorded.agency)
        if not isinstance(event, table.facts.adoptions):
            return False
        if isinstance(event, table.facts.standard_adopted):
            key = (*owner, event.standard.standard)
            self.standards[key] = evolve_standard(self.standards.get(key, Standard()), event)
        else:
            self.years[owner] = evolve_years(self.years.get(owner, Years()), event)
        return True

    def rules_of(self, recorded: Recorded, clock: Clock) -> Rules | None:
        owner = (recorded.service, recorded.agency)
        standard = self.standards.get((*owner, clock.standard.standard))
        if standard is None or standard.version(clock.standard.version) is None:
            self.unknown += 1
            return None
        return rules_of(clock.standard.version, standard, self.years.get(owner, Years()))


class Deadlines:
    """Reads along; memory holds what is running."""

    def __init__(self) -> None:
        self._breaches = Breaches()
        self._cases: dict[tuple[str, str], ClockCase | LimitCase] = {}
        self._adoptions = Adoptions()
        self._counted = 0
        self._said = 0
        self._timers = 0
        self._last: datetime | None = None
        self._left: list[str] = []

    def part(self, source: Source, seen: Sequence[Seen]) -> None:
        if source.service not in SERVICES:
            return
        table = CLOCKS.get(source.service)
        for each in seen:
            try:
                recorded = each.recorded()
            except Undecodable:  # I2 names it
                continue
            self._last = recorded.at
            if table is None:
                self._tell_limits(recorded, each.where(source))
            elif not self._adoptions.tell(recorded, table):
                self._tell_clock(recorded, table, each.where(source))

    def end(self, source: Source) -> None:
        """Compares what runs with the timers that stand, where nothing was written in between."""
        if source.service not in SERVICES:
            return
        if source.log.head() == source.head:
            self._compare(source)
        else:
            self._left.append(f"pengingat {source.service}: ada peristiwa baru selagi dibaca")
        self._cases.clear()
        self._last = None

    def finding(self) -> Finding:
        figures: dict[str, int | str] = {"deadlines": self._counted, "overdue": self._said, "timers": self._timers}
        fine = "tenggat mengikuti peristiwa dan kalendernya, lewatnya disebut tepat satu kali"
        left = [*self._left]
        if self._adoptions.unknown:
            left.append(f"{self._adoptions.unknown} tenggat dari standar yang tidak dipakai layanannya")
        return self._breaches.finding("I10", fine, figures, left)

    def _tell_clock(self, recorded: Recorded, table: CaseClocks, where: str) -> None:
        event: Any = recorded.event
        key = (recorded.agency, recorded.stream)
        case = self._cases.get(key) or ClockCase()
        if not isinstance(case, ClockCase):
            raise TypeError(f"{key} is told by two services")
        if type(event) is table.facts.overdue:
            again = case.clock is not None and case.clock.flagged == case.clock.due_at
            self._over(recorded, case.running.get(""), again=again, where=where)
        case.clock, case.since = table.fold(case.clock, event), recorded.at
        self._check(where, self._clock_due(recorded, table, case.clock))
        if case.clock is None or type(event) in table.final:
            self._cases.pop(key, None)
        else:
            self._cases[key] = case

    def _clock_due(self, recorded: Recorded, table: CaseClocks, clock: Clock | None) -> Found:
        event: Any = recorded.event
        begun, moved = type(event) in table.starts, type(event) is table.facts.moved
        retimed = table.outer is not None and type(event) in table.outer.told
        if clock is None or not (begun or moved or retimed):
            return
        if (rules := self._adoptions.rules_of(recorded, clock)) is None:
            return
        if begun or moved:
            what = "tenggat" if begun else "tenggat yang digeser"
            due_at, calendar = table.due_now(clock, rules, recorded.at)
            yield due_at, event.due_at, what
            yield calendar, getattr(event, "calendar", calendar), f"kalender {what}"
        if table.outer is not None and retimed:
            since = (clock.received_at, recorded.at)  # the second: as it was told before limits moved
            known = [table.outer.reckoned(rules, moment) for moment in since]
            told = event.working_time
            yield (told if told in known else known[0]), told, "jam kerja batas waktunya"

    def _tell_limits(self, recorded: Recorded, where: str) -> None:
        event: Any = recorded.event
        key = (recorded.agency, recorded.stream)
        case = self._cases.setdefault(key, LimitCase())
        if not isinstance(case, LimitCase):
            raise TypeError(f"{key} is told by two services")
        case.since = recorded.at
        self._check(where, limits.wanted(recorded, case))
        limits.follow(event, case)
        if isinstance(event, limits.OVERDUE):
            place = limits.place_of(event)
            self._over(recorded, case.running.pop(place, None), again=place in case.over, where=where)
            case.over[place] = event.due_at
        if not case.running and isinstance(event, limits.ENDED):
            del self._cases[key]

    def _check(self, where: str, found: Found) -> None:
        try:
            for wanted, stored, what in found:
                self._counted += 1
                if wanted != stored:
                    self._breaches.add(where, f"{what} tersimpan {stored}, menurut kalender {wanted}")
        except ValueError as error:
            self._breaches.add(where, f"tenggatnya tidak dapat dihitung: {error}")

    def _over(self, recorded: Recorded, expected: datetime | None, *, again: bool, where: str) -> None:
        """A limit is said to be over after its moment, and once."""
        event: Any = recorded.event
        self._said += 1
        if again:
            self._breaches.add(where, f"batas waktu {event.due_at} disebut lewat untuk kedua kalinya")
        elif expected != event.due_at:
            self._breaches.add(where, f"batas waktu {event.due_at} disebut lewat, padahal yang berjalan {expected}")
        elif recorded.at < event.due_at:
            self._breaches.add(where, f"batas waktu {event.due_at} disebut lewat sebelum saatnya")

    def _compare(self, source: Source) -> None:
        try:
            with source.engine.connect() as connection:
                rows = connection.execute(text("SELECT agency, stream, name, due_at, tries, reason FROM timers")).all()
        except SQLAlchemyError as error:
            self._breaches.add(source.service, f"pengingat tidak terbaca ({type(error).__name__})")
            return
        self._timers += len(rows)
        standing = {(row.agency, row.stream, row.due_at) for row in rows if row.name.startswith(OVER)}
        wanted = {
            (agency, stream, micros(due_at))
            for (agency, stream), case in self._cases.items()
            for due_at in case.running.values()
        }
        for agency, stream, _ in sorted(wanted - standing):
            self._breaches.add(f"{source.service}/{agency}, {stream}", "ada batas waktu berjalan tanpa pengingat")
        for agency, stream, _ in sorted(standing - wanted):
            self._breaches.add(
                f"{source.service}/{agency}, {stream}", "ada pengingat untuk batas waktu yang tidak berjalan"
            )
        for row in rows:
            place = f"{source.service}/{row.agency}, {row.stream}, pengingat {row.name}"
            if row.tries:
                self._breaches.add(place, f"sudah diminta {row.tries} kali dan ditolak: {row.reason}")
            elif self._last is not None and max(row.due_at, self._since(row)) < micros(self._last - GRACE):
                self._breaches.add(place, "sudah waktunya dan tidak diminta, padahal layanannya bekerja sesudah itu")

    def _since(self, row: Any) -> int:
        """The last fact of the timer's case: what was late already when it was set is late from then on."""
        case = self._cases.get((row.agency, row.stream))
        return micros(case.since) if case and case.since else 0
