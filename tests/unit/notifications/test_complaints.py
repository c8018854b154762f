"""Who hears of a complaint: the office number and limit, the reporter that there is news; nobody what was said."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.complaint import AddNote, AssignComplaint, Object, ReplyAsReporter
from contracts.notifications import NoticePlanned
from tests.unit.complaint.desk import (
    ADOPT,
    CLERK,
    COMPLAINTS,
    OFFICER,
    REPORTER,
    TEAM,
    WITH_APPROVAL,
    Clockwork,
    answered,
    asked,
    complaint_id,
    form,
    key,
    mac,
    sort,
)
from tests.unit.given_when_then import Desk
from tests.unit.notifications.desk import NOTIFICATIONS, adopt, notices

CASE = complaint_id()
MONDAY = datetime(2026, 4, 6, 3, 0, tzinfo=UTC)


def filed(rules: dict[str, Any] | None = None, **changes: Any) -> Desk:
    desk = Desk("purbalingga", (COMPLAINTS, NOTIFICATIONS), MONDAY).when(adopt())
    desk.when(ADOPT if rules is None else ADOPT.model_copy(update={"rules": rules}))
    return desk.when(form(1, **changes), CLERK, command_id=key()).tell()


def assigned(**changes: Any) -> Desk:
    desk = filed(**changes)
    sort(desk).tell()
    return desk.when(AssignComplaint(complaint_id=CASE, position="tim"), OFFICER).tell()


def told(desk: Desk) -> list[tuple[str, str, str]]:
    """The fact, the audience, the position; nobody's is the reporter's."""
    return [(each.event_kind.partition(".")[2], each.audience, each.position or "") for each in notices(desk)]


def test_the_officer_hears_of_a_new_one_by_its_number() -> None:
    desk = filed()
    assert told(desk) == [("RegisterNumberTaken", "officer", "pejabat")]
    notice = notices(desk)[0]
    assert notice.values["number"].startswith("ADU-")
    assert (notice.case_kind, notice.case_id) == ("complaints", CASE)
    assert desk.parked == []


def test_the_reporter_hears_that_there_is_news_and_nothing_of_it() -> None:
    desk = answered(asked(assigned()).tell().later(days=1).when(reply(), REPORTER).tell()).tell()
    mine = [each for each in notices(desk) if each.audience == "reporter"]
    assert [each.event_kind.partition(".")[2] for each in mine] == [
        "ComplaintAcknowledged", "ReporterAsked", "ComplaintAnswered",
    ]  # fmt: skip
    for each in mine:
        assert (each.by_contact, each.position, each.person_id) == (True, None, None)
        assert set(each.values) == {"number"}
        assert each.template == "complaint-news"
    assert desk.parked == []


def reply() -> ReplyAsReporter:
    return ReplyAsReporter(complaint_id=CASE, words="Hari Senin.", code_mac=mac())


@pytest.mark.parametrize("changes", [{"stance": "anonymous", "name": "", "contact": ""}, {"contact": ""}])
def test_who_gave_no_contact_is_told_nothing_by_anybody(changes: dict[str, Any]) -> None:
    desk = answered(assigned(**changes)).tell()
    assert [each for each in told(desk) if each[1] == "reporter"] == []
    assert told(desk)[0] == ("RegisterNumberTaken", "officer", "pejabat"), "the office hears of it all the same"


def test_a_note_makes_no_notice() -> None:
    """C13: no kind of notice can hold a note's text."""
    desk = assigned()
    before = len(notices(desk))
    desk.when(AddNote(complaint_id=CASE, words="Rahasia kantor"), TEAM).tell()
    assert len(notices(desk)) == before


def test_handing_it_to_another_position_tells_that_position_alone() -> None:
    """C12: nothing of it reaches the reporter."""
    desk = assigned()
    before = len(notices(desk))
    desk.when(AssignComplaint(complaint_id=CASE, position="kabid"), OFFICER).tell()
    assert told(desk)[before:] == [("ComplaintAssigned", "handler", "kabid")]


def test_a_reply_and_an_objection_are_told_to_the_officer_and_the_handler_once_each() -> None:
    desk = assigned().when(reply(), REPORTER).tell()
    assert told(desk)[-2:] == [("ReporterWrote", "officer", "pejabat"), ("ReporterWrote", "handler", "tim")]
    answered(desk).tell().when(Object(complaint_id=CASE, reason="Belum.", code_mac=mac()), REPORTER).tell()
    assert ("ObjectionRaised", "handler", "tim") in told(desk)
    assert len(set(told(desk))) == len(told(desk)) - told(desk).count(("ComplaintAssigned", "handler", "tim")) + 1


def test_the_rung_hears_that_it_was_handed_up_and_the_handler_of_the_limit() -> None:
    desk = assigned()
    Clockwork(desk).until(datetime(2026, 4, 20, tzinfo=UTC))
    desk.tell()
    found = told(desk)
    assert ("ComplaintEscalated", "rung", "kabid") in found
    assert ("ComplaintOverdue", "officer", "pejabat") in found
    assert ("ComplaintEscalated", "rung", "kadis") in found


def test_of_a_restricted_one_only_officer_and_examiner_hear() -> None:
    desk = filed()
    sort(desk, "berat", examiner="pemeriksa").tell()
    Clockwork(desk).until(datetime(2026, 8, 1, tzinfo=UTC))
    desk.when(reply(), REPORTER).tell()
    assert {position for _, _, position in told(desk)} <= {"pejabat", "pemeriksa", ""}
    assert ("ComplaintOverdue", "handler", "pemeriksa") in told(desk)


def test_no_word_and_no_contact_stands_in_any_notice() -> None:
    desk = answered(asked(assigned()).tell()).tell()
    text = " ".join(each.model_dump_json() for each in notices(desk))
    for word in ("terlambat", "Siti", "0812", "Hari apa", "Jadwal"):
        assert word not in text
    assert all(isinstance(each, NoticePlanned) for each in notices(desk))
    assert WITH_APPROVAL["answers"]["approval"] == "kabid"
