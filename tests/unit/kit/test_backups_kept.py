"""Which backups are kept, and what is said of them: pure rules."""

from datetime import UTC, datetime, timedelta

import pytest

from services.kit.backup.manifest import name_at
from services.kit.backup.retention import Keep, kept, moment_of
from services.kit.backup.standing import BackupStanding

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def named(*ago: float) -> list[str]:
    return [name_at(NOW - DAY * days, f"{number:06x}") for number, days in enumerate(ago)]


def test_the_newest_of_each_of_the_last_days_weeks_and_months_stays() -> None:
    daily = named(*range(400))
    stay = sorted(moment_of(name) for name in kept(daily, Keep(days=3, weeks=2, months=12)))
    assert stay[-3:] == [NOW - 2 * DAY, NOW - DAY, NOW]
    assert NOW - 7 * DAY in stay, "the Sunday before"
    assert {(moment.year, moment.month) for moment in stay} == {(2026, month) for month in range(1, 12)} | {(2025, 12)}
    assert len(stay) <= 3 + 2 + 12


def test_of_one_day_only_the_newest_stays_and_the_newest_of_all_always() -> None:
    hourly = named(0, 1 / 24, 2 / 24)
    assert kept(hourly, Keep(days=1, weeks=0, months=0)) == {hourly[0]}
    assert kept(hourly, Keep(days=0, weeks=0, months=0)) == {hourly[0]}
    assert kept([], Keep()) == set()


@pytest.mark.parametrize("text", ["", "7", "7,5", "7,5,x", "-1,5,12", "7,5,12,1"])
def test_what_is_no_rule_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="tiga angka"):
        Keep.parse(text)


def standing(**more: object) -> BackupStanding:
    given = {"place": "/mnt/a", "since": NOW - 60 * DAY, "every": DAY, "proven_within": 40 * DAY} | more
    return BackupStanding(**given)  # type: ignore[arg-type]  # a test's own words


def test_a_backup_is_due_when_the_last_is_as_old_as_the_interval() -> None:
    assert standing().due(NOW)
    assert standing(newest=NOW - DAY).due(NOW)
    assert not standing(newest=NOW - DAY / 2).due(NOW)
    assert not standing(place="").due(NOW)


def test_nobody_is_warned_while_all_is_well_or_nothing_is_set_up() -> None:
    assert standing(newest=NOW - DAY, proven=NOW - 39 * DAY).warnings(NOW) == ()
    assert standing(place="").warnings(NOW) == ()


def test_what_is_late_failing_or_unproven_is_said() -> None:
    late, unproven = standing(newest=NOW - 3 * DAY, proven=None).warnings(NOW)
    assert "3 hari lalu" in late
    assert "backup check" in unproven
    (failing, *_) = standing(failing_since=NOW - DAY, reason="penuh", newest=NOW, proven=NOW).warnings(NOW)
    assert failing.endswith("penuh")
    assert standing(newest=NOW, proven=NOW, unproven="terpotong").warnings(NOW) == (
        "Percobaan pemulihan terakhir gagal: terpotong",
    )


def test_a_backup_that_waits_for_its_place_is_said_to_run_long() -> None:
    well = {"newest": NOW, "proven": NOW}
    assert standing(running_since=NOW - DAY / 24, **well).warnings(NOW) == ()
    (said,) = standing(running_since=NOW - DAY / 6, **well).warnings(NOW)
    assert "berjalan sejak 08.00 UTC" in said


def test_the_operations_room_is_told_since_when_it_fails_and_whether_the_newest_is_too_old() -> None:
    told = standing(newest=NOW - 3 * DAY, failing_since=NOW - DAY, reason="penuh").told(NOW)
    assert (told["failing_at"], told["late"], told["state"]) == (NOW - DAY, True, "failing")
    told = standing(newest=NOW).told(NOW)
    assert (told["failing_at"], told["late"], told["state"]) == (None, False, "kept")
