"""Whatever is asked in whatever order, and however time goes on in between: phases, clock and timers agree."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.base import Actor, Command, Refusal
from contracts.complaint import (
    AcceptAnswer,
    Acknowledge,
    AcknowledgementOverdue,
    AddNote,
    AnswerComplaint,
    ApproveAnswer,
    AskReporter,
    AssignComplaint,
    ChangeStance,
    ClassifyComplaint,
    ComplaintClosed,
    ComplaintDueSoon,
    ComplaintEscalated,
    ComplaintOverdue,
    EscalateComplaint,
    NameComplainedAbout,
    Object,
    ProposeAnswer,
    ReferComplaint,
    ReplyAsReporter,
    ReporterSilent,
    ReturnAnswer,
    SetAside,
    WithdrawComplaint,
)
from services.complaint.domain.evolve import evolve_complaint
from services.complaint.domain.ladder import timers
from services.complaint.domain.state import Absent, Answered, Asked, Closed, Complaint, complaint_stream
from services.complaint.policy import REFUSALS
from tests.unit.complaint.desk import (
    CLERK,
    EXAMINER,
    KABID,
    KADIS,
    OFFICER,
    REPORTER,
    RULES,
    TEAM,
    WITH_APPROVAL,
    Clockwork,
    complaint_id,
    form,
    key,
    mac,
    office,
    state,
)
from tests.unit.given_when_then import Desk

CASE = complaint_id()
PLACE = complaint_stream(CASE)
MONDAY = datetime(2026, 4, 6, 3, 0, tzinfo=UTC)
ACTORS = (OFFICER, TEAM, KABID, KADIS, EXAMINER, CLERK, REPORTER)
POSITIONS = ("tim", "kabid", "kadis", "pemeriksa", "pejabat")
KNOWN = {f"complaint.{reason}" for reason in (*REFUSALS, "not-permitted")}
ONCE = (ComplaintOverdue, ComplaintDueSoon, AcknowledgementOverdue)

WISHES: dict[str, Callable[[int], Command]] = {
    "acknowledge": lambda _: Acknowledge(complaint_id=CASE),
    "classify": lambda n: ClassifyComplaint(
        complaint_id=CASE, complaint_class=("ringan", "sedang", "berat")[n % 3], gist="Loket.",
        examiner=POSITIONS[n % 5],
    ),
    "about": lambda n: NameComplainedAbout(complaint_id=CASE, person_id=f"p{n}", positions=(POSITIONS[n % 5],)),
    "assign": lambda n: AssignComplaint(complaint_id=CASE, position=POSITIONS[n % 5]),
    "note": lambda _: AddNote(complaint_id=CASE, words="Catatan"),
    "ask": lambda _: AskReporter(complaint_id=CASE, reason="menunggu-pelapor", words="Kapan?"),
    "answer": lambda _: AnswerComplaint(complaint_id=CASE, words="Sudah."),
    "propose": lambda _: ProposeAnswer(complaint_id=CASE, words="Sudah."),
    "approve": lambda _: ApproveAnswer(complaint_id=CASE),
    "return": lambda _: ReturnAnswer(complaint_id=CASE, note="Belum"),
    "refer": lambda _: ReferComplaint(complaint_id=CASE, office="Dinas", how="Telepon"),
    "aside": lambda _: SetAside(complaint_id=CASE, why="unclear"),
    "escalate": lambda _: EscalateComplaint(complaint_id=CASE, reason="Berat"),
    "reply": lambda _: ReplyAsReporter(complaint_id=CASE, words="Senin.", code_mac=mac()),
    "stance": lambda n: ChangeStance(
        complaint_id=CASE, stance=("named", "confidential", "anonymous")[n % 3], code_mac=mac()
    ),
    "withdraw": lambda _: WithdrawComplaint(complaint_id=CASE, code_mac=mac()),
    "object": lambda _: Object(complaint_id=CASE, reason="Belum.", code_mac=mac()),
    "accept": lambda _: AcceptAnswer(complaint_id=CASE, code_mac=mac()),
}  # fmt: skip
ENDING = {"refer", "aside", "withdraw", "accept"}
USUAL = sorted(set(WISHES) - ENDING)
STEPS = st.tuples(
    st.sampled_from([*USUAL * 3, *sorted(ENDING), "wait", "wait", "wait"]),
    st.integers(0, 14), st.sampled_from(ACTORS), st.integers(1, 400),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=30), st.sampled_from([RULES, WITH_APPROVAL]))
def test_phases_clock_and_timers_agree_in_any_order(
    steps: list[tuple[str, int, Actor, int]], rules: dict[str, Any]
) -> None:
    desk = office(rules, MONDAY).when(form(), CLERK, command_id=key())
    works = Clockwork(desk)
    for name, number, actor, hours in steps:
        if name == "wait":
            works.until(desk.now + timedelta(hours=hours))
        else:
            desk.when(WISHES[name](number), actor)
            if isinstance(desk.decision, Refusal):
                assert desk.decision.code in KNOWN
        _agrees(desk)
    works.until(desk.now + timedelta(days=400))
    _agrees(desk)
    _said_once(desk)


def _agrees(desk: Desk) -> None:
    now, again = state(desk), _folded(desk)
    assert again == now, "what is read back is what was decided"
    assert not isinstance(now, Absent)
    clock = now.clock
    assert (clock is None) == isinstance(now, Closed)
    if clock is not None:
        assert clock.paused == isinstance(now, Asked)
        assert clock.stopped == isinstance(now, Answered)
    standing = timers(PLACE, now)
    assert len({each.name for each in standing}) == len(standing)
    if isinstance(now, Asked | Answered | Closed):
        assert {each.name for each in standing} <= {"reporter", "silent", "retention"}
    if now.case.restricted:
        assert not any(each.name.startswith("rung") for each in standing)


def _folded(desk: Desk) -> Complaint:
    found: Complaint = Absent()
    for each in desk.log:
        if each.stream == PLACE:
            found = evolve_complaint(found, each.event)
    return found


def _said_once(desk: Desk) -> None:
    events = [each.event for each in desk.log if each.stream == PLACE]
    said = Counter((type(each), each.due_at) for each in events if isinstance(each, ONCE))
    assert all(count == 1 for count in said.values()), "a limit is said to be over once"
    rungs = [each.rung for each in events if isinstance(each, ComplaintEscalated) and each.why == "time"]
    assert len(set(rungs)) == len(rungs), "a rung is reached once"
    assert sum(isinstance(each, ComplaintClosed) for each in events) <= 1
    questions = sum(type(each).__name__ == "ReporterAsked" for each in events)
    assert sum(isinstance(each, ReporterSilent) for each in events) <= questions
