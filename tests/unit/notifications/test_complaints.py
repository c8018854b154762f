"""Who hears of a complaint: the office number and limit, the reporter that there is news; nobody what was said."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.base import Reader, Recorded
from contracts.complaint import (
    AddNote,
    AssignComplaint,
    ChangeStance,
    ComplainedAboutNamed,
    NameComplainedAbout,
    Object,
    ProposeAnswer,
    ReplyAsReporter,
)
from contracts.notifications import (
    AttemptFailed,
    ManualTask,
    ManualTaskAnswer,
    NoticeGivenUp,
    NoticePlanned,
    NoticeSentAgain,
    NoticesPlanned,
    RecordAttempt,
    SendAgain,
)
from contracts.organisation import ContactOf, ContactOfAnswer
from services.complaint.domain.state import complaint_stream
from services.kit.service import NotWanted, WantedJob
from services.notifications.adapters.contact_codes import ContactCodes
from services.notifications.adapters.email_queue import EmailQueue
from services.notifications.domain.notice import stream, timers
from services.notifications.domain.planning import Case
from services.notifications.views.asking import questions
from tests.unit.complaint.desk import (
    ADOPT,
    CLERK,
    COMPLAINTS,
    KABID,
    OFFICER,
    REPORTER,
    RULES,
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
from tests.unit.given_when_then import ROOT, Desk
from tests.unit.notifications.desk import NOTIFICATIONS, adopt, notices, rules, state
from tests.unit.notifications.test_applicants import contacts

CASE = complaint_id()
MONDAY = datetime(2026, 4, 6, 3, 0, tzinfo=UTC)


def filed(standard: dict[str, Any] | None = None, **changes: Any) -> Desk:
    desk = Desk("purbalingga", (COMPLAINTS, NOTIFICATIONS), MONDAY).when(adopt())
    desk.when(ADOPT if standard is None else ADOPT.model_copy(update={"rules": standard}))
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
    assert [each for each in found if each[0] == "ComplaintOverdue"] == [
        ("ComplaintOverdue", "handler", "kabid"), ("ComplaintOverdue", "officer", "pejabat"),
        ("ComplaintOverdue", "rung", "kadis"),
    ], "who is the next rung and the leader hears of it once"  # fmt: skip


def test_the_next_rung_and_the_leader_hear_that_it_is_overdue() -> None:
    ladder = [{"position": "tim"}, {"position": "kabid", "past_due": {"working_days": 5}},
              {"position": "kadis", "past_due": {"working_days": 9}}]  # fmt: skip
    desk = filed({**RULES, "ladder": ladder})
    sort(desk).tell()
    Clockwork(desk).until(datetime(2026, 4, 14, tzinfo=UTC))
    desk.tell()
    over = [each for each in notices(desk) if each.event_kind == "complaint.ComplaintOverdue"]
    assert [(each.audience, each.position, each.channels) for each in over[1:]] == [
        ("rung", "kabid", ("inbox",)), ("leader", "kadis", ("inbox",)),
    ]  # fmt: skip
    assert all(set(each.values) <= {"number", "due"} for each in over)


def test_what_was_the_barred_officers_is_told_above_him_from_then_on() -> None:
    desk = filed()
    desk.when(NameComplainedAbout(complaint_id=CASE, person_id="retno", positions=("pejabat",)), OFFICER).tell()
    assert told(desk)[-1] == ("ComplainedAboutNamed", "desk", "kabid")
    before = len(told(desk))
    desk.when(reply(), REPORTER).tell()
    sort(desk, by=KABID).tell()
    Clockwork(desk).until(datetime(2026, 4, 20, tzinfo=UTC))
    desk.tell()
    later = told(desk)[before:]
    assert ("ReporterWrote", "officer", "kabid") in later
    assert ("ComplaintDueSoon", "officer", "kabid") in later
    assert ("ComplaintOverdue", "officer", "kabid") in later
    assert "pejabat" not in {position for _, _, position in later}
    other = filed()
    other.when(NameComplainedAbout(complaint_id=CASE, person_id="fajar", positions=("tim",)), OFFICER).tell()
    assert told(other)[-1][0] != "ComplainedAboutNamed", "nobody's part has moved"


def test_an_approver_in_his_place_hears_that_an_answer_waits() -> None:
    desk = filed(WITH_APPROVAL)
    sort(desk).tell()
    desk.when(ProposeAnswer(complaint_id=CASE, words="Sudah."), OFFICER).tell()
    desk.when(NameComplainedAbout(complaint_id=CASE, person_id="sri", positions=("kabid",)), OFFICER).tell()
    assert told(desk)[-1] == ("ComplainedAboutNamed", "approver", "kadis")


def test_of_a_restricted_one_only_officer_and_examiner_hear() -> None:
    desk = filed()
    sort(desk, "berat", examiner="pemeriksa").tell()
    Clockwork(desk).until(datetime(2026, 8, 1, tzinfo=UTC))
    desk.when(reply(), REPORTER).tell()
    assert {position for _, _, position in told(desk)} <= {"pejabat", "pemeriksa", ""}
    assert ("ComplaintOverdue", "handler", "pemeriksa") in told(desk)
    assert {each[2] for each in told(desk) if each[0] == "ComplaintOverdue"} == {"pemeriksa"}


def test_no_word_and_no_contact_stands_in_any_notice() -> None:
    desk = answered(asked(assigned()).tell()).tell()
    text = " ".join(each.model_dump_json() for each in notices(desk))
    for word in ("terlambat", "Siti", "0812", "Hari apa", "Jadwal"):
        assert word not in text
    assert all(isinstance(each, NoticePlanned) for each in notices(desk))
    assert WITH_APPROVAL["answers"]["approval"] == "kabid"


def failed(notice: NoticePlanned, reason: str = "identity-hidden") -> RecordAttempt:
    return RecordAttempt(
        notice_id=notice.notice_id, channel="email", generation=1, outcome="permanent", reason=reason
    )  # fmt: skip


async def by_hand(desk: Desk, notice: NoticePlanned) -> ManualTaskAnswer:
    """What a person is shown who is to tell it."""

    async def history(_agency: str, stream: str) -> Sequence[Recorded]:
        return [each for each in desk.log if each.stream == stream]

    async def nobody(_agency: str, _asked: ContactOf) -> ContactOfAnswer:
        raise AssertionError("organisation knows no reporter")

    at = contacts(desk)
    asked = questions(history, nobody, "https://caraka.contoh", ContactCodes(lambda _: b"", "", lambda: desk.now), at)
    answer = await asked[ManualTask]("purbalingga", ManualTask(notice_id=notice.notice_id))
    assert isinstance(answer, ManualTaskAnswer)
    return answer


def of_reporter(desk: Desk) -> NoticePlanned:
    return next(each for each in notices(desk) if each.audience == "reporter")


async def test_a_named_reporter_with_a_telephone_number_is_told_by_a_person() -> None:
    desk = assigned()
    notice = of_reporter(desk)
    desk.when(failed(notice, "no-contact"))
    assert state(desk, notice.notice_id).channel == "manual"
    assert (await by_hand(desk, notice)).phone == "+6281200001111"


async def test_a_confidential_one_is_told_by_no_person_whatever_he_gave() -> None:
    desk = assigned(stance="confidential")
    notice = of_reporter(desk)
    assert (notice.channels, notice.onward_at) == (("email",), None)
    desk.when(failed(notice)).then(AttemptFailed, NoticeGivenUp)
    assert desk.fact(NoticeGivenUp).reason == "identity-hidden", "the log says why"
    shown = await by_hand(desk, notice)
    assert shown == ManualTaskAnswer(hidden=True), "neither name nor number"
    desk.when(SendAgain(notice_id=notice.notice_id, reason="Coba lagi"), CLERK).then(NoticeSentAgain)
    assert state(desk, notice.notice_id).channel == "email"


async def test_who_chooses_to_be_confidential_is_told_by_no_person_from_there_on() -> None:
    """C23: also what was planned, or waits for a person, before."""
    desk = assigned()
    waiting, passed = of_reporter(desk), answered(desk).tell()
    later = next(each for each in notices(passed) if each.event_kind.endswith("ComplaintAnswered"))
    desk.when(failed(waiting, "no-contact"))
    desk.when(ChangeStance(complaint_id=CASE, stance="confidential", code_mac=mac()), REPORTER).tell()
    assert desk.parked == []
    assert (await by_hand(desk, waiting)) == ManualTaskAnswer(open=True, hidden=True)
    (timer,) = timers(stream(later.notice_id), state(desk, later.notice_id))
    desk.when(timer.command).then()
    desk.when(failed(later)).then(AttemptFailed, NoticeGivenUp)


async def test_of_whom_nothing_was_said_is_hidden() -> None:
    """Facts from before this was noted."""
    desk = assigned()
    case = f"case:complaint:{CASE}"
    known = desk._states["notifications", case].known
    desk._states["notifications", case] = Case(known.model_copy(update={"named": None}))
    notice = of_reporter(desk)
    desk.when(failed(notice, "no-contact")).then(AttemptFailed, NoticeGivenUp)


def test_a_way_that_only_a_person_has_makes_no_notice() -> None:
    by_person = tuple(
        each.model_copy(update={"channels": ("manual",)}) if each.audience == "reporter" else each
        for each in rules().routes
    )
    desk = filed(stance="confidential").when(adopt(rules=rules(routes=by_person)))
    sort(desk).tell()
    planned = [each.event for each in desk.log if isinstance(each.event, NoticesPlanned)]
    whys = [route.why for each in planned for route in each.routes if route.audience == "reporter"]
    assert whys == ["identity-hidden"]


@pytest.mark.parametrize(("stance", "contact", "why"), [
    ("confidential", "0812 0000 1111", "identity-hidden"), ("named", "0812 0000 1111", "no-contact"),
    ("confidential", "siti@contoh.id", ""),
])  # fmt: skip
async def test_the_machine_writes_to_an_address_and_says_why_it_cannot_to_a_number(
    stance: str, contact: str, why: str
) -> None:
    desk = assigned(stance=stance, contact=contact)

    async def history(_agency: str, place: str) -> Sequence[Recorded]:
        return [each for each in desk.log if each.stream == place]

    async def nobody(_agency: str, _asked: ContactOf) -> ContactOfAnswer:
        raise AssertionError("organisation knows no reporter")

    codes = ContactCodes(lambda _: b"", "", lambda: desk.now)
    queue = EmailQueue(
        history, nobody, "https://caraka.contoh", "kantor@contoh.id", lambda: desk.now, codes, contacts(desk)
    )
    body = {"notice_id": str(of_reporter(desk).notice_id), "channel": "email", "generation": 1}
    job = WantedJob(ROOT, "purbalingga", "notice", "email-1", "email", body, 0)
    if why:
        with pytest.raises(NotWanted) as raised:
            await queue.finish(job)
        assert str(raised.value) == why
    else:
        assert (await queue.finish(job))["to"] == contact


def actor(who: str, *positions: str) -> ContactOfAnswer:
    reader = Reader(person_id=who, positions=positions, substitute_of=("fajar",) if who == "wakil" else ())
    return ContactOfAnswer(person_id=who, email=f"{who}@contoh.id", reader=reader)


async def mailed(desk: Desk, notice: NoticePlanned, reached: ContactOfAnswer) -> str:
    """To whom the machine writes, or why to nobody."""

    async def history(_agency: str, place: str) -> Sequence[Recorded]:
        return [each for each in desk.log if each.stream == place]

    async def acts(_agency: str, _asked: ContactOf) -> ContactOfAnswer:
        return reached

    codes = ContactCodes(lambda _: b"", "", lambda: desk.now)
    queue = EmailQueue(history, acts, "https://caraka.contoh", "kantor@contoh.id", lambda: desk.now, codes)
    body = {"notice_id": str(notice.notice_id), "channel": "email", "generation": 1}
    try:
        return str((await queue.finish(WantedJob(ROOT, "purbalingga", "notice", "email-1", "email", body, 0)))["to"])
    except NotWanted as why:
        return str(why)


async def test_whoever_is_barred_hears_nothing_from_that_moment_on() -> None:
    """The handler, whom it is about: his position is told nothing, and what was planned before does not leave."""
    desk = assigned()
    before = next(each for each in notices(desk) if each.position == "tim")
    assert await mailed(desk, before, actor("fajar", "tim")) == "fajar@contoh.id"
    about = NameComplainedAbout(complaint_id=CASE, person_id="fajar", positions=("tim",), superior="kabid")
    desk.when(about, OFFICER).tell()
    assert desk.parked == []
    known = len(notices(desk))
    desk.when(reply(), REPORTER).tell()
    Clockwork(desk).until(datetime(2026, 4, 20, 3, tzinfo=UTC))
    desk.tell()
    after = notices(desk)[known:]
    assert {each.position for each in after if each.event_kind.endswith("ReporterWrote")} == {"pejabat", "kabid"}
    assert "tim" not in {each.position for each in after}
    for barred in (actor("fajar", "tim"), actor("sulis", "tim"), actor("wakil", "staf")):
        assert await mailed(desk, before, barred) == "barred"


async def test_a_barred_person_who_acts_for_the_handler_hears_nothing_and_a_head_by_his_own_position_does() -> None:
    desk = assigned()
    about = NameComplainedAbout(complaint_id=CASE, person_id="fajar", positions=("tim",), superior="kabid")
    desk.when(about, OFFICER).tell().when(reply(), REPORTER).tell()
    notice = next(each for each in reversed(notices(desk)) if each.position == "kabid")
    assert await mailed(desk, notice, actor("fajar", "kabid")) == "barred", "as Plh. too"
    assert await mailed(desk, notice, actor("sri", "kabid")) == "sri@contoh.id"
    assert await mailed(desk, notice, actor("sri", "kabid", "tim")) == "sri@contoh.id", "she acts for him, and has it"


def test_a_position_that_is_barred_is_said_to_be() -> None:
    desk = filed()
    about = NameComplainedAbout(complaint_id=CASE, person_id="retno", positions=("pejabat",))
    fact = desk.when(about, OFFICER).fact(ComplainedAboutNamed)
    desk = filed().given(complaint_stream(CASE), fact.model_copy(update={"desk": None}))  # as it was once said
    desk.tell().when(reply(), REPORTER).tell()
    planned = [each.event for each in desk.log if isinstance(each.event, NoticesPlanned)][-1]
    assert ("officer", "barred") in {(route.audience, route.why) for route in planned.routes}
