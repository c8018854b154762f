"""What time does to a complaint, with a clock that the timers follow."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contracts.base import Event
from contracts.complaint import (
    AcknowledgementOverdue,
    AdoptCalendar,
    AnswerComplaint,
    ClockPaused,
    ClockResumed,
    ComplaintAnswered,
    ComplaintClosed,
    ComplaintDueSoon,
    ComplaintEscalated,
    ComplaintFiled,
    ComplaintOverdue,
    ComplaintReclassified,
    DeadlineMoved,
    LimitsMoved,
    MoveDeadline,
    NameComplainedAbout,
    Object,
    ReplyAsReporter,
    ReporterRetentionEnded,
    ReporterSilent,
)
from services.complaint.domain.clock import CLOCKS
from services.complaint.domain.state import Answered, Asked, Assigned, Closed
from services.kit import deadlines
from tests.unit.complaint.desk import (
    OFFICER,
    REPORTER,
    RULES,
    TEAM,
    Clockwork,
    answered,
    asked,
    assigned,
    complaint_id,
    form,
    key,
    mac,
    office,
    sort,
    state,
)
from tests.unit.given_when_then import SERVICE, Desk

CASE = complaint_id()
WIB = ZoneInfo("Asia/Jakarta")
MONDAY = datetime(2026, 4, 6, 3, 0, tzinfo=UTC)  # no holiday until May


def of(desk: Desk, *kinds: type[Event]) -> list[Any]:
    return [each.event for each in desk.log if isinstance(each.event, kinds)]


def local(moment: datetime) -> str:
    return moment.astimezone(WIB).strftime("%a %d %H.%M")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 4, day, hour, minute, tzinfo=WIB).astimezone(UTC)


def test_a_deadline_that_passes_at_a_fridays_close_is_said_at_that_instant() -> None:
    """C1: the fact is of that moment; when somebody hears of it is the notices' business."""
    friday = datetime(2026, 4, 10, 3, 0, tzinfo=UTC)
    desk = assigned(now=friday)
    Clockwork(desk).until(friday + timedelta(days=9))
    over = of(desk, ComplaintOverdue)
    assert [local(each.due_at) for each in over] == ["Fri 17 16.30"]
    told = next(each for each in desk.log if isinstance(each.event, ComplaintOverdue))
    assert told.at == over[0].due_at


def test_reminder_rung_deadline_and_the_rung_after_it_in_their_order_once_each() -> None:
    desk = assigned(now=MONDAY)
    Clockwork(desk).until(MONDAY + timedelta(days=60))
    said = [type(each) for each in of(desk, ComplaintDueSoon, ComplaintEscalated, ComplaintOverdue)]
    assert said == [ComplaintEscalated, ComplaintDueSoon, ComplaintOverdue, ComplaintEscalated]
    by_time, past_due = of(desk, ComplaintEscalated)
    assert (by_time.to_position, by_time.why, by_time.handler) == ("kabid", "time", "kabid")
    assert (past_due.to_position, past_due.from_position) == ("kadis", "kabid")
    moments = [each.at for each in desk.log if isinstance(each.event, ComplaintEscalated)]
    assert [local(each) for each in moments] == ["Thu 09 16.00", "Tue 14 16.00"]


def test_a_complaint_that_nobody_acknowledges_is_said_so_and_climbs_all_the_same() -> None:
    desk = office(now=MONDAY).when(form(), REPORTER, command_id=key())
    Clockwork(desk).until(MONDAY + timedelta(days=30))
    assert [local(each.due_at) for each in of(desk, AcknowledgementOverdue)] == ["Thu 09 16.00"]
    assert [each.handler for each in of(desk, ComplaintEscalated)] == [None, None], "sorting stays with the officer"
    assert len(of(desk, ComplaintOverdue)) == 1


