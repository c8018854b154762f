"""What an officer wrote down wrongly, when running complaints were taken over, is corrected, and history says so."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.complaint import (
    Acknowledge,
    AcknowledgementOverdue,
    AskReporter,
    AssignComplaint,
    ClockResumed,
    ComplaintClassified,
    ComplaintEscalated,
    ComplaintFiled,
    ComplaintOverdue,
    ComplaintReclassified,
    CorrectEntry,
    EntryCorrected,
    NameComplainedAbout,
    RegisterNumberTaken,
    ReplyAsReporter,
)
from services.complaint.domain.clock import CLOCKS
from services.kit import deadlines
from tests.unit.complaint.desk import (
    CLERK,
    KABID,
    OFFICER,
    REPORTER,
    TEAM,
    Clockwork,
    answered,
    complaint_id,
    form,
    key,
    office,
    sort,
    state,
)
from tests.unit.given_when_then import Desk

CASE = complaint_id()
MONDAY = datetime(2026, 4, 6, 3, 0, tzinfo=UTC)  # no holiday until May
ENTERED = MONDAY + timedelta(days=14)
WRONG, RIGHT = MONDAY + timedelta(days=9), MONDAY


def wish(**said: Any) -> CorrectEntry:
    return CorrectEntry(**{"complaint_id": CASE, "reason": "Salah lihat tanggal", **said})


def taken_over(received: datetime = WRONG, paper: str = "17/2026") -> Desk:
    """At the start of the office's work with it, out of the paper book."""
    desk = office(now=ENTERED)
    return desk.when(form(received_at=received, paper_number=paper), CLERK, command_id=key())


def test_every_limit_is_reckoned_anew_as_if_it_had_been_entered_so() -> None:
    right = taken_over(RIGHT).fact(ComplaintFiled)
    desk = taken_over()
    desk.when(wish(received_at=RIGHT), OFFICER).then(EntryCorrected)
    now = desk.fact(EntryCorrected)
    for name in ("received_at", "due_at", "remind_at", "calendar", "acknowledge_by", "rungs", "told", "paper_number"):
        assert getattr(now, name) == getattr(right, name), name
    assert (now.received_on, now.was_received_on) == ("2026-04-06", "2026-04-15")
    assert (now.reason.plain, now.by.person_id) == ("Salah lihat tanggal", "retno")
    desk.when(wish(received_at=RIGHT), OFFICER).then()
    classified, plain = sort(taken_over()), sort(taken_over(RIGHT))
    classified.when(wish(received_at=RIGHT), OFFICER)
    assert classified.fact(EntryCorrected).due_at == plain.fact(ComplaintClassified).due_at


def test_a_pause_that_it_had_is_not_counted() -> None:
    desk = sort(taken_over(MONDAY + timedelta(days=11)))
    desk.when(AskReporter(complaint_id=CASE, reason="menunggu-pelapor", words="Kapan?"), OFFICER).later(days=3)
    desk.when(ReplyAsReporter(complaint_id=CASE, words="Senin."), CLERK)
    assert desk.fact(ClockResumed)
    desk.when(wish(received_at=MONDAY + timedelta(days=10)), OFFICER)
    due = desk.fact(EntryCorrected).due_at
    again = sort(desk, "ringan").fact(ComplaintReclassified)
    assert again.due_at == due, "as a classification reckons it"
    told = deadlines.answer(CLOCKS, desk.log, desk.log, desk.log, desk.now)
    assert told["deadline"].due_at == due


def test_what_was_said_too_early_is_said_at_its_time() -> None:
    desk = taken_over(RIGHT)
    Clockwork(desk).until(ENTERED + timedelta(hours=1))
    said = (AcknowledgementOverdue, ComplaintOverdue, ComplaintEscalated)
    assert all(any(isinstance(each.event, kind) for each in desk.log) for kind in said)
    before = len(desk.log)
    desk.when(wish(received_at=ENTERED), OFFICER)
    Clockwork(desk).until(ENTERED + timedelta(hours=2))
    assert [type(each.event) for each in desk.log[before:]] == [EntryCorrected], "all of them lie ahead again"
    Clockwork(desk).until(ENTERED + timedelta(days=20))
    assert all(any(isinstance(each.event, kind) for each in desk.log[before:]) for kind in said)


def test_a_wrong_paper_number_is_free_for_the_complaint_whose_it_is() -> None:
    desk = taken_over(paper="18/2026")
    other = form(2, received_at=RIGHT, paper_number="18 / 2026")
    desk.when(other, CLERK, command_id=key(2)).refused("complaint.paper-number-taken")
    desk.when(wish(paper_number="17/2026"), OFFICER).then(EntryCorrected)
    now = desk.fact(EntryCorrected)
    assert (now.paper_number, now.was_paper_number) == ("17/2026", "18/2026")
    desk.when(other, CLERK, command_id=key(2)).then(ComplaintFiled, RegisterNumberTaken)
    desk.when(wish(paper_number="18/2026"), OFFICER).refused("complaint.paper-number-taken")
    third = form(3, received_at=RIGHT, paper_number="17/2026")
    desk.when(third, CLERK, command_id=key(3)).refused("complaint.paper-number-taken")
    again = CorrectEntry(complaint_id=complaint_id(2), paper_number="19/2026", reason="Salah ketik")
    desk.when(again, OFFICER).then(EntryCorrected)
    desk.when(wish(paper_number="18/2026"), OFFICER).then(EntryCorrected)
    desk.when(third, CLERK, command_id=key(3)).then(ComplaintFiled, RegisterNumberTaken)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"received_at": ENTERED + timedelta(minutes=1)}, "received-in-future"),
        ({"received_at": ENTERED - timedelta(days=900)}, "received-too-old"),
        ({"channel": "merpati"}, "channel-unknown"),
        ({"complaint_kind": "gosip"}, "kind-unknown"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(said: dict[str, Any], code: str) -> None:
    taken_over().when(wish(**said), OFFICER).refused(f"complaint.{code}")


def test_only_while_nobody_has_begun_and_only_what_an_officer_wrote_down() -> None:
    theirs = office().when(form(), REPORTER, command_id=key())
    theirs.when(wish(channel="kotak"), OFFICER).refused("complaint.not-entered")
    desk = sort(taken_over())
    desk.when(wish(channel="kotak"), CLERK).refused("complaint.not-the-officer")
    desk.when(AssignComplaint(complaint_id=CASE, position="tim"), OFFICER)
    desk.when(wish(channel="kotak"), OFFICER).refused("complaint.not-answered")
    answered(desk).when(wish(channel="kotak"), OFFICER).refused("complaint.answered")
    about = taken_over().when(
        NameComplainedAbout(complaint_id=CASE, person_id="retno", positions=("pejabat",)), OFFICER
    )
    about.when(wish(channel="kotak"), OFFICER).refused("complaint.unknown")
    about.when(wish(channel="kotak"), TEAM).refused("complaint.not-the-officer")
    about.when(wish(channel="kotak"), KABID).then(EntryCorrected)
    about.when(Acknowledge(complaint_id=CASE), KABID)
    assert state(about).case.channel == "kotak"  # type: ignore[union-attr]  # it was filed
