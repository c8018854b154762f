"""What comes of a notice: one channel after the other, what a person says, and what nobody can tell."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.base import Actor, Holding
from contracts.notices import NotifyRoute
from contracts.notifications import (
    AttemptFailed,
    AttemptUnknown,
    GiveUp,
    MarkSeen,
    NoticeAccepted,
    NoticeGivenUp,
    NoticeSeen,
    NoticeSentAgain,
    RecordAttempt,
    SendAgain,
    TickSent,
)
from services.notifications.domain.notice import Open, Settled, Unknown, stream, timers
from services.notifications.policy import MOST_TRIES
from tests.unit.given_when_then import Desk
from tests.unit.notifications.desk import house, notices, rules, standing, state
from tests.unit.office import CITIZEN, COURIER, KASI, OPERATOR, forwarded

SHA = "ab" * 32


def planned(*channels: str, **route_says: Any) -> tuple[Desk, Any]:
    """A letter waits for the Kasi; the notice of it goes by these channels."""
    route = NotifyRoute(kind="approval.RoundOpened", audience="tier", channels=channels, template="turn", **route_says)
    desk = forwarded(house(rules=rules(routes=(route,)))).tell()
    return desk, notices(desk)[0].notice_id


def attempt(notice_id: Any, outcome: str, **changes: Any) -> RecordAttempt:
    said = {"notice_id": notice_id, "channel": "email", "generation": 1, "outcome": outcome, **changes}
    return RecordAttempt.model_validate(said)


def test_a_job_stands_until_its_channel_has_accepted() -> None:
    desk, notice = planned("inbox", "email")
    (job,) = standing(desk, notice)
    assert (job.name, job.queue, job.body["notice_id"]) == ("email-1", "email", str(notice))
    desk.when(attempt(notice, "accepted", sha256=SHA, provider_id="250 ok")).then(NoticeAccepted)
    assert standing(desk, notice) == ()
    desk.when(attempt(notice, "accepted")).refused("notifications.not-open")


def test_a_passing_failure_keeps_its_job_and_the_last_one_goes_on_to_the_next_channel() -> None:
    desk, notice = planned("email", "manual")
    for number in range(1, MOST_TRIES):
        desk.when(attempt(notice, "temporary", reason="server-away")).then(AttemptFailed)
        assert desk.fact(AttemptFailed).tries == number
        assert [job.name for job in standing(desk, notice)] == ["email-1"]
    desk.when(attempt(notice, "temporary", reason="server-away")).then(AttemptFailed)
    assert desk.fact(AttemptFailed).next_channel == "manual"
    assert standing(desk, notice) == (), "a person is no queue"
    assert state(desk, notice).channel == "manual"


def test_what_its_first_way_has_not_sent_in_its_time_is_a_persons_task_also_while_nothing_is_tried() -> None:
    desk, notice = planned("email", "manual", onward_after=120)
    opens = desk.now  # a Thursday, 14:00: two hours of working time later it is 16:00
    (timer,) = timers(stream(notice), state(desk, notice))
    assert (timer.name, timer.due_at) == ("onward-email", opens + timedelta(hours=2))
    desk.when(timer.command).then(AttemptFailed)
    assert (desk.fact(AttemptFailed).reason, desk.fact(AttemptFailed).next_channel) == ("too-long", "manual")
    assert (standing(desk, notice), state(desk, notice).channel) == ((), "manual")
    assert timers(stream(notice), state(desk, notice)) == ()
    desk.when(timer.command).then()
    desk.when(TickSent(notice_id=notice, how="whatsapp"), OPERATOR).then(NoticeAccepted)


def test_what_was_sent_in_time_has_no_timer_and_no_time_is_said_where_there_is_no_second_way() -> None:
    desk, notice = planned("email", "manual", onward_after=120)
    desk.when(attempt(notice, "accepted")).then(NoticeAccepted)
    assert timers(stream(notice), state(desk, notice)) == ()
    for channels in (("inbox", "email"), ("manual",)):
        desk, notice = planned(*channels, onward_after=120)
        assert notices(desk)[0].onward_at is None
        assert timers(stream(notice), state(desk, notice)) == ()


def test_the_time_of_the_first_way_is_working_time_unless_it_is_urgent() -> None:
    desk, _ = planned("email", "manual", onward_after=180)
    assert (notices(desk)[0].onward_at or desk.now) - desk.now == timedelta(hours=2 + 15.5, minutes=60), "over a night"
    desk, _ = planned("email", "manual", onward_after=180, urgent=True)
    assert (notices(desk)[0].onward_at or desk.now) - desk.now == timedelta(hours=3)


def test_what_lasts_goes_on_at_once_and_without_another_channel_it_is_given_up() -> None:
    desk, notice = planned("email", "manual")
    desk.when(attempt(notice, "permanent", reason="no-contact")).then(AttemptFailed)
    assert state(desk, notice).channel == "manual"
    desk, notice = planned("inbox", "email")
    desk.when(attempt(notice, "permanent", reason="no-contact")).then(AttemptFailed, NoticeGivenUp)
    assert isinstance(state(desk, notice), Settled)
    assert desk.fact(NoticeGivenUp).reason == "no-contact"


def test_where_nobody_can_tell_nothing_is_sent_until_a_person_says() -> None:
    desk, notice = planned("email")
    desk.when(attempt(notice, "unknown", reason="answer-lost")).then(AttemptUnknown)
    assert isinstance(state(desk, notice), Unknown)
    assert standing(desk, notice) == ()
    desk.when(SendAgain(notice_id=notice, reason="penerima belum menerima"), OPERATOR).then(NoticeSentAgain)
    assert [job.name for job in standing(desk, notice)] == ["email-2"], "the provider is given another key"
    desk.when(attempt(notice, "accepted")).refused("notifications.older-attempt")
    desk.when(attempt(notice, "accepted", generation=2)).then(NoticeAccepted)


def test_a_person_tells_and_his_tick_is_the_proof() -> None:
    desk, notice = planned("manual")
    desk.when(TickSent(notice_id=notice, how="whatsapp"), OPERATOR).then(NoticeAccepted)
    fact = desk.fact(NoticeAccepted)
    assert (fact.channel, fact.how, fact.by and fact.by.person_id) == ("manual", "whatsapp", "operator")
    desk.when(TickSent(notice_id=notice, how="phone"), OPERATOR).then()


def test_who_rings_while_the_mail_server_is_down_stops_the_mail() -> None:
    desk, notice = planned("email")
    desk.when(attempt(notice, "temporary", reason="server-away"))
    desk.when(TickSent(notice_id=notice, how="phone"), OPERATOR).then(NoticeAccepted)
    assert standing(desk, notice) == ()


def test_giving_up_is_a_persons_word_and_ends_it_once() -> None:
    desk, notice = planned("email")
    desk.when(GiveUp(notice_id=notice, reason="surat sudah dibatalkan"), OPERATOR).then(NoticeGivenUp)
    assert standing(desk, notice) == ()
    desk.when(GiveUp(notice_id=notice, reason="lagi"), OPERATOR).then()


def test_what_still_waits_is_not_sent_again_and_what_is_only_in_the_inbox_never() -> None:
    desk, notice = planned("email")
    desk.when(SendAgain(notice_id=notice, reason="cepat"), OPERATOR).refused("notifications.still-open")
    desk, notice = planned("inbox")
    desk.when(SendAgain(notice_id=notice, reason="cepat"), OPERATOR).refused("notifications.channel-unknown")


@pytest.mark.parametrize("command", [TickSent, SendAgain, GiveUp])
def test_the_desk_alone_looks_after_what_was_not_sent(command: Any) -> None:
    desk, notice = planned("email")
    said = {"notice_id": notice, **({"how": "phone"} if command is TickSent else {"reason": "mau"})}
    for actor in (KASI, COURIER, CITIZEN):
        desk.when(command(**said), actor).refused("notifications.not-permitted")


def test_seen_is_said_by_whom_it_is_for_and_once() -> None:
    desk, notice = planned("inbox")
    for stranger in (OPERATOR, COURIER, CITIZEN):
        desk.when(MarkSeen(notice_id=notice), stranger).refused("notifications.not-for-you")
    desk.when(MarkSeen(notice_id=notice), KASI).then(NoticeSeen)
    desk.when(MarkSeen(notice_id=notice), KASI).then()


def test_todays_substitute_sees_it_for_the_position() -> None:
    plh = Holding(position="kasi-persandian", title="Plh. Kepala Seksi", capacity="plh", role="kasi")
    desk, notice = planned("inbox")
    desk.when(MarkSeen(notice_id=notice), Actor(id="kabid", roles=("kabid",), holdings=(plh,))).then(NoticeSeen)
    by = desk.fact(NoticeSeen).by
    assert (by.person_id, by.position, by.capacity) == ("kabid", "kasi-persandian", "plh")


def test_what_nobody_planned_is_unknown() -> None:
    desk, notice = planned("inbox")
    other = type(notice)(int=notice.int ^ 1)
    for command, actor in ((MarkSeen(notice_id=other), KASI), (TickSent(notice_id=other, how="phone"), OPERATOR)):
        desk.when(command, actor).refused("notifications.unknown")
    assert isinstance(state(desk, notice), Settled)
    assert not isinstance(state(desk, notice), Open)
