"""Attempts to log in that come at one moment, as a double click or a doubled delivery makes them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.kit.database.place import Place, engine_of
from services.organisation.adapters.access_tables import AccessTables

MOMENT = datetime(2026, 7, 6, 2, 0, tzinfo=UTC)


def test_whoever_looked_at_the_clock_first_may_come_second(tmp_path: Path) -> None:
    engine = engine_of(Place("organisation", tmp_path / "access.sqlite", None))
    tables = AccessTables(engine, lambda: bytes(32))
    tables.migrate()
    free = tables.limits.free_attempts
    moments = [MOMENT - timedelta(milliseconds=each) for each in range(free + 1)]
    turns = [tables.attempts.turn("pekalongan", "budi", "d" * 64, moment) for moment in moments]
    assert [turn.refused for turn in turns] == [False] * free + [True]
    engine.dispose()
