"""The example of a NATS subscriber: each fact once, in order, killed in between; by a user who may read and no more."""

import ast
import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import nats
import pytest
import pytest_asyncio

from contracts import subjects
from services.kit.bus.rights import BusUser, rendered
from tests.integration.test_jobs import Office, _known, until
from tests.parts.errands import serving, settings_of
from tests.parts.nats import Nats, start_nats

__all__ = ["_known"]
PROGRAM = Path(__file__).parents[2] / "docs/examples/subscriber.py"
STREAM = subjects.stream_of("errands")
READER = BusUser("papan", (f"$JS.API.STREAM.MSG.GET.{STREAM}",), ("_INBOX_papan.>",))
HOUSE = BusUser("house", (">",), (">",), answers=True)


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    home = tmp_path / "nats"
    home.mkdir()
    (home / "passwords.conf").write_text('PASSWORD_papan: "p"\nPASSWORD_house: "h"\n')
    (home / "users.conf").write_text(rendered([READER, HOUSE], "passwords.conf"))
    server = start_nats(home, extra='include "users.conf"')
    try:
        settings = settings_of(tmp_path / "data", f"nats://house:h@127.0.0.1:{server.port}")
        async with serving(settings) as kit:
            office = Office(settings, kit)
            office.server = server  # type: ignore[attr-defined]
            yield office
    finally:
        server.kill()


def address(office: Office) -> str:
    server: Nats = office.server  # type: ignore[attr-defined]
    return f"nats://papan:p@127.0.0.1:{server.port}"


def start(office: Office, folder: Path) -> subprocess.Popen[bytes]:
    told = {
        "NATS_URL": address(office), "NATS_USER": "papan", "STREAM": STREAM, "AGENCY": "pekalongan",
        "FOLDER": str(folder),
    }  # fmt: skip
    return subprocess.Popen([sys.executable, str(PROGRAM)], env={**os.environ, **told})


def heard(folder: Path) -> list[str]:
    """The ids of what it heard."""
    lines = (folder / "heard").read_text().splitlines() if (folder / "heard").exists() else []
    return [line.split()[0] for line in lines]


def stored(office: Office) -> list[str]:
    return [str(each.event_id) for each in office.facts()]


def test_it_imports_nothing_of_ours() -> None:
    syntax = ast.parse(PROGRAM.read_text(encoding="utf-8"))
    named = [node for node in ast.walk(syntax) if isinstance(node, ast.Import | ast.ImportFrom)]
    roots = {(node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name for node in named}
    assert {root.split(".")[0] for root in roots} <= {"asyncio", "json", "os", "pathlib", "nats"}


async def test_it_hears_every_fact_in_order_and_goes_on_where_it_was(office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "papan"
    folder.mkdir()
    process = start(office, folder)
    try:
        for _ in range(20):
            await office.order()
        await until(lambda: len(heard(folder)) >= 10, 30)
        process.kill()
        process.wait()
        for _ in range(20):
            await office.order()
        process = start(office, folder)
        await until(lambda: len(set(heard(folder))) == 40, 30)
        told = heard(folder)
        assert list(dict.fromkeys(told)) == stored(office)
        assert len(told) <= 41, "what it had in hand at its death may come once more"
    finally:
        process.kill()
        process.wait()


async def test_its_user_may_read_this_stream_and_nothing_else(office: Office) -> None:
    await office.order()
    bus = await nats.connect(address(office), inbox_prefix=b"_INBOX_papan")
    try:
        js = bus.jetstream(timeout=1)
        found = await js.get_msg(STREAM, seq=1)
        with pytest.raises((nats.errors.Error, TimeoutError)):
            await js.stream_info(STREAM)
        with pytest.raises((nats.errors.Error, TimeoutError)):
            await js.publish(str(found.subject), b"forged")
        assert len(stored(office)) == 1
        await asyncio.sleep(0)
    finally:
        await bus.close()
