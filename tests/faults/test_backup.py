"""F22: a backup under load, brought back elsewhere: what is missing is exactly what came after the cut."""

import asyncio
import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.cli.demo import FIELDS
from services.kit.backup.manifest import Manifest
from services.kit.backup.places import BackupPlace
from services.kit.store import open_log
from tests.faults.load import NOT_YET, Load
from tests.faults.trial import SECONDS, Trial
from tests.integration.waiting import until
from tests.parts.books import this_year
from tests.parts.postgres import discard_postgres, start_postgres
from tests.parts.product import WITH_EVENTS, Product

CALM = 2.0
"""Seconds before the backup, and after it."""


@pytest.mark.fault("F22")
async def test_a_backup_under_load_is_brought_back_by_another_machine(
    one_process: Product, trial: Trial, tmp_path: Path
) -> None:
    load, manifest = await _backed_up_under_load(one_process, trial, tmp_path / "place")
    await _brought_back(Product(tmp_path / "other"), load, manifest, tmp_path / "place")


@pytest.mark.long
@pytest.mark.fault("F22")
async def test_the_same_with_every_service_apart_on_postgresql(apart: Product, trial: Trial, tmp_path: Path) -> None:
    load, manifest = await _backed_up_under_load(apart, trial, tmp_path / "place")
    server = start_postgres()  # another machine's
    try:
        url = server.fresh_database()
        other = Product(tmp_path / "other", pg_url=url)
        other.settings = other.settings.model_copy(update={"database_url": SecretStr(url)})
        await _brought_back(other, load, manifest, tmp_path / "place")
    finally:
        discard_postgres(server)


async def _backed_up_under_load(product: Product, trial: Trial, place: Path) -> tuple[Load, Manifest]:
    """The office works before, beside and after it, and nobody is refused anything."""
    quiet = CALM * SECONDS
    async with Load(product, trial, per_second=50, hands=4).work() as load:
        await until(lambda: bool(load.archived), seconds=60)  # who asks first of all waits for what is loaded then
        warm = time.monotonic()
        await asyncio.sleep(quiet)
        began = time.monotonic()
        said = json.loads((await asyncio.to_thread(product.command, "backup", str(place), "--json")).splitlines()[-1])
        ended = time.monotonic()
        await asyncio.sleep(quiet)
    manifest = BackupPlace(str(place)).newest()
    assert said["archive"] == manifest.name
    assert not [status for status in load.said if status.isdecimal() and int(status) not in NOT_YET], load.answered()
    alone = [took for at, took in load.answers if warm < at < began or ended < at]
    beside = [took for at, took in load.answers if began <= at <= ended]
    facts = sum(head.events for head in manifest.heads.values())
    trial.note(
        f"{facts} facts in {manifest.seconds:.2f} s; {len(beside) / (ended - began):.0f} deeds/s beside it, p99"
        f" {_p99(beside):.0f} ms, else {_p99(alone):.0f} ms"
    )
    return load, manifest


async def _brought_back(other: Product, load: Load, manifest: Manifest, place: Path) -> None:
    said = await asyncio.to_thread(other.command, "restore", str(place), "--json")
    restored = json.loads(said.splitlines()[-1])
    assert (restored["ok"], restored["archive"]) == (True, manifest.name)
    assert _wrong(load.ledger, manifest, other) == []
    await _goes_on(other, restored, _due(load.ledger, manifest))


def _p99(seconds: list[float]) -> float:
    """In milliseconds."""
    return sorted(seconds)[int(len(seconds) * 0.99)] * 1000 if seconds else 0.0


def _due(ledger: Path, manifest: Manifest) -> Path:
    """The client's own list of what was acknowledged up to the cut, for `caraka verify --ledger`."""
    heads = {head.store: head.head for head in manifest.heads.values()}
    lines = [
        line
        for line in ledger.read_text().splitlines()
        if int((after := json.loads(line)["after"]).split(".")[2]) <= heads[after.split(".")[0]]
    ]
    assert lines
    due = ledger.with_suffix(".due")
    due.write_text("\n".join(lines) + "\n")
    return due


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


async def _goes_on(other: Product, restored: dict[str, Any], due: Path) -> None:
    """The office logs in, the next letter has the number behind the reserved ones, and what the client was told is
    there.
    """
    await asyncio.to_thread(other.start)
    try:
        await asyncio.to_thread(other.wait_ready)
        async with other.person("operator") as operator:
            body = {"received_at": datetime.now(UTC).isoformat(), "fields": FIELDS}
            said = await operator.do("/letters", body)
        of_now = ("pekalongan", this_year())
        book = next(each for each in restored["books"] if (each["agency"], each["year"]) == of_now)
        assert said["result"]["number"] == book["until"] + 1
        await other.until_quiet()
        assert await other.breaches(due) == []
    finally:
        other.discard()
