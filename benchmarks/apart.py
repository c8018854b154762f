"""Every service in a process of its own: what two of one bring, and how soon the second takes over from a dead one.

    python -m benchmarks.apart [--seconds 6] [--rounds 3] [--json]

On one PostgreSQL and one NATS server. Throughput: letters entered by hand, with one intake and with two, in turns. A
takeover begins with ``kill -9`` of the process that holds a service's leases, and ends when another holds them all;
*seen* ends when a letter that was entered after the kill stands in the views. All on one machine, where a dead holder
is known at once; of another machine's death the lease's three seconds have to pass first.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
from psycopg import sql
from rich.console import Console

from benchmarks import product
from benchmarks.calibrate import calibrate
from benchmarks.pg import Postgres, postgres
from benchmarks.product import APART, Product
from benchmarks.report import Figure, Report, alternate
from benchmarks.road import creates, database
from benchmarks.shapes import LoadResult
from services.cli.catalogue import SERVICES

PATIENCE = 60.0
SETTLING = 1.5


def throughput(server: Postgres, copies: int, seconds: float) -> LoadResult:
    """Letters entered by hand while so many intakes serve."""
    layout = (*APART, *((("run", "intake"),) * (copies - 1)))
    with product.running(database(server), layout) as made:
        return creates(made, server, seconds)


class Doubled:
    """Two of every service; one of them may be killed, and is started again."""

    def __init__(self, made: Product, url: str) -> None:
        self._made, self._url = made, url
        settings = made.settings
        self._env = os.environ | {
            "CARAKA_DATA_DIR": str(settings.data_dir),
            "CARAKA_HTTP_PORT": str(settings.http_port),
            "CARAKA_NATS_URL": settings.broker_url,
            "CARAKA_DATABASE_URL": url,
            "CARAKA_LOG_LEVEL": "warning",
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, service: str) -> None:
        """One more of it; returns when it is ready."""
        command = [sys.executable, "-m", "services", "run", service]
        child = subprocess.Popen(command, env=self._env, stdout=subprocess.PIPE)
        self._started.append(child)
        if child.stdout is None or not child.stdout.readline():
            raise RuntimeError(f"a second {service} did not start")

    def stop(self) -> None:
        for child in self._started:
            child.terminate()
        for child in self._started:
            with suppress(subprocess.TimeoutExpired):
                child.wait(15)
            child.kill()

    def holders(self, service: str) -> Counter[int]:
        """Process → how many of the service's leases it holds."""
        with psycopg.connect(self._url) as connection:
            wanted = sql.SQL("SELECT holder FROM {}").format(sql.Identifier(service, "leases"))
            holders = [row[0] for row in connection.execute(wanted).fetchall()]
        return Counter(int(holder.split("/")[2]) for holder in holders if holder)

    def taken_over(self, service: str) -> tuple[float, float]:
        """Seconds from the death of the holder until all its leases are held, and until a new letter is seen."""
        before = self.holders(service)
        dead, total = before.most_common(1)[0][0], sum(before.values())
        began = time.monotonic()
        os.kill(dead, signal.SIGKILL)
        held = seen = 0.0
        letter = ""
        with httpx.Client(base_url=f"http://127.0.0.1:{self._made.port}", timeout=5) as client:
            while not (held and seen):
                if time.monotonic() - began > PATIENCE:
                    raise RuntimeError(f"nobody took over from {service}: {self.holders(service)}")
                if not held and (now := self.holders(service)).total() >= total and dead not in now:
                    held = time.monotonic() - began
                if not seen:
                    letter, known = self._look(client, letter)
                    seen = time.monotonic() - began if known else 0.0
                time.sleep(0.01)
        self.start(service)
        time.sleep(SETTLING)
        return held, seen

    def _look(self, client: httpx.Client, letter: str) -> tuple[str, bool]:
        """Enters a letter if none was acknowledged yet; then whether the views show it."""
        heads = {"authorization": f"Bearer {self._made.token}"}
        with suppress(httpx.TransportError):
            if letter:
                return letter, client.get(f"/api/v1/letters/{letter}", headers=heads).status_code == httpx.codes.OK
            asked = product.letters(self._made)(0)
            answer = client.request(asked.method, asked.path, headers=dict(asked.headers), content=asked.body)
            if answer.status_code == httpx.codes.OK:
                return str(answer.json()["result"]["letter_id"]), False
        return letter, False


@contextmanager
def doubled(server: Postgres) -> Iterator[Doubled]:
    url = database(server)
    with product.running(url, APART) as made:
        pair = Doubled(made, url)
        try:
            for service in SERVICES:
                pair.start(service)
            time.sleep(SETTLING)
            yield pair
        finally:
            pair.stop()


def takeovers(server: Postgres, rounds: int) -> Iterator[Figure]:
    """For each service: the leases' takeover, and when a letter entered after the death is seen."""
    with doubled(server) as pair:
        for service in SERVICES:
            taken = [pair.taken_over(service) for _ in range(rounds)]
            yield Figure.of(f"{service}: the second holds all leases", [held for held, _ in taken], "s", "lower", 10.0)
            yield Figure.of(
                f"{service}: a letter entered since is seen", [seen for _, seen in taken], "s", "lower", 10.0
            )


def compared(one: Sequence[LoadResult], two: Sequence[LoadResult]) -> Iterator[Figure]:
    first = Figure.of("letters entered, one intake", [each.per_second for each in one], "/s")
    yield first
    yield Figure.of("letters entered, two intakes", [each.per_second for each in two], "/s").against(first)


def measure(seconds: float, rounds: int) -> Report:
    """Everything, on a PostgreSQL of its own."""
    with tempfile.TemporaryDirectory(prefix="caraka-apart-") as folder, postgres() as server:
        machine: list[Mapping[str, object]] = [calibrate(Path(folder))]
        results = alternate(
            lambda: throughput(server, 1, seconds), lambda: throughput(server, 2, seconds), rounds=rounds
        )
        figures = [*compared(*results), *takeovers(server, rounds)]
    settings = {"PostgreSQL": server.version, "seconds": seconds, "rounds": rounds, "run": uuid4().hex[:6]}
    return Report("One service per process, on PostgreSQL and NATS", figures, settings, machine)


def main() -> None:
    """The command line."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--seconds", type=float, default=6.0, help="load per round")
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--json", action="store_true")
    asked = reader.parse_args()
    measure(asked.seconds, asked.rounds).show(Console(width=160), as_json=asked.json)


if __name__ == "__main__":
    main()
