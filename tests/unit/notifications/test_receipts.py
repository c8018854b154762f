"""What comes back of an e-mail: in any order, twice, late or forged, what weighs most stands, and it is said once."""

from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from contracts.notifications import (
    AttemptUnknown,
    ContactBlocked,
    NoticeAccepted,
    NoticeBounced,
    NoticeDelivered,
    NoticeGivenUp,
    RecordReceipt,
    SendAgain,
)
from services.notifications.adapters.bounces import MOST_BYTES, Receipt, read_report, token_of
from tests.unit.given_when_then import Desk
from tests.unit.notifications.desk import standing, state
from tests.unit.notifications.test_attempts import attempt, planned
from tests.unit.office import OPERATOR

NOTICE = UUID("00000000-0000-5000-8000-00000000000a")
TOKEN = token_of(b"k" * 32, NOTICE, 1)
AROUND = (b"caraka+", b"@kota.example")
ENDS = {"accepted": "accepted", "delivered": "delivered", "failed": "failed"}


def receipt(notice_id: UUID, what: str, **changes: Any) -> RecordReceipt:
    said = {"notice_id": notice_id, "channel": "email", "generation": 1, "what": what, **changes}
    return RecordReceipt.model_validate(said)


def come(desk: Desk, notice: UUID, what: str) -> None:
    """What a channel says, or what comes back; a worker's late word is refused by the phase, and changes nothing."""
    if what == "accepted":
        desk.when(attempt(notice, "accepted", person_id="kasi"))
    else:
        desk.when(receipt(notice, what, reason="mailbox-unknown" if what == "failed" else None))


@pytest.mark.parametrize("order", list(permutations(("accepted", "delivered", "failed"))), ids="-".join)
def test_in_any_order_and_twice_the_one_that_weighs_most_stands(order: tuple[str, ...]) -> None:
    desk, notice = planned("inbox", "email")
    for what in (*order, *order):
        come(desk, notice, what)
    found = state(desk, notice)
    assert (found.receipt, found.accepted, standing(desk, notice)) == ("failed", False, ())
    kinds = [type(each.event) for each in desk.log if getattr(each.event, "notice_id", None) == notice]
    for once in (NoticeBounced, NoticeGivenUp):
        assert kinds.count(once) == 1
    assert kinds.count(NoticeAccepted) <= 1
    assert kinds.count(NoticeDelivered) == (order.index("delivered") < order.index("failed"))


def test_a_late_failure_starts_the_next_way_once() -> None:
    desk, notice = planned("email", "manual")
    desk.when(attempt(notice, "accepted"))
    desk.when(receipt(notice, "failed", reason="mailbox-full")).then(NoticeBounced)
    assert state(desk, notice).channel == "manual"
    desk.when(receipt(notice, "failed", reason="mailbox-full")).then()
    desk.when(receipt(notice, "delivered")).then()
    assert state(desk, notice).channel == "manual"


def test_whom_it_went_to_is_not_written_to_again() -> None:
    desk, notice = planned("inbox", "email")
    desk.when(attempt(notice, "accepted", person_id="kasi"))
    desk.when(receipt(notice, "failed", reason="mailbox-unknown")).then(NoticeBounced, NoticeGivenUp, ContactBlocked)
    assert desk.fact(ContactBlocked).person_id == "kasi"
    desk, notice = planned("inbox", "email")
    desk.when(attempt(notice, "accepted", person_id="kasi"))
    desk.when(receipt(notice, "failed", reason="mailbox-full")).then(NoticeBounced, NoticeGivenUp)


def test_where_nobody_could_tell_a_receipt_tells() -> None:
    desk, notice = planned("email")
    desk.when(attempt(notice, "unknown", reason="answer-lost")).then(AttemptUnknown)
    desk.when(receipt(notice, "delivered")).then(NoticeAccepted, NoticeDelivered)
    desk, notice = planned("email")
    desk.when(attempt(notice, "unknown", reason="answer-lost")).then(AttemptUnknown)
    desk.when(receipt(notice, "failed")).then(NoticeBounced, NoticeGivenUp)


def test_a_receipt_of_a_sending_that_was_replaced_changes_nothing() -> None:
    desk, notice = planned("email")
    desk.when(attempt(notice, "accepted"))
    desk.when(SendAgain(notice_id=notice, reason="tidak sampai"), OPERATOR)
    desk.when(receipt(notice, "failed")).then()
    desk.when(receipt(notice, "failed", generation=2)).then(NoticeBounced, NoticeGivenUp)
    desk.when(receipt(NOTICE, "failed")).refused("notifications.unknown")


def report(token: str = TOKEN, action: str = "failed", status: str = "5.1.1", kind: str = "delivery-status") -> bytes:
    return f"""Return-Path: <>
To: caraka+{token}@kota.example
Content-Type: multipart/report; report-type={kind}; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.kota.example

Final-Recipient: rfc822; kasi@kota.example
Action: {action}
Status: {status}
""".encode()


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, ("failed", "mailbox-unknown")),
        ({"status": "5.2.2"}, ("failed", "mailbox-full")),
        ({"status": "5.7.1"}, ("failed", "refused")),
        ({"status": "4.4.7"}, ("failed", "refused")),
        ({"action": "delivered", "status": "2.0.0"}, ("delivered", None)),
        ({"token": TOKEN.upper()}, ("failed", "mailbox-unknown")),
        ({"action": "delayed", "status": "4.4.1"}, None),
        ({"action": "relayed", "status": "2.0.0"}, None),
        ({"kind": "disposition-notification"}, None),
        ({"token": TOKEN[:-1]}, None),
    ],
)
def test_a_report_is_read_by_a_few_lines(said: dict[str, str], found: tuple[str, str | None] | None) -> None:
    wanted = None if found is None else Receipt(TOKEN.encode(), *found)  # type: ignore[arg-type]  # of the rows above
    assert read_report(report(**said), *AROUND) == wanted


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\0" * 1_000_000, b"To: caraka+@kota.example\n", report()[:60],
        b"Subject: Sedang cuti\nTo: caraka+" + TOKEN.encode() + b"@kota.example\n\nSaya cuti. Action: failed\n",
        b"Content-Type: multipart/report; report-type=delivery-status\n" * 50_000,
        b"x" * MOST_BYTES + report(),
    ],
    ids=["nothing", "zeros", "no token", "cut short", "on leave", "a million words", "too far behind"],
)  # fmt: skip
def test_whatever_else_comes_is_no_report(raw: bytes) -> None:
    assert read_report(raw, *AROUND) is None
