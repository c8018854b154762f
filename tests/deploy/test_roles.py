"""A role per service in PostgreSQL: the whole road runs with them, and none may do what is not its own."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from services.cli.demo import carry, prepared
from services.cli.roles import RIGHTS
from tests.parts.nats import start_nats
from tests.parts.postgres import Postgres
from tests.parts.product import WITH_EVENTS, Product

SERVICES = [rights.service for rights in RIGHTS if rights.service not in {"gateway", "inspector"}]


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[dict[str, str]]:
    """The owner's address under ``owner``, and each role's under its service; the files lie in ``folder``."""
    url, folder = postgres.fresh_database(), tmp_path_factory.mktemp("roles")
    found = {"owner": url, "folder": str(folder)}
    for rights in RIGHTS:
        role = f"test_{rights.service}"
        found[rights.service] = url.replace("//caraka@", f"//{role}:kata-{rights.service}@")
        (folder / f"database_url_{rights.service}").write_text(found[rights.service])
    yield found
    postgres.drop_database(url)
    with psycopg.connect(postgres.dsn, autocommit=True) as owner:
        for rights in RIGHTS:
            owner.execute(f"DROP ROLE IF EXISTS test_{rights.service}".encode())


@pytest.fixture(scope="module")
def separate(tmp_path_factory: pytest.TempPathFactory, addresses: dict[str, str]) -> Iterator[Product]:
    """Every service in a process of its own, each with its own role; a letter has gone the whole road."""
    home = tmp_path_factory.mktemp("separate")
    nats = start_nats(home / "nats")
    product = Product(home / "product", apart=True, pg_url=addresses["owner"], nats=nats)
    product.settings.data_dir.mkdir(parents=True)
    (product.settings.data_dir / "no-samples").touch()
    try:
        product.command("migrate", "--roles", addresses["folder"])
        prepared(product.settings)
        product.command("migrate", "--roles", addresses["folder"])  # as every start of the stack does
        for name in product.names:
            product.start(name, env={"CARAKA_DATABASE_URL": addresses[name]}, wait=False)
        for name in product.names:
            product.until_ready(name)
        product.wait_ready()
        asyncio.run(carry(product.settings, None))
        asyncio.run(product.until_quiet())
        yield product
    finally:
        product.discard()
        nats.kill()


def may(address: str, statement: str) -> bool:
    with psycopg.connect(address) as connection:
        try:
            connection.execute(statement.encode())
        except InsufficientPrivilege:
            return False
        finally:
            connection.rollback()
    return True


def test_a_letter_goes_the_whole_road_and_a_person_is_forgotten(separate: Product) -> None:
    assert len(separate.events("dispatch", "LetterArchived")) == 1
    assert "permission denied" not in separate.said()


def test_the_views_are_built_anew_with_the_role_that_owns_them(separate: Product) -> None:
    assert "built" in separate.command("rebuild", "all")


def test_the_inspector_verifies_everything(separate: Product, addresses: dict[str, str]) -> None:
    status, said = separate.try_command("verify", env={"CARAKA_DATABASE_URL": addresses["inspector"]})
    assert status == 0, said


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("table", ["stored_events", "commands"])
def test_nobody_changes_or_removes_what_is_stored_for_ever(
    separate: Product, addresses: dict[str, str], service: str, table: str
) -> None:
    column = {"stored_events": "topic", "commands": "outcome"}[table]
    for role in (*SERVICES, "gateway", "inspector"):
        for deed in ("DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}", "UPDATE {} SET {column} = {column}"):
            statement = deed.format(f"{service}.{table}", column=column)
            assert not may(addresses[role], statement), (role, statement)


@pytest.mark.parametrize("service", SERVICES)
def test_nobody_reads_or_writes_anothers_tables(separate: Product, addresses: dict[str, str], service: str) -> None:
    with psycopg.connect(addresses["owner"]) as owner:
        wanted = "SELECT tablename::text FROM pg_tables WHERE schemaname = %s"
        tables = [row[0] for row in owner.execute(wanted, (service,)).fetchall()]
    assert tables
    readers = {rights.service for rights in RIGHTS if rights.logs}
    for role in (*SERVICES, "gateway"):
        for table in tables:
            own = role == service
            log = role in readers and service in SERVICES and table in {"stored_events", "store", "adopted"}
            assert may(addresses[role], f"SELECT FROM {service}.{table} LIMIT 1") is (own or log), (role, table)
            if not own:
                assert not may(addresses[role], f"TRUNCATE {service}.{table}"), (role, table)


def test_only_organisation_destroys_keys_and_the_inspector_writes_to_no_log(
    addresses: dict[str, str], separate: Product
) -> None:
    deed = "UPDATE keys.keys SET active = active"
    destroying = {role for role in (*SERVICES, "gateway", "inspector") if may(addresses[role], deed)}
    assert destroying == {"organisation"}
    for service in WITH_EVENTS:
        assert not may(addresses["inspector"], f"INSERT INTO {service}.stored_events DEFAULT VALUES")


def test_a_folder_without_an_address_gives_nobody_anything(separate: Product, tmp_path: Path) -> None:
    status, said = separate.try_command("migrate", "--roles", str(tmp_path))
    assert status == 1
    assert "there is no address for organisation" in said
