"""The reply letter: one for each decided request, by whom the standard names, numbered without a gap."""

import pytest

from contracts.account_provisioning import IssueReply, LetterbookNumberTaken, ReplyIssued
from contracts.words import BlobRef
from tests.unit.account_provisioning import desk as counters
from tests.unit.account_provisioning.desk import CLERK, OTHER_STAFF, READ_BACK, RULES, STAFF, request_id
from tests.unit.given_when_then import Desk

BLOB = BlobRef(sha256=READ_BACK, size=4, media_type="application/pdf")
CODE = "account_provisioning."


def letter(number: int = 1, which: int = 1) -> IssueReply:
    return IssueReply(request_id=request_id(which), blob=BLOB, number=number)


@pytest.mark.parametrize(
    ("desk", "template"),
    [
        (counters.provisioned, "create"), (counters.notified, "create"), (counters.received, "create"),
        (counters.rejected, "refused"), (counters.given_up, "refused"),
    ],
)  # fmt: skip
def test_what_was_decided_is_answered_once(desk: object, template: str) -> None:
    found: Desk = desk()  # type: ignore[operator]
    found.when(letter(), STAFF).then(LetterbookNumberTaken, ReplyIssued)
    assert (found.fact(ReplyIssued).template, found.fact(ReplyIssued).number) == (template, "001/2026")
    found.when(letter(2), STAFF).then()


@pytest.mark.parametrize("desk", [counters.incomplete, counters.reviewed, counters.provisioning, counters.failed])
def test_what_is_undecided_is_not(desk: object) -> None:
    found: Desk = desk()  # type: ignore[operator]
    found.when(letter(), STAFF)
    assert getattr(found.decision, "status", 0) in {404, 409}


def test_what_was_withdrawn_is_not() -> None:
    counters.withdrawn().when(letter(), STAFF).refused(f"{CODE}already-decided")


def test_only_the_signatory_signs() -> None:
    counters.provisioned().when(letter(), OTHER_STAFF).refused(f"{CODE}not-the-signatory")
    counters.provisioned().when(letter(), CLERK).refused(f"{CODE}not-the-signatory")
    rules = {**RULES, "accounts": {**RULES["accounts"], "signatory": "staf-informatika-2"}}
    desk = counters.file(counters.counter(rules)).when(counters.REJECT, STAFF)
    desk.when(letter(), STAFF).refused(f"{CODE}not-the-signatory", position="staf-informatika-2")
    desk.when(letter(), OTHER_STAFF).then(LetterbookNumberTaken, ReplyIssued)


def test_a_number_that_another_letter_has_is_not_given_twice_and_none_is_left_out() -> None:
    desk = counters.rejected()
    desk.when(letter(2), STAFF).refused(f"{CODE}reply-number-taken")
    desk.when(IssueReply(request_id=request_id()), STAFF).refused(f"{CODE}reply-number-taken")
    desk.when(letter(1), STAFF).then(LetterbookNumberTaken, ReplyIssued)
