"""A worker that knows FastStream and the AsyncAPI document, and has a bus user with a worker's rights and no more."""

import ast
import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest_asyncio

from gateway.api.asyncapi import document
from services.kit.bus.rights import BusUser, rendered, worker
from tests.attacks.intruder import intruder
from tests.integration.test_jobs import Office, _known, until
from tests.parts.errands import ErrandDone, serving, settings_of, working
from tests.parts.nats import Nats, start_nats

__all__ = ["_known"]


@dataclass(frozen=True)
class Door:
    port: int

    def url(self, user: str) -> str:
        return f"nats://{user}:{user[0]}@127.0.0.1:{self.port}"


PROGRAM = Path(__file__).parents[2] / "docs/examples/foreign_worker.py"
SMS = worker("sms", "pekalongan", "errands", ["foot"])
OURS = worker("worker-errands", "*", "errands", ["foot"])
HOUSE = BusUser("house", (">",), (">",), answers=True)


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    home = tmp_path / "nats"
    home.mkdir()
    (home / "passwords.conf").write_text('PASSWORD_sms: "s"\nPASSWORD_house: "h"\nPASSWORD_worker_errands: "w"\n')
    (home / "users.conf").write_text(rendered([SMS, OURS, HOUSE], "passwords.conf"))
    server = start_nats(home, extra='include "users.conf"')
    try:
        settings = settings_of(tmp_path / "data", f"nats://house:h@127.0.0.1:{server.port}")
        async with serving(settings) as kit:
            office = Office(settings, kit)
            office.server = server  # type: ignore[attr-defined]
            yield office
    finally:
        server.kill()


def start(office: Office, outbox: Path) -> subprocess.Popen[bytes]:
    server: Nats = office.server  # type: ignore[attr-defined]
    told = {
        "NATS_URL": f"nats://sms:s@127.0.0.1:{server.port}", "NATS_USER": "sms", "SERVICE": "errands",
        "QUEUE": "foot", "OUTBOX": str(outbox),
    }  # fmt: skip
    return subprocess.Popen([sys.executable, str(PROGRAM)], cwd=outbox.parent, env={**os.environ, **told})


def test_it_imports_nothing_of_ours() -> None:
    syntax = ast.parse(PROGRAM.read_text(encoding="utf-8"))
    named = [node for node in ast.walk(syntax) if isinstance(node, ast.Import | ast.ImportFrom)]
    roots = {(node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name for node in named}
    assert {root.split(".")[0] for root in roots} <= {"asyncio", "json", "os", "pathlib", "nats", "faststream"}


async def test_it_does_the_jobs_of_its_queue(office: Office, tmp_path: Path) -> None:
    outbox = tmp_path / "outbox"
    process = start(office, outbox)
    try:
        wanted = {str(await office.order()) for _ in range(20)}
        await until(lambda: len(office.facts(ErrandDone)) == 20, 30)
        assert office.rows() == []
        lines = [orjson.loads(line) for line in outbox.read_bytes().splitlines()]
        assert {line["errand_id"] for line in lines} == wanted
        assert len(lines) == 20
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 20) == 0
    finally:
        process.kill()
        process.wait()


async def test_it_dies_in_the_middle_and_its_successor_finishes(office: Office, tmp_path: Path) -> None:
    outbox = tmp_path / "outbox"
    process = start(office, outbox)
    wanted = {str(await office.order()) for _ in range(30)}
    await until(lambda: len(office.facts(ErrandDone)) >= 5, 30)
    process.kill()
    process.wait()
    process = start(office, outbox)
    try:
        await until(lambda: len(office.facts(ErrandDone)) == 30, 40)
    finally:
        process.kill()
        process.wait()
    assert {orjson.loads(line)["errand_id"] for line in outbox.read_bytes().splitlines()} == wanted


async def test_our_own_worker_needs_no_more(office: Office) -> None:
    door = Door(office.server.port)  # type: ignore[attr-defined]
    settings = office.settings.model_copy(update={"nats_url": door.url("worker-errands")})
    async with working(settings, {"foot": office.effect}) as worker_of_ours:
        wanted = {await office.order() for _ in range(10)}
        await until(lambda: len(office.facts(ErrandDone)) == 10, 30)
        await until(lambda: worker_of_ours.health()["done"] == 10)
    assert set(office.done) == wanted


ALIEN = [
    *("take.purbalingga.errands.foot", "settle.purbalingga.errands.foot", "take.pekalongan.errands.horse"),
    *("settle.pekalongan.errands.horse", "take.pekalongan.intake.foot", "job.pekalongan.errands.foot"),
    *("cmd.pekalongan.errands.order-errand.v1", "evt.pekalongan.errands.errand-done.v1", "ops.errands.jobs"),
    *("$JS.API.STREAM.INFO.JOB_ERRANDS", "$JS.API.STREAM.MSG.GET.JOB_ERRANDS", "$JS.API.STREAM.PURGE.JOB_ERRANDS"),
    *("$JS.API.STREAM.DELETE.JOB_ERRANDS", "$JS.API.CONSUMER.DELETE.JOB_ERRANDS.foot"),
    *("$JS.API.CONSUMER.CREATE.JOB_ERRANDS.mine", "$JS.API.CONSUMER.MSG.NEXT.JOB_ERRANDS.horse"),
    *("$JS.ACK.JOB_ERRANDS.horse.1.1.1.1.0", "$JS.ACK.EVT_ERRANDS.x.1.1.1.1.0", "_INBOX_house.x", "qry.a.errands.x.v1"),
]


async def test_with_its_password_nothing_else_can_be_said(office: Office) -> None:
    async with intruder(Door(office.server.port), "sms") as somebody:  # type: ignore[arg-type, attr-defined]
        assert await somebody.say(*ALIEN) == set(ALIEN)
        assert await somebody.say(*(said.replace(">", "1.1.1.1.0") for said in SMS.publish)) == set()
        heard = ["_INBOX_house.>", "job.>", "take.>", "settle.>", "evt.>", "cmd.>", "qry.>", "$JS.>", ">"]
        assert await somebody.listen(*heard) == set(heard)


def test_the_document_tells_a_worker_all_that_it_needs() -> None:
    told: dict[str, Any] = document()
    for word in ("job", "take", "settle"):
        assert told["channels"][word]["address"] == f"{word}.{{agency}}.{{service}}.{{queue}}"
        assert told["operations"][word]["channel"] == {"$ref": f"#/channels/{word}"}
    assert set(told["components"]["messages"]["SettleJob"]["payload"]["required"]) >= {"token", "outcome"}
