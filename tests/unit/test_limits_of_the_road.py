"""Limits on the whole road: they travel with the letter, and what is late is said where it is late."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.approval import InitialLetter, RoundOpened
from contracts.dispatch import AssignCourier, CourierAssigned, DeliveryOverdue, FlagDelivery, RecordDelivery, WaiveProof
from contracts.intake import (
    AdoptStandard,
    CancelLetter,
    FlagOverdue,
    LetterDueSoon,
    LetterForwarded,
    LetterOverdue,
    LetterRegistered,
    RemindDeadline,
    StopClock,
)
from services.kit.deciding import Timer
from tests.unit.given_when_then import Desk
from tests.unit.office import (
    APPROVAL,
    COURIER,
    DISPATCH,
    INTAKE,
    KABID,
    KADIS,
    KASI,
    OPERATOR,
    OTHER_COURIER,
    RULES,
    STANDARD,
    forwarded,
    letter_id,
    registered,
)

ID = letter_id(1)
SERVICES = {"intake": INTAKE, "approval": APPROVAL, "dispatch": DISPATCH}
LIMITED: dict[str, Any] = {
    **RULES,
    "remind_before": 60,
    "tiers": [{**tier, "limit": {"service_minutes": 60}} for tier in RULES["tiers"]],
    "delivery": [{**row, "limit": {"service_minutes": 120}} for row in RULES["delivery"]],
}
FRIDAY_1100 = datetime(2026, 3, 13, 4, 0, tzinfo=UTC)


def house(rules: dict[str, Any] = LIMITED) -> Desk:
    adopt = AdoptStandard(standard=STANDARD, valid_from="2022-03-01", rules=rules)
    return Desk("pekalongan", (INTAKE, APPROVAL, DISPATCH)).when(adopt).tell()


def standing(desk: Desk, service: str, stream: str) -> dict[str, Timer]:
    kind = SERVICES[service].streams[stream.partition(":")[0]]
    state = desk._states.get((service, stream), kind.initial)
    return {timer.name: timer for timer in kind.timers(stream, state)} if kind.timers else {}


def of_letter(desk: Desk) -> dict[str, Timer]:
    return standing(desk, "intake", f"letter:{ID}")


def on_the_way(rules: dict[str, Any] = LIMITED) -> Desk:
    desk = forwarded(house(rules)).tell()
    for person in (KASI, KABID, KADIS):
        desk.when(InitialLetter(letter_id=ID), person).tell()
    return desk.when(AssignCourier(letter_id=ID, courier_id=COURIER.id, courier_name="Caraka Satu"), KASI)


def out(desk: Desk) -> list[Timer]:
    return sorted(standing(desk, "dispatch", f"dispatch:{ID}").values(), key=lambda timer: timer.name)


def test_a_letter_is_watched_from_its_registration_on() -> None:
    desk = registered(desk=house())
    fact = desk.fact(LetterRegistered)
    assert (fact.due_at, fact.remind_at) == (FRIDAY_1100, datetime(2026, 3, 13, 3, 0, tzinfo=UTC))
    assert {name: timer.due_at for name, timer in of_letter(desk).items()} == {
        "remind": fact.remind_at, "overdue": fact.due_at,
    }  # fmt: skip


def test_the_reminder_and_the_lateness_of_a_letter_are_each_said_once_to_who_assigns() -> None:
    desk = registered(desk=house())
    desk.now = datetime(2026, 3, 13, 3, 0, tzinfo=UTC)
    remind, flag = RemindDeadline(letter_id=ID, due_at=FRIDAY_1100), FlagOverdue(letter_id=ID, due_at=FRIDAY_1100)
    desk.when(flag).refused("intake.not-due")
    said = {"letter_id": ID, "due_at": FRIDAY_1100, "told": "kasi-persandian", "number": "0844/2026"}
    desk.when(remind).then(LetterDueSoon(**said)).when(remind).then()
    desk.now = FRIDAY_1100
    desk.when(flag).then(LetterOverdue(**said, superior="kabid-persandian")).when(flag).then()
    assert of_letter(desk) == {}


def test_a_cancelled_letter_is_late_no_more() -> None:
    desk = registered(desk=house()).when(CancelLetter(letter_id=ID, reason="salah alamat"), OPERATOR)
    assert of_letter(desk) == {}
    desk.now = FRIDAY_1100
    desk.when(FlagOverdue(letter_id=ID, due_at=FRIDAY_1100)).then()


def test_the_last_proof_stops_the_clock() -> None:
    desk = registered(desk=house()).when(StopClock(letter_id=ID, at=datetime(2026, 3, 13, 2, 0, tzinfo=UTC)))
    assert of_letter(desk) == {}


def test_a_deadline_of_another_day_than_the_one_asked_for_is_left_alone() -> None:
    desk = registered(desk=house()).later(days=9)
    desk.when(FlagOverdue(letter_id=ID, due_at=datetime(2026, 3, 14, tzinfo=UTC))).then()


def test_working_time_travels_only_where_the_standard_sets_limits() -> None:
    assert forwarded(house(RULES)).fact(LetterForwarded).working_time is None
    desk = forwarded(house()).tell()
    working = desk.fact(LetterForwarded).working_time
    assert working is not None
    assert working.zone == "Asia/Jakarta"
    assert "2026-03-19" in working.closed
    assert desk.fact(RoundOpened).working_time == working


def test_a_courier_has_two_service_hours_for_each_copy() -> None:
    desk = on_the_way()
    limits = desk.fact(CourierAssigned).limits
    assert {limit.due_at for limit in limits} == {datetime(2026, 3, 13, 1, 15, tzinfo=UTC)}  # Thu 14.00 → Fri 08.15
    assert [timer.due_at for timer in out(desk)] == [limit.due_at for limit in limits]


def test_what_a_courier_still_has_after_that_is_told_to_who_assigned_him_once() -> None:
    desk = on_the_way()
    timer = out(desk)[0]
    assert isinstance(timer.command, FlagDelivery)
    desk.when(timer.command).refused("dispatch.not-due")
    desk.now = timer.due_at
    desk.when(timer.command).then(DeliveryOverdue)
    assert desk.fact(DeliveryOverdue).told == "kasi-persandian"
    desk.when(timer.command).then()
    assert len(out(desk)) == 1


@pytest.mark.parametrize(
    ("wish", "person"),
    [
        (RecordDelivery, COURIER),
        (WaiveProof, KASI),
    ],
)
def test_what_has_arrived_or_is_waived_is_not_late(wish: Any, person: Any) -> None:
    desk = on_the_way()
    timer = out(desk)[0]
    assert isinstance(timer.command, FlagDelivery)
    more = {"receiver_name": "Ibu Sri"} if wish is RecordDelivery else {"reason": "hadir sendiri"}
    desk.when(wish(letter_id=ID, copy_id=timer.command.copy_id, **more), person)
    assert timer.name not in {each.name for each in out(desk)}
    desk.now = timer.due_at
    desk.when(timer.command).then()


def test_another_courier_begins_with_time_of_his_own() -> None:
    desk = on_the_way()
    before = out(desk)
    desk.later(minutes=30)
    desk.when(
        AssignCourier(
            letter_id=ID, courier_id=OTHER_COURIER.id, courier_name="Caraka Dua",
            copy_ids=(before[0].command.copy_id,),  # type: ignore[attr-defined]  # a FlagDelivery
        ),
        KASI,
    )  # fmt: skip
    after = out(desk)
    assert len(after) == len(before)
    assert {timer.due_at for timer in after} == {
        datetime(2026, 3, 13, 1, 15, tzinfo=UTC), datetime(2026, 3, 13, 1, 45, tzinfo=UTC),
    }  # fmt: skip
    desk.now = before[0].due_at
    desk.when(before[0].command).then()
