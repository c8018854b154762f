"""The compose stack: valid for both lines of Compose, closed by default, and its bus keeps the services apart."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nats as nats_client
import pytest
import yaml

from contracts import REGISTRY
from contracts.base import Event
from contracts.subjects import commands_of, events_of, inbox_of, live, queries_of, stream_of, subject
from services.cli.roles import RIGHTS
from services.kit.bus.connection import Bus, BusTimeout
from services.kit.observability.metrics import Samples
from services.kit.operations.health import HealthReport, ask_health, request_operation, serve_health, serve_operations
from services.kit.operations.metrics_collect import instance_name
from services.kit.operations.metrics_over_bus import ask_metrics, serve_metrics
from services.kit.sealing.keyring import Keyring
from services.kit.settings import Settings
from tests.architecture.tree import services
from tests.parts.nats import Nats, nats_binary, start_nats

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
COMPOSERS = [
    composer
    for composer, asked in {"docker-compose": ["version"], "docker compose": ["compose", "version"]}.items()
    if (program := shutil.which(composer.split()[0]))
    and subprocess.run([program, *asked], capture_output=True, check=False).returncode == 0
]
REFUSED = "permissions violation"


@pytest.fixture(scope="module")
def stack() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return read


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that deploy/secrets fills."""
    folder = tmp_path_factory.mktemp("secrets")
    subprocess.run([str(ROOT / "deploy" / "secrets"), str(folder)], check=True, stdout=subprocess.DEVNULL)
    return folder


def ours(stack: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: part for name, part in stack["services"].items() if name not in {"nats", "postgres"}}


