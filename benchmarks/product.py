"""The product under load: real processes on PostgreSQL or SQLite, with what the load needs prepared in its stores."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import orjson
from pydantic import SecretStr

from benchmarks.load import Factory, Request
from benchmarks.peers.running import complaint_body, letter_body
from benchmarks.pg import free_port
from contracts.approval import OpenRound
from contracts.base import Actor, Ask
from contracts.words import Tier
from services.cli.access import create_token
from services.cli.catalogue import SERVICES, build_of
from services.kit.runtime import lease
from services.kit.runtime.hold import Judgement
from services.kit.runtime.kit import now, open_kit
from services.kit.runtime.run import on_the_spot
from services.kit.settings import Settings
from services.kit.store.log import Log
from services.kit.subscriptions import dead_letters
from services.organisation.adapters.access_tables import open_access
from services.organisation.adapters.console import demo_password, open_demonstration
from services.organisation.adapters.standards_files import load, own_standards

UP_SECONDS = 120.0  # on a busy machine
TOGETHER: tuple[tuple[str, ...], ...] = (("up",),)
FOLLOWING = ("projections", "audit")
DECIDING = tuple(name for name in SERVICES if name not in FOLLOWING)
SPLIT: tuple[tuple[str, ...], ...] = (("streams",), ("run", *DECIDING), ("run", *FOLLOWING), ("gateway",))
LAYOUT = f"gateway | {', '.join(DECIDING)} | {', '.join(FOLLOWING)}: three processes"
APART: tuple[tuple[str, ...], ...] = (("streams",), *(("run", name) for name in SERVICES), ("gateway",))


@dataclass(frozen=True)
class Product:
    """A running product; ``pids`` are its processes without the database and the broker that it was given."""

    settings: Settings
    port: int
    pids: tuple[int, ...]
    token: str


@contextlib.contextmanager
def running(
    database_url: str | None,
    processes: Sequence[Sequence[str]] = SPLIT,
    folder: Path | None = None,
    *,
    prepared: bool = True,
    filled: Sequence[str] = (),
) -> Iterator[Product]:
    """The product until the end of the block, with a token and demo people; RuntimeError when it does not come up.

    ``filled``: services whose stores got events before there was a chain: audit is told that this is meant.
    """
    with tempfile.TemporaryDirectory(prefix="caraka-bench-") as made:
        home = folder or Path(made)
        port, bus_port = free_port(), free_port()
        settings = Settings(
            data_dir=home,
            http_port=port,
            nats_port=bus_port,
            database_url=SecretStr(database_url) if database_url else None,
        )
        env = os.environ | {
            "CARAKA_DATA_DIR": str(home),
            "CARAKA_HTTP_PORT": str(port),
            "CARAKA_NATS_PORT": str(bus_port),
            "CARAKA_LOG_LEVEL": "warning",
        }
        if database_url:
            env["CARAKA_DATABASE_URL"] = database_url
        commands: list[Sequence[str]] = [*processes]
        if tuple(map(tuple, processes)) != TOGETHER:
            env["CARAKA_NATS_URL"] = settings.broker_url
            commands.insert(0, ("broker",))
        children = [_start(command, env) for command in commands]
        try:
            for service in filled:
                _adopt(service, env)
            _await(port, children)
            pids = tuple(child.pid for child in children)
            yield _prepared(settings, port, pids) if prepared else Product(settings, port, pids, "")
        finally:
            _end(children[1:])  # the broker last, where it stands first: nobody is left on a bus that is gone
            _end(children[:1])


def _adopt(service: str, env: Mapping[str, str]) -> None:
    told = [sys.executable, "-m", "services", "audit", "adopt", service, "--reason", "a benchmark", "--by", "benchmark"]
    ends = time.monotonic() + UP_SECONDS
    while subprocess.run(told, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode:
        if time.monotonic() > ends:
            raise RuntimeError("the product did not come up")


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(15)
        child.kill()


def _start(command: Sequence[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
    if command[0] == "broker":
        child = subprocess.Popen([sys.executable, "-m", "benchmarks.broker"], env=env, stdout=subprocess.PIPE)
        if child.stdout is None or not child.stdout.readline():
            raise RuntimeError("the broker did not start")
        return child
    return subprocess.Popen([sys.executable, "-m", "services", *command], env=env, stdout=subprocess.DEVNULL)


def _await(port: int, children: Sequence[subprocess.Popen[bytes]]) -> None:
    ends = time.monotonic() + UP_SECONDS
    while time.monotonic() < ends and all(child.poll() is None for child in children):
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=3) as ready,
        ):
            if ready.status == 200:
                return
        time.sleep(0.05)
    raise RuntimeError("the product did not come up")


def _prepared(settings: Settings, port: int, pids: tuple[int, ...]) -> Product:
    token = asyncio.run(create_token(settings, "pekalongan", "operator", "benchmark")).split()[-1]
    tables = open_access(settings)
    open_demonstration(tables, load(own_standards())[1], settings.data_dir, now())
    tables.dispose()
    return Product(settings, port, pids, token)


def login(product: Product, person: str) -> tuple[str, str]:
    """The cookie and the CSRF token of a demo person."""
    body = json.dumps({"login": f"{person}@pekalongan", "password": demo_password(product.settings.data_dir)[0]})
    request = urllib.request.Request(
        f"http://127.0.0.1:{product.port}/api/v1/sessions", body.encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - a loopback address of ours
        return answer.headers["Set-Cookie"].partition(";")[0], json.loads(answer.read())["csrf"]


def _letter(run: str, token: str, received_at: str, n: int) -> Request:
    body = letter_body(n)
    classes = {"sekda": "sekda", "opd": "kepala-opd"}
    fields = {
        "sender": body["sender"],
        "subject": body["subject"],
        "summary": body["summary"],
        "urgency": body["urgency"],
        "recipients": [
            {"recipient_class": classes[one["recipient_class"]], "office": one["name"], "copy_kind": one["kind"]}
            for one in body["recipients"]  # type: ignore[attr-defined]  # the peers' own form
        ],
    }
    heads = {
        "authorization": f"Bearer {token}",
        "content-type": "application/json",
        "idempotency-key": f"{run}-letter-{n}",
    }
    content = orjson.dumps({"received_at": received_at, "fields": fields})
    return Request("POST", "/api/v1/letters", heads, content)


def letters(product: Product) -> Factory:
    """Letters entered by hand, received now: each is captured, examined, numbered and registered in one command."""
    return partial(_letter, uuid4().hex, product.token, now().isoformat())


def _complaint(run: str, token: str, n: int) -> Request:
    heads = {
        "authorization": f"Bearer {token}",
        "content-type": "application/json",
        "idempotency-key": f"{run}-complaint-{n}",
    }
    return Request("POST", "/api/v1/complaints", heads, orjson.dumps(complaint_body(n)))


def complaints(product: Product) -> Factory:
    """Written down at the counter, for somebody who is named."""
    return partial(_complaint, uuid4().hex, product.token)


def _initial(run: str, ids: tuple[UUID, ...], people: tuple[tuple[str, str], ...], n: int) -> Request:
    tier, place = divmod(n, len(ids))
    cookie, csrf = people[tier]
    heads = {
        "cookie": cookie,
        "x-csrf-token": csrf,
        "content-type": "application/json",
        "idempotency-key": f"{run}-initial-{n}",
    }
    return Request("POST", f"/api/v1/approvals/{ids[place]}/initial", heads, b"{}")


def initials(product: Product, ids: Sequence[UUID]) -> Factory:
    """The Kasi initials every letter, then the Kabid every letter, then the Kadis: at most 3 × len(ids) requests."""
    people = tuple(login(product, person) for person in ("kasi", "kabid", "kadis"))
    return partial(_initial, uuid4().hex, tuple(ids), people)


TIERS = (
    Tier(position="kasi-persandian", title="Kepala Seksi Persandian dan Keamanan Informasi"),
    Tier(position="kabid-aplikasi-persandian", title="Kepala Bidang Aplikasi dan Persandian"),
    Tier(position="kadis", title="Kepala Dinas Komunikasi dan Informatika"),
)


def migrated(settings: Settings) -> None:
    """The tables of approval, in an empty place."""
    kit = open_kit(settings, "approval")
    kit.keys.migrate()
    kit.store.migrate()
    lease.METADATA.create_all(kit.engine)
    dead_letters.METADATA.create_all(kit.engine)
    kit.engine.dispose()
    kit.store.close()
    kit.keys.dispose()


async def append_grouped(settings: Settings, amount: int) -> float:
    """Commands a second through the writer of approval, 64 at once."""
    began = time.perf_counter()
    await open_rounds(settings, amount)
    return amount / (time.perf_counter() - began)


async def fresh(_own: Log) -> Judgement:
    """Nobody has heard of these stores."""
    return Judgement(())


async def open_rounds(settings: Settings, amount: int) -> list[UUID]:
    """Rounds as approval's reaction would open them, before the product is started on these stores."""
    ids = [uuid4() for _ in range(amount)]
    seats = asyncio.Semaphore(64)
    actor = Actor(id="approval", roles=("service",))
    async with on_the_spot(settings, build_of("approval"), "approval", fresh) as kit:

        async def one(letter_id: UUID) -> None:
            command = OpenRound(
                letter_id=letter_id, revision=1, agenda="0001/2026", urgency="biasa", due_at=now(), tiers=TIERS,
                registrar_id="operator-2",
            )  # fmt: skip
            ask = Ask(
                command_id=uuid4(), agency="pekalongan", kind=command.kind(), actor=actor, asked_at=now(),
                correlation_id=letter_id, body=command.model_dump(mode="json"),
            )  # fmt: skip
            async with seats:
                await kit.execute(ask)

        await asyncio.gather(*(one(letter_id) for letter_id in ids))
    return ids
