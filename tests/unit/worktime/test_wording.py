"""An explanation as a sentence that an officer would write."""

from datetime import UTC, datetime

from services.kit.worktime import Calendar, Pause, explain, in_words, with_years
from tests.unit.worktime.offices import PEKALONGAN

FRIDAY = datetime(2026, 3, 13, 3, 30, tzinfo=UTC)


def test_working_days_name_what_is_left_out() -> None:
    said = in_words(explain(Calendar.from_rules(PEKALONGAN), FRIDAY, {"working_days": 5}))
    assert said == (
        "Diterima Jumat, 13 Maret 2026 pukul 10.30 WIB, tenggat 5 hari kerja, hari penerimaan tidak dihitung, tidak "
        "dihitung: 18 Maret 2026 (Cuti bersama); 19 Maret 2026 (hari libur nasional); 20–24 Maret 2026 (Cuti bersama). "
        "Jatuh tempo Jumat, 27 Maret 2026 pukul 11.00 WIB."
    )


def test_what_comes_outside_hours_says_when_it_counts_as_received() -> None:
    late = datetime(2026, 3, 12, 10, 0, tzinfo=UTC)
    said = in_words(explain(Calendar.from_rules(PEKALONGAN), late, {"service_minutes": 60}))
    assert said == (
        "Diterima Kamis, 12 Maret 2026 pukul 17.00 WIB, di luar jam layanan, dianggap diterima Jumat, 13 Maret 2026 "
        "pukul 08.00 WIB, tenggat 60 menit layanan. Jatuh tempo Jumat, 13 Maret 2026 pukul 09.00 WIB."
    )


def test_pauses_and_undecreed_years_are_said() -> None:
    december = datetime(2026, 12, 29, 2, 0, tzinfo=UTC)
    pause = Pause(datetime(2026, 12, 30, 1, 0, tzinfo=UTC), datetime(2026, 12, 31, 1, 0, tzinfo=UTC), "menunggu")
    said = in_words(explain(Calendar.from_rules(PEKALONGAN), december, {"working_days": 2}, (pause,)))
    assert "30 Desember 2026 (jam dihentikan menunggu)" in said
    assert said.endswith("Hari libur tahun 2027 belum ditetapkan; tenggat ini dapat bergeser.")


def test_a_year_decreed_later_replaces_that_year_and_no_other() -> None:
    day = {"on": "2026-03-16", "kind": "national", "reason": "Nyepi"}
    rules = with_years(
        {**PEKALONGAN, "decreed_years": [2025, 2026], "holidays": ["2025-12-25", "2026-03-18"]}, {2026: [day]}
    )
    assert rules["holidays"] == ["2025-12-25", day]
    assert rules["decreed_years"] == [2025, 2026]
    assert PEKALONGAN["zone"] == rules["zone"]
