"""Bad calendars are refused with their place; explanations name the reasons."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.kit.worktime import Calendar, Pause, due, explain, service_minutes_due
from tests.unit.worktime.offices import PEKALONGAN

WIB = ZoneInfo("Asia/Jakarta")
FRIDAY = {"days": ["fri"], "open": "08:00", "close": "11:00"}
SEASON = {**FRIDAY, "season": "Ramadan", "season_from": "2026-02-18", "season_until": "2026-03-19"}


def _hours(**changed: Any) -> dict[str, Any]:
    return {"hours": [{**FRIDAY, **changed}]}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"zone": "Asia/Pekalongan"}, "zone: zona waktu 'Asia/Pekalongan' tidak dikenal"),
        ({"zone": "../../etc/passwd"}, "zone: zona waktu '../../etc/passwd' tidak dikenal"),
        ({"zone": ""}, "zone: zona waktu belum ada, misalnya Asia/Jakarta"),
        ({"hours": []}, "hours: belum ada jam layanan"),
        ({"hours": {}}, "hours: harus daftar"),
        ({"hours": ["fri"]}, "hours[0]: harus tabel dengan days, open dan close"),
        ({"hours": [SEASON]}, "hours: hanya ada jam musiman; jam layanan biasa belum ada"),
        (_hours(close="07:00"), "hours[0].close: jam tutup harus setelah jam buka"),
        (_hours(close="08:00"), "hours[0].close: jam tutup harus setelah jam buka"),
        (_hours(open="8.00"), "hours[0].open: jam harus berbentuk JJ:MM, dari 00:00 sampai 24:00"),
        (_hours(open="25:00"), "hours[0].open: jam harus berbentuk JJ:MM, dari 00:00 sampai 24:00"),
        (_hours(days=["jumat"]), "hours[0].days: daftar hari dari mon, tue, wed, thu, fri, sat, sun"),
        (_hours(breaks=[["10:30", "12:00"]]), "hours[0].breaks[0]: istirahat harus berurutan"),
        (_hours(breaks=["10:30"]), "hours[0].breaks[0]: harus pasangan mulai dan selesai"),
        (_hours(lunch="12:00"), "hours[0].lunch: kunci tidak dikenal"),
        (_hours(valid_from="2026-02-30"), "hours[0].valid_from: tanggal 2026-02-30 tidak ada"),
        ({"hours": [FRIDAY, FRIDAY]}, "hours[1].days: hari yang sama sudah diatur di hours[0]"),
        ({"hours": [FRIDAY, SEASON, SEASON]}, "hours[2].days: hari yang sama sudah diatur di hours[1]"),
        ({"hours": [FRIDAY, {**SEASON, "season_until": "2026-01-01"}]}, "hours[1].season_until: musim berakhir"),
        ({"holidays": ["2026-13-01"]}, "holidays[0]: tanggal 2026-13-01 tidak ada"),
        ({"holidays": ["2026-01-01", "2026-01-01"]}, "holidays[1]: tanggal 2026-01-01 tertulis dua kali"),
        ({"holidays": [{"on": "2026-01-01", "kind": "libur"}]}, "holidays[0].kind: harus salah satu dari national"),
        ({"joint_leave_works": "ya"}, "joint_leave_works: harus true atau false"),
        ({"zone": WIB}, "kalender: nilai yang bukan teks, angka atau daftar"),
    ],
)
def test_a_bad_calendar_is_refused_with_its_place(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the sentence is checked below, as a whole beginning
        Calendar.from_rules({**PEKALONGAN, **change})
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize(
    "deadline",
    [{}, {"working_days": 0}, {"working_days": True}, {"hours": 1}, {"working_days": 1, "service_minutes": 1}],
)
def test_a_deadline_that_is_none_is_refused(deadline: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^deadline"):
        due(Calendar.from_rules(PEKALONGAN), datetime(2026, 7, 6, tzinfo=UTC), deadline)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="tanpa zona"):
        service_minutes_due(Calendar.from_rules(PEKALONGAN), datetime(2026, 7, 6), 60)  # noqa: DTZ001 - the case


@pytest.mark.parametrize("year", [1600, 2500])
def test_a_moment_of_another_age_is_refused_at_once(year: int) -> None:
    with pytest.raises(ValueError, match="tahun 1900 sampai 2300"):
        service_minutes_due(Calendar.from_rules(PEKALONGAN), datetime(year, 7, 6, tzinfo=UTC), 60)


def test_a_deadline_beyond_every_calendar_is_refused() -> None:
    endless = Pause(datetime(2026, 7, 6, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="setelah tahun 2300"):
        due(Calendar.from_rules(PEKALONGAN), datetime(2026, 7, 6, tzinfo=UTC), {"working_days": 1}, [endless])


def test_the_same_rules_are_the_same_calendar_and_other_holidays_another_version() -> None:
    first, again = Calendar.from_rules(PEKALONGAN), Calendar.from_rules({**PEKALONGAN, "tiers": ["not looked at"]})
    moved = Calendar.from_rules({**PEKALONGAN, "holidays": ["2026-03-20"], "calendar": "skb-2026"})
    assert first is again
    assert moved.version.startswith("skb-2026#")
    assert moved.version != first.version


def test_an_explanation_tells_break_night_weekend_and_holiday() -> None:
    calendar = Calendar.from_rules(PEKALONGAN)
    thursday = datetime(2026, 4, 2, 11, 30, tzinfo=WIB)
    told = explain(calendar, thursday, {"service_minutes": 30 + 165 + 15})
    assert told.due_at == datetime(2026, 4, 6, 8, 15, tzinfo=WIB)
    assert [(interval.counted, interval.why) for interval in told.intervals] == [
        (True, "window"),
        (False, "break"),
        (True, "window"),
        (False, "outside-hours"),
        (False, "national"),
        (False, "weekday-without-hours"),
        (False, "outside-hours"),
        (True, "window"),
    ]


def test_an_explanation_in_days_numbers_them_and_names_the_joint_leave() -> None:
    calendar = Calendar.from_rules(PEKALONGAN)
    told = explain(calendar, datetime(2026, 3, 17, 9, 0, tzinfo=WIB), {"working_days": 2})
    assert [(i.why, i.note, i.day) for i in told.intervals] == [
        ("day-of-receipt", "", 0),
        ("joint-leave", "Cuti bersama", 0),
        ("national", "", 0),
        ("joint-leave", "Cuti bersama", 0),
        ("weekday-without-hours", "", 0),
        ("joint-leave", "Cuti bersama", 0),
        ("window", "", 1),
        ("window", "", 2),
    ]
    assert told.undecreed == ()


def test_an_explanation_says_when_nobody_has_decreed_the_next_year_yet() -> None:
    calendar = Calendar.from_rules(PEKALONGAN)
    assert explain(calendar, datetime(2026, 12, 30, 9, 0, tzinfo=WIB), {"working_days": 5}).undecreed == (2027,)
