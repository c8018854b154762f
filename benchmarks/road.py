"""The write side measured against its peers, in turns, on one PostgreSQL: commands through HTTP, append, start, idle.

    python -m benchmarks.road [--seconds 6] [--rounds 3] [--json] [--only creates]

The product runs whole: authorised, idempotent, sealed, chained, relayed and projected. The peers write a row and its
audit row. CPU figures are those of all processes, the database and the broker included.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
from eventsourcing.persistence import StoredEvent
from pydantic import SecretStr
from rich.console import Console

from benchmarks import product
from benchmarks.calibrate import calibrate
from benchmarks.cpu import cpu_seconds, resident_mb
from benchmarks.load import UNSENT, LoadResult, Plan, drive_apart
from benchmarks.peers.running import Peer
from benchmarks.peers.running import running as peer_running
from benchmarks.peers.schema import AGENCIES
from benchmarks.peers_bench import creates as peer_creates
from benchmarks.peers_bench import filed as peer_filed
from benchmarks.peers_bench import initialled as peer_initialled
from benchmarks.pg import Postgres, postgres
from benchmarks.product import Product
from benchmarks.report import Figure, Report, alternate
from services.kit.settings import Settings
from services.kit.store.opening import Store, open_store

WANTED = ("creates", "initials", "calm", "complaints", "append", "start")
WARM_SECONDS = 2.0
IDLE_SECONDS = 20.0
FLOORS = {"orm": 2.5, "sql": 1.3}
FILED_FLOOR = 1.5
APPENDED = 3_000


def database(server: Postgres) -> str:
    """An empty database of the product's own."""
    name = f"caraka_{uuid4().hex[:8]}"
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return f"{server.dsn.rpartition('/')[0]}/{name}"


def creates(made: Product, server: Postgres, seconds: float, rate: float | None = None) -> LoadResult:
    """Letters entered by hand: four events in one commit, one hot agenda counter."""
    plan = Plan(
        port=made.port,
        factory=product.letters(made),
        seconds=seconds,
        rate=rate,
        warm_seconds=min(WARM_SECONDS, seconds / 4),
        pids=(*made.pids, server.pid),
    )
    return _checked(plan)


def filed(made: Product, server: Postgres, seconds: float) -> LoadResult:
    """Complaints written down at the counter: two events in one commit, sealed under two new keys of one person."""
    plan = Plan(
        port=made.port,
        factory=product.complaints(made),
        seconds=seconds,
        warm_seconds=min(WARM_SECONDS, seconds / 4),
        pids=(*made.pids, server.pid),
    )
    return _checked(plan)


def initialled(made: Product, server: Postgres, ids: Sequence[UUID]) -> LoadResult:
    return _checked(
        Plan(port=made.port, factory=product.initials(made, ids), count=3 * len(ids), pids=(*made.pids, server.pid))
    )


def _checked(plan: Plan) -> LoadResult:
    result = drive_apart(plan)
    if set(result.statuses) - {200} or set(result.errors) - {UNSENT}:
        raise RuntimeError(f"the load was not answered well: {result.statuses} {result.errors} {result.refusals[:1]}")
    return result


def compared(
    what: str, ours: Sequence[LoadResult], peers: dict[str, Sequence[LoadResult]], floors: Mapping[str, float] = FLOORS
) -> Iterator[Figure]:
    """Rate, latencies and CPU of the product, each with its ratio to each peer."""
    for name, theirs in peers.items():
        yield Figure.of(f"{name}: {what}", [r.per_second for r in theirs], "/s")
        yield Figure.of(f"{name}: {what}, CPU per 1,000", [r.cpu_per_1000 for r in theirs], "s", "lower")
    for name, theirs in peers.items():
        rate = Figure.of(f"{name}: {what}", [r.per_second for r in theirs], "/s")
        yield Figure.of(f"caraka: {what}", [r.per_second for r in ours], "/s").against(rate, floors.get(name))
        cpu = Figure.of(f"{name}: {what}, CPU per 1,000", [r.cpu_per_1000 for r in theirs], "s", "lower")
        mine = Figure.of(f"caraka: {what}, CPU per 1,000", [r.cpu_per_1000 for r in ours], "s", "lower")
        yield mine.against(cpu, 0.5 if name == "orm" else None)
    yield Figure.of(f"caraka: {what}, p50", [r.at(0.5) for r in ours], "ms", "lower")
    yield Figure.of(f"caraka: {what}, p99", [r.at(0.99) for r in ours], "ms", "lower")


def against_peers(server: Postgres, wanted: Sequence[str], seconds: float, rounds: int) -> Iterator[Figure]:
    """The product and both peers on the same server, in turns, so that a drift of the machine cancels out."""
    with (
        peer_running("orm", server) as orm,
        peer_running("sql", server) as sql,
        product.running(database(server)) as made,
    ):
        peers: tuple[Peer, ...] = (orm, sql)
        if "creates" in wanted:
            for books, note in ((1, "one book"), (len(AGENCIES), f"{len(AGENCIES)} books")):
                sides = [partial(peer_creates, peer, server, seconds, books=books) for peer in peers]
                ours, *theirs = alternate(partial(creates, made, server, seconds), *sides, rounds=rounds)
                yield from compared(f"letter ({note})", ours, dict(zip(("orm", "sql"), theirs, strict=True)))
        if "complaints" in wanted:
            for registers, note in ((1, "one register"), (len(AGENCIES), f"{len(AGENCIES)} registers")):
                theirs_of = partial(peer_filed, orm, server, seconds, registers=registers)
                ours, *theirs = alternate(partial(filed, made, server, seconds), theirs_of, rounds=rounds)
                yield from compared(f"complaint filed ({note})", ours, {"orm": theirs[0]}, {"orm": FILED_FLOOR})
        if "calm" in wanted:
            sides = [partial(peer_creates, peer, server, seconds, rate=200, books=len(AGENCIES)) for peer in peers]
            ours, *theirs = alternate(partial(creates, made, server, seconds, 200), *sides, rounds=rounds)
            for share in (0.5, 0.99):
                what = f"letter at 200/s, p{share * 100:.0f}"
                mine = Figure.of(f"caraka: {what}", [r.at(share) for r in ours], "ms", "lower")
                for name, side in zip(("orm", "sql"), theirs, strict=True):
                    its = Figure.of(f"{name}: {what}", [r.at(share) for r in side], "ms", "lower")
                    yield its
                    yield mine.against(its, 1.0 if share == 0.99 else None)
    if "initials" in wanted:
        yield from initials_against_peers(server, int(seconds * 100), rounds)


