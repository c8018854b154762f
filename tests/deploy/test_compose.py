"""The compose stack: valid for both lines of Compose, closed by default, secrets only where they are needed.

What its bus allows to whom: `tests/attacks/test_bus_rights.py`.
"""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.cli.bus_users import PLACE, written
from services.cli.catalogue import JOBS
from services.cli.roles import RIGHTS
from services.kit.sealing.keyring import Keyring
from services.kit.settings import Settings
from services.notifications.settings import BounceSettings
from tests.architecture.tree import services
from tests.parts.closed_nats import USERS, make_secrets
from tests.parts.nats import nats_binary

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
COMPOSERS = [
    composer
    for composer, asked in {"docker-compose": ["version"], "docker compose": ["compose", "version"]}.items()
    if (program := shutil.which(composer.split()[0]))
    and subprocess.run([program, *asked], capture_output=True, check=False).returncode == 0
]


@pytest.fixture(scope="module")
def stack() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return read


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that deploy/secrets fills."""
    folder = tmp_path_factory.mktemp("secrets")
    make_secrets(folder)
    return folder


def ours(stack: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: part for name, part in stack["services"].items() if name not in {"nats", "postgres"}}


def served(stack: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What runs as long as the stack does."""
    return {name: part for name, part in ours(stack).items() if name not in {"migrate", "console", "verify"}}


