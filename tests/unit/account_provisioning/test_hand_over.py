"""How an account comes to its holder: one way in at a time, a confirmation, one gesture, an end that is no trap."""

from datetime import UTC, datetime, timedelta
from uuid import uuid5

import pytest

from contracts.account_provisioning import (
    BeginClaim,
    ClaimantConfirmed,
    ClaimBegun,
    ClaimCodeIssued,
    ClaimDropped,
    ClockStopped,
    ContactTrusted,
    DropClaim,
    EndHandOver,
    HandOverExpired,
    HandOverOpened,
    LoginAwaited,
    RecordSecretChanged,
    RecordSecretSet,
    RecordSlip,
    RequestNotified,
    RequestReceived,
    SecretChanged,
    SecretSet,
    SlipPrinted,
    WayInNamed,
)
from services.account_provisioning.domain import handover
from services.account_provisioning.domain.state import account_stream, request_stream
from tests.unit.account_provisioning import desk as counters
from tests.unit.account_provisioning.desk import (
    CLERK,
    CONFIRM,
    OPENING,
    PERSONNEL,
    READ_BACK,
    RECEIVED,
    RENEW,
    TELL,
    about,
    account_id,
    approval,
    done,
    file,
    request_id,
    subject,
    with_secret,
)
from tests.unit.given_when_then import ROOT, Desk

ID = request_id()
OTHER = uuid5(ROOT, "another gesture")
CODE = "account_provisioning."


def begin(opening: object = OPENING, generation: int = 1, how: str = "") -> BeginClaim:
    return BeginClaim.model_validate({"request_id": ID, "generation": generation, "opening": opening, "how": how})


def recorded(opening: object = OPENING, generation: int = 1) -> RecordSecretSet:
    return RecordSecretSet.model_validate({"request_id": ID, "generation": generation, "opening": opening})


def timer(desk: Desk) -> tuple[str, datetime] | None:
    state = desk._states[counters.ACCOUNTS.name, request_stream(ID)]
    found = handover.timers(request_stream(ID), state)
    return (found[0].name, found[0].due_at) if found else None


def test_with_the_account_a_way_in_is_opened() -> None:
    fact = counters.provisioned().fact(HandOverOpened)
    assert (fact.generation, fact.way, fact.account_id) == (1, "notice", account_id())


def test_whoever_said_no_contact_gets_a_slip() -> None:
    rules = {**counters.RULES, "accounts": {**counters.RULES["accounts"], "needs": ["letter"]}}
    wanted = counters.form(counters.SITI.model_copy(update={"contact": ""}))
    desk = file(counters.counter(rules), 1, wanted).when(approval(), counters.STAFF).when(done())
    assert desk.fact(HandOverOpened).way == "slip"


def test_nobody_goes_in_unconfirmed() -> None:
    counters.notified().when(begin()).refused(f"{CODE}hand-over-not-confirmed")


def test_the_personnel_officer_confirms_and_never_himself() -> None:
    desk = counters.notified().when(CONFIRM, CLERK).refused(f"{CODE}not-permitted")
    himself = CONFIRM.model_copy(update={"asker_subject": subject(counters.NIP)})
    desk.when(himself, PERSONNEL).refused(f"{CODE}own-request")
    desk.when(CONFIRM, PERSONNEL).then(ClaimantConfirmed).when(CONFIRM, PERSONNEL).then()
    assert desk.fact(ClaimantConfirmed).how == "personnel"
    desk.when(begin()).then(ClaimBegun)


def test_of_two_gestures_at_one_moment_one_goes_on() -> None:
    desk = counters.confirmed().when(begin()).then(ClaimBegun)
    desk.when(begin(OTHER)).refused(f"{CODE}hand-over-busy")
    desk.when(recorded(OTHER)).refused(f"{CODE}hand-over-busy")
    desk.when(recorded()).then(SecretSet, LoginAwaited, ContactTrusted).when(recorded()).then()
    desk.when(begin(OTHER)).refused(f"{CODE}hand-over-spent")


