"""An office, and views in a SQLite file of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from services.kit.database.place import Place, engine_of
from services.kit.projections.generations import migrate
from services.kit.sealing.keys import Keys
from services.projections.views import VIEWS
from tests.unit.projections.office import Office, made_keys


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return made_keys(tmp_path / "keys")


@pytest.fixture
def office(keys: Keys) -> Office:
    return Office(keys)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Engine]:
    """A file without views."""
    engine = engine_of(Place("projections", tmp_path / "bare.sqlite", None))
    yield engine
    engine.dispose()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Engine]:
    """Another file without views."""
    engine = engine_of(Place("projections", tmp_path / "other.sqlite", None))
    yield engine
    engine.dispose()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = engine_of(Place("projections", tmp_path / "views.sqlite", None))
    migrate(engine, VIEWS)
    yield engine
    engine.dispose()
