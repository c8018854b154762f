"""The real parts do what the other tests rely on."""

from pathlib import Path

import httpx
import nats as nats_client
import psycopg
import pytest

from tests.parts.nats import Nats
from tests.parts.postgres import Postgres, discard_postgres, start_postgres

pytestmark = pytest.mark.real


def test_a_database_of_ones_own_is_empty_and_durable(pg_url: str, postgres: Postgres) -> None:
    other = postgres.fresh_database()
    with psycopg.connect(pg_url) as connection:
        connection.execute("CREATE TABLE letter (id int)")
        durability = connection.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
        assert durability.fetchone() == ("on", "on")
    with psycopg.connect(other) as connection:
        assert connection.execute("SELECT to_regclass('letter')").fetchone() == (None,)
    postgres.drop_database(other)


def test_what_was_committed_survives_the_death_of_postgresql() -> None:
    server = start_postgres()
    try:
        url = server.fresh_database()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE letter AS SELECT 7 AS id")
            server.kill()
        server.restart()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT id FROM letter").fetchone() == (7,)
    finally:
        discard_postgres(server)


async def test_the_bus_syncs_always_keeps_after_a_kill_and_forgets_on_request(nats: Nats) -> None:
    async with httpx.AsyncClient() as monitor:
        assert (await monitor.get(f"{nats.monitor_url}/jsz")).json()["config"]["sync_always"] is True
    await _publish_one(nats)
    nats.kill()
    nats.start()
    assert await _streams(nats) == {"LETTERS": 1}
    nats.forget()
    assert await _streams(nats) == {}


async def _publish_one(nats: Nats) -> None:
    client = await nats_client.connect(nats.url)
    await client.jetstream().add_stream(name="LETTERS", subjects=["letters.>"])
    await client.jetstream().publish("letters.one", b"1")
    await client.close()


async def _streams(nats: Nats) -> dict[str | None, int]:
    client = await nats_client.connect(nats.url)
    found = {info.config.name: info.state.messages for info in await client.jetstream().streams_info()}
    await client.close()
    return found


def test_the_log_of_a_part_is_kept_in_the_tests_own_folder(nats: Nats, tmp_path: Path) -> None:
    assert nats.log.is_relative_to(tmp_path)
    assert "Server is ready" in nats.log_tail()
