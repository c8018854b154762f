"""Backups of a database: into an empty one and no other, twice from the same archive, nobody starts half-way."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from services.cli.backup.emptiness import refuse_half_restored
from services.cli.catalogue import SERVICES, build_of
from services.cli.demo import prepared
from services.kit.backup import postgres_place
from services.kit.backup.faults import BackupFault
from services.kit.runtime.run import migrate_service
from services.kit.settings import Settings
from services.kit.store import open_store
from tests.parts.backups import backed_up, brought_back
from tests.parts.postgres import Postgres


@pytest.fixture(scope="module")
def source(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A database with the people of a demonstration; nothing runs on it."""
    url = postgres.fresh_database()
    settings = Settings(data_dir=tmp_path_factory.mktemp("source"), database_url=SecretStr(url), nats_port=1)
    for service in SERVICES:
        migrate_service(settings, build_of(service), service)
    prepared(settings)
    yield settings
    postgres.drop_database(url)


@pytest.fixture(scope="module")
def archives(source: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("backups") / "place"
    backed_up(source, place)
    return place


@pytest.fixture
def elsewhere(pg_url: str, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "elsewhere", database_url=SecretStr(pg_url), nats_port=1)


def facts(url: SecretStr | None) -> int:
    assert url is not None
    with psycopg.connect(url.get_secret_value()) as connection:
        found = connection.execute("SELECT COUNT(*) FROM organisation.stored_events").fetchone()
    assert found is not None
    return int(found[0])


def test_a_database_that_holds_something_is_refused_and_left_as_it_is(
    archives: Path, elsewhere: Settings, tmp_path: Path
) -> None:
    restored = brought_back(elsewhere, archives)
    assert restored.whole
    before = facts(elsewhere.database_url)
    for folder in (elsewhere.data_dir, tmp_path / "another"):
        with pytest.raises(BackupFault) as fault:
            brought_back(elsewhere.model_copy(update={"data_dir": folder}), archives)
        assert fault.value.code == "backup.not-empty"
    assert facts(elsewhere.database_url) == before


def test_one_archive_is_restored_twice_each_under_the_next_epoch(
    archives: Path, elsewhere: Settings, postgres: Postgres, tmp_path: Path
) -> None:
    url = postgres.fresh_database()
    other = Settings(data_dir=tmp_path / "other", database_url=SecretStr(url), nats_port=1)
    epochs = []
    for settings in (elsewhere, other):
        restored = brought_back(settings, archives)
        store = open_store(settings, "organisation")
        epochs.append(store.identity().epoch - restored.manifest.heads["organisation"].epoch)
        store.close()
    assert epochs == [1, 1]
    postgres.drop_database(url)


def test_a_database_that_was_left_half_restored_is_used_by_nobody_and_begun_anew(
    archives: Path, elsewhere: Settings
) -> None:
    assert elsewhere.database_url is not None
    elsewhere.data_dir.mkdir()
    (elsewhere.data_dir / "restoring").touch()
    postgres_place.mark(elsewhere.database_url.get_secret_value())
    with pytest.raises(SystemExit, match="belum selesai"):
        refuse_half_restored(elsewhere)
    assert brought_back(elsewhere, archives).whole
    refuse_half_restored(elsewhere)


def test_an_archive_of_one_kind_of_store_is_not_put_into_the_other(archives: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupFault) as fault:
        brought_back(Settings(data_dir=tmp_path / "files", nats_port=1), archives)
    assert fault.value.code == "backup.other-database"
