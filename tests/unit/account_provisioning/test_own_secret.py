"""Whoever changes his own secret says first that he begins; what came of it is said once, whoever dies on the way."""

from typing import Any
from uuid import UUID, uuid5

from contracts.account_provisioning import (
    BeginSecretChange,
    EndSecretChange,
    RecordSecretChanged,
    SecretChangeBegun,
    SecretChanged,
    SecretChangeDropped,
    SecretChangeUnknown,
)
from services.account_provisioning.domain import own_secret
from services.account_provisioning.domain.state import account_stream
from tests.unit.account_provisioning import desk as d
from tests.unit.given_when_then import ROOT, Desk

MINE = d.account_id()
ONE, TWO = (uuid5(ROOT, f"gesture {each}") for each in (1, 2))


def begin(opening: UUID = ONE) -> BeginSecretChange:
    return BeginSecretChange(account_id=MINE, opening=opening)


def end(opening: UUID = ONE, **said: Any) -> EndSecretChange:
    return EndSecretChange(account_id=MINE, opening=opening, **said)


def standing(desk: Desk) -> list[Any]:
    timers = own_secret.timers(account_stream(MINE), desk._states[d.ACCOUNTS.name, account_stream(MINE)])
    return [each.command for each in timers]


def begun() -> Desk:
    return d.with_secret(d.notified()).when(begin()).then(SecretChangeBegun)


def test_what_was_done_ends_it() -> None:
    desk = begun().when(RecordSecretChanged(account_id=MINE, opening=ONE)).then(SecretChanged)
    assert standing(desk) == []
    desk.when(end()).then()


def test_who_dies_on_the_way_leaves_a_timer_that_says_so_once() -> None:
    desk = begun()
    [due] = standing(desk)
    desk.when(due).refused("account_provisioning.not-due")
    desk.later(seconds=61).when(due).then(SecretChangeUnknown).when(due).then()
    assert standing(desk) == []
    assert desk.fact(SecretChangeUnknown).address == f"siti.nuraini@{d.DOMAIN}"


def test_a_second_one_waits_and_goes_on_where_the_first_has_died() -> None:
    desk = begun().when(begin(TWO)).refused("account_provisioning.secret-change-busy")
    desk.when(begin()).then()
    desk.later(seconds=61).when(begin(TWO)).then(SecretChangeUnknown, SecretChangeBegun)
    assert [each.opening for each in standing(desk)] == [TWO]
    desk.when(end(ONE)).then()


def test_a_directory_that_refuses_leaves_the_one_before_and_nobody_waits() -> None:
    begun().when(end(known=True)).then(SecretChangeDropped).when(begin(TWO)).then(SecretChangeBegun)


def test_a_directory_that_lost_its_answer_leaves_nobody_waiting_either() -> None:
    begun().when(end()).then(SecretChangeUnknown).when(begin(TWO)).then(SecretChangeBegun)


def test_what_comes_late_is_recorded_all_the_same() -> None:
    desk = begun().later(seconds=61).when(end()).then(SecretChangeUnknown)
    desk.when(RecordSecretChanged(account_id=MINE, opening=ONE)).then(SecretChanged)


def test_nobody_begins_on_an_account_that_is_not() -> None:
    d.counter().when(begin()).refused("account_provisioning.account-unknown")
