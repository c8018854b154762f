"""The real product as processes: ``caraka up`` on embedded defaults, or every service apart on PostgreSQL."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import httpx
from pydantic import SecretStr

from services.cli.catalogue import SERVICES
from services.cli.demo import Person, prepared
from services.cli.verify import verify
from services.kit.bus.connection import Bus
from services.kit.operations.health import HealthReport, ask_health
from services.kit.settings import Settings
from services.kit.store.log import LogRow, open_log
from tests.parts.first_facts import until_brought_in
from tests.parts.nats import Nats
from tests.parts.ports import free_port, wait_until
from tests.parts.server import STOP_SECONDS, Server

ROOT = Path(__file__).parents[2]
TOGETHER = "up"
WITH_EVENTS = ("organisation", "intake", "approval", "dispatch", "account_provisioning", "complaint", "notifications")
KEEPER = "streams"
READY = {TOGETHER: b"Caraka siap", **dict.fromkeys((KEEPER, *SERVICES, "gateway"), b"ready: ")}
START_SECONDS = 180.0
QUIET_SECONDS = 60.0
RESTED_SECONDS = 1_200.0  # a session ends when it has rested for half an hour
ALL_THAT_IS = "organisation.1.0"
"""``after`` of a question to organisation: asked to cover any write, it reads its own log to the end."""


class Running(Server):
    """A process whose log may hold the words of earlier starts."""

    def spawn(self) -> None:
        self._begins_at = self.log.stat().st_size if self.log.exists() else 0
        super().spawn()

    def words(self) -> bytes:
        """What it has said since this start."""
        with self.log.open("rb") as log:
            log.seek(self._begins_at)
            return log.read()


class Product:
    """`settings` are those of the running product, so that the same code reads its stores and walks its road.

    A process is named ``up`` (everything in one) or by its service; ``services[name]`` are the running ones.
    """

    def __init__(
        self,
        home: Path,
        *,
        apart: bool = False,
        pg_url: str | None = None,
        nats: Nats | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Nothing is started. Apart: needs a database and a broker. `env` is added to every process's."""
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.apart = apart
        self.nats = nats
        self.env = dict(env or {})
        own = {
            "data_dir": home / "var",
            "http_port": free_port(),
            "nats_port": free_port(),
            "nats_url": nats.url if nats else None,
            "database_url": SecretStr(pg_url) if pg_url else None,
            "log_format": "json",
        }
        self.settings = Settings.model_validate(own)
        self.services: dict[str, Running] = {}
        self._password = ""
        self._sessions: dict[tuple[str, str], tuple[str, str, float]] = {}

    # ── processes ────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def base_url(self) -> str:
        return self.settings.base_url

    @property
    def names(self) -> tuple[str, ...]:
        return (KEEPER, *SERVICES, "gateway") if self.apart else (TOGETHER,)

    def begin(self) -> None:
        """Starts everything; returns when everything answers."""
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        if self.apart:
            self.command("migrate")
            prepared(self.settings)
        for name in self.names:
            self.start(name, wait=False)
        for name in self.names:
            self.until_ready(name)
        self.wait_ready()
        until_brought_in(self.bus, seconds=START_SECONDS, log=self.log_tail)

    def start(
        self, name: str = TOGETHER, *, env: Mapping[str, str] | None = None, copy: str = "", wait: bool = True
    ) -> None:
        """Starts a process that is down; `copy` names a second one of the same service."""
        key = name + copy
        words = {name: [name] for name in (TOGETHER, KEEPER, "gateway")}.get(name, ["run", name])
        command = [sys.executable, "-m", "services", *words]
        server = Running(command, self.home / f"{key}.log", environment=self.environment(env))
        server.spawn()
        self.services[key] = server
        if wait:
            self.until_ready(key)

    def kill(self, name: str = TOGETHER, how: signal.Signals = signal.SIGKILL) -> None:
        """As the kernel would: this one process, not its children, at once. Returns when it is gone."""
        server = self.services.pop(name)
        if server.running:
            os.kill(server.pid, how)
        server.wait(20)

    def dead(self) -> list[str]:
        """Which processes have ended by themselves (a crash point was reached)."""
        return [name for name, server in self.services.items() if not server.running]

    def forget_dead(self) -> list[str]:
        """Drops the processes that have ended, so that they can be started again."""
        gone = self.dead()
        for name in gone:
            self.services.pop(name).wait(1)
        return gone

    def stop(self) -> None:
        """Gently, all of them; who does not go is killed with his children."""
        for server in reversed(self.services.values()):
            if server.running:
                os.kill(server.pid, signal.SIGTERM)
        for server in self.services.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(STOP_SECONDS)
            server.kill()
        self.services.clear()

    def discard(self) -> None:
        """At once, children included."""
        for server in self.services.values():
            server.kill()
        self.services.clear()

    def command(self, *words: str, env: Mapping[str, str] | None = None) -> str:
        """One ``caraka …`` beside the running product; RuntimeError with what it said when it fails."""
        status, said = self.try_command(*words, env=env)
        if status:
            message = f"caraka {' '.join(words)}: exit status {status}\n{said}"
            raise RuntimeError(message)
        return said

    def try_command(self, *words: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Exit status, and everything that it said."""
        server = Server(
            [sys.executable, "-m", "services", *words], self.home / "command.log", environment=self.environment(env)
        )
        server.log.unlink(missing_ok=True)
        server.spawn()
        status = server.wait(120)
        return status, server.log.read_text(errors="replace")

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Of a process of this product."""
        of_machine = {name: value for name, value in os.environ.items() if not name.startswith("CARAKA_")}
        own = {"CARAKA_LOG_FORMAT": "json", "PYTHONUNBUFFERED": "1"}
        for name in ("data_dir", "http_port", "nats_port", "nats_url"):
            value = getattr(self.settings, name)
            if value is not None:
                own[f"CARAKA_{name.upper()}"] = str(value)
        if self.settings.database_url is not None:
            own["CARAKA_DATABASE_URL"] = self.settings.database_url.get_secret_value()
        of_machine["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        return {**of_machine, **own, **self.env, **(more or {})}

    def log_tail(self, lines: int = 30) -> str:
        """The last words of every process."""
        logs = sorted(self.home.glob("*.log"))
        return "\n".join(f"── {log.stem}\n{Server([], log).log_tail(lines)}" for log in logs)

    def said(self) -> str:
        """Everything that the processes have said."""
        return "\n".join(log.read_text(errors="replace") for log in sorted(self.home.glob("*.log")))

    # ── waiting ──────────────────────────────────────────────────────────────────────────────────────────────────

    def until_ready(self, key: str) -> None:
        """Until this process says so."""
        server = self.services[key]
        word = READY[next(name for name in READY if key.startswith(name))]

        def ready() -> bool:
            if not server.running:
                message = f"{key} ended at once\n{server.log_tail()}"
                raise RuntimeError(message)
            return word in server.words()

        wait_until(ready, seconds=START_SECONDS, what=key, log=server.log_tail)

    def wait_ready(self, seconds: float = START_SECONDS) -> None:
        """Until ``/readyz`` has nothing to complain about."""
        told = {}

        def ready() -> bool:
            if dead := self.dead():
                message = f"{dead} ended by themselves\n{self.log_tail()}"
                raise RuntimeError(message)
            try:
                with urlopen(f"{self.base_url}/readyz", timeout=10) as answer:  # noqa: S310 - our own loopback address
                    told["last"] = answer.read()
                    return bool(answer.status == 200)
            except HTTPError as error:
                told["last"] = error.read()
            except OSError as error:
                told["last"] = str(error).encode()
            return False

        wait_until(ready, seconds=seconds, what="/readyz", log=lambda: f"{told.get('last')!r}\n{self.log_tail()}")

    @asynccontextmanager
    async def bus(self) -> AsyncIterator[Bus]:
        """A connection of our own, as an administrator's."""
        bus = await Bus.connect(self.settings.broker_url, service="tests", patience=10)
        try:
            yield bus
        finally:
            await bus.close()

    def rows(self, service: str) -> list[LogRow]:
        """The whole log of a service, read from the store itself."""
        log = open_log(self.settings, service)
        try:
            found: list[LogRow] = []
            while more := log.read(found[-1].position if found else 0, 5_000):
                found += more
            return found
        finally:
            log.close()

    def events(self, service: str, kind: str = "") -> list[dict[str, Any]]:
        """The stored CloudEvents, optionally of one kind (``MessageCaptured``)."""
        found = [json.loads(row.data) for row in self.rows(service)]
        return [event for event in found if not kind or event["type"].split(".")[1] == kind]

    def taken(self) -> Counter[str]:
        """How often each message of a mailbox has become a letter, a twin or a case of quarantine, by its UID."""
        kinds = ("MessageCaptured", "TwinLinked", "MessageQuarantined")
        return Counter(event["data"]["source"]["uid"] for kind in kinds for event in self.events("intake", kind))

    def heads(self) -> dict[str, int]:
        found = {}
        for service in WITH_EVENTS:
            log = open_log(self.settings, service)
            found[service] = log.head()
            log.close()
        return found

    async def until_quiet(self, seconds: float = QUIET_SECONDS) -> None:
        """Until relays are at their heads, every follower at its source's, and nothing has come since."""
        ends = time.monotonic() + seconds
        async with self.bus() as bus:
            lagging: list[str] = ["nobody was asked"]
            while time.monotonic() < ends:
                before = self.heads()
                reports = await ask_health(bus, seconds=1.0, enough=None if self._doubled() else SERVICES)
                lagging = _lagging(reports, before)
                if not lagging and self.heads() == before:
                    return
        message = f"not quiet within {seconds:g} s: {lagging}"
        raise TimeoutError(message)

    async def breaches(self, ledger: Path | None = None) -> list[str]:
        """What `caraka verify` finds wrong, the mailbox included; empty: all invariants hold."""
        found = await verify(self.settings, ledger=ledger)
        return [f"{one.invariant} {one.where}: {one.sentence} {one.breaches[1:4]}" for one in found if not one.ok]

    def _doubled(self) -> bool:
        return len(self.services) > len(self.names)

    # ── people ───────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def password(self) -> str:
        """Of every demo person."""
        if not self._password:
            self._password = (self.settings.data_dir / "demo-password").read_text(encoding="ascii").strip()
        return self._password

    def client(self, headers: Mapping[str, str] | None = None, **more: object) -> httpx.AsyncClient:
        """Of nobody yet; for `Person.login`. A command is answered when the views have what it wrote: whoever asks
        next, with a session or a page of his own, sees it.
        """
        headers = {"Prefer": "wait", **(headers or {})}
        return httpx.AsyncClient(base_url=self.base_url, timeout=60, headers=headers, **more)  # type: ignore[arg-type]  # httpx's own words

    async def session(self, client: httpx.AsyncClient, name: str, agency: str = "pekalongan") -> Person:
        """A demo person with his one session of this run (a password takes its time to be checked), and another one
        where it has rested so long that it may have ended.
        """
        kept = self._sessions.get((name, agency))
        if kept is None or time.monotonic() - kept[2] > RESTED_SECONDS:
            person = await Person.login(client, name, self.password, agency)
            kept = (person._headers["Cookie"], person._headers["X-CSRF-Token"], 0.0)
        self._sessions[name, agency] = (kept[0], kept[1], time.monotonic())
        return Person(client, kept[0], kept[1])

    @asynccontextmanager
    async def person(self, name: str, agency: str = "pekalongan") -> AsyncIterator[Person]:
        """A logged-in demo person."""
        async with self.client() as client:
            yield await self.session(client, name, agency)

    @asynccontextmanager
    async def people(self, *names: str, agency: str = "pekalongan") -> AsyncIterator[list[Person]]:
        """Several, in the order asked for."""
        async with self.client() as client:
            yield [await self.session(client, name, agency) for name in names]

    async def agree(self, agency: str = "pekalongan") -> None:
        """The Kadis confirms everything that waits for him: who more may see letters."""
        async with self.person("kadis", agency) as kadis:
            for row in (await kadis.see("/access-grants", after=ALL_THAT_IS))["grants"]:
                if row["state"] == "waiting":
                    await kadis.do(f"/access-grants/{row['grant_id']}/confirm")

    @property
    def mailbox(self) -> Path:
        """The Maildir that intake reads by default."""
        return self.settings.data_dir / "mailbox" / "pekalongan"

    def drop(self, raw: bytes, name: str) -> None:
        """Puts a message into the Maildir as a mail server does, synced; `name` must be new."""
        for folder in ("tmp", "cur", "new"):
            (self.mailbox / folder).mkdir(parents=True, exist_ok=True)
        beside = self.mailbox / "tmp" / name
        with beside.open("xb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        beside.rename(self.mailbox / "new" / name)
        folder = os.open(self.mailbox / "new", os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _lagging(reports: list[HealthReport], heads: Mapping[str, int]) -> list[str]:
    """Who is not where he should be. Of several processes of a service the furthest counts: the others stand by."""
    missing = set(SERVICES) - {report.service for report in reports}
    reached: dict[tuple[str, str], int] = {}
    wanted: dict[tuple[str, str], int] = {}
    for report in reports:
        for name, part in report.parts.items():
            source = report.service if name == "relay" else part.get("source")
            if source is None:
                continue
            key = (report.service, name)
            wanted[key] = heads[source]
            reached[key] = max(reached.get(key, 0), part["position"])
    late = [f"{key[0]}/{key[1]}: {reached[key]} of {wanted[key]}" for key in wanted if reached[key] < wanted[key]]
    return [*late, *(f"{service} is silent" for service in sorted(missing))]


def start_product(
    home: Path,
    *,
    apart: bool = False,
    pg_url: str | None = None,
    nats: Nats | None = None,
    env: Mapping[str, str] | None = None,
    samples: bool = False,
) -> Product:
    """Starts it and returns when it is ready; the caller ends it by `stop` or `discard`.

    Without `samples` the mailbox of a new data folder is empty.
    """
    product = Product(home, apart=apart, pg_url=pg_url, nats=nats, env=env)
    product.settings.data_dir.mkdir(parents=True, exist_ok=True)
    if not samples:
        (product.settings.data_dir / "no-samples").touch()
    try:
        product.begin()
    except BaseException:
        product.discard()
        raise
    return product


def port_of(url: str) -> int:
    return urlsplit(url).port or 0