def test_whoever_died_in_his_gesture_lets_the_next_one_go_on() -> None:
    desk = counters.confirmed().when(begin()).later(seconds=61).when(begin(OTHER)).then(ClaimBegun)
    desk.when(recorded()).refused(f"{CODE}hand-over-busy")
    desk.when(recorded(OTHER)).then(SecretSet, LoginAwaited, ContactTrusted)


def test_a_directory_that_is_away_lets_the_next_one_go_on_at_once() -> None:
    desk = counters.confirmed().when(begin())
    desk.when(DropClaim(request_id=ID, opening=OTHER, reason="away")).then()
    desk.when(DropClaim(request_id=ID, opening=OPENING, reason="away")).then(ClaimDropped)
    desk.when(begin(OTHER)).then(ClaimBegun)


def test_the_slips_code_confirms_with_the_gesture() -> None:
    counters.notified().when(begin(how="slip")).then(ClaimantConfirmed, ClaimBegun)


def test_a_newer_way_in_ends_the_older() -> None:
    desk = counters.confirmed().when(RENEW, CLERK).then(HandOverOpened, WayInNamed)
    assert (desk.fact(HandOverOpened).generation, desk.fact(HandOverOpened).way) == (2, "slip")
    desk.when(begin()).refused(f"{CODE}hand-over-ended")
    desk.when(begin(generation=2)).refused(f"{CODE}hand-over-not-confirmed")


def test_another_request_of_the_account_ends_it_too() -> None:
    desk = with_secret(counters.notified())
    file(desk, 2, about("reset", cause="forgotten")).when(approval(2), counters.STAFF).when(done(2))
    desk.when(TELL.model_copy(update={"request_id": request_id(2)}), CLERK)
    file(desk, 3, about("reset", cause="forgotten")).refused(f"{CODE}open-request-exists")
    file(desk, 4, about("reset", cause="compromised")).when(approval(4), counters.STAFF).when(done(4))
    older = begin(how="slip").model_copy(update={"request_id": request_id(2)})
    desk.when(older).refused(f"{CODE}hand-over-ended")
    newer = older.model_copy(update={"request_id": request_id(4)})
    desk.when(newer).then(ClaimantConfirmed, ClaimBegun)


def test_an_open_way_in_bars_no_suspension() -> None:
    desk = file(counters.notified(), 2, about("suspend"))
    assert not hasattr(desk.decision, "code")


def test_whoever_set_it_has_heard_of_it() -> None:
    desk = with_secret(counters.provisioned())
    desk.then(SecretSet, RequestNotified, ClockStopped, LoginAwaited, ContactTrusted)
    assert desk.fact(RequestNotified).how == "claim"


def test_a_contact_is_on_file_once_a_secret_was_set() -> None:
    def contact_of(desk: Desk) -> object:
        return desk._states[counters.ACCOUNTS.name, account_stream(account_id())].contact_of

    desk = counters.notified()
    assert contact_of(desk) is None
    assert contact_of(with_secret(desk)) == ID


@pytest.mark.parametrize(
    ("later", "ends"),
    [
        # from Thursday 14.00 WIB; the default hours: Mon-Thu 07.30-16.00, Fri 07.30-16.30
        (timedelta(0), datetime(2026, 3, 13, 7, 0, tzinfo=UTC)),
        (timedelta(days=1), datetime(2026, 3, 16, 2, 30, tzinfo=UTC)),
        (timedelta(hours=7), datetime(2026, 3, 16, 2, 30, tzinfo=UTC)),
    ],
    ids=["in the office's hours", "not on a Saturday", "not at night"],
)
def test_it_ends_a_day_after_the_notice_and_never_while_nobody_could_help(later: timedelta, ends: datetime) -> None:
    desk = counters.provisioned()
    desk.now += later
    desk.when(TELL, CLERK)
    assert desk.fact(RequestNotified).hand_over_ends == ends
    assert timer(desk) == ("hand-over-1", ends)


def test_its_end_is_said_once_and_not_before() -> None:
    desk = counters.notified()
    over = EndHandOver(request_id=ID, generation=1)
    desk.when(over).refused(f"{CODE}not-due")
    desk.later(hours=25).when(begin(how="slip")).refused(f"{CODE}hand-over-ended")
    desk.when(over).then(HandOverExpired).when(over).then()
    assert timer(desk) is None
    desk.when(RENEW, CLERK).then(HandOverOpened, WayInNamed)
    desk.when(over).then()


