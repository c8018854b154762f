"""F22: a backup under load, brought back elsewhere: what is missing is exactly what came after the cut."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.cli.demo import FIELDS
from services.kit.backup.manifest import Manifest
from services.kit.backup.places import BackupPlace
from services.kit.store import open_log
from tests.faults.conftest import Ground
from tests.faults.load import Load
from tests.faults.trial import Trial
from tests.parts.product import WITH_EVENTS, Product


@pytest.mark.fault("F22")
async def test_a_backup_under_load_is_brought_back_by_another_machine(
    one_process: Product, trial: Trial, tmp_path: Path
) -> None:
    place = str(tmp_path / "place")
    async with Load(one_process, trial).work() as load:
        await asyncio.sleep(2)
        said = json.loads((await asyncio.to_thread(one_process.command, "backup", place, "--json")).splitlines()[-1])
        await asyncio.sleep(1)
    manifest = BackupPlace(place).newest()
    other = Product(tmp_path / "other")
    restored = json.loads(other.command("restore", place, "--json").splitlines()[-1])
    assert restored["ok"]
    assert said["archive"] == restored["archive"] == manifest.name
    assert _wrong(load.ledger, manifest, other) == []
    trial.note(f"{sum(head.events for head in manifest.heads.values())} facts in {manifest.seconds:.2f} s")
    await _goes_on(other, restored)


@pytest.mark.long
@pytest.mark.fault("F22")
async def test_the_same_with_every_service_apart_on_postgresql(
    apart: Product, ground: Ground, trial: Trial, tmp_path: Path
) -> None:
    place = str(tmp_path / "place")
    async with Load(apart, trial).work() as load:
        await asyncio.sleep(2)
        await asyncio.to_thread(apart.command, "backup", place)
        await asyncio.sleep(1)
    manifest = BackupPlace(place).newest()
    url = ground.postgres.fresh_database()
    other = Product(tmp_path / "other", pg_url=url)
    other.settings = other.settings.model_copy(update={"database_url": SecretStr(url)})
    restored = json.loads(other.command("restore", place, "--json").splitlines()[-1])
    assert restored["ok"]
    assert _wrong(load.ledger, manifest, other) == []
    trial.note(f"{sum(head.events for head in manifest.heads.values())} facts in {manifest.seconds:.2f} s")
    await _goes_on(other, restored)
    ground.postgres.drop_database(url)


def _wrong(ledger: Path, manifest: Manifest, other: Product) -> list[str]:
    """What a client was acknowledged and is missing although the cut has it, or is there although it has not."""
    services = {head.store: service for service, head in manifest.heads.items()}
    stored = {service: _commands(other, service, manifest.heads[service].head) for service in WITH_EVENTS}
    lines = [json.loads(line) for line in ledger.read_text().splitlines()]
    assert lines
    wrong, missing = [], 0
    for line in lines:
        store, _, position = line["after"].split(".")
        service = services[store]
        there, due = line["command_id"] in stored[service], int(position) <= manifest.heads[service].head
        missing += not due
        if there != due:
            wrong.append(f"{service} {line}: {'there' if there else 'missing'}")
    assert missing, "nothing came after the cut: the load was over"
    return wrong


def _commands(other: Product, service: str, until: int) -> set[str]:
    log = open_log(other.settings, service)
    try:
        rows: Iterable[Any] = [row for row in log.read(0, 100_000) if row.position <= until]
        return {str(json.loads(row.data)["commandid"]) for row in rows}
    finally:
        log.close()


async def _goes_on(other: Product, restored: dict[str, Any]) -> None:
    """The office logs in, and the next letter has the number behind the reserved ones."""
    await asyncio.to_thread(other.start)
    try:
        await asyncio.to_thread(other.wait_ready)
        async with other.person("operator") as operator:
            body = {"received_at": "2026-11-20T03:00:00Z", "fields": FIELDS}
            said = await operator.do("/letters", body)
        book = next(each for each in restored["books"] if each["agency"] == "pekalongan")
        assert said["result"]["number"] == book["until"] + 1
        await other.until_quiet()
        assert await other.breaches() == []
    finally:
        other.discard()
