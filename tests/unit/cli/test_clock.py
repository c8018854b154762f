"""Moments at the console: the agency's clock, with its name."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.cli.clock import at_the_office, by_the_clock, told_at
from services.kit.settings import Settings
from services.organisation.adapters.standards_files import own_standards

AT = datetime(2026, 11, 30, 17, 30, tzinfo=UTC)


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def test_a_moment_is_told_by_the_agencys_clock_with_its_zones_name(here: Settings, tmp_path: Path) -> None:
    assert at_the_office(AT, here) == "2026-12-01 00.30 WIB"
    assert at_the_office(AT.replace(tzinfo=None), here, "pekalongan") == "2026-12-01 00.30 WIB"
    assert told_at("2026-11-30T17:30:12.5Z", here) == "2026-12-01 00.30 WIB"
    assert at_the_office(None, here) == "–"
    folder = tmp_path / "standards"
    shutil.copytree(own_standards(), folder)
    agency = folder / "pekalongan" / "agency.toml"
    text = agency.read_text()
    assert 'zone = "Asia/Jakarta"' in text
    agency.write_text(text.replace('zone = "Asia/Jakarta"', 'zone = "Asia/Makassar"'))
    east = here.model_copy(update={"standards_dir": folder})
    assert at_the_office(AT, east, "pekalongan") == "2026-12-01 01.30 WITA"
    assert at_the_office(AT, east) == "2026-12-01 00.30 WIB", "of what belongs to no agency, where they differ"
    agency.write_text("nonsense")
    assert at_the_office(AT, here.model_copy(update={"standards_dir": tmp_path / "away"}), "pekalongan").endswith("WIB")


def test_moments_in_a_sentence_are_told_by_the_offices_clock(here: Settings) -> None:
    said = "rantai dimulai 2026-11-30T08:03:13+00:00; tenggat 2026-11-30 20:00:00+00:00, hari 2026-11-30, versi 1"
    assert by_the_clock(said, here) == (
        "rantai dimulai 2026-11-30 15.03 WIB; tenggat 2026-12-01 03.00 WIB, hari 2026-11-30, versi 1"
    )
