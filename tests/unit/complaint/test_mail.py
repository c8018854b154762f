"""What comes by mail: a new complaint, more of an old one, or nothing; who has no reference writes into none."""

from datetime import timedelta
from uuid import UUID, uuid5

import pytest

from contracts.base import EMPTY, Sealed
from contracts.complaint import (
    AskReporter,
    AssignComplaint,
    ChangeStance,
    ClockResumed,
    ComplaintFiled,
    DeadlineMoved,
    EndRetention,
    LeaveMessage,
    LimitsMoved,
    MessageLeft,
    RegisterNumberTaken,
    ReporterRetentionEnded,
    ReporterWrote,
    TakeInMessage,
)
from contracts.intake import PostReceived, PostSource
from services.complaint.domain import filing
from services.complaint.domain.state import Asked, Assigned, Closed
from services.complaint.reactions import take_in
from services.organisation.reactions import forget_reporter
from tests.unit.complaint.desk import (
    AGENCY,
    OFFICER,
    REPORTER,
    TEAM,
    asked,
    assigned,
    closed,
    complaint_id,
    key,
    mac,
    office,
    sort,
    state,
)
from tests.unit.given_when_then import ROOT, Desk, recorded_as

CASE = complaint_id()


def message_id(number: int = 1) -> UUID:
    return uuid5(ROOT, f"post {number}")


def post(number: int = 1, **changes: object) -> PostReceived:
    """As intake states it."""
    who = f"{message_id(number)}-identity"
    said = {
        "message_id": message_id(number),
        "purpose": "pengaduan",
        "source": PostSource(channel="imap", mailbox="pengaduan", uidvalidity=1, uid=str(number)),
        "received_at": office().now,
        "content_mac": "ab" * 32,
        "size": 100,
        "from_name": Sealed.of("Siti Aminah", "reporter", who),
        "from_address": Sealed.of("siti@contoh.id", "contact", who),
        "subject": Sealed.of("Loket", "reporter", str(message_id(number))),
        "text": Sealed.of("Petugas terlambat.", "reporter", str(message_id(number))),
        **changes,
    }
    return PostReceived(**said)  # type: ignore[arg-type]  # as given


def message(number: int = 1, **changes: object) -> TakeInMessage | LeaveMessage:
    """Completed as the service does it: ``into`` is its complaint where that is open."""
    found = take_in(recorded_as(post(number, **changes), AGENCY))
    assert isinstance(found, TakeInMessage | LeaveMessage)
    if isinstance(found, LeaveMessage):
        return found
    return found.model_copy(update={"code_mac": mac(number), "into": found.thread})


def filed(**changes: object) -> Desk:
    return office().when(message(**changes), command_id=key())


def test_a_mail_becomes_a_complaint_whose_reporter_is_shown_to_nobody() -> None:
    desk = filed(attachments=2).then(ComplaintFiled, RegisterNumberTaken)
    fact = desk.fact(ComplaintFiled)
    assert (fact.channel, fact.stance, fact.message_id, fact.left_files) == ("email", "confidential", message_id(), 2)
    assert (fact.words.subject_id, fact.by) == (str(message_id()), None)
    assert fact.contact is not None
    assert (fact.contact.seal_class, fact.contact.subject_id) == ("contact", f"{message_id()}-identity")
    filed().when(message(), command_id=key()).then()


def test_an_answer_by_mail_lets_the_clock_go_on() -> None:
    desk = asked(assigned()).later(days=2)
    desk.when(message(2, thread=CASE)).then(ReporterWrote, ClockResumed, DeadlineMoved, LimitsMoved)
    assert isinstance(state(desk), Assigned)
    assert desk.fact(ReporterWrote).channel == "email"


def test_without_the_reference_nobody_writes_into_a_case() -> None:
    """Whoever sends as the reporter, with the number in the subject, files a complaint of his own."""
    desk = asked(assigned())
    number = desk.fact(ComplaintFiled).number
    desk.when(message(2, subject=Sealed.of(f"Re: {number}", "reporter", "x"))).then(ComplaintFiled, RegisterNumberTaken)
    assert isinstance(state(desk), Asked)


def test_a_mail_to_a_closed_complaint_is_not_lost() -> None:
    desk = closed().when(message(2, thread=CASE), command_id=key(2)).refused("complaint.closed-meanwhile")
    looked_up = message(2, thread=CASE).model_copy(update={"into": None})
    desk.when(looked_up, command_id=key(2)).then(ComplaintFiled, RegisterNumberTaken)
    assert desk.fact(ComplaintFiled).complaint_id == complaint_id(2)
    assert isinstance(state(desk), Closed)


@pytest.mark.parametrize("why", ["automatic", "twin", "dmarc", "unparsable", "oversize", "empty"])
def test_what_no_person_wrote_or_nobody_can_read_becomes_nothing_and_is_said(why: str) -> None:
    desk = filed(withheld=why, text=EMPTY, subject=EMPTY, from_name=EMPTY, from_address=EMPTY).then(MessageLeft)
    assert (desk.fact(MessageLeft).why, desk.fact(MessageLeft).complaint_id) == (why, None)


def test_a_hundred_automatic_answers_are_one_line_of_the_case() -> None:
    desk = assigned()
    for number in range(2, 102):
        desk.when(message(number, thread=CASE, withheld="automatic"))
        desk.when(message(number, thread=CASE, withheld="automatic")).then()
    lines = [each.event.complaint_id for each in desk.log if isinstance(each.event, MessageLeft)]
    assert (lines.count(CASE), lines.count(None)) == (1, 100)


def test_a_message_of_another_purpose_is_none_of_its_business() -> None:
    assert take_in(recorded_as(post(purpose="survei"), AGENCY)) is None


def test_who_becomes_anonymous_is_forgotten_in_his_mails_too() -> None:
    desk = filed()
    desk.when(message(2, thread=CASE)).then(ReporterWrote)
    desk.when(ChangeStance(complaint_id=CASE, stance="anonymous", code_mac=mac()), REPORTER)
    ended = [each.event for each in desk.log if isinstance(each.event, ReporterRetentionEnded)]
    assert {each.subject_id for each in ended} == {
        f"{CASE}-identity", f"{message_id()}-identity", f"{message_id(2)}-identity",
    }  # fmt: skip
    assert all(forget_reporter(recorded_as(each, AGENCY)) is not None for each in ended)
    desk.when(message(3, thread=CASE)).then(ReporterWrote, ReporterRetentionEnded)
    assert desk.fact(ReporterRetentionEnded).subject_id == f"{message_id(3)}-identity"


def test_with_the_retention_every_message_of_the_case_is_forgotten() -> None:
    desk = filed()
    sort(desk)
    desk.when(AssignComplaint(complaint_id=CASE, position="tim"), OFFICER)
    desk.when(AskReporter(complaint_id=CASE, reason="menunggu-pelapor", words="Hari apa?"), TEAM)
    desk.when(message(2, thread=CASE))
    case = state(desk)
    assert isinstance(case, Assigned)
    wanted = {str(each) for number in (1, 2) for each in (message_id(number), f"{message_id(number)}-identity")}
    assert wanted < set(case.case.subjects)
    assert filing.identity_subject(CASE) in case.case.subjects
    assert EndRetention(complaint_id=CASE, due_at=desk.now + timedelta(days=1)).complaint_id == CASE
