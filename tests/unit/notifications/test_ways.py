"""How somebody wants to be told, and by which way he cannot be: preferences are his, blocks follow from bounces."""

import pytest

from contracts.base import Actor
from contracts.notifications import (
    AttemptFailed,
    BlockContact,
    ContactBlocked,
    ContactUnblocked,
    NoticeGivenUp,
    NoticePlanned,
    PreferencesSet,
    RecordAttempt,
    RenewContact,
    SetPreferences,
    UnblockContact,
)
from services.notifications.domain.ways import Ways
from tests.unit.given_when_then import Desk
from tests.unit.notifications.desk import house, notices
from tests.unit.office import COURIER, KASI, OPERATOR, forwarded

MUTED = SetPreferences(person_id=KASI.id, muted=("email",))


def told() -> Desk:
    return forwarded(house()).tell()


def planned(**changes: object) -> NoticePlanned:
    return notices(told())[0].model_copy(update=changes)


def bounced(desk: Desk, person_id: str | None, reason: str, outcome: str) -> Desk:
    said = {"notice_id": notices(desk)[0].notice_id, "channel": "email", "generation": 1, "outcome": outcome}
    return desk.when(RecordAttempt.model_validate({**said, "reason": reason, "person_id": person_id}))


def test_preferences_are_the_persons_own_and_a_second_time_changes_nothing() -> None:
    desk = house().when(MUTED, KASI).then(PreferencesSet)
    desk.when(MUTED, KASI).then()
    for actor in (OPERATOR, COURIER, Actor(id="admin", roles=("admin",))):
        desk.when(MUTED, actor).refused("notifications.not-for-you")
    desk.when(SetPreferences(person_id=KASI.id, muted=("inbox",)), KASI).refused("notifications.channel-unknown")


def test_what_is_urgent_or_answers_him_ignores_muting_but_nothing_ignores_a_block() -> None:
    muted, blocked = Ways(muted=("email",)), Ways(blocked={"email": "mailbox-unknown"})
    assert muted.barred(planned(), "email") == "muted"
    assert muted.barred(planned(urgent=True), "email") == ""
    assert muted.barred(planned(purpose="reply"), "email") == ""
    for notice in (planned(), planned(urgent=True), planned(purpose="reply")):
        assert blocked.barred(notice, "email") == "contact-blocked"
    assert Ways().barred(planned(), "email") == ""


def test_an_address_that_its_server_does_not_know_is_blocked_until_it_is_stated_anew() -> None:
    desk = bounced(told(), "kasi", "mailbox-unknown", "permanent").then(AttemptFailed, NoticeGivenUp, ContactBlocked)
    fact = desk.fact(ContactBlocked)
    assert (fact.person_id, fact.channel, fact.reason, fact.by) == ("kasi", "email", "mailbox-unknown", None)
    desk.when(RenewContact(person_id="kasi")).then(ContactUnblocked)
    desk.when(RenewContact(person_id="kasi")).then()


@pytest.mark.parametrize(
    ("person", "reason", "outcome"),
    [
        (None, "mailbox-unknown", "permanent"),
        ("kasi", "mailbox-full", "permanent"),
        ("kasi", "mailbox-unknown", "temporary"),
    ],
)
def test_nothing_else_blocks_anybody(person: str | None, reason: str, outcome: str) -> None:
    desk = bounced(told(), person, reason, outcome)
    assert not [each for each in desk.log if isinstance(each.event, ContactBlocked)]


def test_the_desk_blocks_and_lets_go_on_and_nobody_else() -> None:
    block = BlockContact(person_id="kasi", channel="email", reason="salah orang")
    unblock = UnblockContact(person_id="kasi", channel="email", reason="server tujuan sudah diperbaiki")
    desk = house().when(block, OPERATOR).then(ContactBlocked)
    desk.when(block, OPERATOR).then()
    desk.when(unblock.model_copy(update={"reason": " "}), OPERATOR).refused("notifications.reason-missing")
    desk.when(unblock, OPERATOR).then(ContactUnblocked)
    fact = desk.fact(ContactUnblocked)
    assert (fact.reason, fact.by and fact.by.person_id) == ("server tujuan sudah diperbaiki", "operator")
    desk.when(unblock, OPERATOR).then()
    for actor in (KASI, COURIER):
        desk.when(block, actor).refused("notifications.not-permitted")
        desk.when(unblock, actor).refused("notifications.not-permitted")
