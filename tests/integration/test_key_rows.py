"""On PostgreSQL a role sees, makes and destroys only keys of the classes that it may open."""

from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from services.cli.roles import RIGHTS
from services.kit.database.roles import Rights, grant
from services.kit.sealing.keys import Keys, open_keys
from services.kit.settings import Settings

ADD = ("SELECT", "INSERT")
ROWS = (
    Rights("reaching", keys=ADD, opens=("contact",)),
    Rights("lettering", keys=(*ADD, "UPDATE"), opens=("archive", "reporter")),
    Rights("counting"),
    Rights("answering", keys=ADD, opens=("links", "codes")),
    Rights("inspecting", inspects=True),
)
SUBJECTS = [("pekalongan", "archive", "agency"), ("pekalongan", "reporter", "budi"), ("pekalongan", "contact", "budi")]


@pytest.fixture
def addresses(pg_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("keys"), database_url=SecretStr(pg_url))
    keys = open_keys(settings)
    keys.migrate()
    keys.ensure(SUBJECTS)
    keys.dispose()
    parts = urlsplit(pg_url)
    host = parts.netloc.rpartition("@")[2]

    def address(name: str) -> str:
        return urlunsplit(parts._replace(netloc=f"caraka_{name}:pass-{name}@{host}"))

    made = {row.service: address(row.service) for row in ROWS}
    grant(pg_url, made, ROWS)
    grant(pg_url, made, ROWS)  # harmless when repeated
    yield made
    with psycopg.connect(pg_url, autocommit=True) as owner:
        for name in made:
            owner.execute(f"DROP OWNED BY caraka_{name}".encode())
            owner.execute(f"DROP ROLE caraka_{name}".encode())


def classes(address: str) -> set[str]:
    with psycopg.connect(address) as connection:
        return {str(row[0]) for row in connection.execute("SELECT seal_class FROM keys.keys").fetchall()}


def test_each_role_sees_the_keys_of_its_classes_and_no_others(addresses: dict[str, str]) -> None:
    assert classes(addresses["reaching"]) == {"contact"}
    assert classes(addresses["lettering"]) == {"archive", "reporter"}
    assert classes(addresses["inspecting"]) == {"archive", "reporter", "contact"}
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        classes(addresses["counting"])


def test_a_role_makes_no_key_of_another_class_and_destroys_none(addresses: dict[str, str]) -> None:
    columns = "(key_id, agency, seal_class, subject_id, active, made_at)"
    insert = f"INSERT INTO keys.keys {columns} VALUES ('k', 'pekalongan', 'reporter', 'x', 1, 1)"  # noqa: S608 - ours
    with psycopg.connect(addresses["reaching"]) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(insert.encode())
    with psycopg.connect(addresses["lettering"]) as connection:
        gone = connection.execute("UPDATE keys.keys SET active = NULL WHERE seal_class = 'contact'")
        assert gone.rowcount == 0


def test_the_key_store_works_within_those_rows(addresses: dict[str, str], tmp_path: object) -> None:
    settings = Settings(database_url=SecretStr(addresses["reaching"]), keyring=SecretStr("m1:" + "A" * 43 + "="))
    keys: Keys = open_keys(settings)
    keys.ensure([("pekalongan", "contact", "siti")])
    assert keys.at_hand(("pekalongan", "contact", "siti")) is not None
    keys.dispose()


def test_a_purpose_is_given_as_a_class_is(addresses: dict[str, str]) -> None:
    settings = Settings(database_url=SecretStr(addresses["answering"]), keyring=SecretStr("m1:" + "A" * 43 + "="))
    keys: Keys = open_keys(settings)
    assert keys.purpose("pekalongan", "codes") == keys.purpose("pekalongan", "codes")
    with pytest.raises(DBAPIError):
        keys.purpose("pekalongan", "identity")
    keys.dispose()
    assert classes(addresses["answering"]) == {"codes"}


def test_only_who_erases_people_and_who_tells_them_open_how_to_reach_them() -> None:
    assert {row.service for row in RIGHTS if "contact" in row.opens} == {
        "organisation",
        "notifications",
        "account_provisioning",
        "complaint",
    }
    reaching = next(row.opens for row in RIGHTS if row.service == "notifications")
    assert reaching == ("contact", "links", "codes", "hooks"), "with his link and his code, and nothing of letters"
    assert {row.service for row in RIGHTS if row.keys and not row.opens} == set()
