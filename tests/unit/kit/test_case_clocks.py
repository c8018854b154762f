"""A second kind of case beside letters, made for this test: what the kit's clocks do for any of them.

Its standard has a row per class, its clock may go on after it has ended, and asking its reporter pauses it in the same
commit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest

from contracts import clocks as fields
from contracts.base import Actor, Command, Event, Recorded, Refusal
from contracts.words import ClosedDay, StandardRef
from services.cli.invariants import deadlines as i10
from services.kit import deadlines
from services.kit.deadlines import (
    YEARS,
    CaseClocks,
    Clock,
    ClockCommands,
    ClockFacts,
    Deciding,
    OpenClocks,
    Standard,
    Years,
)
from services.kit.deciding import Accept, Decision, Given, Handles, StreamKind, accept
from services.kit.policy import Refusals, roles
from tests.unit.given_when_then import SERVICE, Desk, Tables
from tests.unit.office import RULES

NAME = "test_case_clocks"
OFFICER = Actor(id="petugas", roles=("officer",))
CASE = UUID("8f14e45f-ceea-5677-95a3-000000000001")
MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ROWS = {"gangguan": {"working_days": 3}, "keluhan": {"working_days": 14}}
PAUSES = [{"reason": "menunggu-pelapor", "title": "Menunggu jawaban pelapor"}]
REF = StandardRef(standard="pengaduan", version=1, decree="1/2026")


class CaseEvent(Event):
    case: ClassVar[str] = "case_id"
    case_id: UUID


class CaseCommand(Command):
    case_id: UUID


class Adopt(fields.StandardFields, Command): ...


class AdoptYear(fields.CalendarFields, Command): ...


class Classify(CaseCommand):
    row: str


class AskReporter(CaseCommand): ...


class Reply(CaseCommand): ...


class Answer(CaseCommand): ...


class Object(CaseCommand): ...


class Close(CaseCommand): ...


class Move(fields.MovingFields, CaseCommand): ...


class Remind(fields.DueFields, CaseCommand): ...


class Flag(fields.DueFields, CaseCommand): ...


class StandardTaken(fields.StandardFields, Event): ...


class YearTaken(fields.CalendarFields, Event): ...


class SeasonsTaken(fields.SeasonsFields, Event): ...


class Classified(CaseEvent):
    row: str
    standard: StandardRef
    received_at: datetime
    due_at: datetime
    remind_at: datetime | None = None
    calendar: str


class Moved(fields.MovedFields, CaseEvent): ...


class Asked(CaseEvent): ...


class Paused(fields.PausedFields, CaseEvent): ...


class Resumed(fields.ResumedFields, CaseEvent): ...


class Stopped(fields.AtFields, CaseEvent): ...


class DueSoon(fields.ToldFields, CaseEvent): ...


class Overdue(fields.ToldFields, CaseEvent): ...


class Closed(CaseEvent): ...


@dataclass(frozen=True)
class State:
    clock: Clock | None = None


CLOCKS = CaseClocks(
    stream="case",
    facts=ClockFacts(StandardTaken, YearTaken, SeasonsTaken, Moved, Paused, Resumed, Stopped, DueSoon, Overdue),
    commands=ClockCommands(Move, Remind, Flag),
    starts={
        Classified: lambda event: Clock(
            event.standard, event.received_at, event.due_at, event.remind_at, told="petugas", row=event.row
        )
    },
    ends=(Closed,),
    clock_of=lambda state: state.clock,
    refuse=Refusals(NAME, deadlines.CLOCK_REFUSALS),
    limit=lambda rules, row: rules["rows"][row],
    restarts=True,
)
KIT = Deciding(CLOCKS)


def evolve(state: State, event: Event) -> State:
    return replace(state, clock=CLOCKS.fold(state.clock, event))


def _stream(command: Any, _given: Given) -> str:
    return CLOCKS.stream_of(command.case_id)


def _classify(command: Classify, _state: State, given: Given) -> Decision:
    """From its receipt, which was on Monday, less what it has been paused since."""
    rules, clock = CLOCKS.rules_under(REF, given), _state.clock
    due = CLOCKS.due(rules, MONDAY, command.row, () if clock is None else clock.pauses_until(given.now))
    fact = Classified(
        case_id=command.case_id, row=command.row, standard=REF, received_at=MONDAY, due_at=due.due_at,
        remind_at=due.remind_at, calendar=due.calendar,
    )  # fmt: skip
    return accept(_stream(command, given), fact)


def _ask(command: AskReporter, state: State, given: Given) -> Decision:
    paused = KIT.pausing(command.case_id, state.clock, "menunggu-pelapor", "", given)
    if isinstance(paused, Refusal):
        return paused
    return accept(_stream(command, given), Asked(case_id=command.case_id), *(() if paused is None else (paused,)))


def _reply(command: Reply, state: State, given: Given) -> Decision:
    return accept(_stream(command, given), *KIT.resuming(command.case_id, state.clock, given))


def _answer(command: Answer, state: State, given: Given) -> Decision:
    return accept(_stream(command, given), *KIT.stopping(command.case_id, state.clock, given.now))


def _object(command: Object, state: State, given: Given) -> Decision:
    return accept(_stream(command, given), *KIT.restarting(command.case_id, state.clock, "pelapor berkeberatan", given))


def _close(command: Close, _state: State, given: Given) -> Decision:
    return accept(_stream(command, given), Closed(case_id=command.case_id))


def _adopt(command: Adopt, standard: Standard, given: Given) -> Decision:
    if deadlines.told_before(command, standard) == "same":
        return Accept()
    return accept(deadlines.standard_stream(REF.standard), StandardTaken(**dict(command)))


ANY = roles("officer", "service")
COMMANDS = {
    Adopt: Handles(lambda _c, _g: deadlines.standard_stream(REF.standard), _adopt, facts=(StandardTaken,), askers=ANY),
    AdoptYear: Handles(lambda _c, _g: YEARS, KIT.adopt_calendar, facts=(YearTaken,), askers=ANY),
    Classify: Handles(_stream, _classify, facts=(Classified,), askers=ANY),
    AskReporter: Handles(_stream, _ask, facts=(Asked, Paused), askers=ANY),
    Reply: Handles(_stream, _reply, facts=(Resumed, Moved), askers=ANY),
    Answer: Handles(_stream, _answer, facts=(Stopped,), askers=ANY),
    Object: Handles(_stream, _object, facts=(Resumed, Moved), askers=ANY),
    Close: Handles(_stream, _close, facts=(Closed,), askers=ANY),
    Move: Handles(_stream, KIT.move, facts=(Moved,), askers=ANY),
    Remind: Handles(_stream, KIT.remind, facts=(DueSoon,), askers=ANY),
    Flag: Handles(_stream, KIT.flag, facts=(Overdue,), askers=ANY),
}
STREAMS = {
    "case": StreamKind(State(), evolve, timers=KIT.timers),
    "standard": StreamKind(Standard(), deadlines.evolve_standard),
    "calendar": StreamKind(Years(), deadlines.evolve_years),
}
TABLES = Tables(NAME, COMMANDS, STREAMS, {})


def desk(now: datetime = MONDAY, row: str = "keluhan") -> Desk:
    """One complaint, received on a Monday morning and classified at ``now``."""
    rules = {**RULES, "rows": ROWS, "pauses": PAUSES, "remind_before": 480}
    opened = Desk("pekalongan", (TABLES,), now=now)
    opened.when(Adopt(standard=REF, valid_from="2026-01-01", rules=rules), OFFICER)
    return opened.when(Classify(case_id=CASE, row=row), OFFICER).then(Classified)


def state(opened: Desk) -> State:
    return opened._states[NAME, f"case:{CASE}"]  # type: ignore[no-any-return]


def clock(opened: Desk) -> Clock:
    found = state(opened).clock
    assert found is not None
    return found


def timers(opened: Desk) -> dict[str, datetime]:
    return {each.name: each.due_at for each in KIT.timers(f"case:{CASE}", state(opened))}


def day(opened: Desk) -> str:
    return clock(opened).due_at.date().isoformat()


def test_each_row_of_a_standard_has_its_own_time() -> None:
    assert day(desk(row="gangguan")) == "2026-03-05"
    assert day(desk(row="keluhan")) == "2026-03-27"  # with a week of holidays


def test_what_has_been_asked_of_the_reporter_stops_the_clock_in_the_same_commit() -> None:
    opened = desk().when(AskReporter(case_id=CASE), OFFICER).then(Asked, Paused)
    assert timers(opened) == {}
    opened.later(days=30).when(Reply(case_id=CASE), OFFICER).then(Resumed, Moved)
    assert opened.fact(Moved).reason == "jam dihentikan: Menunggu jawaban pelapor"
    assert set(timers(opened)) == {"remind", "overdue"}


def test_reclassified_counts_from_the_receipt_less_the_pause() -> None:
    """Paused for three working days, then 3 → 14 working days."""
    opened = desk(row="gangguan").when(AskReporter(case_id=CASE), OFFICER)
    opened.later(days=3).when(Reply(case_id=CASE), OFFICER).then(Resumed, Moved)
    assert day(opened) == "2026-03-09"
    opened.when(Classify(case_id=CASE, row="keluhan"), OFFICER).then(Classified)
    assert len(clock(opened).pauses) == 1
    assert day(opened) == "2026-03-31"
    assert deadlines.answer(CLOCKS, _case(opened), _standard(opened), (), opened.now)["moves"]


def test_after_an_answer_nothing_is_reminded_and_an_objection_lets_the_clock_go_on() -> None:
    opened = desk().when(Answer(case_id=CASE), OFFICER).then(Stopped)
    assert timers(opened) == {}
    opened.later(days=14).when(Object(case_id=CASE), OFFICER).then(Resumed, Moved)
    assert day(opened) == "2026-04-10"
    assert opened.fact(Moved).reason == "pelapor berkeberatan"
    told = deadlines.answer(CLOCKS, _case(opened), _standard(opened), (), opened.now)
    assert told["stopped_at"] is None
    assert "jam telah berakhir" in told["deadline"].sentence
    opened.when(Object(case_id=CASE), OFFICER).then()


def test_a_clock_that_runs_is_neither_resumed_nor_restarted_and_an_ended_one_neither_paused_nor_stopped() -> None:
    opened = desk()
    opened.when(Reply(case_id=CASE), OFFICER).then()
    opened.when(Object(case_id=CASE), OFFICER).then()
    opened.when(Answer(case_id=CASE), OFFICER).when(Answer(case_id=CASE), OFFICER).then()
    opened.when(AskReporter(case_id=CASE), OFFICER).refused(f"{NAME}.clock-stopped")


def test_a_case_without_a_clock_has_none_to_pause_and_no_timers() -> None:
    opened = Desk("pekalongan", (TABLES,), now=MONDAY)
    opened.when(AskReporter(case_id=CASE), OFFICER).refused(f"{NAME}.clock-stopped")
    opened.when(Answer(case_id=CASE), OFFICER).then()
    assert KIT.timers(f"case:{CASE}", State()) == ()


def test_it_is_said_once_that_the_deadline_draws_near_and_that_it_is_over() -> None:
    opened = desk()
    remind_at, due_at = timers(opened)["remind"], timers(opened)["overdue"]
    about = {"case_id": CASE, "due_at": due_at}
    opened.when(Remind(**about), SERVICE).refused(f"{NAME}.not-due")
    opened.now = remind_at
    opened.when(Remind(**about), SERVICE).then(DueSoon).when(Remind(**about), SERVICE).then()
    assert opened.fact(DueSoon).told == "petugas"
    assert set(timers(opened)) == {"overdue"}
    opened.now = due_at
    opened.when(Flag(**about), SERVICE).then(Overdue).when(Flag(**about), SERVICE).then()
    assert timers(opened) == {}


def test_a_closed_case_is_over_for_the_clock_too() -> None:
    opened = desk().when(Close(case_id=CASE), OFFICER).then(Closed)
    assert state(opened).clock is None
    opened.when(Move(case_id=CASE, reason="libur"), SERVICE).then()


def test_a_decree_moves_an_open_case_and_the_watch_finds_it() -> None:
    opened, watch = desk(), OpenClocks(CLOCKS)
    closed = (ClosedDay(on="2026-03-10", kind="local", reason="Hari jadi"),)
    opened.when(AdoptYear(year=2026, number="", revision=1, closed=closed, reason="libur setempat"), OFFICER)
    for told in opened.log:
        watch.tell(told)
    assert list(watch.moved("pekalongan", opened.now)) == [CASE]
    assert list(watch.moved("purbalingga", opened.now)) == []
    opened.when(Move(case_id=CASE, reason=watch.adoptions["pekalongan"].reason), SERVICE).then(Moved)
    watch.tell(opened.log[-1])
    assert list(watch.moved("pekalongan", opened.now)) == []
    assert day(opened) == "2026-03-23"


def test_an_answered_case_is_watched_on_and_a_closed_one_is_not() -> None:
    """A clock that may go on again must be known when it does."""
    opened, watch = desk().when(Answer(case_id=CASE), OFFICER), OpenClocks(CLOCKS)
    for told in opened.log:
        watch.tell(told)
    assert len(watch.clocks) == 1
    watch.tell(opened.when(Close(case_id=CASE), OFFICER).log[-1])
    assert watch.clocks == {}


def whole(opened: Desk) -> i10.Deadlines:
    """I10 over what the desk has decided."""
    reading = i10.Deadlines()
    for told in opened.log:
        if not reading._adoptions.tell(told, CLOCKS):
            reading._tell_clock(told, CLOCKS, told.stream)
    return reading


def a_life(opened: Desk) -> Desk:
    """Everything that happens to a clock."""
    opened.when(AskReporter(case_id=CASE), OFFICER).later(days=4).when(Reply(case_id=CASE), OFFICER)
    closed = (ClosedDay(on="2026-03-12", kind="local", reason="Hari jadi"),)
    opened.when(AdoptYear(year=2026, number="", revision=1, closed=closed, reason="libur"), OFFICER)
    opened.when(Move(case_id=CASE, reason="libur"), SERVICE).then(Moved)
    opened.when(Answer(case_id=CASE), OFFICER).later(days=5).when(Object(case_id=CASE), OFFICER)
    due_at = clock(opened).due_at
    opened.now = due_at + timedelta(minutes=1)
    return opened.when(Flag(case_id=CASE, due_at=due_at), SERVICE).then(Overdue)


def test_the_invariant_recomputes_every_deadline_of_any_kind_of_case() -> None:
    found = whole(a_life(desk())).finding()
    assert found.ok, found.breaches
    assert found.figures["deadlines"] == 8
    assert found.figures["overdue"] == 1


@pytest.mark.parametrize(
    ("kind", "changes", "named"),
    [
        (Classified, {"due_at": MONDAY + timedelta(days=9)}, "tenggat tersimpan"),
        (Moved, {"due_at": MONDAY + timedelta(days=9)}, "tenggat yang digeser tersimpan"),
        (Moved, {"calendar": "another"}, "kalender tenggat yang digeser tersimpan"),
        (Overdue, {"due_at": MONDAY}, "disebut lewat, padahal"),
    ],
)
def test_the_invariant_names_a_fact_that_was_changed(kind: type[Event], changes: dict[str, Any], named: str) -> None:
    opened = a_life(desk())
    at = next(n for n, told in enumerate(opened.log) if isinstance(told.event, kind))
    opened.log[at] = _changed(opened.log[at], changes)
    assert any(named in each for each in whole(opened).finding().breaches)


def test_the_invariant_names_an_end_that_is_told_twice() -> None:
    opened = a_life(desk())
    opened.log.append(opened.log[-1])
    assert any("kedua kalinya" in each for each in whole(opened).finding().breaches)


def _changed(told: Recorded, changes: dict[str, Any]) -> Recorded:
    return told._replace(event=told.event.model_copy(update=changes))


def _case(opened: Desk) -> list[Recorded]:
    return [told for told in opened.log if told.stream == f"case:{CASE}"]


def _standard(opened: Desk) -> list[Recorded]:
    return [told for told in opened.log if told.stream == f"standard:{REF.standard}"]
