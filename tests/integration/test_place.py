"""What is open after the end of an engine: no connection that a thread asks for late, no file but the store."""

import threading
from pathlib import Path

from sqlalchemy import text

from services.kit.database.place import Place, engine_of

OPEN = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def test_no_connection_outlives_the_end_of_its_engine(pg_url: str) -> None:
    late = engine_of(Place("intake", None, pg_url))
    held, ended = threading.Event(), threading.Event()

    def unwaited() -> None:
        with late.connect() as connection:
            connection.execute(text("SELECT 1"))
            held.set()
            assert ended.wait(10)
        with late.connect() as connection:  # it goes on: nobody has told it that this is the end
            connection.execute(text("SELECT 1"))

    thread = threading.Thread(target=unwaited)
    thread.start()
    assert held.wait(10)
    late.dispose()
    ended.set()
    thread.join()
    looking = engine_of(Place("intake", None, pg_url))
    with looking.connect() as connection:
        assert connection.scalar(text(OPEN)) == 0
    looking.dispose()


def test_the_end_of_its_engine_leaves_one_file_on_sqlite(tmp_path: Path) -> None:
    engine = engine_of(Place("intake", tmp_path / "intake.sqlite", None))
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
    engine.dispose()
    assert [each.name for each in tmp_path.iterdir()] == ["intake.sqlite"]
