"""A decree that moves a day moves the running limits of tiers and couriers as well, each by a visible event, once."""

from datetime import datetime

from contracts.approval import EscalateTier, InitialLetter, RemindTier, TierLimitMoved, TierOverdue, TierReminded
from contracts.dispatch import AssignCourier, CourierAssigned, DeliveryLimitMoved, DeliveryOverdue, FlagDelivery
from contracts.intake import ClockPaused, DeadlineMoved, PauseClock, WorkingTimeChanged
from contracts.organisation import CloseOffice, ReopenOffice
from services.kit.deciding import Timer
from tests.unit.given_when_then import Desk
from tests.unit.office import APPROVAL, DISPATCH
from tests.unit.rules.house import Watched, house, person
from tests.unit.rules.test_office_rules import ADMIN, ID, going_round, initial, second, wib

FRIDAY = CloseOffice(on="2026-03-13", reason="Hari jadi Kota")
REOPENED = ReopenOffice(on="2026-03-13", reason="Ditunda")


def waiting(now: datetime | None = None) -> Desk:
    """Received Thursday 14.00, forwarded at 15.00: the Kasi has until Fri 08.15."""
    desk = house(now=now or wib(12, 15))
    return going_round(desk)


def timers(desk: Desk, service: str = "approval") -> dict[str, Timer]:
    tables, name = {"approval": (APPROVAL, "round"), "dispatch": (DISPATCH, "dispatch")}[service]
    kind, stream = tables.streams[name], f"{name}:{ID}"
    assert kind.timers is not None
    return {timer.name: timer for timer in kind.timers(stream, desk._states[service, stream])}


def closed(desk: Desk, watched: Watched | None = None) -> Desk:
    desk.when(FRIDAY, ADMIN).tell()
    (watched or Watched(desk)).look()
    return desk.tell()


def moved(desk: Desk) -> list[tuple[datetime, datetime]]:
    kinds = (TierLimitMoved, DeliveryLimitMoved)
    return [(told.event.old_due_at, told.event.due_at) for told in desk.log if isinstance(told.event, kinds)]


def carried(desk: Desk) -> Desk:
    for who in ("kasi", "kabid", "kadis"):
        initial(desk, who).tell()
    assign = AssignCourier(letter_id=ID, courier_id="caraka-1", courier_name="Caraka Satu")
    desk.when(assign, person(desk, "kasi")).tell()
    assert desk.fact(CourierAssigned).limits
    return desk


def test_a_closed_day_moves_the_limit_of_the_tier_whose_turn_it_is_and_its_timers() -> None:
    desk = waiting()
    assert timers(desk)["escalate-1-0"].due_at == wib(13, 8, 15)
    closed(desk)
    assert moved(desk) == [(wib(13, 8, 15), wib(16, 8, 15))]
    assert {name: timer.due_at for name, timer in timers(desk).items()} == {
        "remind-1-0": wib(16, 8), "escalate-1-0": wib(16, 8, 15),
    }  # fmt: skip
    told = desk.fact(TierLimitMoved)
    assert (told.position, told.tier) == ("kasi-persandian", 0)
    assert "Hari jadi Kota" in told.reason
    desk.now = wib(13, 8, 15)
    desk.when(EscalateTier(letter_id=ID, revision=1, turn=0)).refused("approval.not-due")
    desk.now = wib(16, 8, 15)
    desk.when(EscalateTier(letter_id=ID, revision=1, turn=0)).then(TierOverdue)
    assert desk.fact(TierOverdue).due_at == wib(16, 8, 15)


def test_it_is_said_once_however_often_it_is_looked_and_not_again_after_a_start() -> None:
    desk, asked = waiting(), 0
    watched = Watched(desk)
    watched.look()
    closed(desk, watched)
    asked = watched.asked
    assert (watched.look(), Watched(desk).look(), watched.asked) == (0, 0, asked)
    assert len(moved(desk)) == 1


def test_a_day_that_is_withdrawn_moves_the_limit_back() -> None:
    desk = closed(waiting())
    desk.when(REOPENED, ADMIN).tell()
    Watched(desk).look()
    desk.tell()
    assert moved(desk) == [(wib(13, 8, 15), wib(16, 8, 15)), (wib(16, 8, 15), wib(13, 8, 15))]


