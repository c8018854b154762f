"""A complaint on its road, decision by decision; given–when–then."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.base import Actor, StandIn
from contracts.complaint import (
    AcceptAnswer,
    Acknowledge,
    AddNote,
    AnswerComplaint,
    AnswerProposed,
    AnswerReturned,
    ApproveAnswer,
    AskReporter,
    AssignComplaint,
    ChangeStance,
    ClassifyComplaint,
    ClockPaused,
    ClockResumed,
    ClockStopped,
    ComplainedAboutNamed,
    ComplaintAcknowledged,
    ComplaintAnswered,
    ComplaintAssigned,
    ComplaintClassified,
    ComplaintClosed,
    ComplaintEscalated,
    ComplaintFiled,
    ComplaintReclassified,
    ComplaintReferred,
    ComplaintSetAside,
    ComplaintWithdrawn,
    CorrectOpening,
    DeadlineMoved,
    EscalateComplaint,
    LimitsMoved,
    NameComplainedAbout,
    NoteAdded,
    Object,
    ObjectionRaised,
    OpeningCorrected,
    OpenRegister,
    ProposeAnswer,
    ReferComplaint,
    RegisterNumberTaken,
    RegisterOpened,
    ReplyAsReporter,
    ReporterAsked,
    ReporterRetentionEnded,
    ReporterWrote,
    ReturnAnswer,
    SetAside,
    StanceChanged,
    WithdrawComplaint,
)
from services.complaint.domain.state import Answered, Assigned, Classified, Closed
from services.kit.deciding import Accept
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
    answered,
    asked,
    assigned,
    complaint_id,
    form,
    key,
    mac,
    office,
    person,
    sort,
    state,
)

CASE = complaint_id()
FRIDAY = datetime(2026, 3, 13, 3, 0, tzinfo=UTC)


def test_it_is_filed_by_a_stranger_and_numbered_twice() -> None:
    desk = office().when(form(stance="confidential"), REPORTER, command_id=key())
    desk.then(ComplaintFiled, RegisterNumberTaken)
    filed, taken = desk.fact(ComplaintFiled), desk.fact(RegisterNumberTaken)
    assert (taken.year, taken.number) == (2026, 1)
    assert filed.number.startswith("ADU-")
    assert filed.by is None
    assert filed.told == "pejabat"
    assert (filed.words.seal_class, filed.words.subject_id) == ("reporter", str(CASE))
    assert filed.name is not None
    assert (filed.name.seal_class, filed.name.subject_id) == ("reporter", f"{CASE}-identity")
    assert filed.contact is not None
    assert (filed.contact.seal_class, filed.contact.subject_id) == ("contact", f"{CASE}-identity")


def test_three_fields_suffice_on_behalf_and_the_event_says_so() -> None:
    desk = office().when(form(name="", contact=""), CLERK, command_id=key()).then(ComplaintFiled, RegisterNumberTaken)
    filed = desk.fact(ComplaintFiled)
    assert filed.by is not None
    assert filed.by.person_id == "loket"
    assert isinstance(desk.decision, Accept)
    assert set(desk.decision.result) == {"complaint_id", "number", "filed_at"}


def test_asked_twice_it_is_the_same_complaint() -> None:
    desk = office().when(form(), REPORTER, command_id=key()).when(form(), REPORTER, command_id=key()).then()
    desk.when(form(code_mac=mac(2)), REPORTER, command_id=key()).refused("complaint.number-taken")


def test_the_register_has_no_gap_and_begins_where_the_paper_one_ended() -> None:
    desk = office().when(OpenRegister(year=2026, opening=41), OFFICER).then(RegisterOpened)
    desk.when(OpenRegister(year=2026, opening=41), OFFICER).then()
    for number in (1, 2, 3):
        desk.when(form(number), REPORTER, command_id=key(number))
        assert desk.fact(RegisterNumberTaken).number == 41 + number
    desk.when(OpenRegister(year=2026, opening=50), OFFICER).refused("complaint.register-open", last=44)


def test_where_the_register_begins_is_corrected_until_a_number_was_given_out() -> None:
    wish = CorrectOpening(year=2026, opening=43, reason="salah ketik")
    desk = office().when(wish, OFFICER).refused("complaint.register-not-open", year=2026)
    desk.when(OpenRegister(year=2026, opening=41), OFFICER).when(wish, CLERK).refused("complaint.not-permitted")
    fact = desk.when(wish, OFFICER).then(OpeningCorrected).fact(OpeningCorrected)
    assert (fact.was, fact.opening, fact.reason) == (41, 43, "salah ketik")
    assert fact.by is not None
    assert fact.by.person_id == OFFICER.id
    desk.when(wish, OFFICER).then()
    desk.when(wish.model_copy(update={"opening": 0}), OFFICER).then(OpeningCorrected)
    desk.when(wish, OFFICER).then(OpeningCorrected)
    desk.when(OpenRegister(year=2026, opening=41), OFFICER).refused("complaint.register-open", last=43)
    desk.when(form(1), REPORTER, command_id=key(1))
    assert desk.fact(RegisterNumberTaken).number == 44
    desk.when(wish, OFFICER).then()
    late = wish.model_copy(update={"opening": 50})
    desk.when(late, OFFICER).refused("complaint.opening-used", year=2026, first=44, last=44)


def test_a_register_that_nobody_opened_begins_with_one_and_stays_so() -> None:
    desk = office().when(form(1), REPORTER, command_id=key(1))
    wish = CorrectOpening(year=2026, opening=43, reason="lupa dibuka")
    desk.when(wish, OFFICER).refused("complaint.opening-used", first=1, last=1)


def test_numbers_tell_neither_how_many_there_are_nor_which_came_next() -> None:
    desk = office()
    for number in range(1, 30):
        desk.when(form(number), REPORTER, command_id=key(number))
    numbers = [each.event.number for each in desk.log if isinstance(each.event, ComplaintFiled)]
    assert len(set(numbers)) == len(numbers)
    assert numbers != sorted(numbers)


def test_an_anonymous_reporter_has_not_even_a_field_for_a_name() -> None:
    """C22, first half."""
    desk = office()
    for changes in ({"name": "Siti"}, {"contact": "0812"}, {"name": "Siti", "contact": "0812"}):
        wish = form(1, **{"name": "", "contact": "", "stance": "anonymous", **changes})
        desk.when(wish, REPORTER, command_id=key()).refused("complaint.anonymous-with-contact")
    desk.when(form(stance="anonymous", name="", contact=""), REPORTER, command_id=key())
    filed = desk.fact(ComplaintFiled)
    assert filed.name is None
    assert filed.contact is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"words": " "}, "words-missing"),
        ({"complaint_kind": "gosip"}, "kind-unknown"),
        ({"channel": "merpati"}, "channel-unknown"),
        ({"standard": "tidak-ada"}, "standard-unknown"),
        ({"received_at": datetime(2026, 3, 11, tzinfo=UTC)}, "received-by-officer"),
    ],
)
def test_what_cannot_be_filed_is_refused_with_its_reason(changes: dict[str, object], code: str) -> None:
    office().when(form(1, **changes), REPORTER, command_id=key()).refused(f"complaint.{code}")


def test_what_ran_on_paper_is_entered_with_its_own_receipt() -> None:
    desk = office()
    desk.when(form(received_at=desk.now + timedelta(minutes=1)), CLERK, command_id=key())
    desk.refused("complaint.received-in-future")
    desk.when(form(received_at=desk.now - timedelta(days=900)), CLERK, command_id=key())
    desk.refused("complaint.received-too-old")
    desk.when(form(received_at=FRIDAY - timedelta(days=7)), CLERK, command_id=key())
    assert desk.fact(ComplaintFiled).received_at == FRIDAY - timedelta(days=7)


def test_what_stood_in_the_paper_book_keeps_its_number_there_and_is_entered_once() -> None:
    desk = office().when(OpenRegister(year=2026, opening=57), OFFICER)
    received = FRIDAY - timedelta(days=7)
    desk.when(form(paper_number="B-17/2026"), CLERK, command_id=key()).refused("complaint.paper-received-missing")
    desk.when(form(paper_number="B-17/2026", received_at=received), CLERK, command_id=key())
    assert desk.fact(ComplaintFiled).paper_number == "B-17/2026"
    assert desk.fact(RegisterNumberTaken).number == 58, "the book has no line twice"
    again = form(2, paper_number=" b-17 / 2026", received_at=received)
    desk.when(again, CLERK, command_id=key(2)).refused("complaint.paper-number-taken")
    stranger = form(3, paper_number="18/2026")
    desk.when(stranger, REPORTER, command_id=key(3)).refused("complaint.paper-number-by-officer")
    desk.when(form(4), CLERK, command_id=key(4))
    assert desk.fact(ComplaintFiled).paper_number == ""


def test_an_office_without_a_standard_of_complaints_takes_none() -> None:
    from tests.unit.complaint.desk import AGENCY, COMPLAINTS
    from tests.unit.given_when_then import Desk

    Desk(AGENCY, (COMPLAINTS,)).when(form(), REPORTER, command_id=key()).refused("complaint.no-standard")


def test_until_it_is_classified_the_strictest_class_counts() -> None:
    """Nothing waits longer than it may because nobody has looked at it."""
    desk = office(now=FRIDAY).when(form(), REPORTER, command_id=key())
    filed = desk.fact(ComplaintFiled)
    assert filed.due_at == datetime(2026, 3, 27, 9, 30, tzinfo=UTC), "five working days over the long holiday"
    sort(desk, "sedang")
    classified = desk.fact(ComplaintClassified)
    assert classified.due_at == datetime(2026, 4, 10, 9, 30, tzinfo=UTC), "golden case: 14 working days"
    assert classified.received_at == FRIDAY


def test_it_is_acknowledged_once_and_by_classifying_too() -> None:
    desk = office().when(form(), REPORTER, command_id=key())
    desk.when(Acknowledge(complaint_id=CASE), OFFICER).then(ComplaintAcknowledged)
    desk.when(Acknowledge(complaint_id=CASE), OFFICER).then()
    sort(desk).then(ComplaintClassified)
    other = office().when(form(), REPORTER, command_id=key())
    sort(other).then(ComplaintAcknowledged, ComplaintClassified)


def test_before_it_is_classified_nothing_else_is_done() -> None:
    desk = office().when(form(), REPORTER, command_id=key())
    for wish in (
        AssignComplaint(complaint_id=CASE, position="tim"),
        AskReporter(complaint_id=CASE, reason="menunggu-pelapor", words="?"),
        AnswerComplaint(complaint_id=CASE, words="Ya."),
        ReferComplaint(complaint_id=CASE, office="Dinas lain", how="telepon"),
        EscalateComplaint(complaint_id=CASE, reason="berat"),
    ):
        desk.when(wish, OFFICER).refused("complaint.not-classified")


def test_a_gist_without_words_or_with_the_reporters_name_is_refused() -> None:
    desk = office().when(form(), REPORTER, command_id=key())
    wish = ClassifyComplaint(complaint_id=CASE, complaint_class="ringan")
    desk.when(wish, OFFICER).refused("complaint.gist-missing")
    named = wish.model_copy(update={"gist": "Siti mengadu", "names_reporter": True})
    desk.when(named, OFFICER).refused("complaint.gist-names-reporter")
    desk.when(named.model_copy(update={"reason": "Ia sendiri memintanya"}), OFFICER)
    desk.then(ComplaintAcknowledged, ComplaintClassified)
    desk.when(named.model_copy(update={"complaint_class": "aneh"}), OFFICER).refused("complaint.class-unknown")


def test_classified_again_it_keeps_its_history() -> None:
    desk = assigned()
    sort(desk, "sedang", reason="Ternyata menyangkut prosedur").then(ComplaintReclassified)
    assert desk.fact(ComplaintReclassified).before == "ringan"
    assert isinstance(state(desk), Assigned)
    assert sum(isinstance(each.event, ComplaintClassified) for each in desk.log) == 2


def test_question_reply_answer_acceptance() -> None:
    desk = asked(assigned()).then(ReporterAsked, ClockPaused)
    desk.later(days=5)
    reply = ReplyAsReporter(complaint_id=CASE, words="Hari Senin.", code_mac=mac())
    desk.when(reply, REPORTER).then(ReporterWrote, ClockResumed, DeadlineMoved, LimitsMoved)
    answered(desk).then(ComplaintAnswered, ClockStopped)
    desk.when(AcceptAnswer(complaint_id=CASE, code_mac=mac()), REPORTER).then(ComplaintClosed)
    closed = desk.fact(ComplaintClosed)
    assert (closed.outcome, closed.late) == ("accepted", False)
    assert closed.retain_until == desk.now + timedelta(days=90)
    desk.when(AcceptAnswer(complaint_id=CASE, code_mac=mac()), REPORTER).then()


def test_he_may_write_without_being_asked_and_the_officer_may_write_it_down_for_him() -> None:
    desk = assigned()
    desk.when(ReplyAsReporter(complaint_id=CASE, words="Tambahan.", code_mac=mac()), REPORTER).then(ReporterWrote)
    desk.when(ReplyAsReporter(complaint_id=CASE, words="Lewat telepon."), CLERK).then(ReporterWrote)
    by = desk.fact(ReporterWrote).by
    assert by is not None
    assert (by.person_id, desk.fact(ReporterWrote).channel) == ("loket", "telepon")
    met = ReplyAsReporter(complaint_id=CASE, words="Di loket.", channel="tatap-muka")
    assert desk.when(met, CLERK).fact(ReporterWrote).channel == "tatap-muka"
    his = met.model_copy(update={"code_mac": mac()})
    assert desk.when(his, REPORTER).fact(ReporterWrote).channel == "web"
    desk.when(met.model_copy(update={"channel": "merpati"}), CLERK).refused("complaint.channel-unknown")
    desk.when(ReplyAsReporter(complaint_id=CASE, words=" ", code_mac=mac()), REPORTER)
    desk.refused("complaint.words-missing")


def test_without_its_code_a_stranger_hears_nothing_of_any_phase() -> None:
    for desk in (office().when(form(), REPORTER, command_id=key()), assigned(), answered(assigned())):
        for wish in (ReplyAsReporter, WithdrawComplaint, Object, AcceptAnswer):
            for code in ("", mac(2)):
                desk.when(wish(complaint_id=CASE, code_mac=code), REPORTER).refused("complaint.wrong-code")
        desk.when(ChangeStance(complaint_id=CASE, stance="confidential"), REPORTER).refused("complaint.wrong-code")


def test_the_clock_is_paused_only_for_a_reason_of_the_standard() -> None:
    wish = AskReporter(complaint_id=CASE, reason="malas", words="?")
    assigned().when(wish, TEAM).refused("complaint.pause-not-allowed")
    assigned().when(wish.model_copy(update={"reason": "menunggu-pelapor", "words": ""}), TEAM).refused(
        "complaint.words-missing"
    )


def test_only_its_handler_and_the_officer_work_on_it() -> None:
    desk = assigned()
    for actor in (KABID, CLERK, EXAMINER):
        desk.when(AnswerComplaint(complaint_id=CASE, words="Ya."), actor).refused("complaint.not-the-handler")
        desk.when(AddNote(complaint_id=CASE, words="Catatan"), actor).refused("complaint.not-the-handler")
    desk.when(AddNote(complaint_id=CASE, words="Catatan"), TEAM).then(NoteAdded)
    answered(desk, OFFICER).then(ComplaintAnswered, ClockStopped)


def test_stances_change_towards_more_secret_only() -> None:
    desk = assigned()
    change = ChangeStance(complaint_id=CASE, stance="confidential", code_mac=mac())
    desk.when(change, REPORTER).then(StanceChanged)
    desk.when(change, REPORTER).then()
    desk.when(change.model_copy(update={"stance": "named"}), REPORTER).refused("complaint.stance-less-secret")
    desk.when(change.model_copy(update={"stance": "anonymous"}), REPORTER)
    desk.then(StanceChanged, ReporterRetentionEnded)
    ended = desk.fact(ReporterRetentionEnded)
    assert (ended.subject_id, ended.reason) == (f"{CASE}-identity", "anonymous")
    assert state(desk).case.subjects == (str(CASE),)  # type: ignore[union-attr]


def test_an_answer_that_needs_approval_goes_out_in_the_words_that_were_proposed() -> None:
    desk = answered(assigned(WITH_APPROVAL)).refused("complaint.approval-needed", position="kabid")
    propose = ProposeAnswer(complaint_id=CASE, words="Sudah diperbaiki.")
    desk.when(propose, TEAM).then(AnswerProposed)
    desk.when(propose, TEAM).refused("complaint.answer-proposed")
    desk.when(ApproveAnswer(complaint_id=CASE), TEAM).refused("complaint.not-the-approver")
    desk.when(ReturnAnswer(complaint_id=CASE), KABID).refused("complaint.words-missing")
    desk.when(ReturnAnswer(complaint_id=CASE, note="Sebutkan tanggalnya"), KABID).then(AnswerReturned)
    assert isinstance(state(desk), Assigned)
    desk.when(propose, TEAM).when(ApproveAnswer(complaint_id=CASE), KABID).then(ComplaintAnswered, ClockStopped)
    said = desk.fact(ComplaintAnswered)
    assert said.approved_by is not None
    assert said.approved_by.person_id == "sri"
    assert said.words.plain == ""


def test_nobody_approves_his_own_answer() -> None:
    both = person("sri", "kabid", "kabid", *TEAM.holdings)
    desk = assigned(WITH_APPROVAL).when(ProposeAnswer(complaint_id=CASE, words="Ya."), both)
    desk.when(ApproveAnswer(complaint_id=CASE), both).refused("complaint.own-proposal")


def test_where_nobody_has_to_approve_nothing_is_proposed() -> None:
    assigned().when(ProposeAnswer(complaint_id=CASE, words="Ya."), TEAM).refused("complaint.approval-not-needed")


def test_the_first_objection_reaches_the_same_officer_the_second_his_superior_a_third_there_is_not() -> None:
    desk = answered(assigned())
    wish = Object(complaint_id=CASE, reason="Tidak menjawab pertanyaan saya.", code_mac=mac())
    desk.later(days=4).when(wish, REPORTER)
    desk.then(ObjectionRaised, ComplaintAssigned, ClockResumed, DeadlineMoved, LimitsMoved)
    assert desk.fact(ComplaintAssigned).position == "tim"
    answered(desk).later(days=1).when(wish, REPORTER)
    assert desk.fact(ComplaintAssigned).position == "kabid"
    assert desk.fact(ObjectionRaised).count == 2
    answered(desk, KABID).when(wish, REPORTER).refused("complaint.objections-spent")
    assert desk.fact(ComplaintAnswered).object_until is None


def test_an_objection_after_its_window_comes_too_late() -> None:
    desk = answered(assigned())
    window = desk.fact(ComplaintAnswered).object_until
    assert window is not None
    desk.now = window + timedelta(seconds=1)
    wish = Object(complaint_id=CASE, reason="Belum.", code_mac=mac())
    desk.when(wish, REPORTER).refused("complaint.objection-window-over")


def test_a_referral_names_the_office_and_how_to_reach_it_and_is_its_own_outcome() -> None:
    """C24."""
    desk = assigned().when(ReferComplaint(complaint_id=CASE, office="Dinas Pendidikan"), TEAM)
    desk.refused("complaint.referral-office-missing")
    desk.when(ReferComplaint(complaint_id=CASE, office="Dinas Pendidikan", how="Telepon (0281) 891004"), TEAM)
    desk.then(ComplaintReferred, ClockStopped, ComplaintClosed)
    assert desk.fact(ComplaintClosed).outcome == "referred"


def test_setting_aside_and_withdrawing_are_outcomes_of_their_own() -> None:
    desk = office().when(form(), REPORTER, command_id=key())
    desk.when(SetAside(complaint_id=CASE, why="spam"), OFFICER).then(ComplaintSetAside, ClockStopped, ComplaintClosed)
    desk.when(AddNote(complaint_id=CASE, words="Sudah tiga kali"), OFFICER).then(NoteAdded)
    desk.when(ReplyAsReporter(complaint_id=CASE, words="Halo?", code_mac=mac()), REPORTER).refused("complaint.closed")
    other = asked(assigned())
    assert desk.fact(ComplaintSetAside).gist is None, "the reason stands in the book"
    other.when(WithdrawComplaint(complaint_id=CASE, reason="Sudah selesai", code_mac=mac()), REPORTER)
    other.then(ComplaintWithdrawn, ClockStopped, ComplaintClosed)
    assert other.fact(ComplaintClosed).outcome == "withdrawn"


def test_what_is_set_aside_before_it_was_classified_has_a_neutral_gist_for_the_book() -> None:
    desk = office().when(form(), REPORTER, command_id=key())
    for why in ("unclear", "not-a-complaint"):
        desk.when(SetAside(complaint_id=CASE, why=why, gist=" "), OFFICER).refused("complaint.gist-missing")
    wish = SetAside(complaint_id=CASE, why="unclear", gist="Siti bertanya", names_reporter=True)
    desk.when(wish, OFFICER).refused("complaint.gist-reveals")
    desk.when(SetAside(complaint_id=CASE, why="unclear", gist=" Pertanyaan tanpa tempat. "), OFFICER)
    gist = desk.then(ComplaintSetAside, ClockStopped, ComplaintClosed).fact(ComplaintSetAside).gist
    assert gist is not None
    assert (gist.plain, gist.seal_class) == ("Pertanyaan tanpa tempat.", "archive")
    later = sort(office().when(form(), REPORTER, command_id=key()))
    later.when(SetAside(complaint_id=CASE, why="unclear"), OFFICER)
    assert later.fact(ComplaintSetAside).gist is None, "it has one"


def test_a_restricted_class_needs_an_examiner_and_only_he_and_the_officer_know_of_it() -> None:
    desk = office().when(form(), REPORTER, command_id=key())
    sort(desk, "berat").refused("complaint.examiner-missing")
    sort(desk, "berat", examiner="pemeriksa").then(ComplaintAcknowledged, ComplaintClassified, ComplaintAssigned)
    for actor in (TEAM, KABID, KADIS):
        desk.when(AddNote(complaint_id=CASE, words="?"), actor).refused("complaint.unknown")
    desk.when(ReplyAsReporter(complaint_id=CASE, words="?"), CLERK).refused("complaint.unknown")
    desk.when(EscalateComplaint(complaint_id=CASE, reason="Lama"), OFFICER).refused("complaint.no-rung")
    desk.when(AssignComplaint(complaint_id=CASE, position="tim"), OFFICER).refused("complaint.handler-barred")
    desk.when(AddNote(complaint_id=CASE, words="Mulai diperiksa"), EXAMINER).then(NoteAdded)


def test_whoever_is_complained_about_hears_that_there_is_none_and_his_superior_gets_it() -> None:
    desk = assigned()
    desk.when(NameComplainedAbout(complaint_id=CASE, person_id="fajar", positions=("tim",)), OFFICER)
    desk.then(ComplainedAboutNamed, ComplaintAssigned)
    assert desk.fact(ComplaintAssigned).position == "kabid"
    assert desk.fact(ComplainedAboutNamed).barred == ("person:fajar", "substitute-of:fajar", "position:tim")
    unknown = Actor(id="orang-lain")
    substitute = person(
        "wati", "staf", "operator",
        stand_ins=(StandIn(position="tim", title="Tim", role="complaint-handler", instead_of="fajar"),),
    )  # fmt: skip
    acting = person("budi", "tim", "complaint-handler")
    for actor in (TEAM, substitute, acting):
        desk.when(AddNote(complaint_id=CASE, words="?"), actor).refused("complaint.unknown")
    desk.when(AddNote(complaint_id=complaint_id(9), words="?"), unknown).refused("complaint.unknown")
    superior = KABID.model_copy(
        update={
            "stand_ins": (
                StandIn(position="tim", title="Tim", role="complaint-handler", instead_of="fajar", why="upward"),
            )
        }
    )
    desk.when(AddNote(complaint_id=CASE, words="Saya teruskan"), superior).then(NoteAdded)
    desk.when(AssignComplaint(complaint_id=CASE, position="tim"), OFFICER).refused("complaint.handler-barred")


def test_the_officer_who_is_complained_about_is_barred_like_anybody() -> None:
    desk = office().when(form(), REPORTER, command_id=key())
    deputy = person("wakil", "pejabat-2", "complaint-officer")
    desk.when(NameComplainedAbout(complaint_id=CASE, person_id="retno", positions=("pejabat",)), deputy)
    desk.then(ComplainedAboutNamed)
    for wish in (Acknowledge(complaint_id=CASE), SetAside(complaint_id=CASE, why="spam")):
        desk.when(wish, OFFICER).refused("complaint.unknown")
    sort(desk).refused("complaint.unknown")


def test_by_hand_it_climbs_rung_by_rung_past_whoever_is_complained_about() -> None:
    desk = assigned()
    desk.when(EscalateComplaint(complaint_id=CASE, reason="Tidak dapat kami selesaikan"), TEAM)
    desk.then(ComplaintEscalated)
    up = desk.fact(ComplaintEscalated)
    assert (up.rung, up.from_position, up.to_position, up.why, up.handler) == (2, "tim", "kabid", "hand", "kabid")
    desk.when(AddNote(complaint_id=CASE, words="?"), TEAM).refused("complaint.not-the-handler")
    desk.when(EscalateComplaint(complaint_id=CASE, reason="Juga tidak"), KABID).then(ComplaintEscalated)
    desk.when(EscalateComplaint(complaint_id=CASE, reason="Lagi"), KADIS).refused("complaint.no-rung")
    other = assigned()
    other.when(NameComplainedAbout(complaint_id=CASE, person_id="sri", positions=("kabid",)), OFFICER)
    other.when(EscalateComplaint(complaint_id=CASE, reason="Tidak dapat"), TEAM)
    assert other.fact(ComplaintEscalated).to_position == "kadis"


def test_phases_after_each_step() -> None:
    desk = office().when(form(), REPORTER, command_id=key())
    sort(desk)
    assert isinstance(state(desk), Classified)
    desk.when(AssignComplaint(complaint_id=CASE, position="tim"), OFFICER)
    assert isinstance(state(desk), Assigned)
    desk.when(AssignComplaint(complaint_id=CASE, position="tim"), OFFICER).then()
    assert isinstance(state(answered(desk)), Answered)
    desk.when(AcceptAnswer(complaint_id=CASE, code_mac=mac()), REPORTER)
    assert isinstance(state(desk), Closed)
    assert RULES["answers"]["officer"] == "pejabat"
