"""From the application to the account: what is decided about requests, by whom, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.account_provisioning import (
    AccessRevoked,
    AccountClosed,
    AccountProvisioned,
    AccountRequested,
    AccountResumed,
    AccountSuspended,
    AddressBound,
    AddressQuarantined,
    AddressReleased,
    AddressReserved,
    Applicant,
    ApplicantFiled,
    ApplicationLetter,
    AskForCompletion,
    ClaimCodeIssued,
    ClockPaused,
    ClockResumed,
    ClockStopped,
    CompletionAsked,
    DeadlineMoved,
    HandOverOpened,
    LetterbookNumberTaken,
    ProvisioningFailed,
    ProvisioningProven,
    ProvisioningRetried,
    ProvisioningUndone,
    RecordNotice,
    RejectRequest,
    RequestApproved,
    RequestCompleted,
    RequestFiled,
    RequestNotified,
    RequestNumbered,
    RequestOverdue,
    RequestRejected,
    RequestSeconded,
    RequestSupplemented,
    RequestWithdrawn,
    RetryProvisioning,
    SkeletonFreed,
    SkeletonTaken,
    StandardAdopted,
    SupplementRequest,
    WayInNamed,
)
from contracts.account_provisioning.standards import AdoptStandard
from contracts.base import Sealed
from contracts.words import BlobUpload
from services.account_provisioning.domain.provisioning import jobs
from services.account_provisioning.domain.state import request_stream
from tests.unit.account_provisioning import desk as counters
from tests.unit.account_provisioning.desk import (
    ABANDON,
    BOTH,
    CLERK,
    DOMAIN,
    LETTER,
    NIP,
    OTHER_STAFF,
    REJECT,
    RULES,
    SITI,
    STAFF,
    STANDARD,
    TELL,
    UNDONE,
    WITHDRAW,
    about,
    account_id,
    approval,
    counter,
    done,
    file,
    form,
    not_done,
    request_id,
    reviewed,
    subject,
)
from tests.unit.given_when_then import SERVICE, Desk

HANDED = (HandOverOpened, WayInNamed)
BY_CODE = (HandOverOpened, ClaimCodeIssued, WayInNamed)
BUDI = Applicant(name="Budi Santoso", nip="198501012010011001", unit="Dinas Kesehatan", contact="0812")
ADDRESS = f"siti.nuraini@{DOMAIN}"


def rules(**changes: Any) -> dict[str, Any]:
    return {**RULES, "accounts": {**RULES["accounts"], **changes}}


# ── filing ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_complete_request_is_numbered_and_its_hour_begins() -> None:
    desk = file(counter())
    desk.then(LetterbookNumberTaken, RequestFiled, RequestNumbered, ApplicantFiled, RequestCompleted)
    filed, completed = desk.fact(RequestFiled), desk.fact(RequestCompleted)
    assert (filed.number, filed.missing) == ("0001/2026", ())
    assert completed.due_at == desk.now + timedelta(hours=1)
    assert completed.remind_at == completed.due_at - timedelta(minutes=15)
    assert completed.told == "staf-informatika-1"


def test_what_is_personal_is_sealed_under_the_persons_own_key() -> None:
    filed = file(counter()).fact(RequestFiled)
    assert {filed.name.seal_class, filed.nip.seal_class, filed.letter_number.seal_class} == {"applicant"}
    assert filed.contact.seal_class == "contact"
    assert {filed.name.subject_id, filed.contact.subject_id} == {subject(NIP)}
    assert filed.nip.subject_id == filed.papers_id
    assert "Siti" not in filed.model_dump_json()
    assert NIP not in filed.model_dump_json()


def test_numbers_have_no_gap_and_begin_anew_each_year() -> None:
    desk = counter()
    people = [BUDI.model_copy(update={"nip": f"19850101201001{n}001"}) for n in (1, 2)]
    for number, person in enumerate(people, 1):
        file(desk, number, form(person, subject_id=f"s{number}"))
    assert desk.fact(RequestFiled).number == "0002/2026"
    desk.later(days=330)
    assert file(desk, 3, form(SITI)).fact(RequestFiled).number == "0001/2027"


def test_what_comes_at_night_is_due_an_hour_after_the_office_opens() -> None:
    desk = file(counter().later(hours=10))
    assert desk.fact(RequestCompleted).due_at.isoformat() == "2026-03-13T01:30:00+00:00"


def test_filed_twice_it_is_one_request() -> None:
    desk = file(file(counter()))
    desk.then()
    assert desk.decision.result["request_id"] == str(request_id())  # type: ignore[union-attr]


def test_what_is_incomplete_is_taken_and_its_clock_waits() -> None:
    bare = SITI.model_copy(update={"nip": "", "contact": " "})
    desk = file(counter(), 1, form(bare, letter=None, subject_id=""))
    desk.then(LetterbookNumberTaken, RequestFiled, RequestNumbered, ApplicantFiled)
    filed = desk.fact(RequestFiled)
    assert filed.missing == ("letter", "nip", "contact")
    assert filed.subject_id not in {"", subject(NIP)}


def test_a_unit_has_no_number_of_a_person() -> None:
    unit = SITI.model_copy(update={"nip": ""})
    assert file(counter(), 1, form(unit, holder="unit", subject_id="")).fact(RequestFiled).missing == ()


def test_a_supplement_starts_the_clock_when_nothing_is_missing() -> None:
    desk = file(counter(), 1, form(SITI.model_copy(update={"contact": ""}), letter=None))
    desk.when(SupplementRequest(request_id=request_id(), letter=LETTER), CLERK).then(RequestSupplemented)
    assert desk.fact(RequestSupplemented).missing == ("contact",)
    desk.when(SupplementRequest(request_id=request_id(), contact="0812"), CLERK)
    desk.then(RequestSupplemented, RequestCompleted)
    desk.when(SupplementRequest(request_id=request_id(), note="lagi"), CLERK).then()


BARE = form(SITI.model_copy(update={"nip": ""}), subject_id="")
HIS = SupplementRequest(request_id=request_id(), nip="19920610 201801 1 911", subject_id=subject(NIP))


def test_a_number_may_come_later_and_then_it_is_his_request() -> None:
    desk = file(counter(), 1, BARE).when(HIS, CLERK)
    desk.then(RequestSupplemented, RequestCompleted, ApplicantFiled)
    said, filed = desk.fact(RequestSupplemented), desk.fact(RequestFiled)
    assert (said.nip, said.subject_id) == (Sealed.of(NIP, "applicant", filed.papers_id), subject(NIP))
    file(desk, 2).refused("account_provisioning.open-request-exists", number="0001/2026")
    own = counters.approval().model_copy(update={"asker_subject": subject(NIP)})
    desk.when(own, STAFF).refused("account_provisioning.own-request")


def test_a_number_that_comes_later_is_looked_at_as_one_that_came_at_once() -> None:
    desk = file(counter(), 1, BARE)
    wrong = HIS.model_copy(update={"nip": "199202302018011911"})
    desk.when(wrong, CLERK).refused("account_provisioning.nip-implausible")
    file(desk, 2)
    desk.when(HIS, CLERK).refused("account_provisioning.open-request-exists", number="0002/2026")


def test_a_number_once_given_is_not_given_anew() -> None:
    desk = counters.asked()
    other = HIS.model_copy(update={"nip": "198501012010011001", "subject_id": subject("198501012010011001")})
    desk.when(other, CLERK).refused("account_provisioning.nip-given")
    desk.when(HIS, CLERK).then(RequestSupplemented, ClockResumed)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (form(request_kind="delete"), "kind-unknown"),
        (form(request_kind="reset"), "cause-missing"),
        (form(cause="forgotten"), "cause-missing"),
        (form(holder="honorer"), "holder-unknown"),
        (form(SITI.model_copy(update={"nip": "199202302018011911"})), "nip-implausible"),
        (form(letter=ApplicationLetter(number="1", on="11-03-2026")), "letter-date"),
        (form(letter=ApplicationLetter(number="1", on="20260311")), "letter-date"),
        (form(received_at="2026-03-12T08:00:00Z"), "received-in-future"),
        (about("suspend"), "account-unknown"),
        (form(request_kind="close", address="*)(uid=*"), "account-unknown"),
    ],
)
def test_a_form_of_nonsense_is_refused_in_words(wanted: Any, code: str) -> None:
    file(counter(), 1, wanted).refused(f"account_provisioning.{code}")


def test_without_a_standard_nothing_is_taken() -> None:
    desk = counters.office((counters.ACCOUNTS,))
    file(desk).refused("account_provisioning.no-standard")


def test_nobody_has_two_open_requests_for_an_account() -> None:
    desk = file(counter())
    file(desk, 2).refused("account_provisioning.open-request-exists", number="0001/2026")
    desk.when(WITHDRAW, CLERK).then(RequestWithdrawn)
    file(desk, 3).then(LetterbookNumberTaken, RequestFiled, RequestNumbered, ApplicantFiled, RequestCompleted)


def test_fifty_resets_in_an_hour_are_one_open_request() -> None:
    desk = counters.received()
    for number in range(2, 52):
        file(desk, number, about("reset", cause="forgotten"))
    facts = [each.event for each in desk.log if isinstance(each.event, RequestFiled) and each.event.cause]
    assert len(facts) == 1


# ── review ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_approval_reserves_the_first_free_address_in_the_same_commit() -> None:
    desk = reviewed().when(approval(), STAFF).then(RequestApproved, AddressReserved, SkeletonTaken)
    assert desk.fact(RequestApproved).address == ADDRESS
    assert desk.fact(AddressReserved).owner == str(account_id())


def test_only_who_acts_for_a_reviewers_position_decides() -> None:
    for command in (approval(), REJECT, AskForCompletion(request_id=request_id(), reason="menunggu-pemohon")):
        reviewed().when(command, CLERK).refused("account_provisioning.not-the-reviewer")


def test_nobody_reviews_his_own() -> None:
    own = {"asker_subject": subject(NIP)}
    for command in (approval(), REJECT, AskForCompletion(request_id=request_id(), reason="menunggu-pemohon")):
        reviewed().when(command.model_copy(update=own), STAFF).refused("account_provisioning.own-request")


def test_where_the_standard_asks_for_four_eyes_another_person_has_to_agree() -> None:
    desk = file(counter(rules(eyes=2))).when(approval(), STAFF).then(RequestSeconded)
    desk.when(approval(), STAFF).refused("account_provisioning.same-eyes")
    twice = STAFF.model_copy(update={"holdings": (BOTH,)})
    desk.when(approval(), twice).refused("account_provisioning.same-eyes")
    desk.when(approval(), OTHER_STAFF).then(RequestApproved, AddressReserved, SkeletonTaken)


def test_two_reviewers_at_once_bring_one_approval() -> None:
    desk = reviewed().when(approval(), STAFF)
    desk.when(approval(), OTHER_STAFF).then()
    desk.when(approval(address=f"siti@{DOMAIN}"), OTHER_STAFF).refused("account_provisioning.already-decided")
    desk.when(REJECT, OTHER_STAFF).refused("account_provisioning.being-provisioned", phase="provisioning")


def test_namesakes_get_their_own_addresses() -> None:
    desk = counter()
    twin = SITI.model_copy(update={"nip": "198501012010011001"})
    file(desk, 1).when(approval(1), STAFF)
    file(desk, 2, form(twin)).when(approval(2, twin), STAFF)
    assert desk.fact(RequestApproved).address == f"siti.nuraini2@{DOMAIN}"


@pytest.mark.parametrize(
    ("address", "reason", "code"),
    [
        (f"postmaster@{DOMAIN}", "Perlu", "address-reserved"),
        ("siti.nuraini@gmail.com", "Perlu", "address-pattern"),
        (f"siti nuraini@{DOMAIN}", "Perlu", "address-pattern"),
        (f"siti@{DOMAIN}", "", "address-pattern"),
        (f"budi.santoso@{DOMAIN}", "Perlu", "address-taken"),
        (f"budisantoso@{DOMAIN}", "", "address-pattern"),
    ],
)
def test_an_address_that_may_not_be_is_refused(address: str, reason: str, code: str) -> None:
    desk = file(counter(), 9, form(BUDI)).when(approval(9, BUDI), STAFF)
    file(desk).when(approval(address=address, reason=reason), STAFF).refused(f"account_provisioning.{code}")


def test_one_that_looks_like_anothers_needs_a_reason() -> None:
    desk = file(counter(), 9, form(BUDI)).when(approval(9, BUDI), STAFF)
    alike = f"budisantoso@{DOMAIN}"
    wanted = approval(address=alike).model_copy(update={"candidates": (alike,)})
    file(desk).when(wanted, STAFF)
    desk.refused("account_provisioning.address-alike", addresses=[f"budi.santoso@{DOMAIN}"])
    desk.when(wanted.model_copy(update={"reason": "Nama panggilan resmi"}), STAFF)
    desk.then(RequestApproved, AddressReserved, SkeletonTaken)


def test_who_has_no_candidate_gets_one_by_hand() -> None:
    strange = SITI.model_copy(update={"name": "李小龍"})
    desk = file(counter(), 1, form(strange)).when(approval(1, strange), STAFF)
    desk.refused("account_provisioning.address-missing")
    desk.when(approval(1, strange, address=f"li.xiaolong@{DOMAIN}", reason="Aksara lain"), STAFF)
    desk.then(RequestApproved, AddressReserved, SkeletonTaken)


def test_a_rejection_names_a_row_of_the_standard_and_the_clock_ends_when_he_is_told() -> None:
    desk = reviewed().when(REJECT.model_copy(update={"reason": "malas"}), STAFF)
    desk.refused("account_provisioning.reason-unknown", known=["bukan-pns"])
    desk.when(REJECT, STAFF).then(RequestRejected).when(REJECT, OTHER_STAFF).then()
    assert desk.fact(RequestRejected).title == "Bukan PNS Pemkab Purbalingga"
    assert desk.fact(RequestRejected).words == Sealed.of("Maaf"), "the office's own, whoever asks to be forgotten"
    desk.when(TELL, CLERK).then(RequestNotified, ClockStopped)


def test_the_clock_stands_still_while_the_applicant_is_asked() -> None:
    ask = AskForCompletion(request_id=request_id(), reason="menunggu-pemohon", words="Mohon surat atasan")
    desk = reviewed()
    before = desk.fact(RequestCompleted).due_at
    desk.when(ask, STAFF).then(CompletionAsked, ClockPaused).when(ask, OTHER_STAFF).then()
    assert desk.fact(CompletionAsked).words == Sealed.of(ask.words)
    desk.when(approval(), STAFF).refused("account_provisioning.not-complete")
    desk.later(minutes=20).when(SupplementRequest(request_id=request_id(), note="Ini"), CLERK)
    desk.then(RequestSupplemented, ClockResumed, DeadlineMoved)
    assert desk.fact(DeadlineMoved).due_at == before + timedelta(minutes=20)
    assert desk.fact(DeadlineMoved).reason == "jam dihentikan: Menunggu pemohon"


def test_nothing_said_is_no_supplement() -> None:
    desk = counters.asked().when(SupplementRequest(request_id=request_id(), note="  "), CLERK)
    desk.refused("account_provisioning.nothing-supplemented")
    desk.when(SupplementRequest(request_id=request_id(), letter=ApplicationLetter(on="kemarin")), CLERK)
    desk.refused("account_provisioning.letter-date")


def test_what_nobody_has_heard_of_is_unknown() -> None:
    counter().when(approval(), STAFF).refused("account_provisioning.unknown-request")


# ── into the directory ───────────────────────────────────────────────────────────────────────────────────────────────


def wanted_jobs(desk: Desk) -> list[tuple[str, str]]:
    place = request_stream(request_id())
    state = desk._states[counters.ACCOUNTS.name, place]
    return [(job.name, job.queue) for job in jobs(place, state)]


def test_an_approval_wants_a_job_of_the_standards_directory() -> None:
    desk = reviewed()
    assert wanted_jobs(desk) == []
    assert wanted_jobs(desk.when(approval(), STAFF)) == [("provision-1", "ldap")]


def test_what_was_read_back_is_the_account() -> None:
    desk = counters.provisioning().when(done())
    desk.then(ProvisioningProven, AccountProvisioned, AddressBound, *HANDED)
    assert wanted_jobs(desk) == []
    assert desk.fact(AccountProvisioned).address == ADDRESS


def test_another_marker_is_no_proof() -> None:
    counters.provisioning().when(done(marker=request_id())).refused("account_provisioning.foreign-entry")


def test_a_server_that_is_away_is_asked_again_by_itself() -> None:
    desk = counters.provisioning().when(not_done("temporary", reason="away")).then(ProvisioningFailed)
    assert wanted_jobs(desk) == [("provision-1", "ldap")]
    desk.when(done()).then(ProvisioningProven, AccountProvisioned, AddressBound, *HANDED)


def test_what_can_never_be_waits_for_a_person_who_tries_again() -> None:
    desk = counters.failed()
    assert wanted_jobs(desk) == []
    desk.when(RetryProvisioning(request_id=request_id()), CLERK).then(ProvisioningRetried)
    assert wanted_jobs(desk) == [("provision-2", "ldap")]
    desk.when(done(attempt=1)).refused("account_provisioning.attempt-over", attempt=2)
    desk.when(done(attempt=2)).then(ProvisioningProven, AccountProvisioned, AddressBound, *HANDED)


def test_what_is_given_up_is_undone_and_burns_no_address() -> None:
    desk = counters.provisioning().when(ABANDON, CLERK).refused("account_provisioning.not-failed")
    desk.when(not_done()).when(ABANDON, CLERK)
    assert wanted_jobs(desk) == [("undo-2", "ldap")]
    desk.when(UNDONE).then(ProvisioningUndone, AddressReleased, SkeletonFreed)
    desk.when(TELL, CLERK).then(RequestNotified, ClockStopped)
    file(desk, 2).when(approval(2), STAFF)
    assert desk.fact(RequestApproved).address == ADDRESS


def test_an_undoing_that_fails_waits_for_a_person_too() -> None:
    desk = counters.abandoning().when(not_done("unknown", attempt=2, reason="refused")).then(ProvisioningFailed)
    assert desk.fact(ProvisioningFailed).undoing
    assert wanted_jobs(desk) == []
    desk.when(ABANDON, CLERK).then()
    desk.when(RetryProvisioning(request_id=request_id()), CLERK).then(ProvisioningRetried)
    assert wanted_jobs(desk) == [("undo-3", "ldap")]


def test_the_clock_ends_where_the_standard_says() -> None:
    desk = file(counter({**RULES, "clock": {"starts": "complete", "ends": "provisioned"}})).when(approval(), STAFF)
    desk.when(done()).then(ProvisioningProven, ClockStopped, AccountProvisioned, AddressBound, *HANDED)
    desk.when(TELL, CLERK).then(RequestNotified)


# ── an account's life ────────────────────────────────────────────────────────────────────────────────────────────────


def life(desk: Desk, number: int, kind: str, **changes: Any) -> Desk:
    """A request about Siti's account, through to the directory's answer."""
    file(desk, number, about(kind, **changes)).when(approval(number), STAFF)
    return desk.when(done(number))


def told(desk: Desk, number: int) -> Desk:
    notice = RecordNotice(request_id=request_id(number), how="phone")
    return desk.when(notice, CLERK).when(counters.RECEIVED.model_copy(update={"request_id": request_id(number)}), CLERK)


def test_suspended_and_resumed_and_closed_for_ever() -> None:
    desk = counters.received()
    file(desk, 9, about("resume")).refused("account_provisioning.account-active")
    life(desk, 2, "suspend").then(ProvisioningProven, AccountSuspended)
    file(told(desk, 2), 3, about("reset", cause="forgotten")).refused("account_provisioning.account-suspended")
    life(desk, 4, "resume").then(ProvisioningProven, AccountResumed)
    told(desk, 4)
    file(desk, 5, about("close")).when(approval(5), STAFF).when(
        done(5, leftovers=("group",), before=("forward", "group"))
    )
    desk.then(ProvisioningProven, AccountClosed, AddressQuarantined)
    closed = desk.fact(AccountClosed)
    assert (closed.before, closed.leftovers) == (("forward", "group"), ("group",))
    assert desk.fact(AddressQuarantined).until is None
    file(told(desk, 5), 6, about("resume")).refused("account_provisioning.account-closed")
    file(desk, 7).when(approval(7), STAFF)
    assert desk.fact(RequestApproved).address == f"siti.nuraini2@{DOMAIN}", "nobody inherits letters of another"


def test_a_known_secret_is_revoked_and_a_forgotten_one_works_until_the_next() -> None:
    life(counters.received(), 2, "reset", cause="compromised").then(ProvisioningProven, AccessRevoked, *BY_CODE)
    life(counters.received(), 2, "reset", cause="forgotten").then(ProvisioningProven, *BY_CODE)


def test_a_closed_address_is_free_again_where_the_standard_says_so() -> None:
    again = rules(reuse=True, quarantine_days=30)
    desk = file(counter(again)).when(approval(), STAFF).when(done()).when(TELL, CLERK)
    life(desk, 2, "close")
    assert desk.fact(AddressQuarantined).until == desk.now + timedelta(days=30)


def test_an_open_request_bars_another_about_the_same_account() -> None:
    desk = file(counters.received(), 2, about("suspend"))
    desk.then(LetterbookNumberTaken, RequestFiled, RequestNumbered, AccountRequested, RequestCompleted)
    file(desk, 3, about("close")).refused("account_provisioning.open-request-exists")


# ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_clock_ends_when_he_was_told_not_when_that_was_written_down() -> None:
    desk = counters.provisioned().later(minutes=30)
    said_at = desk.now - timedelta(minutes=20)
    desk.when(TELL.model_copy(update={"told_at": said_at}), CLERK).then(RequestNotified, ClockStopped)
    assert desk.fact(ClockStopped).at == said_at
    desk.when(TELL.model_copy(update={"told_at": said_at}), CLERK).then().when(TELL, CLERK).then()
    desk.when(TELL.model_copy(update={"how": "letter"}), CLERK).refused("account_provisioning.already-decided")


def test_nobody_was_told_before_it_was_decided_or_after_now() -> None:
    desk = counters.provisioned()
    early, late = desk.now - timedelta(minutes=1), desk.now + timedelta(minutes=1)
    desk.when(TELL.model_copy(update={"told_at": early}), CLERK).refused("account_provisioning.told-before-decided")
    desk.when(TELL.model_copy(update={"told_at": late}), CLERK).refused("account_provisioning.told-in-future")
    desk.when(TELL.model_copy(update={"how": "pigeon"}), CLERK).refused("account_provisioning.notice-unknown")
    desk.when(counters.RECEIVED, CLERK).refused("account_provisioning.not-notified")


def test_what_is_undecided_cannot_be_told() -> None:
    reviewed().when(TELL, CLERK).refused("account_provisioning.not-decided")


def test_the_hour_that_is_over_is_said_once() -> None:
    desk = reviewed()
    place = request_stream(request_id())
    kind = counters.ACCOUNTS.streams["request"]
    assert kind.timers is not None
    soon, over = kind.timers(place, desk._states[counters.ACCOUNTS.name, place])
    desk.when(over.command).refused("account_provisioning.not-due")
    desk.when(soon.command).refused("account_provisioning.not-due")
    desk.now = over.due_at
    desk.when(over.command).then(RequestOverdue).when(over.command).then().when(soon.command).then()


# ── standards ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "wrong",
    [
        {**RULES, "deadline": None},
        {**RULES, "accounts": {}},
        rules(pattern=["{name}"]),
        rules(single_name="{first} {unit}"),
        rules(connector="fax"),
        rules(number="{year}"),
        {**RULES, "deadline": {"service_minutes": 0}},
    ],
)
def test_a_standard_that_nobody_could_work_under_is_refused(wrong: dict[str, Any]) -> None:
    command = AdoptStandard(standard=STANDARD, valid_from="2022-01-01", rules=wrong)
    counters.office((counters.ACCOUNTS,)).when(command).refused("account_provisioning.standard-incomplete")


def test_a_version_never_changes_and_an_agency_has_one_standard_of_accounts() -> None:
    desk = counter().when(counters.ADOPT).then()
    changed = counters.ADOPT.model_copy(update={"rules": rules(eyes=2)})
    desk.when(changed).refused("account_provisioning.standard-version-taken")
    other = STANDARD.model_copy(update={"standard": "email-lain"})
    desk.when(counters.ADOPT.model_copy(update={"standard": other})).refused("account_provisioning.standard-of-another")
    holidays = {**RULES, "holidays": []}
    desk.when(counters.ADOPT.model_copy(update={"rules": holidays})).then(StandardAdopted)


def test_a_case_keeps_the_version_under_which_it_was_filed() -> None:
    desk = reviewed()
    second = STANDARD.model_copy(update={"version": 2})
    desk.when(counters.ADOPT.model_copy(update={"standard": second, "rules": rules(eyes=2)}))
    desk.when(approval(), STAFF).then(RequestApproved, AddressReserved, SkeletonTaken)
    assert file(desk, 2, form(BUDI)).fact(RequestFiled).standard.version == 2


def test_the_workers_word_is_no_persons() -> None:
    counters.provisioning().when(done(), STAFF).refused("account_provisioning.not-permitted")
    assert SERVICE.roles == ("service",)


def test_a_withdrawal_repeated_is_one_and_a_rejected_one_cannot_be_withdrawn() -> None:
    counters.withdrawn().when(WITHDRAW, CLERK).then()
    counters.rejected().when(WITHDRAW, CLERK).refused("account_provisioning.already-decided")
    desk = counters.rejected().when(TELL, CLERK).when(WITHDRAW, CLERK)
    desk.refused("account_provisioning.already-decided")
    counters.asked().when(RejectRequest(request_id=request_id(), reason="bukan-pns"), STAFF)


SCAN = BlobUpload(name="a" * 64, size=9, media_type="application/pdf", key_id="b" * 32, sha256="c" * 64)
NEEDS_SCAN = {**RULES, "accounts": {**RULES["accounts"], "needs": ["letter", "scan"]}}


def test_a_scan_is_needed_where_the_standard_says_so_and_its_number_alone_is_not_it() -> None:
    filed = counters.file(counters.counter(NEEDS_SCAN))
    assert filed.fact(RequestFiled).missing == ("scan",)
    wanted = SupplementRequest(request_id=counters.request_id(), letter=ApplicationLetter(scans=(SCAN,)))
    told = filed.when(wanted, CLERK).then(RequestSupplemented, RequestCompleted)
    supplemented = told.fact(RequestSupplemented)
    assert (supplemented.missing, [each.name for each in supplemented.scans]) == ((), [SCAN.name])


def test_a_scan_is_the_letter_and_keeps_no_name_of_its_file() -> None:
    filed = counters.file(counters.counter(), 1, counters.form(letter=ApplicationLetter(scans=(SCAN,))))
    fact = filed.fact(RequestFiled)
    assert fact.missing == ()
    [scan] = fact.scans
    assert (scan.sha256.subject_id, scan.file_name.plain) == (fact.papers_id, "")
