"""Several notices to one person leave as one e-mail: as the route says, never what is urgent, each with its outcome."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.notices import NotifyRoute
from contracts.notifications import (
    AdoptCalendar,
    AttemptFailed,
    BundleSettled,
    CalendarAdopted,
    GiveUp,
    NoticeAccepted,
    NoticeBounced,
    NoticeGathered,
    NoticeGivenUp,
    NoticePlanned,
    PlanNotices,
    RecordGathered,
    RecordReceipt,
    SendAgain,
    TickSent,
)
from contracts.words import ClosedDay
from services.kit.deciding import Job
from services.notifications.domain import gathering
from services.notifications.policy import MOST_TRIES
from tests.unit.given_when_then import Desk
from tests.unit.notifications.desk import house, notices, rules, standing, state
from tests.unit.office import OPERATOR

WHO = "position:kasi-persandian"
KIND = "intake.LetterOverdue"


def desk_with(**says: Any) -> Desk:
    said = {"kind": KIND, "audience": "assigner", "channels": ("inbox", "email"), "template": "overdue", "gather": 30}
    return house(rules=rules(routes=(NotifyRoute.model_validate({**said, **says}),)))


def late(desk: Desk, position: str = "kasi-persandian") -> UUID:
    """A fact that tells this position; its notice's id."""
    desk.when(PlanNotices(
        event_id=uuid4(), event_kind=KIND, happened_at=desk.now, case_service="intake", case_kind="letters",
        case_id=uuid4(), positions={"assigner": position},
        values={"number": "0001/2026", "due": desk.now.isoformat()},
    ))  # fmt: skip
    return notices(desk)[-1].notice_id


def kept(desk: Desk, who: str = WHO) -> gathering.Gathering:
    found = gathering.Gathering()
    for each in desk.log:
        if each.stream == gathering.stream(who):
            found = gathering.evolve(found, each.event)
    return found


def jobs(desk: Desk, who: str = WHO) -> tuple[Job, ...]:
    return gathering.jobs(gathering.stream(who), kept(desk, who))


def left(desk: Desk, outcome: str, *sent: UUID, **more: Any) -> Desk:
    (job,) = jobs(desk)
    said = {"who": WHO, "bundle_id": job.body["bundle_id"], "outcome": outcome, "notices": sent, **more}
    return desk.when(RecordGathered.model_validate(said))


def test_what_comes_within_the_time_leaves_as_one_and_each_is_accepted() -> None:
    desk = desk_with()
    first = late(desk)
    (job,) = jobs(desk)
    assert job.queue == "email"
    assert job.not_before == desk.now + timedelta(minutes=30) + gathering.MARGIN
    second = late(desk.later(minutes=29))
    assert len(jobs(desk)) == 1
    assert (standing(desk, first), standing(desk, second)) == ((), ()), "none goes by itself"
    late(desk, "kabid-aplikasi-persandian")
    assert len(jobs(desk)) == 1, "somebody else's is another bundle"
    third = late(desk.later(minutes=2))
    assert len(jobs(desk)) == 2, "who comes too late begins the next"
    bundle = UUID(jobs(desk)[0].body["bundle_id"])
    desk.when(RecordGathered(who=WHO, bundle_id=bundle, notices=(first, second), outcome="accepted"))
    desk.then(NoticeAccepted, NoticeAccepted, BundleSettled)
    assert (state(desk, first).accepted, state(desk, second).accepted, state(desk, third).accepted) == (
        True,
        True,
        False,
    )
    desk.when(RecordGathered(who=WHO, bundle_id=bundle, notices=(first,), outcome="accepted")).then()


def test_what_is_urgent_or_somebody_waits_for_is_never_gathered() -> None:
    for says in ({"urgent": True, "gather": None}, {"purpose": "reply"}, {"gather": None}, {"channels": ("inbox",)}):
        desk = desk_with(**says)
        notice = late(desk)
        assert jobs(desk) == ()
        assert len(standing(desk, notice)) == (says != {"channels": ("inbox",)})
    desk = house()
    wrong = rules(routes=(NotifyRoute(
        kind=KIND, audience="assigner", channels=("email",), template="overdue", urgent=True, gather=5
    ),))  # fmt: skip
    desk.when(desk_adopts(wrong)).refused("notifications.gather-urgent")