def initials_against_peers(server: Postgres, amount: int, rounds: int) -> Iterator[Figure]:
    url = database(server)
    home = Path(tempfile.mkdtemp(prefix="caraka-bench-"))
    settings = Settings(data_dir=home, database_url=SecretStr(url))
    product.migrated(settings)
    batches = [asyncio.run(product.open_rounds(settings, amount)) for _ in range(rounds)]
    with (
        peer_running("orm", server) as orm,
        peer_running("sql", server) as sql,
        product.running(url, folder=home, filled=("approval",)) as made,
    ):
        turns = iter(batches)
        ours, *theirs = alternate(
            lambda: initialled(made, server, next(turns)),
            partial(peer_initialled, orm, server, amount),
            partial(peer_initialled, sql, server, amount),
            rounds=rounds,
        )
    yield from compared("initial", ours, {"orm": theirs[0], "sql": theirs[1]})


def append(server: Postgres, rounds: int) -> Iterator[Figure]:
    """64 commands at once through the writer against the library's one transaction per command, same events."""
    for base in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="caraka-append-") as made:
            url = database(server) if base == "postgresql" else None
            settings = Settings(data_dir=Path(made), database_url=SecretStr(url) if url else None)
            product.migrated(settings)
            grouped, single = alternate(
                lambda: asyncio.run(product.append_grouped(settings, APPENDED)),  # noqa: B023 - called at once
                lambda: one_by_one(open_store(settings, "approval"), APPENDED // 6),  # noqa: B023 - same
                rounds=rounds,
            )
            alone = Figure.of(f"{base}: one transaction per command", single, "/s")
            yield alone
            yield Figure.of(f"{base}: append with 64 at once", grouped, "/s").against(alone, 12.0)


def one_by_one(store: Store, amount: int) -> float:
    """Commands a second when each has its own synced transaction, as `Application.save` does it."""
    began = time.perf_counter()
    for _ in range(amount):
        event = StoredEvent(uuid4(), 1, "approval.RoundOpened.v1", b"x" * 1200)
        store.recorder.insert_events([event])
    store.close()
    return amount / (time.perf_counter() - began)


def start_and_idle(rounds: int) -> Iterator[Figure]:
    """``caraka up`` on a data folder that exists: until /readyz says ready; then what it costs to do nothing."""
    seconds, memory, busy = [], [], []
    with tempfile.TemporaryDirectory(prefix="caraka-start-") as folder:
        with product.running(None, product.TOGETHER, folder=Path(folder)):
            pass
        for _ in range(rounds):
            began = time.perf_counter()
            with product.running(None, product.TOGETHER, folder=Path(folder), prepared=False) as made:
                seconds.append(time.perf_counter() - began)
                time.sleep(5)
                before = cpu_seconds(made.pids)
                time.sleep(IDLE_SECONDS)
                busy.append((cpu_seconds(made.pids) - before) / IDLE_SECONDS * 100)
                memory.append(resident_mb(made.pids))
    yield Figure.of("start until ready", seconds, "s", "lower", 4.0)
    yield Figure.of("idle memory, broker included", memory, "MB", "lower", 250.0)
    yield Figure.of("idle, of one core", busy, "%", "lower", 2.0)


def whole(wanted: Sequence[str], seconds: float, rounds: int) -> Report:
    found: list[Figure] = []
    machine: list[dict[str, object]] = []
    with postgres() as server:
        parts: dict[str, Callable[[], Iterator[Figure]]] = {
            "peers": lambda: against_peers(server, wanted, seconds, rounds),
            "append": lambda: append(server, rounds),
            "start": lambda: start_and_idle(rounds),
        }
        for name, measure in parts.items():
            if name in wanted or (name == "peers" and {"creates", "initials", "calm", "complaints"} & set(wanted)):
                machine.append({"part": name, **calibrate(Path(tempfile.gettempdir()))})
                found += measure()
    settings = {
        "layout": product.LAYOUT,
        "PostgreSQL": f"{server.version}, fsync and synchronous_commit on; broker: sync_interval always",
        "load": f"64 connections, {seconds:g} s a round, {rounds} rounds in turns",
    }
    return Report("The write side", found, settings, machine)


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--seconds", type=float, default=6.0)
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--only", choices=WANTED, action="append")
    reader.add_argument("--json", action="store_true")
    asked = reader.parse_args()
    whole(asked.only or WANTED, asked.seconds, asked.rounds).show(Console(width=160), as_json=asked.json)


if __name__ == "__main__":
    main()
