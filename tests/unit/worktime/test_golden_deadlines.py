"""The golden cases of the service standards, to the minute."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.kit.worktime import Calendar, Pause, due, elapsed_minutes, next_opening, remaining_minutes
from tests.unit.worktime.offices import DEFAULT, PEKALONGAN

WIB = ZoneInfo("Asia/Jakarta")
CITY = Calendar.from_rules(PEKALONGAN)
REGENCY = Calendar.from_rules(DEFAULT)

# A plain week without holidays: Mon 2026-07-06 … Sun 12th, Mon 13th.
DAYS = {"Mon": 6, "Tue": 7, "Wed": 8, "Thu": 9, "Fri": 10, "Sat": 11, "Sun": 12, "next Mon": 13, "next Tue": 14}


def moment(words: str) -> datetime:
    """`next Mon 08.30` in WIB."""
    day, clock = words.rsplit(" ", 1)
    hour, minute = clock.split(".")
    return datetime(2026, 7, DAYS[day], int(hour), int(minute), tzinfo=WIB)


@pytest.mark.parametrize(
    ("days", "works", "expected"),
    [
        (5, False, date(2026, 3, 27)),
        (14, False, date(2026, 4, 10)),
        (60, False, date(2026, 6, 24)),
        (60, True, date(2026, 6, 15)),
    ],
)
def test_complaint_of_friday_13_march_2026(days: int, works: bool, expected: date) -> None:  # noqa: FBT001 - a column
    calendar = Calendar.from_rules({**DEFAULT, "joint_leave_works": works})
    answer = due(calendar, datetime(2026, 3, 13, 9, 0, tzinfo=WIB), {"working_days": days}).astimezone(WIB)
    close = (16, 30) if expected.weekday() == 4 else (16, 0)
    assert (answer.date(), (answer.hour, answer.minute)) == (expected, close)


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("Thu 11.30", "Thu 13.30"),
        ("Fri 10.00", "Fri 11.00"),
        ("Fri 10.30", "next Mon 08.30"),
        ("Thu 12.00", "Thu 14.00"),
        ("Thu 12.59", "Thu 14.00"),
        ("Thu 07.00", "Thu 09.00"),
        ("Thu 14.45", "Thu 15.45"),
        ("Thu 15.45", "Fri 09.00"),
        ("Sat 10.00", "next Mon 09.00"),
    ],
)
def test_one_service_hour_in_pekalongan(received: str, expected: str) -> None:
    assert due(CITY, moment(received), {"service_minutes": 60}) == moment(expected)


def test_at_noon_the_clock_starts_at_one() -> None:
    assert next_opening(CITY, moment("Thu 12.00")) == moment("Thu 13.00")
    assert next_opening(CITY, moment("Thu 11.59")) == moment("Thu 11.59")


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("Thu 14.00", "Fri 11.00"),
        ("Fri 10.59", "next Mon 15.45"),
        ("Fri 11.00", "next Tue 15.45"),
        ("next Mon 08.00", "next Tue 15.45"),
        ("Sat 23.00", "next Tue 15.45"),
        ("Thu 07.59", "Fri 11.00"),
        ("Thu 15.45", "next Mon 15.45"),
    ],
)
def test_one_working_day_in_pekalongan(received: str, expected: str) -> None:
    assert due(CITY, moment(received), {"working_days": 1}) == moment(expected)


def test_a_week_of_pekalongan_has_thirty_hours_and_the_default_week_thirty_seven_and_a_half() -> None:
    week = moment("Mon 00.00"), moment("next Mon 00.00")
    assert elapsed_minutes(CITY, *week) == 30 * 60
    assert elapsed_minutes(REGENCY, *week) == 37 * 60 + 30


def test_what_is_left_counts_down_and_below_zero_once_late() -> None:
    deadline = moment("Fri 11.00")
    assert remaining_minutes(CITY, moment("Thu 14.00"), deadline) == 105 + 180
    assert remaining_minutes(CITY, moment("Fri 10.30"), deadline) == 30
    assert remaining_minutes(CITY, deadline, deadline) == 0
    assert remaining_minutes(CITY, moment("Sun 10.00"), deadline) == 0
    assert remaining_minutes(CITY, moment("next Mon 08.00") + timedelta(seconds=1), deadline) == -1
    assert remaining_minutes(CITY, moment("next Mon 09.00"), deadline) == -60


def test_the_same_moment_is_another_hour_of_the_day_in_makassar_and_jayapura() -> None:
    received = datetime(2026, 7, 9, 4, 30, tzinfo=UTC)  # 11.30 WIB, 12.30 WITA, 13.30 WIT
    answers = {
        zone: due(Calendar.from_rules({**PEKALONGAN, "zone": zone}), received, {"service_minutes": 60})
        for zone in ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
    }
    assert {zone: answer.astimezone(ZoneInfo(zone)).strftime("%H.%M") for zone, answer in answers.items()} == {
        "Asia/Jakarta": "13.30",
        "Asia/Makassar": "14.00",
        "Asia/Jayapura": "14.30",
    }


def test_new_year_and_the_leap_day_are_days_like_others() -> None:
    rules: dict[str, Any] = {**PEKALONGAN, "holidays": ["2028-01-01"]}
    calendar = Calendar.from_rules(rules)
    over_new_year = due(calendar, datetime(2027, 12, 31, 10, 0, tzinfo=WIB), {"working_days": 1})
    assert over_new_year == datetime(2028, 1, 3, 15, 45, tzinfo=WIB)
    leap = due(calendar, datetime(2028, 2, 28, 9, 0, tzinfo=WIB), {"working_days": 1})
    assert leap == datetime(2028, 2, 29, 15, 45, tzinfo=WIB)


def test_waiting_for_the_applicant_takes_no_time() -> None:
    pause = Pause(moment("Thu 11.00"), moment("Thu 14.00"), "menunggu pemohon")
    assert due(CITY, moment("Thu 10.30"), {"service_minutes": 60}, [pause]) == moment("Thu 14.30")
    assert elapsed_minutes(CITY, moment("Thu 10.30"), moment("Thu 14.30"), [pause]) == 60


def test_a_day_counts_if_the_clock_runs_at_its_close() -> None:
    received, one_day = moment("Mon 09.00"), {"working_days": 1}
    over_the_close = Pause(moment("Tue 15.00"), moment("Wed 09.00"))
    assert due(CITY, received, one_day, [over_the_close]) == moment("Wed 15.45")
    resumed_before = Pause(moment("Tue 09.00"), moment("Tue 15.44"))
    assert due(CITY, received, one_day, [resumed_before]) == moment("Tue 15.45")
    begun_at_the_close = Pause(moment("Tue 15.45"), moment("Wed 09.00"))
    assert due(CITY, received, one_day, [begun_at_the_close]) == moment("Tue 15.45")
    over_two_closes = [Pause(moment("Tue 10.00"), moment("Wed 16.00")), Pause(moment("Wed 10.00"), moment("Wed 17.00"))]
    assert due(CITY, received, one_day, over_two_closes) == moment("Thu 15.45")


def test_ramadan_hours_overlay_the_week_while_they_last() -> None:
    ramadan = {"season": "Ramadan", "season_from": "2026-07-08", "season_until": "2026-07-09"}
    short = {"days": ["mon", "tue", "wed", "thu"], "open": "08:00", "close": "14:00", **ramadan}
    calendar = Calendar.from_rules({**PEKALONGAN, "hours": [*PEKALONGAN["hours"], short]})
    assert due(calendar, moment("Mon 09.00"), {"working_days": 2}) == moment("Wed 14.00")
    assert due(calendar, moment("Wed 13.30"), {"service_minutes": 60}) == moment("Thu 08.30")
    assert due(calendar, moment("Thu 13.00"), {"working_days": 2}) == moment("next Mon 15.45")


def test_new_hours_hold_from_their_day_on_and_replace_the_whole_week() -> None:
    later = {"days": ["mon", "tue", "wed"], "open": "09:00", "close": "12:00", "valid_from": "2026-07-08"}
    calendar = Calendar.from_rules({**PEKALONGAN, "hours": [*PEKALONGAN["hours"], later]})
    assert due(calendar, moment("Mon 09.00"), {"working_days": 1}) == moment("Tue 15.45")
    assert due(calendar, moment("Wed 11.30"), {"service_minutes": 60}) == moment("next Mon 09.30")


def test_an_office_that_never_closes_works_every_minute() -> None:
    day_and_night = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "open": "00:00", "close": "24:00"}
    calendar = Calendar.from_rules({"zone": "Asia/Jakarta", "hours": [day_and_night]})
    start = moment("Thu 22.30")
    assert due(calendar, start, {"service_minutes": 1000}) == start + timedelta(minutes=1000)


def test_a_zone_with_summer_time_loses_the_hour_that_did_not_happen() -> None:
    night = {"days": ["sun"], "open": "00:00", "close": "06:00"}
    calendar = Calendar.from_rules({"zone": "Europe/Berlin", "hours": [night]})
    sunday = datetime(2026, 3, 29, tzinfo=ZoneInfo("Europe/Berlin"))
    assert elapsed_minutes(calendar, sunday, sunday + timedelta(days=1)) == 5 * 60
