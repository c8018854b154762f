"""A role in PostgreSQL and a user on the bus per service: the whole road runs with them, and none may do what is not
its own (for the bus see `tests/attacks/test_bus_rights.py`).
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from pydantic import SecretStr

from services.cli.demo import carry, prepared
from services.cli.roles import RIGHTS
from services.kit.bus.rights import MIGRATION
from tests.parts.closed_nats import ClosedNats, start_closed_nats
from tests.parts.first_facts import until_brought_in
from tests.parts.postgres import Postgres
from tests.parts.product import KEEPER, WITH_EVENTS, Product

SERVICES = [rights.service for rights in RIGHTS if rights.service not in {"gateway", "inspector", "backup"}]


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
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClosedNats]:
    closed = start_closed_nats(tmp_path_factory.mktemp("closed"))
    yield closed
    closed.server.kill()


@pytest.fixture(scope="module")
def separate(tmp_path_factory: pytest.TempPathFactory, addresses: dict[str, str], bus: ClosedNats) -> Iterator[Product]:
    """Every service in a process of its own, each with its own role and bus user, and with the master key where the
    stack gives it; a letter has gone the whole road. ``settings`` are the console's.
    """
    home = tmp_path_factory.mktemp("separate")
    master = (bus.secrets / "keyring").read_text()
    product = Product(home / "product", apart=True, pg_url=addresses["owner"], nats=bus.server)
    console = {"nats_url": bus.url("console"), "keyring": SecretStr(master)}
    product.settings = product.settings.model_copy(update=console)
    product.settings.data_dir.mkdir(parents=True)
    (product.settings.data_dir / "no-samples").touch()
    migration = {"CARAKA_NATS_URL": bus.url(MIGRATION)}
    opens = [rights.service for rights in RIGHTS if rights.keys]
    try:
        product.command("migrate", "--roles", addresses["folder"], env=migration)
        prepared(product.settings)
        product.command("migrate", "--roles", addresses["folder"], env=migration)  # as every start of the stack does
        for name in product.names:
            own = {"CARAKA_DATABASE_URL": addresses[name]} if name in addresses else {}
            own["CARAKA_NATS_URL"] = bus.url(MIGRATION if name == KEEPER else name)
            if name in opens:
                own["CARAKA_KEYRING"] = master
            if name == "notifications":
                (home / "asking").write_text(bus.url("asking-notifications"))
                own["CARAKA_ASKING_NATS_URL_FILE"] = str(home / "asking")
            product.start(name, env=own, wait=False)
        for name in product.names:
            product.until_ready(name)
        product.wait_ready()
        until_brought_in(product.bus, seconds=180, log=product.log_tail)
        asyncio.run(carry(product.settings, None))
        asyncio.run(product.until_quiet())
        yield product
    finally:
        product.discard()


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
    assert "permissions violation" not in separate.said().lower()


def test_who_opens_no_sealed_field_never_asks_for_the_master_key(separate: Product) -> None:
    assert not (separate.settings.data_dir / "keyring").exists()  # it is made for who asks and was given none


def test_the_views_are_built_anew_with_the_role_that_owns_them(separate: Product) -> None:
    assert "membangun ulang semua tampilan" in separate.command("rebuild", "all")


def test_the_inspector_verifies_everything(separate: Product, addresses: dict[str, str], bus: ClosedNats) -> None:
    own = {"CARAKA_DATABASE_URL": addresses["inspector"], "CARAKA_NATS_URL": bus.url("inspector")}
    own["CARAKA_KEYRING"] = (bus.secrets / "keyring").read_text()
    status, said = separate.try_command("verify", env=own)
    assert status == 0, said
    assert "permissions violation" not in said.lower()


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("table", ["stored_events", "commands"])
def test_nobody_changes_or_removes_what_is_stored_for_ever(
    separate: Product, addresses: dict[str, str], service: str, table: str
) -> None:
    column = {"stored_events": "topic", "commands": "outcome"}[table]
    for role in (*SERVICES, "gateway", "inspector", "backup"):
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
    destroying = {role for role in (*SERVICES, "gateway", "inspector", "backup") if may(addresses[role], deed)}
    assert destroying == {"organisation"}
    for service in WITH_EVENTS:
        assert not may(addresses["inspector"], f"INSERT INTO {service}.stored_events DEFAULT VALUES")


def test_a_backup_is_made_with_a_role_that_writes_nowhere_and_sees_no_view(
    separate: Product, addresses: dict[str, str], bus: ClosedNats, tmp_path: Path
) -> None:
    own = {"CARAKA_DATABASE_URL": addresses["backup"], "CARAKA_KEYRING": (bus.secrets / "keyring").read_text()}
    status, said = separate.try_command("backup", str(tmp_path / "place"), env=own)
    assert status == 0, said
    with psycopg.connect(addresses["owner"]) as owner:
        wanted = "SELECT schemaname::text, tablename::text FROM pg_tables WHERE schemaname NOT IN ('pg_catalog',"
        tables = owner.execute(f"{wanted} 'information_schema')".encode()).fetchall()
    for schema, table in tables:
        assert may(addresses["backup"], f"SELECT FROM {schema}.{table} LIMIT 1") is (schema != "projections")
        assert not may(addresses["backup"], f"INSERT INTO {schema}.{table} DEFAULT VALUES")
    with psycopg.connect(addresses["backup"]) as ours, psycopg.connect(addresses["owner"]) as owner:
        counted = b"SELECT COUNT(*) FROM keys.keys"
        assert ours.execute(counted).fetchone() == owner.execute(counted).fetchone()


@pytest.mark.parametrize(
    ("role", "code"), [("intake", "tidak melihat semua kunci"), ("audit", "permission denied"), ("inspector", "")]
)
def test_who_does_not_see_everything_makes_no_backup(
    separate: Product, addresses: dict[str, str], bus: ClosedNats, tmp_path: Path, role: str, code: str
) -> None:
    own = {"CARAKA_DATABASE_URL": addresses[role], "CARAKA_KEYRING": (bus.secrets / "keyring").read_text()}
    status, said = separate.try_command("backup", str(tmp_path / "place"), env=own)
    assert (status != 0, code in said) == (bool(code), True), said


def test_keys_that_are_hidden_from_a_role_are_not_left_out_unsaid(
    separate: Product, addresses: dict[str, str], bus: ClosedNats, tmp_path: Path
) -> None:
    own = {"CARAKA_DATABASE_URL": addresses["backup"], "CARAKA_KEYRING": (bus.secrets / "keyring").read_text()}
    with psycopg.connect(addresses["owner"], autocommit=True) as owner:
        owner.execute(b"DROP POLICY test_backup ON keys.keys")
        try:
            status, said = separate.try_command("backup", str(tmp_path / "place"), env=own)
        finally:
            owner.execute(b"CREATE POLICY test_backup ON keys.keys FOR SELECT TO test_backup USING (true)")
    assert (status, "tidak melihat semua kunci" in said) == (1, True), said


def test_a_folder_without_an_address_gives_nobody_anything(separate: Product, tmp_path: Path, bus: ClosedNats) -> None:
    migration = {"CARAKA_NATS_URL": bus.url(MIGRATION)}
    status, said = separate.try_command("migrate", "--roles", str(tmp_path), env=migration)
    assert status == 1
    assert "there is no address for organisation" in said
