"""Whether the holder has ever logged in: asked of the directory a few times, told once."""

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import pytest

from contracts.account_provisioning import (
    AccountClosed,
    BeginSecretChange,
    FirstLoginSeen,
    LoginAwaited,
    LoginSought,
    RecordFirstLogin,
    RecordSecretChanged,
    SecretChanged,
)
from contracts.jobs import SettleJob
from services.account_provisioning.adapters.jobs import settle
from services.account_provisioning.domain.logins import LOOKS, PROOF, jobs
from services.account_provisioning.domain.state import Account, account_stream
from services.kit.deciding import Job
from services.kit.service import WantedJob
from tests.unit.account_provisioning import desk as d
from tests.unit.account_provisioning.desk import STAFF, about, account_id, approval, done, file, request_id
from tests.unit.given_when_then import Desk

PLACE = account_stream(account_id())


def waiting(desk: Desk) -> list[Job]:
    account = desk._states[d.ACCOUNTS.name, PLACE]
    assert isinstance(account, Account)
    return list(jobs(PLACE, account))


def looked(found: Literal["seen", "not-yet", "cannot-tell", "away"], look: int = 1, **more: Any) -> RecordFirstLogin:
    told = {"account_id": account_id(), "request_id": request_id(), "look": look, "found": found}
    return RecordFirstLogin.model_validate({**told, **more})


def used() -> Desk:
    desk = d.with_secret(d.notified())
    return desk.later(hours=1).when(looked("seen", at=desk.fact(LoginAwaited).since + timedelta(minutes=9)))


def test_when_a_secret_was_set_the_directory_is_asked_once_a_little_later() -> None:
    desk = d.notified()
    assert waiting(desk) == [], "nobody can have logged in before"
    d.with_secret(desk)
    since = desk.fact(LoginAwaited).since
    [job] = waiting(desk)
    assert (job.name, job.queue, job.not_before) == (f"login-{request_id()}-1", "ldap", since + LOOKS[0])


def test_each_time_nobody_was_seen_it_is_asked_later_and_at_last_no_more() -> None:
    desk = d.with_secret(d.notified())
    since, names = desk.fact(LoginAwaited).since, set()
    for look, after in enumerate(LOOKS, 1):
        [job] = waiting(desk)
        assert job.not_before == since + after
        names.add(job.name)
        desk.now = job.not_before
        desk.when(looked("not-yet", look)).then(LoginSought)
        desk.when(looked("not-yet", look)).then()
    assert len(names) == len(LOOKS) < 10, "a handful of questions in three months"
    assert (waiting(desk), desk.fact(LoginSought).again_at) == ([], None)


def test_the_first_login_is_told_once_and_never_sought_again() -> None:
    desk = used().then(FirstLoginSeen)
    fact = desk.fact(FirstLoginSeen)
    assert (fact.address, fact.request_id) == (f"siti.nuraini@{d.DOMAIN}", request_id())
    desk.when(looked("seen", at=fact.at)).then()
    file(desk, 2, about("reset", cause="forgotten")).when(approval(2), STAFF).when(done(2))
    d.with_secret(desk, 2)
    assert waiting(desk) == []


@pytest.mark.parametrize("at", [timedelta(days=-3), timedelta(0), PROOF])
def test_the_login_by_which_the_service_proves_a_secret_is_none_of_his(at: timedelta) -> None:
    desk = d.with_secret(d.notified())
    desk.later(hours=1).when(looked("seen", at=desk.fact(LoginAwaited).since + at)).then(LoginSought)
    assert desk.fact(LoginSought).found == "not-yet"


def test_nor_is_the_one_of_a_secret_that_he_changed_himself() -> None:
    desk, opening = d.with_secret(d.notified()), UUID(int=7)
    desk.later(minutes=5).when(BeginSecretChange(account_id=account_id(), opening=opening))
    desk.when(RecordSecretChanged(account_id=account_id(), opening=opening))
    changed = desk.fact(SecretChanged).changed_at
    assert [job.not_before for job in waiting(desk)] == [changed + LOOKS[0]]
    desk.later(hours=1).when(looked("seen", at=changed)).then(LoginSought)


def test_a_directory_that_keeps_no_such_thing_says_so_and_is_not_asked_again() -> None:
    desk = d.with_secret(d.notified()).when(looked("cannot-tell")).then(LoginSought)
    assert (desk.fact(LoginSought).found, desk.fact(LoginSought).again_at, waiting(desk)) == ("cannot-tell", None, [])


def test_one_that_is_away_is_asked_the_same_again() -> None:
    desk = d.with_secret(d.notified())
    before = waiting(desk)
    desk.when(looked("away")).then()
    assert waiting(desk) == before
    desk.when(looked("not-yet", 4)).then()


def test_of_a_closed_account_nobody_asks() -> None:
    desk = d.with_secret(d.notified())
    file(desk, 2, about("close")).when(approval(2), STAFF).when(done(2))
    assert desk.fact(AccountClosed).account_id == account_id()
    assert waiting(desk) == []


@pytest.mark.parametrize(
    ("outcome", "result", "found"),
    [
        ("accepted", {"at": "2026-03-13T01:00:00+00:00"}, "seen"),
        ("accepted", {"at": ""}, "not-yet"),
        ("permanent", {}, "cannot-tell"),
        ("temporary", {}, "away"),
        ("unknown", {}, "away"),
    ],
)
def test_what_a_worker_says_is_recorded_as_it_is(outcome: str, result: dict[str, str], found: str) -> None:
    body = {"account_id": str(account_id()), "request_id": str(request_id()), "look": 2}
    job = WantedJob(UUID(int=1), "purbalingga", PLACE, "login", "ldap", body, 0)
    said = SettleJob.model_validate({
        "job_id": UUID(int=1), "publication": 1, "delivered": 1, "token": "", "outcome": outcome, "result": result,
    })  # fmt: skip
    command = settle(job, said)
    assert isinstance(command, RecordFirstLogin)
    assert (command.found, command.look, command.at is not None) == (found, 2, found == "seen")