def desk_adopts(said: Any) -> Any:
    from tests.unit.notifications.desk import adopt

    return adopt(rules=said)


def test_whoever_was_told_meanwhile_is_not_in_it() -> None:
    desk = desk_with()
    first, second = late(desk), late(desk)
    desk.when(TickSent(notice_id=first, how="phone"), OPERATOR)
    left(desk, "accepted", second).then(NoticeAccepted, BundleSettled)
    assert state(desk, first).accepted


def test_a_passing_failure_is_each_ones_and_the_bundle_goes_on() -> None:
    desk = desk_with(channels=("email", "manual"))
    first, second = late(desk), late(desk)
    for _ in range(MOST_TRIES - 1):
        left(desk, "temporary", first, second, reason="server-away").then(AttemptFailed, AttemptFailed)
    left(desk, "temporary", first, second, reason="server-away").then(AttemptFailed, AttemptFailed, BundleSettled)
    assert {state(desk, each).channel for each in (first, second)} == {"manual"}
    assert jobs(desk) == ()


def test_what_joined_behind_the_message_waits_for_the_next() -> None:
    desk = desk_with()
    first, second = late(desk), late(desk)
    left(desk, "accepted", first).then(NoticeAccepted, BundleSettled, NoticeGathered)
    (job,) = jobs(desk)
    left(desk, "accepted", second).then(NoticeAccepted, BundleSettled)
    assert UUID(job.body["bundle_id"]) in kept(desk).left


def test_a_worker_that_nobody_remembers_speaks_for_all_of_it() -> None:
    desk = desk_with()
    late(desk), late(desk)
    left(desk, "permanent", reason="no-contact").then(
        AttemptFailed, NoticeGivenUp, AttemptFailed, NoticeGivenUp, BundleSettled
    )  # fmt: skip


def test_what_comes_back_is_about_each_of_them_and_a_person_sends_one_by_itself() -> None:
    desk = desk_with()
    first, second, third = late(desk), late(desk), late(desk)
    desk.when(GiveUp(notice_id=third, reason="batal"), OPERATOR)
    left(desk, "accepted", first, second, person_id="kasi")
    back = RecordReceipt(notice_id=first, channel="email", generation=1, what="failed", reason="mailbox-full")
    desk.when(back).then(NoticeBounced, NoticeGivenUp, NoticeBounced, NoticeGivenUp)
    desk.when(back).then()
    desk.when(SendAgain(notice_id=second, reason="kotak sudah dikosongkan"), OPERATOR)
    assert [job.name for job in standing(desk, second)] == ["email-2"]


def decreed(desk: Desk, *days: str) -> Desk:
    closed = tuple(ClosedDay(on=day, kind="joint-leave", reason="Cuti bersama") for day in days)
    return desk.when(AdoptCalendar(year=2026, revision=1, closed=closed)).then(CalendarAdopted)


@pytest.mark.parametrize("gather", [None, 30])
def test_over_a_weekend_and_a_decreed_holiday_everything_is_quiet(gather: int | None) -> None:
    """Friday, 16:25 in Pekalongan; Monday is decreed closed, so both leave on Tuesday when the doors open."""
    desk = decreed(desk_with(gather=gather), "2026-03-23")
    desk.now = datetime(2026, 3, 20, 9, 25, tzinfo=UTC)
    opens = datetime(2026, 3, 24, 0, 30, tzinfo=UTC)
    notice = late(desk)
    planned: NoticePlanned = notices(desk)[-1]
    if gather:
        (job,) = jobs(desk)
        assert job.not_before == opens + gathering.MARGIN
        desk.now = datetime(2026, 3, 23, 3, 0, tzinfo=UTC)
        late(desk)
        assert len(jobs(desk)) == 1, "what comes on the holiday leaves with it"
    else:
        assert planned.not_before == desk.now, "the doors are open still"
        desk.now = datetime(2026, 3, 20, 9, 35, tzinfo=UTC)
        late(desk)
        assert notices(desk)[-1].not_before == opens
        assert standing(desk, notice) != ()