def served(stack: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What runs as long as the stack does."""
    return {name: part for name, part in ours(stack).items() if name not in {"migrate", "verify"}}


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


def test_every_service_has_a_container_of_its_own(stack: dict[str, Any]) -> None:
    running = {part["command"][1] for part in ours(stack).values() if part["command"][0] == "run"}
    assert set(services()) <= running
    assert {"gateway", "migrate"} <= ours(stack).keys()


def test_nothing_of_ours_starts_before_the_migration_is_done_and_each_tells_its_health(stack: dict[str, Any]) -> None:
    for name, part in served(stack).items():
        assert part["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert part["healthcheck"]["test"] == ["CMD", "caraka", "health", name]


def test_each_has_a_database_role_of_its_own_and_only_the_migration_the_owners(stack: dict[str, Any]) -> None:
    given = {name: {each for each in part["secrets"] if "database_url" in each} for name, part in ours(stack).items()}
    assert given.pop("migrate") == {"database_url", *(f"database_url_{rights.service}" for rights in RIGHTS)}
    assert given.pop("verify") == {"database_url_inspector"}
    assert given == {name: {f"database_url_{name}"} for name in given}
    for name, part in served(stack).items():
        assert part["environment"]["CARAKA_DATABASE_URL_FILE"] == f"/run/secrets/database_url_{name}"
    assert stack["services"]["migrate"]["command"] == ["migrate", "--roles", "/run/secrets"]


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
    again = subprocess.run([str(ROOT / "deploy" / "secrets"), str(secrets)], check=True, capture_output=True)
    assert again.stdout == b""
    assert {path.name: path.read_text() for path in secrets.iterdir()} == before


def test_only_the_address_of_the_gateway_is_open_and_only_on_loopback(stack: dict[str, Any]) -> None:
    open_to_outside = {name: part["ports"] for name, part in stack["services"].items() if "ports" in part}
    assert open_to_outside == {"gateway": ["${CARAKA_BIND:-127.0.0.1}:${CARAKA_PORT:-8080}:8080"]}


def test_the_bus_is_configured_to_sync_always_and_its_users_are_included(secrets: Path, tmp_path: Path) -> None:
    (tmp_path / "etc" / "nats").mkdir(parents=True)
    (tmp_path / "run" / "secrets").mkdir(parents=True)
    configuration = tmp_path / "etc" / "nats" / "nats.conf"
    configuration.write_text((ROOT / "deploy" / "nats" / "nats.conf").read_text())
    assert "sync_interval: always" in configuration.read_text()
    shutil.copy(secrets / "nats_users", tmp_path / "run" / "secrets" / "nats_users")
    checked = subprocess.run([nats_binary(), "-c", str(configuration), "-t"], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr


async def _refused(nats: Nats, secrets: Path, user: str, subject_name: str, *, hearing: bool = False) -> bool:
    """Whether the bus refuses a message of `user` on this subject, or his `hearing` what others say there."""
    said: list[str] = []

    async def hear(error: Exception) -> None:
        said.append(str(error))

    credentials = (secrets / f"nats_url_{user}").read_text().split("@")[0]
    client = await nats_client.connect(f"{credentials}@{nats.url.removeprefix('nats://')}", error_cb=hear)
    if hearing:
        await client.subscribe(subject_name)
    else:
        await client.publish(subject_name, b"{}")
    for _ in range(2):  # the client writes a ping before what is still waiting: only the second one comes after it
        await client.flush()
    await client.close()
    return any(REFUSED in word.lower() for word in said)


@pytest.mark.real
async def test_on_the_bus_only_the_gateway_commands_and_a_service_states_only_its_own_facts(
    secrets: Path, tmp_path: Path
) -> None:
    nats = await asyncio.to_thread(start_nats, tmp_path / "nats", None, (secrets / "nats_users").read_text())
    try:
        assert not await _refused(nats, secrets, "gateway", "cmd.diskominfo.intake.register-letter.v1")
        for service in services():
            assert await _refused(nats, secrets, service, "cmd.diskominfo.intake.register-letter.v1")
            for event in REGISTRY.of(Event):
                name = subject(event, "diskominfo")
                assert await _refused(nats, secrets, service, name) is (event.service() != service), name
                assert await _refused(nats, secrets, "gateway", name)
        assert await _refused(nats, secrets, "gateway", live("diskominfo", "board"))
        assert not await _refused(nats, secrets, "projections", live("diskominfo", "board"))
    finally:
        nats.kill()


@pytest.mark.real
async def test_on_the_bus_nobody_hears_what_another_is_asked_or_answered(secrets: Path, tmp_path: Path) -> None:
    nats = await asyncio.to_thread(start_nats, tmp_path / "nats", None, (secrets / "nats_users").read_text())
    try:
        for user in (*services(), "gateway"):
            for other in (*services(), "gateway"):
                for place in (commands_of(other), queries_of(other), f"ops.{other}.>", f"{inbox_of(other)}.>"):
                    assert await _refused(nats, secrets, user, place, hearing=True) is (user != other), (user, place)
            assert not await _refused(nats, secrets, user, "ops.health")
            assert not await _refused(nats, secrets, user, "ops.health", hearing=True)
            assert not await _refused(nats, secrets, user, events_of("intake"), hearing=True)
        assert await _refused(nats, secrets, "intake", "ops.dispatch.replay")
        assert not await _refused(nats, secrets, "gateway", "ops.dispatch.replay")
    finally:
        nats.kill()


@pytest.mark.real
async def test_on_the_bus_only_a_service_itself_may_empty_or_delete_its_stream(secrets: Path, tmp_path: Path) -> None:
    nats = await asyncio.to_thread(start_nats, tmp_path / "nats", None, (secrets / "nats_users").read_text())
    try:
        for user in (*services(), "gateway", "migrate"):
            for other in services():
                for deed in ("DELETE", "PURGE", "UPDATE", "MSG.DELETE"):
                    refused = await _refused(nats, secrets, user, f"$JS.API.STREAM.{deed}.{stream_of(other)}")
                    assert refused is (user not in {other, "migrate"}), (user, deed, other)
            assert not await _refused(nats, secrets, user, f"$JS.API.STREAM.INFO.{stream_of('intake')}")
    finally:
        nats.kill()


@pytest.mark.real
async def test_with_their_rights_the_gateway_asks_for_health_numbers_and_deeds_and_a_service_may_not_ask_for_deeds(
    secrets: Path, tmp_path: Path
) -> None:
    nats = await asyncio.to_thread(start_nats, tmp_path / "nats", None, (secrets / "nats_users").read_text())

    async def joined(user: str) -> Bus:
        credentials = (secrets / f"nats_url_{user}").read_text().split("@")[0]
        return await Bus.connect(f"{credentials}@{nats.url.removeprefix('nats://')}", service=user)

    async def parked(_: Mapping[str, Any]) -> Any:
        return ["a case"]

    async def numbers() -> Samples:
        return {"caraka_writer_waiting": [((), 3)]}

    intake, dispatch, gateway = await joined("intake"), await joined("dispatch"), await joined("gateway")
    try:
        await serve_health(intake, lambda: HealthReport("intake", "one"))
        await serve_metrics(intake, "intake", numbers)
        await serve_operations(intake, "intake", {"parked": parked})
        for _ in range(2):  # as above: now the bus knows of these three
            await intake.client.flush()
        assert [report.service for report in await ask_health(gateway, seconds=5, enough=1)] == ["intake"]
        told = await ask_metrics(gateway, seconds=5, expected=[("intake", instance_name())])
        assert [(each.service, list(each.rows)) for each in told] == [("intake", ["caraka_writer_waiting"])]
        assert await request_operation(gateway, "intake", "parked", {}) == ["a case"]
        with pytest.raises(BusTimeout):
            await request_operation(dispatch, "intake", "parked", {}, seconds=0.5)
        # whoever looks at the health of his own container asks with his service's rights
        assert await ask_health(dispatch, seconds=5, enough=1)
    finally:
        for bus in (gateway, dispatch, intake):
            await bus.close()
        nats.kill()