def test_while_the_reporter_is_waited_for_nothing_of_the_office_rings() -> None:
    """C2: thirty working days of silence after a question; the handler hears of the silence, once."""
    desk = asked(assigned(now=MONDAY))
    before = len(desk.log)
    Clockwork(desk).until(MONDAY + timedelta(days=50))
    assert [type(each.event) for each in desk.log[before:]] == [ReporterSilent]
    assert isinstance(state(desk), Asked)
    desk.when(ReplyAsReporter(complaint_id=CASE, words="Senin.", code_mac=mac()), REPORTER)
    assert isinstance(state(desk), Assigned)
    Clockwork(desk).until(desk.now + timedelta(days=30))
    assert of(desk, ComplaintOverdue, ComplaintEscalated), "the reply starts the clock again"


def test_after_an_answer_nothing_rings_and_silence_closes_it() -> None:
    """C2, second half; ten working days."""
    desk = answered(assigned(now=MONDAY))
    before = len(desk.log)
    Clockwork(desk).until(MONDAY + timedelta(days=50))
    assert [type(each.event) for each in desk.log[before:]] == [ComplaintClosed]
    closed = of(desk, ComplaintClosed)[0]
    assert closed.outcome == "silent"
    assert not closed.late
    assert local(closed.closed_at) == "Mon 20 16.00"


def test_classified_again_after_a_pause_it_counts_from_the_receipt_less_the_pause() -> None:
    """C3: paused over three days, then 5 → 14 days: due counts from the original receipt less that pause."""
    desk = asked(assigned(now=MONDAY))
    desk.now = at(9, 9, 0)
    desk.when(ReplyAsReporter(complaint_id=CASE, words="Senin.", code_mac=mac()), REPORTER)
    assert of(desk, ClockPaused, ClockResumed)
    sort(desk, "sedang")
    again = of(desk, ComplaintReclassified)[0]
    assert again.received_at == MONDAY
    whole = office(now=MONDAY).when(form(), REPORTER, command_id=key())
    sort(whole, "sedang")
    unpaused = whole.log[-1].event.due_at  # type: ignore[attr-defined]
    assert local(unpaused) == "Fri 24 16.30"
    assert local(again.due_at) == "Tue 28 16.00", "the closes of Tuesday and Wednesday lie in the pause"
    told = desk.log
    answer = deadlines.answer(
        CLOCKS, [each for each in told if each.stream == f"complaint:{CASE}"],
        [each for each in told if each.stream.startswith("standard:")], [], desk.now,
    )  # fmt: skip
    account = answer["deadline"]
    assert account.due_at == again.due_at
    assert {each.note for each in account.intervals if each.why == "paused"} == {"Menunggu keterangan dari pelapor"}


def test_a_decreed_day_moves_the_deadline_and_the_rungs_and_nobody_is_told_too_early() -> None:
    desk = assigned(now=MONDAY)
    closing = AdoptCalendar.model_validate({
        "year": 2026, "number": "", "revision": 9, "reason": "banjir",
        "closed": [{"on": f"2026-04-0{day}", "kind": "local", "reason": "Banjir"} for day in (7, 8)],
    })  # fmt: skip
    desk.when(closing)
    desk.when(MoveDeadline(complaint_id=CASE, reason="banjir"), SERVICE).then(DeadlineMoved, LimitsMoved)
    Clockwork(desk).until(MONDAY + timedelta(days=30))
    moments = [local(each.at) for each in desk.log if isinstance(each.event, ComplaintEscalated)]
    assert moments == ["Mon 13 16.00", "Thu 16 16.00"]


def test_a_day_that_was_decreed_after_a_timer_was_set_lets_it_wait() -> None:
    """The watch has not come round yet: the timer finds by itself that its moment lies ahead."""
    desk = office(now=MONDAY).when(form(), REPORTER, command_id=key())
    late = answered(assigned(now=MONDAY))
    silent = asked(assigned(now=MONDAY))
    for each in (desk, late, silent):
        each.when(
            AdoptCalendar.model_validate({
                "year": 2026, "number": "", "revision": 9, "reason": "banjir",
                "closed": [{"on": "2026-04-07", "kind": "local", "reason": "Banjir"}],
            })
        )  # fmt: skip
        Clockwork(each).until(MONDAY + timedelta(days=30))
    assert local(of(desk, AcknowledgementOverdue)[0].due_at) == "Fri 10 16.30"
    assert local(of(late, ComplaintClosed)[0].closed_at) == "Tue 21 16.00"
    heard = next(each.at for each in silent.log if isinstance(each.event, ReporterSilent))
    assert local(heard) == "Tue 21 16.00"


