"""An applicant's letter and NIP are kept for a time that is known; then their key is destroyed and the rest stays."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.account_provisioning import (
    ApplicantRetentionEnded,
    EndRetention,
    RequestFiled,
    RequestSupplemented,
    SupplementRequest,
)
from contracts.organisation import EraseSubject
from services.account_provisioning.domain import retention
from services.account_provisioning.domain.evolve import evolve_request
from services.account_provisioning.domain.state import Absent, Notified, Received, request_stream
from services.organisation.reactions import forget_papers
from tests.unit.account_provisioning import desk as d
from tests.unit.account_provisioning.desk import LETTER, NIP, RULES
from tests.unit.given_when_then import Desk, recorded_as

ID = d.request_id()
PAPERS = f"{d.subject(NIP)}:{ID.hex}"


def state(desk: Desk) -> Any:
    return desk._states[d.ACCOUNTS.name, request_stream(ID)]


def ends(desk: Desk) -> list[EndRetention]:
    standing = retention.timers(request_stream(ID), state(desk))
    return [each.command for each in standing if isinstance(each.command, EndRetention)]


def test_letter_nip_and_words_lie_under_a_key_of_their_own_and_the_name_does_not() -> None:
    filed = d.file(d.counter(), 1, d.form(wishes=("siti",))).fact(RequestFiled)
    assert (filed.nip.subject_id, filed.wishes.subject_id, filed.papers_id) == (PAPERS, PAPERS, PAPERS)
    assert {filed.name.subject_id, filed.contact.subject_id, filed.letter_number.subject_id} == {d.subject(NIP)}


@pytest.mark.parametrize(
    "over",
    [d.notified, d.received, d.withdrawn, lambda: d.rejected().when(d.TELL, d.CLERK)],
    ids=["notified", "received", "withdrawn", "refused and told"],
)
def test_a_year_after_the_applicant_has_heard_the_papers_are_given_up_once(over: Any) -> None:
    desk = over()
    [due] = ends(desk)
    assert due.due_at == desk.now + timedelta(days=365)
    desk.when(due).refused("account_provisioning.not-due")
    desk.later(days=366).when(due).then(ApplicantRetentionEnded)
    assert desk.fact(ApplicantRetentionEnded).subject_id == PAPERS
    assert ends(desk) == []
    desk.when(due).then()


def test_the_standard_says_how_long() -> None:
    rules = {**RULES, "accounts": {**RULES["accounts"], "retention_days": 30}}
    desk = d.reviewed(desk=d.counter(rules)).when(d.WITHDRAW, d.CLERK)
    assert [each.due_at for each in ends(desk)] == [desk.now + timedelta(days=30)]


@pytest.mark.parametrize("before", [d.incomplete, d.reviewed, d.asked, d.provisioned, d.failed, d.rejected])
def test_what_is_under_way_keeps_its_papers(before: Any) -> None:
    assert ends(before()) == []


def test_receiving_does_not_count_anew() -> None:
    told = d.notified()
    kept = state(told).retain_until
    desk = d.with_secret(told).later(days=3).when(d.RECEIVED, d.CLERK)
    assert isinstance(state(desk), Received)
    assert state(desk).retain_until == kept


def test_what_was_filed_before_there_was_such_a_key_goes_with_the_person_alone() -> None:
    filed = d.reviewed().fact(RequestFiled).model_copy(update={"papers_id": ""})
    old = evolve_request(Absent(), filed)
    assert not isinstance(old, Absent)
    assert old.wish.papers_id == old.wish.subject_id
    assert retention.until(old.wish, filed.received_at, None) is None  # type: ignore[arg-type]
    assert retention.timers(request_stream(ID), Notified(old.wish, None, "phone", filed.received_at)) == ()


def test_the_organisation_destroys_the_papers_of_this_request_and_nothing_else() -> None:
    ended = ApplicantRetentionEnded(request_id=ID, subject_id=PAPERS)
    command = forget_papers(recorded_as(ended))
    assert isinstance(command, EraseSubject)
    assert command.subject_id == PAPERS
    for other in (d.subject(NIP), "galih", "", f":{ID.hex}", f"galih:{uuid4().hex}", f"galih:x:{ID.hex}"):
        forged = ended.model_copy(update={"subject_id": other})
        assert forget_papers(recorded_as(forged)) is None, other


def test_what_comes_later_lies_with_the_papers() -> None:
    later = SupplementRequest(request_id=ID, letter=LETTER, note="Menyusul")
    fact = d.incomplete().when(later, d.CLERK).fact(RequestSupplemented)
    assert (fact.note.subject_id, fact.letter_number.subject_id) == (PAPERS, d.subject(NIP))