def test_the_turns_that_come_after_are_counted_by_the_changed_calendar() -> None:
    desk = closed(waiting())
    initial(desk, "kasi").tell()
    assert timers(desk)["escalate-1-1"].due_at == wib(16, 8, 15)
    assert moved(desk)[1:] == []


def test_a_limit_that_was_said_to_be_over_is_not_moved_and_not_said_again() -> None:
    desk = waiting()
    desk.now = wib(13, 8, 15)
    desk.when(EscalateTier(letter_id=ID, revision=1, turn=0)).then(TierOverdue)
    closed(desk)
    assert (moved(desk), timers(desk)) == ([], {})
    desk.now = wib(16, 9)
    desk.when(EscalateTier(letter_id=ID, revision=1, turn=0)).then()


def test_a_reminder_that_was_given_comes_again_only_where_it_lies_ahead() -> None:
    desk = waiting()
    desk.now = wib(13, 8)
    desk.when(RemindTier(letter_id=ID, revision=1, turn=0)).then(TierReminded)
    closed(desk)
    assert timers(desk)["remind-1-0"].due_at == wib(16, 8)
    desk.when(REOPENED, ADMIN).tell()
    Watched(desk).look()
    desk.tell()
    desk.now = wib(13, 8, 1)
    assert timers(desk)["escalate-1-0"].due_at == wib(13, 8, 15)


def test_a_day_that_is_far_away_says_nothing_of_limits_that_do_not_move() -> None:
    desk = waiting()
    desk.when(CloseOffice(on="2026-06-10", reason="Hari jadi Kota"), ADMIN).tell()
    assert Watched(desk).look() == 1
    desk.tell()
    assert desk.fact(WorkingTimeChanged).revision == 1
    assert moved(desk) == []


def test_a_courier_on_the_way_has_his_limit_moved_with_the_closed_day() -> None:
    desk = carried(waiting())
    before = timers(desk, "dispatch")
    assert {timer.due_at for timer in before.values()} == {wib(13, 9, 15)}
    closed(desk)
    assert moved(desk) == [(wib(13, 9, 15), wib(16, 9, 15))] * len(before)
    assert {timer.due_at for timer in timers(desk, "dispatch").values()} == {wib(16, 9, 15)}
    assert timers(desk, "dispatch").keys() == before.keys()
    flag = next(iter(before.values())).command
    assert isinstance(flag, FlagDelivery)
    desk.now = wib(13, 9, 15)
    desk.when(flag).refused("dispatch.not-due")
    desk.now = wib(16, 9, 15)
    desk.when(flag).then(DeliveryOverdue).when(flag).then()


def test_what_the_courier_was_already_told_to_be_late_stays_so() -> None:
    desk = carried(waiting())
    desk.now = wib(13, 9, 15)
    for timer in timers(desk, "dispatch").values():
        desk.when(timer.command).then(DeliveryOverdue)
    closed(desk)
    assert moved(desk) == []


def test_a_paused_letter_has_its_tiers_limits_moved_and_its_own_deadline_later() -> None:
    desk = house(now=wib(12, 15))
    allowed = second(desk, pauses=[{"reason": "menunggu-pengirim", "title": "Menunggu jawaban pengirim"}])
    desk.when(allowed, ADMIN).tell()
    going_round(desk)
    desk.when(PauseClock(letter_id=ID, reason="menunggu-pengirim"), person(desk, "operator")).then(ClockPaused)
    closed(desk)
    assert not [told for told in desk.log if isinstance(told.event, DeadlineMoved)]
    assert moved(desk) == [(wib(13, 8, 15), wib(16, 8, 15))]


def test_a_letter_that_has_left_the_office_is_left_alone() -> None:
    desk = waiting()
    desk.when(InitialLetter(letter_id=ID), person(desk, "kasi")).tell()
    for who in ("kabid", "kadis"):
        initial(desk, who).tell()
    closed(desk)
    assert moved(desk) == []