def test_what_has_been_set_does_not_expire() -> None:
    desk = with_secret(counters.notified())
    assert timer(desk) is None
    desk.later(days=30).when(EndHandOver(request_id=ID, generation=1)).then()


def test_a_slip_is_of_the_generation_that_holds() -> None:
    slip = RecordSlip(request_id=ID, generation=1, sha256=READ_BACK)
    desk = counters.notified().when(slip, CLERK).then(SlipPrinted)
    desk.when(RENEW, CLERK).when(slip, CLERK).refused(f"{CODE}hand-over-ended")


def test_nobody_prints_his_own_slip_nor_opens_his_own_way_in() -> None:
    own = {"asker_subject": subject(counters.NIP)}
    desk = counters.notified().when(RENEW.model_copy(update=own), CLERK).refused(f"{CODE}own-request")
    slip = RecordSlip(request_id=ID, generation=1, sha256=READ_BACK, asker_subject=subject(counters.NIP))
    desk.when(slip, CLERK).refused(f"{CODE}own-request")


def test_nobody_has_received_what_he_has_not_opened() -> None:
    desk = counters.notified().when(RECEIVED, CLERK).refused(f"{CODE}hand-over-open")
    with_secret(desk).when(RECEIVED, CLERK).then(RequestReceived)


def test_a_change_of_unit_hands_nothing_over() -> None:
    desk = with_secret(counters.notified())
    file(desk, 2, about("change")).when(approval(2), counters.STAFF).when(done(2))
    renew = RENEW.model_copy(update={"request_id": request_id(2)})
    desk.when(renew, CLERK).refused(f"{CODE}no-hand-over")


def test_that_its_holder_changed_a_secret_is_told_of_accounts_alone() -> None:
    mine = RecordSecretChanged(account_id=account_id())
    desk = counters.received().when(mine)
    fact = desk.then(SecretChanged).fact(SecretChanged)
    assert (fact.account_id, fact.address) == (account_id(), f"siti.nuraini@{counters.DOMAIN}")
    counters.reviewed().when(mine).refused(f"{CODE}account-unknown")


def reset(desk: Desk, number: int = 2, **changes: object) -> Desk:
    """A reset of Siti's account, approved and done in the directory."""
    file(desk, number, about("reset", **{"cause": "forgotten", **changes})).when(approval(number), counters.STAFF)
    return desk.when(done(number))


def test_a_reset_sends_a_code_to_the_contact_on_file_and_never_to_its_own() -> None:
    desk = reset(counters.received(), 2, applicant=counters.SITI.model_copy(update={"contact": "0899 9999 9999"}))
    code = desk.fact(ClaimCodeIssued)
    assert (code.request_id, code.contact_of, code.generation) == (request_id(2), ID, 1)
    assert code.number == "0002/2026"
    assert "0899" not in code.model_dump_json()


def test_a_new_account_and_a_slip_have_no_code() -> None:
    desk = counters.notified()
    assert not [each for each in desk.log if isinstance(each.event, ClaimCodeIssued)]
    again = reset(counters.received())
    known = len(again.log)
    again.when(RENEW.model_copy(update={"request_id": request_id(2)}), CLERK)
    assert not [each for each in again.log[known:] if isinstance(each.event, ClaimCodeIssued)]
    again.when(RENEW.model_copy(update={"request_id": request_id(2), "way": "notice"}), CLERK)
    assert again.fact(ClaimCodeIssued).generation == 3


def test_who_brings_the_code_is_confirmed_by_it() -> None:
    desk = reset(counters.received())
    asked = BeginClaim(request_id=request_id(2), generation=1, opening=OPENING)
    desk.when(asked).refused(f"{CODE}hand-over-not-confirmed")
    desk.when(asked.model_copy(update={"by_contact": True}))
    assert desk.fact(ClaimantConfirmed).how == "contact"
    desk.then(ClaimantConfirmed, ClaimBegun)
