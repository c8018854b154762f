"""The only complaint officer is complained about: all that was his goes on above him, and he hears of nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.base import Actor, Command, Event, Holding, StandIn
from contracts.complaint import (
    AcceptAnswer,
    Acknowledge,
    AcknowledgementOverdue,
    AddNote,
    AnswerComplaint,
    ApproveAnswer,
    AskReporter,
    AssignComplaint,
    ClassifyComplaint,
    ComplainedAboutNamed,
    ComplaintAcknowledged,
    ComplaintAnswered,
    ComplaintAssigned,
    ComplaintClassified,
    ComplaintClosed,
    ComplaintDueSoon,
    ComplaintFiled,
    ComplaintOverdue,
    ComplaintReclassified,
    ComplaintReferred,
    ComplaintSetAside,
    EscalateComplaint,
    NameComplainedAbout,
    ObjectionRaised,
    ProposeAnswer,
    ReferComplaint,
    RegisterNumberTaken,
    ReplyAsReporter,
    SetAside,
)
from contracts.complaint import Object as Objecting
from services.complaint.domain.evolve import evolve_complaint
from services.complaint.domain.state import Absent, Closed, Complaint, complaint_stream, sorter
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
    person,
    proposed,
    sort,
    state,
)
from tests.unit.given_when_then import Desk

CASE = complaint_id()
MONDAY = datetime(2026, 4, 6, 3, 0, tzinfo=UTC)  # no holiday until May
NAME = NameComplainedAbout(complaint_id=CASE, person_id="retno", positions=("pejabat",))
PLH = person("yanti", "staf", "staff", Holding(position="pejabat", title="P", role="complaint-officer", capacity="plh"))
SUBSTITUTE = person(
    "wati", "staf-2", "operator",
    stand_ins=(StandIn(position="pejabat", title="Pejabat", role="complaint-officer", instead_of="retno"),),
)  # fmt: skip
ACTS_FOR_HIM = KABID.model_copy(
    update={
        "holdings": (
            *KABID.holdings, Holding(position="pejabat", title="P", role="complaint-officer", capacity="plh"),
        )
    }
)  # fmt: skip
DEEDS: tuple[Command, ...] = (
    Acknowledge(complaint_id=CASE),
    ClassifyComplaint(complaint_id=CASE, complaint_class="ringan", gist="Loket."),
    NameComplainedAbout(complaint_id=CASE, person_id="fajar", positions=("tim",)),
    AssignComplaint(complaint_id=CASE, position="tim"),
    AddNote(complaint_id=CASE, words="?"),
    AskReporter(complaint_id=CASE, reason="menunggu-pelapor", words="?"),
    AnswerComplaint(complaint_id=CASE, words="?"),
    ProposeAnswer(complaint_id=CASE, words="?"),
    ReferComplaint(complaint_id=CASE, office="?", how="?"),
    SetAside(complaint_id=CASE, why="spam"),
    EscalateComplaint(complaint_id=CASE, reason="?"),
    ReplyAsReporter(complaint_id=CASE, words="?"),
)


def named(rules: dict[str, Any] = RULES, now: datetime | None = None) -> Desk:
    """Before anybody has it, and by himself: there is no other officer."""
    desk = office(rules, now).when(form(), CLERK, command_id=key())
    return desk.when(NAME, OFFICER).then(ComplainedAboutNamed)


def shut(desk: Desk, *actors: Actor) -> None:
    for actor in actors or (OFFICER, PLH, SUBSTITUTE):
        for deed in DEEDS:
            desk.when(deed, actor).refused("complaint.unknown")


def told(desk: Desk, *kinds: type[Event]) -> list[str]:
    return [each.event.told for each in desk.log if isinstance(each.event, kinds)]  # type: ignore[attr-defined]  # all of them tell one


def test_the_whole_case_goes_on_above_him_to_its_end() -> None:
    desk = named()
    assert desk.fact(ComplainedAboutNamed).desk == "kabid"
    shut(desk)
    desk.when(Acknowledge(complaint_id=CASE), TEAM).refused("complaint.not-the-officer", position="kabid")
    desk.when(Acknowledge(complaint_id=CASE), KABID).then(ComplaintAcknowledged)
    assert desk.fact(ComplaintAcknowledged).by.position == "kabid"
    shut(desk)
    desk.when(ClassifyComplaint(complaint_id=CASE, complaint_class="ringan", gist="Loket."), KABID)
    desk.then(ComplaintClassified)
    assert (desk.fact(ComplaintClassified).desk, desk.fact(ComplaintClassified).told) == ("kabid", "kabid")
    shut(desk)
    desk.when(AssignComplaint(complaint_id=CASE, position="pejabat"), KABID).refused("complaint.handler-barred")
    desk.when(AssignComplaint(complaint_id=CASE, position="tim"), KABID).then(ComplaintAssigned)
    desk.when(AnswerComplaint(complaint_id=CASE, words="Jadwal diperbaiki."), TEAM)
    shut(desk)
    desk.when(Objecting(complaint_id=CASE, reason="Belum.", code_mac=mac()), REPORTER)
    assert desk.fact(ObjectionRaised).count == 1
    desk.when(AnswerComplaint(complaint_id=CASE, words="Kami minta maaf."), TEAM)
    shut(desk)
    desk.when(AcceptAnswer(complaint_id=CASE, code_mac=mac()), REPORTER)
    assert desk.fact(ComplaintClosed).outcome == "accepted"
    assert isinstance(state(desk), Closed)
    shut(desk)


def test_a_reporter_may_say_so_and_he_never_has_it() -> None:
    desk = office(now=MONDAY).when(form(about_officer=True), REPORTER, command_id=key())
    desk.then(ComplaintFiled, RegisterNumberTaken)
    assert (desk.fact(ComplaintFiled).officer, desk.fact(ComplaintFiled).told) == ("pejabat", "kabid")
    shut(desk, OFFICER, PLH)  # whoever would stand in for him some day is known by his name only
    desk.when(Acknowledge(complaint_id=CASE), KABID).then(ComplaintAcknowledged)
    Clockwork(desk).until(MONDAY + timedelta(days=20))
    assert told(desk, ComplaintDueSoon, ComplaintOverdue) == ["kabid"] * 2
    sort(desk, by=KABID).then(ComplaintClassified)
    assert desk.fact(ComplaintClassified).desk == "kabid"
    desk.when(NAME, KABID).then(ComplainedAboutNamed)  # who it is, so that he is barred wherever he goes
    assert desk.fact(ComplainedAboutNamed).desk is None, "it is above him already"
    shut(desk)


def test_nobody_is_told_so_where_nobody_is_above_him() -> None:
    desk = office({**RULES, "ladder": []}).when(form(about_officer=True), REPORTER, command_id=key())
    desk.refused("complaint.no-rung")


def test_he_may_also_end_it_himself() -> None:
    other = sort(named(), by=KABID)
    other.when(AnswerComplaint(complaint_id=CASE, words="Kami minta maaf."), KABID)
    assert other.fact(ComplaintAnswered).by is not None
    assert isinstance(sort(named(), by=KABID).when(DEEDS[8], KABID).fact(ComplaintReferred), ComplaintReferred)
    assert isinstance(named().when(SetAside(complaint_id=CASE, why="spam"), KABID).fact(ComplaintSetAside), Event)


def test_another_officer_still_sorts_it_too() -> None:
    deputy = person("wakil", "pejabat-2", "complaint-officer")
    desk = named().when(Acknowledge(complaint_id=CASE), deputy).then(ComplaintAcknowledged)
    sort(desk, by=deputy).then(ComplaintClassified)


def test_whoever_acts_for_him_meanwhile_sorts_it_by_a_position_of_his_own() -> None:
    named().when(Acknowledge(complaint_id=CASE), ACTS_FOR_HIM).then(ComplaintAcknowledged)


def test_the_next_above_has_it_when_that_one_is_complained_about_too() -> None:
    desk = named().when(NameComplainedAbout(complaint_id=CASE, person_id="sri", positions=("kabid",)), KABID)
    desk.then(ComplainedAboutNamed)
    assert desk.fact(ComplainedAboutNamed).desk == "kadis"
    desk.when(Acknowledge(complaint_id=CASE), KABID).refused("complaint.unknown")
    desk.when(Acknowledge(complaint_id=CASE), KADIS).then(ComplaintAcknowledged)
    last = NameComplainedAbout(complaint_id=CASE, person_id="bambang", positions=("kadis",))
    desk.when(last, KADIS).refused("complaint.no-rung")
    desk.when(last.model_copy(update={"superior": "sekda"}), KADIS).then(ComplainedAboutNamed)
    assert sorter(state(desk).case) == "sekda"  # type: ignore[union-attr]  # it was filed


def test_the_standard_may_name_who_has_it_instead() -> None:
    rules = {**RULES, "answers": {**RULES["answers"], "superior": "kadis"}}
    assert named(rules).fact(ComplainedAboutNamed).desk == "kadis"
    below = {**RULES, "ladder": [{"position": "tim"}]}
    assert named(below).fact(ComplainedAboutNamed).desk == "tim", "there is nobody else"


def test_limits_are_told_above_him() -> None:
    desk = named(now=MONDAY)
    Clockwork(desk).until(MONDAY + timedelta(days=20))
    assert told(desk, AcknowledgementOverdue, ComplaintDueSoon, ComplaintOverdue) == ["kabid"] * 3
    late = office(now=MONDAY).when(form(), CLERK, command_id=key())
    sort(late)
    late.when(NAME, OFFICER)
    Clockwork(late).until(MONDAY + timedelta(days=20))
    assert told(late, ComplaintDueSoon, ComplaintOverdue) == ["kabid"] * 2


def test_an_examiner_and_an_approver_who_are_complained_about_have_no_part_in_it_any_more() -> None:
    desk = sort(office(now=MONDAY).when(form(), CLERK, command_id=key()), "berat", examiner="pemeriksa")
    desk.when(NameComplainedAbout(complaint_id=CASE, person_id="joko", positions=("pemeriksa",)), OFFICER)
    desk.then(ComplainedAboutNamed, ComplaintAssigned)
    assert (desk.fact(ComplainedAboutNamed).examiner, desk.fact(ComplaintAssigned).position) == ("kabid", "kabid")
    desk.when(AddNote(complaint_id=CASE, words="?"), EXAMINER).refused("complaint.unknown")
    desk.when(AddNote(complaint_id=CASE, words="Saya periksa"), KABID)
    Clockwork(desk).until(MONDAY + timedelta(days=120))
    assert told(desk, ComplaintDueSoon, ComplaintOverdue) == ["kabid"] * 2
    other = proposed()
    other.when(NameComplainedAbout(complaint_id=CASE, person_id="sri", positions=("kabid",)), OFFICER)
    assert other.fact(ComplainedAboutNamed).approver == "kadis"
    other.when(ApproveAnswer(complaint_id=CASE), KABID).refused("complaint.unknown")
    other.when(ApproveAnswer(complaint_id=CASE), KADIS)
    assert other.fact(ComplaintAnswered).approved_by is not None
    assert WITH_APPROVAL["answers"]["approval"] == "kabid"


def test_classified_again_it_stays_above_him() -> None:
    desk = named()
    sort(desk, by=KABID)
    sort(desk, "sedang", by=KABID).then(ComplaintReclassified)
    assert desk.fact(ComplaintReclassified).desk == "kabid"


@pytest.mark.parametrize("later", [False, True])
def test_facts_from_before_they_named_him_hand_it_up_too(later: bool) -> None:  # noqa: FBT001 - a case
    """What stood still in an office goes on after the update."""
    desk = named()
    if later:
        sort(desk, by=KABID)
    found: Complaint = Absent()
    for each in desk.log:
        if each.stream == complaint_stream(CASE):
            old = {"desk": None} if isinstance(each.event, ComplainedAboutNamed | ComplaintClassified) else {}
            found = evolve_complaint(found, each.event.model_copy(update=old))
    assert found == state(desk)


def test_nobody_else_gets_in_by_it() -> None:
    desk = named()
    for actor in (TEAM, KADIS, EXAMINER, Actor(id="orang")):
        for deed in DEEDS[:4]:
            desk.when(deed, actor).refused("complaint.not-the-officer")