def test_an_objection_lets_the_clock_go_on_where_it_stood() -> None:
    desk = assigned(now=MONDAY)
    desk.now = at(8, 9, 0)
    answered(desk)
    desk.now = at(14, 9, 0)
    desk.when(Object(complaint_id=CASE, reason="Belum.", code_mac=mac()), REPORTER)
    moved = of(desk, DeadlineMoved)[-1]
    assert local(moved.due_at) == "Fri 17 16.30", "four working days between answer and objection do not count"
    assert moved.reason == "pelapor menyampaikan keberatan"
    Clockwork(desk).until(at(30, 9, 0))
    assert [local(each.due_at) for each in of(desk, ComplaintOverdue)] == ["Fri 17 16.30"]
    desk.when(AnswerComplaint(complaint_id=CASE, words="Sekarang."), OFFICER)
    assert of(desk, ComplaintAnswered)[-1].late


def test_whoever_is_complained_about_is_no_rung() -> None:
    desk = assigned(now=MONDAY)
    desk.when(NameComplainedAbout(complaint_id=CASE, person_id="sri", positions=("kabid",)), OFFICER)
    Clockwork(desk).until(MONDAY + timedelta(days=30))
    assert [each.to_position for each in of(desk, ComplaintEscalated)] == ["kadis"]


def test_a_restricted_complaint_climbs_no_ladder_by_itself_either() -> None:
    desk = office(now=MONDAY).when(form(), REPORTER, command_id=key())
    sort(desk, "berat", examiner="pemeriksa")
    Clockwork(desk).until(MONDAY + timedelta(days=120))
    assert of(desk, ComplaintEscalated) == []
    assert [each.told for each in of(desk, ComplaintOverdue)] == ["pemeriksa"]


def test_ninety_days_after_its_closing_the_reporter_is_forgotten() -> None:
    desk = answered(assigned(now=MONDAY))
    Clockwork(desk).until(MONDAY + timedelta(days=20))
    closed = state(desk)
    assert isinstance(closed, Closed)
    Clockwork(desk).until(closed.retain_until - timedelta(seconds=1))
    assert of(desk, ReporterRetentionEnded) == []
    Clockwork(desk).until(closed.retain_until + timedelta(days=1000))
    ended = of(desk, ReporterRetentionEnded)
    assert [each.subject_id for each in ended] == [str(CASE), f"{CASE}-identity"]
    assert {each.reason for each in ended} == {"retention"}


def test_until_it_is_sorted_the_provisional_deadline_rings_like_any() -> None:
    desk = office(now=MONDAY).when(form(), REPORTER, command_id=key())
    filed = of(desk, ComplaintFiled)[0]
    assert local(filed.due_at) == "Mon 13 16.00"
    Clockwork(desk).until(MONDAY + timedelta(days=30))
    assert [each.due_at for each in of(desk, ComplaintOverdue)] == [filed.due_at]
    assert not isinstance(state(desk), Answered)
    assert TEAM.id == "fajar"


def test_those_above_are_named_where_it_is_overdue_and_nobody_where_it_is_restricted() -> None:
    ladder = [{"position": "tim"}, {"position": "kabid", "past_due": {"working_days": 5}},
              {"position": "kadis", "past_due": {"working_days": 9}}]  # fmt: skip
    desk = assigned({**RULES, "ladder": ladder}, MONDAY)
    Clockwork(desk).until(MONDAY + timedelta(days=8))
    assert [(each.rung, each.leader) for each in of(desk, ComplaintOverdue)] == [("kabid", "kadis")]
    shut = sort(office({**RULES, "ladder": ladder}, MONDAY).when(form(), OFFICER, command_id=key()), "berat",
                examiner="pemeriksa")  # fmt: skip
    Clockwork(shut).until(MONDAY + timedelta(days=150))
    assert [(each.told, each.rung, each.leader) for each in of(shut, ComplaintOverdue)] == [("pemeriksa", None, None)]
