"""What a log and a report say of an error of disk, database or machine: what it means, and nobody's words."""

import errno
import sqlite3
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.exc import OperationalError

from services.kit.observability import cause_of, named


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.EROFS, "rahasia"), "read-only"),
        (OSError(errno.ENOSPC, "rahasia"), "inode"),
        (OSError(errno.EMFILE, "rahasia"), "LimitNOFILE"),
        (MemoryError("rahasia"), "memori habis"),
        (errors.LockNotAvailable("rahasia"), "dikunci sesi"),
        (errors.DeadlockDetected("rahasia"), "deadlock"),
        (errors.QueryCanceled("rahasia"), "statement_timeout"),
        (errors.AdminShutdown("rahasia"), "memutus koneksi"),
        (errors.ReadOnlySqlTransaction("rahasia"), "read-only"),
        (errors.TooManyConnections("rahasia"), "max_connections"),
        (psycopg.OperationalError("rahasia FATAL:  sorry, too many clients already"), "max_connections"),
    ],
)
def test_an_error_says_what_it_means_and_none_of_its_words(error: BaseException, said: str) -> None:
    assert said in named(error)
    assert "rahasia" not in named(error)


def test_it_is_found_behind_what_a_library_made_of_it() -> None:
    low = errors.LockNotAvailable("rahasia")
    high = OperationalError("SELECT rahasia", {}, low)
    high.__cause__ = low
    told = named(ExceptionGroup("rahasia", [high]))
    assert told.startswith("sqlalchemy.exc.OperationalError of psycopg.errors.LockNotAvailable: tabel dikunci sesi")


def test_of_a_database_file_that_cannot_be_written(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "one.sqlite").execute("CREATE TABLE one (number)").connection.close()
    readonly = sqlite3.connect(f"file:{tmp_path}/one.sqlite?mode=ro", uri=True)
    with pytest.raises(sqlite3.OperationalError) as failed:
        readonly.execute("INSERT INTO one VALUES (1)")
    readonly.close()
    assert cause_of(failed.value) == "disk hanya dapat dibaca (read-only)"


def test_of_a_bug_nothing_is_made_up() -> None:
    assert cause_of(RuntimeError("53300")) == ""
