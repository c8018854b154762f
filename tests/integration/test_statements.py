"""Statements in words, on both databases: one pipeline, one parameter for all rows, errors that callers know."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, OperationalError

from services.kit.database.place import Place, engine_of, make_schema
from services.kit.database.statements import COPIED, among, transaction
from services.kit.projections.generations import migrate
from services.kit.projections.writing import ANALYZED_AT
from services.projections.views import VIEWS
from tests.parts.ways import ONE_WAY
from tests.unit.projections.lives import live, staff
from tests.unit.projections.office import Office, made_keys
from tests.unit.projections.reading import dice, follow, projector_of

pytestmark = pytest.mark.usefixtures("way")

KINDS = {"shelf": "bigint", "label": "text", "stamp": "bytea"}


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    on_postgres = request.param == "postgresql"
    dsn = request.getfixturevalue("pg_url") if on_postgres else None
    place = Place("projections", None if on_postgres else tmp_path / "shelf.sqlite", dsn)
    make_schema(place)
    engine = engine_of(place)
    with engine.begin() as connection:
        stamp = "bytea" if on_postgres else "blob"
        connection.exec_driver_sql(f"CREATE TABLE shelf (shelf bigint PRIMARY KEY, label text, stamp {stamp})")
    yield engine
    engine.dispose()


@pytest.mark.parametrize("amount", [1, 7, COPIED + 1])
@pytest.mark.parametrize("piped", [True, False])
def test_rows_arrive_as_they_were_sent(engine: Engine, amount: int, *, piped: bool) -> None:
    """As one JSON parameter or by COPY: quotes, backslashes, percent signs, nothing at all, bytes."""
    odd = ["Surat 'undangan' \"rapat\"", "C:\\arsip\\50 %s %(x)s :x", "tab\there\nline", "", None, "résumé 信"]
    rows = [(n, odd[n % len(odd)], bytes([n % 256, 0, 255])) for n in range(amount)]
    with transaction(engine, piped=piped) as (_, said):
        said.insert("shelf", KINDS, rows)
        found = said.ask("SELECT shelf, label, stamp FROM shelf ORDER BY shelf")
        assert [(shelf, label, bytes(stamp)) for shelf, label, stamp in found()] == rows


def test_what_was_asked_is_answered_as_it_stood_then(engine: Engine) -> None:
    with transaction(engine, piped=True) as (_, said):
        said.insert("shelf", KINDS, [(1, "old", b""), (2, "old", b""), (3, "old", b"")])
        here = among("CAST(shelf AS text)", "label", "places", on_postgres=said.postgres)
        places = said.paired("places", [("1", "old"), ("2", "new"), ("3", "old"), ("9", "old")])
        before = said.ask(f"SELECT shelf FROM shelf WHERE {here}", **places)  # noqa: S608 - names of the test
        said.delete("shelf", {"shelf": "bigint", "label": "text"}, [(1, "old"), (2, "new")])
        after = said.ask("SELECT shelf FROM shelf ORDER BY shelf")
        assert sorted(before()) == [(1,), (3,)]
        assert after() == [(2,), (3,)]


def test_a_later_row_replaces_an_earlier_one_where_that_is_said(engine: Engine) -> None:
    again = "ON CONFLICT (shelf) DO UPDATE SET label = excluded.label"
    for label in ("first", "second"):
        with transaction(engine, piped=True) as (_, said):
            said.insert("shelf", KINDS, [(1, label, b"")], again)
    with transaction(engine) as (_, said):
        assert said.ask("SELECT label FROM shelf")() == [("second",)]


def test_a_failed_statement_changes_nothing_and_says_what_sqlalchemy_would(engine: Engine) -> None:
    with transaction(engine, piped=True) as (_, said):
        said.insert("shelf", KINDS, [(1, "kept", b"")])
    with pytest.raises(IntegrityError):
        lose(engine, 2, 1)
    with pytest.raises(LookupError):
        lose(engine, 3, None)
    with transaction(engine, piped=True) as (_, said):
        assert said.ask("SELECT shelf, label FROM shelf")() == [(1, "kept")]


def lose(engine: Engine, new: int, twin: int | None) -> None:
    """A transaction that fails after a row of its own: at a twin of a row that is there, or by a change of mind."""
    with transaction(engine, piped=True) as (_, said):
        said.insert("shelf", KINDS, [(new, "lost", b"")])
        if twin is None:
            raise LookupError
        said.insert("shelf", KINDS, [(twin, "twin", b"")])


def test_a_connection_that_was_killed_is_not_used_again(pg_url: str) -> None:
    engine = engine_of(Place("projections", None, pg_url), pool_size=1)
    try:
        with pytest.raises(OperationalError), transaction(engine, piped=True) as (_, said):
            said.ask("SELECT pg_terminate_backend(pg_backend_pid())")()
        with transaction(engine, piped=True) as (_, said):
            assert said.ask("SELECT 1")() == [(1,)]
    finally:
        engine.dispose()


@ONE_WAY
def test_a_connection_that_comes_back_after_the_end_is_closed(pg_url: str) -> None:
    """A loop that was cancelled leaves a thread behind that has one."""
    engine = engine_of(Place("projections", None, pg_url))
    with engine.connect() as late:
        driver = late.connection.driver_connection
        engine.dispose()
    assert driver is not None
    assert driver.closed
    with engine.connect() as again:
        asked_late = again.connection.driver_connection
    assert asked_late is not None
    assert asked_late.closed, "nobody disposes of what is made after the end"


@ONE_WAY
async def test_postgresql_is_told_how_large_tables_have_grown(pg_url: str, tmp_path: Path) -> None:
    """Else every look for a few cases would read the agency's whole table until the database's own round."""
    place = Place("projections", None, pg_url)
    make_schema(place)
    engine = engine_of(place)
    migrate(engine, VIEWS)
    office, chance = Office(made_keys(tmp_path / "keys")), dice(5)
    staff(office)
    for number in range(ANALYZED_AT[0]):
        live(office, number, chance)
    try:
        await follow(projector_of(engine, office), office, chance=chance, batch=40)
        with engine.connect() as connection:
            known = connection.scalar(sa.text("SELECT reltuples FROM pg_class WHERE relname = 'g1_letters'"))
        assert known is not None
        assert known > 0
    finally:
        engine.dispose()