@pytest.mark.skipif(
    not COMPOSERS, reason="neither docker-compose nor docker compose is installed (`make parts` does it)"
)
def test_the_file_is_valid_for_every_compose_that_is_here() -> None:
    for composer in COMPOSERS:
        done = subprocess.run(
            [*composer.split(), "-f", str(COMPOSE), "config", "-q"],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
        assert done.returncode == 0, f"{composer}: {done.stderr}"


def test_the_file_keeps_to_what_the_older_line_knows(stack: dict[str, Any]) -> None:
    assert "name" not in stack
    for part in stack["services"].values():
        assert "start_interval" not in part.get("healthcheck", {})
        assert all(isinstance(path, str) for path in part.get("env_file", []))
        assert all("restart" not in wanted for wanted in part.get("depends_on", {}).values())
    assert all(set(secret) == {"file"} for secret in stack["secrets"].values())


def package(name: str, part: dict[str, Any]) -> str:
    """As product, bus and database call a container: with underscores, workers by the service whose jobs they do."""
    return f"worker-{part['command'][1]}" if part["command"][0] == "worker" else name.replace("-", "_")


def test_every_service_has_a_container_of_its_own_by_its_name_with_hyphens(stack: dict[str, Any]) -> None:
    running = {name: part["command"][1] for name, part in ours(stack).items() if part["command"][0] == "run"}
    assert running == {name.replace("_", "-"): name for name in services()}
    assert {"gateway", "migrate"} <= ours(stack).keys()


def test_every_queue_has_a_container_for_its_workers(stack: dict[str, Any]) -> None:
    working = {name: part["command"] for name, part in ours(stack).items() if part["command"][0] == "worker"}
    assert working == {
        f"worker-{queue}": ["worker", service, queue] for service, queues in JOBS.items() for queue in queues
    }


def test_what_is_stored_lies_in_volumes_that_no_container_names(stack: dict[str, Any]) -> None:
    """A container may be called otherwise in a later version: what it has stored stays."""
    assert stack["volumes"] == {"bus": None, "data": None, "store": None}


def test_nothing_of_ours_starts_before_the_migration_is_done_and_each_tells_its_health(stack: dict[str, Any]) -> None:
    for name, part in served(stack).items():
        assert part["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert part["healthcheck"]["test"] == ["CMD", "caraka", "health", package(name, part)]


def test_each_has_a_database_role_of_its_own_and_only_the_migration_the_owners(stack: dict[str, Any]) -> None:
    given = {name: {each for each in part["secrets"] if "database_url" in each} for name, part in ours(stack).items()}
    assert given.pop("migrate") == {"database_url", *(f"database_url_{rights.service}" for rights in RIGHTS)}
    assert given.pop("verify") == {"database_url_inspector"}
    assert given.pop("backup") == {"database_url_backup"}, "it reads everything but the views, and changes nothing"
    assert given.pop("console") == {"database_url_organisation"}
    assert given.pop("streams") == set()
    workers = [given.pop(name) for name in list(given) if name.startswith("worker-")]
    assert workers, "there are some"
    assert not any(workers), "no worker has a database"
    assert given == {name: {f"database_url_{package(name, ours(stack)[name])}"} for name in given}
    for name, part in served(stack).items():
        if name not in {"streams", "backup"} and not name.startswith("worker-"):
            assert part["environment"]["CARAKA_DATABASE_URL_FILE"] == f"/run/secrets/database_url_{package(name, part)}"
    assert stack["services"]["migrate"]["command"] == ["migrate", "--roles", "/run/secrets"]


def test_each_has_a_user_of_its_own_on_the_bus_and_only_two_may_configure_it(stack: dict[str, Any]) -> None:
    user = {name: package(name, part) for name, part in ours(stack).items()} | {
        "streams": "migrate",
        "verify": "inspector",
    }
    for name, part in ours(stack).items():
        asking = {f"nats_url_asking-{name}"} if f"asking-{name}" in USERS else set()
        assert {each for each in part["secrets"] if "nats_url" in each} == {f"nats_url_{user[name]}"} | asking
        assert (part["environment"].get("CARAKA_ASKING_NATS_URL_FILE") is not None) == bool(asking)
        assert part["environment"]["CARAKA_NATS_URL_FILE"] == f"/run/secrets/nats_url_{user[name]}"
    assert set(user.values()) | {each for each in USERS if each.startswith("asking-")} == set(USERS)


def test_only_who_opens_sealed_fields_has_the_master_key(stack: dict[str, Any]) -> None:
    opens = {rights.service for rights in RIGHTS if rights.keys} | {"console", "verify", "backup"}
    parts = [(package(name, part), part) for name, part in ours(stack).items()]
    assert {name for name, part in parts if "keyring" in part["secrets"]} == opens
    assert {name for name, part in parts if "CARAKA_KEYRING_FILE" in part["environment"]} == opens


def test_an_administrator_can_pin_every_image_that_is_not_ours(stack: dict[str, Any]) -> None:
    bases = [stack["services"][name]["image"] for name in ("nats", "postgres")]
    for part in ours(stack).values():
        assert part["image"].startswith("caraka:")
        bases += part["build"]["args"].values()
    assert all(re.fullmatch(r"\$\{CARAKA_[A-Z]+_IMAGE:-[a-z]+:[\w.-]+\}", base) for base in bases), bases
    froms = re.findall(r"^FROM (\S+)", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)
    assert set(froms) == {"${PYTHON_IMAGE}", "build"}


def test_containers_run_without_root_without_capabilities_and_on_a_read_only_disk(stack: dict[str, Any]) -> None:
    for part in ours(stack).values():
        assert part["user"] == "10001:10001"
        assert part["read_only"] is True
        assert part["cap_drop"] == ["ALL"]
        assert part["security_opt"] == ["no-new-privileges:true"]


def test_secrets_come_from_files_and_all_of_them_are_made(stack: dict[str, Any], secrets: Path) -> None:
    assert {path.name for path in secrets.iterdir()} == stack["secrets"].keys()
    for part in stack["services"].values():
        given = {f"/run/secrets/{name}" for name in part.get("secrets", [])}
        named = {value for key, value in part.get("environment", {}).items() if key.endswith("_FILE")}
        assert named <= given
        words = {secret.read_text() for secret in secrets.iterdir()}
        assert words.isdisjoint(str(value) for value in part.get("environment", {}).values())


def test_the_product_can_read_what_it_is_given(
    stack: dict[str, Any], secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stack["services"]["intake"]["environment"].items():
        plain = re.sub(r"\$\{\w+:-(.*)\}", r"\1", value)
        monkeypatch.setenv(name, plain.replace("/run/secrets", str(secrets)))
    settings = Settings()
    assert settings.broker_url.endswith("@nats:4222")
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value().endswith("@postgres:5432/caraka")
    assert Keyring.parse((secrets / "keyring").read_text()).masters.keys() == {"m1"}


def test_secrets_that_exist_are_kept(secrets: Path) -> None:
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    assert make_secrets(secrets) == ""
    assert {path.name: path.read_text() for path in secrets.iterdir()} == before


def test_a_stack_of_an_earlier_version_keeps_its_passwords_and_gets_the_rights_of_this_one(tmp_path: Path) -> None:
    """It had the rights among the secrets, made once and kept for ever, and no user for console and inspector."""
    make_secrets(tmp_path)
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    for gone in ("nats_url_console", "nats_url_inspector", "nats_passwords"):
        (tmp_path / gone).unlink()
    (tmp_path / "nats_users").write_text('authorization { users = [ { user: intake, password: "x" } ] }')
    said = make_secrets(tmp_path)
    after = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == {
        "nats_passwords", "nats_url_console", "nats_url_inspector"
    }  # fmt: skip
    assert "nats_users: the rights on the bus are in deploy/nats/users.conf now" in said


def test_the_rights_on_the_bus_are_those_of_the_table() -> None:
    assert (ROOT / PLACE).read_text() == written(), "python -m services.cli.bus_users"


def test_only_the_address_of_the_gateway_is_open_and_only_on_loopback(stack: dict[str, Any]) -> None:
    open_to_outside = {name: part["ports"] for name, part in stack["services"].items() if "ports" in part}
    assert open_to_outside == {"gateway": ["${CARAKA_BIND:-127.0.0.1}:${CARAKA_PORT:-8080}:8080"]}


def test_the_bus_is_configured_to_sync_always_and_its_users_are_included(secrets: Path, tmp_path: Path) -> None:
    (tmp_path / "etc" / "nats").mkdir(parents=True)
    (tmp_path / "run" / "secrets").mkdir(parents=True)
    configuration = tmp_path / "etc" / "nats" / "nats.conf"
    for each in (ROOT / "deploy" / "nats").iterdir():
        shutil.copy(each, configuration.parent)
    assert "sync_interval: always" in configuration.read_text()
    assert "http: 127.0.0.1:" in configuration.read_text()  # its pages show every connection and subject to anybody
    shutil.copy(secrets / "nats_passwords", tmp_path / "run" / "secrets")
    checked = subprocess.run([nats_binary(), "-c", str(configuration), "-t"], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_an_office_can_say_in_compose_where_reports_of_lost_mail_come_back_to(stack: dict[str, Any]) -> None:
    """Every setting of it but the folder (containers read an account) and an authority of the office's own."""
    named = {name for name in stack["services"]["notifications"]["environment"] if name.startswith("CARAKA_BOUNCES_")}
    known = {f"CARAKA_BOUNCES_{name.upper()}" for name in BounceSettings.model_fields}
    assert named == known - {"CARAKA_BOUNCES_MAILDIR", "CARAKA_BOUNCES_CA_FILE"}
    assert "outside" in stack["services"]["notifications"]["networks"]
