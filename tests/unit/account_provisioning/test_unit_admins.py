"""The admin of a unit: files for its people and knows them; of any other unit he does neither."""

from typing import Any

import pytest

from contracts.account_provisioning import (
    AccountChanged,
    AccountProvisioned,
    ClaimantConfirmed,
    ConfirmReceipt,
    RequestFiled,
    SecretSet,
    SupplementRequest,
    WithdrawRequest,
)
from contracts.base import Actor
from services.account_provisioning.policy.rules import account_rules, plainly
from tests.unit.account_provisioning import desk as d
from tests.unit.account_provisioning.desk import (
    CONFIRM,
    LETTER,
    OTHER_ADMIN,
    PERSONNEL,
    SITI,
    STAFF,
    UNIT_ADMIN,
    about,
    approval,
    done,
    file,
    form,
    key,
    request_id,
)

CODE = "account_provisioning."


def test_he_files_for_his_unit_and_the_event_says_so() -> None:
    desk = d.counter().when(form(), UNIT_ADMIN, command_id=key())
    fact = desk.fact(RequestFiled)
    assert fact.by is not None
    assert (fact.by.person_id, fact.unit_admin) == ("wahyu", "admin-dinkes")


@pytest.mark.parametrize("unit", ["dinas  kesehatan", " DINAS KESEHATAN "])
def test_a_unit_is_the_same_however_people_write_it(unit: str) -> None:
    assert account_rules(d.RULES).admin_of(unit) == "admin-dinkes"
    assert plainly(unit) == "dinas kesehatan"


@pytest.mark.parametrize(
    ("wanted", "actor"),
    [
        (form(SITI.model_copy(update={"unit": "Dinas Sosial"})), UNIT_ADMIN),
        (form(), OTHER_ADMIN),
        (form(), Actor(id="x", roles=("unit-admin",))),
    ],
    ids=["another unit", "another admin", "no position"],
)
def test_for_another_unit_he_files_nothing(wanted: Any, actor: Actor) -> None:
    desk = d.counter()
    before = len(desk.log)
    desk.when(wanted, actor, command_id=key()).refused(f"{CODE}not-your-unit")
    assert len(desk.log) == before


def test_of_an_account_its_own_unit_counts_and_not_what_the_form_says() -> None:
    desk = d.received()
    stolen = SITI.model_copy(update={"unit": "Dinas Sosial"})
    desk.when(about("reset", cause="forgotten", applicant=stolen), OTHER_ADMIN, command_id=key(2))
    desk.refused(f"{CODE}not-your-unit")
    desk.when(about("change", applicant=stolen), UNIT_ADMIN, command_id=key(2))
    assert desk.fact(RequestFiled).unit_admin == "admin-dinkes"


def test_who_files_for_another_unit_is_told_nothing_of_its_open_requests() -> None:
    desk = file(d.received(), 2, about("reset", cause="forgotten"))
    desk.when(about("suspend"), OTHER_ADMIN, command_id=key(3)).refused(f"{CODE}not-your-unit")


def test_he_says_that_it_is_he_for_his_own_unit_alone() -> None:
    desk = d.notified()
    desk.when(CONFIRM, OTHER_ADMIN).refused(f"{CODE}not-your-unit")
    desk.when(CONFIRM, UNIT_ADMIN).then(ClaimantConfirmed)
    fact = desk.fact(ClaimantConfirmed)
    assert fact.by is not None
    assert (fact.how, fact.by.person_id, fact.by.position) == ("unit-admin", "wahyu", "admin-dinkes")


def test_of_a_unit_without_an_admin_personnel_alone_says_so() -> None:
    social = SITI.model_copy(update={"unit": "Dinas Sosial"})
    desk = file(d.counter(), 1, form(social)).when(approval(1, social), STAFF).when(done())
    desk.when(d.TELL, d.CLERK).when(CONFIRM, UNIT_ADMIN).refused(f"{CODE}not-your-unit")
    desk.when(CONFIRM, PERSONNEL).then(ClaimantConfirmed)
    assert desk.fact(ClaimantConfirmed).how == "personnel"


def test_never_for_himself() -> None:
    his = CONFIRM.model_copy(update={"asker_subject": d.subject(SITI.nip)})
    d.notified().when(his, UNIT_ADMIN).refused(f"{CODE}own-request")


def test_he_does_nothing_else_with_a_request() -> None:
    for desk, command in (
        (d.reviewed(), approval()),
        (d.reviewed(), d.REJECT),
        (d.notified(), d.RENEW),
        (d.provisioned(), d.TELL),
        (d.incomplete(), SupplementRequest(request_id=request_id(), letter=LETTER)),
        (d.reviewed(), WithdrawRequest(request_id=request_id(), reason="x")),
        (d.notified(), ConfirmReceipt(request_id=request_id())),
    ):
        desk.when(command, UNIT_ADMIN)
        assert getattr(desk.decision, "status", 0) == 403, command


def test_he_hears_of_the_secret_and_keeps_the_account_until_it_goes_to_another_unit() -> None:
    desk = d.with_secret(d.notified())
    assert desk.fact(SecretSet).told == "admin-dinkes"
    assert desk.fact(AccountProvisioned).unit_admin == "admin-dinkes"
    social = SITI.model_copy(update={"unit": "Dinas Sosial"})
    file(desk, 2, about("change", applicant=social)).when(approval(2), STAFF).when(done(2))
    assert (desk.fact(AccountChanged).unit, desk.fact(AccountChanged).unit_admin) == ("Dinas Sosial", None)
