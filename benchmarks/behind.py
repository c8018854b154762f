"""The same road with a long history behind it: is anything slower, and does memory grow?

    python -m benchmarks.behind [--letters 60000] [--seconds 6] [--rounds 3] [--json]

60,000 letters are a million events. Their logs are written as the product writes them (`benchmarks.history`), the views
are built from them, the bus is fed, the chains are closed; then the load of `benchmarks.road` runs, in turns with the
same product on an empty database of the same server.
"""

import argparse
import os
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import psycopg
from pydantic import SecretStr
from rich.console import Console

from benchmarks import product, road, views
from benchmarks.calibrate import calibrate
from benchmarks.cpu import resident_mb
from benchmarks.history import fill_place
from benchmarks.load import LoadResult
from benchmarks.pg import Postgres, postgres
from benchmarks.product import Product
from benchmarks.report import Figure, Report, alternate
from services.kit.bus.streams import DUPLICATE_WINDOW_SECONDS
from services.kit.codec.envelope import decode
from services.kit.codec.position import Checkpoint
from services.kit.database.place import engine_of, place_of
from services.kit.runtime.kit import now
from services.kit.sealing.keys import open_keys
from services.kit.settings import Settings
from services.kit.store import open_log
from services.kit.subscriptions.dead_letters import DeadLetters
from services.projections.wiring import rebuild, rebuilder_of

LETTERS = 60_000
WRITERS = ("organisation", "intake", "approval", "dispatch")
QUIET_SECONDS = 1_200.0
FORGOTTEN_SECONDS = DUPLICATE_WINDOW_SECONDS + 30  # until then the broker holds the id of every event of the history
PAGE_MS = 50.0


def lagging(port: int) -> float:
    """Events that a relay or a follower has still to take, by the product's own metrics."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
        lines = answer.read().decode().splitlines()
    lags = ("caraka_relay_lag_events", "caraka_subscription_lag_events")
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(lags))


def until_quiet(port: int) -> float:
    """Seconds until nobody is behind, twice in a row. RuntimeError when it takes too long."""
    began, quiet = time.monotonic(), 0
    while quiet < 2:
        if time.monotonic() - began > QUIET_SECONDS:
            raise RuntimeError(f"still {lagging(port):.0f} events behind")
        time.sleep(1)
        quiet = quiet + 1 if lagging(port) == 0 else 0
    return time.monotonic() - began


def history(server: Postgres, home: Path, letters: int) -> tuple[Settings, str, int]:
    """A database with so many letters in its logs and views; its settings, address and number of events."""
    url = road.database(server)
    settings = Settings(data_dir=home, database_url=SecretStr(url))
    with product.running(url, folder=home):
        time.sleep(3)  # the standards are published and adopted
    filled = fill_place(settings, letters)
    engine, keys = engine_of(place_of(settings, "projections")), open_keys(settings)
    rebuild(rebuilder_of(settings, engine, keys, decode, now))
    keys.dispose()
    engine.dispose()
    _reacted(settings)
    return settings, url, filled.total


def aged(url: str) -> None:
    """What years would have done to tables that were filled in minutes: vacuumed, analyzed, written out."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    os.sync()


def _reacted(settings: Settings) -> None:
    """Everybody has reacted to this history when it was written: nobody begins again with its first event."""
    logs = {source: open_log(settings, source) for source in WRITERS}
    for service in WRITERS:
        engine = engine_of(place_of(settings, service))
        for source, log in logs.items():
            DeadLetters(engine).save(source, Checkpoint(log.store_id.store, log.store_id.epoch, log.head()), ())
        engine.dispose()
    for log in logs.values():
        log.close()


def measured(server: Postgres, letters: int, seconds: float, rounds: int) -> Iterator[Figure]:
    with ExitStack() as stack:
        long_home, short_home = (
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="caraka-behind-"))) for _ in range(2)
        )
        settings, url, events = history(server, long_home, letters)
        yield Figure.of("events behind", [events], "events")
        full = stack.enter_context(product.running(url, folder=long_home))
        yield Figure.of("bus and chains fed from the stores", [until_quiet(full.port)], "s", "lower")
        aged(url)
        time.sleep(FORGOTTEN_SECONDS)
        empty = stack.enter_context(product.running(road.database(server), folder=short_home))
        until_quiet(empty.port)
        for what, rate in (("letter", None), ("letter at 200/s", 200.0)):
            sides = [partial(_settled, made, server, seconds, rate) for made in (full, empty)]
            long, short = alternate(*sides, rounds=rounds)
            yield from _compared(what, long, short, calm=rate is not None)
        for name, made in (("full", full), ("empty", empty)):
            for part, mb in _memory(made).items():
                yield Figure.of(f"memory of {part}, {name}", [mb], "MB", "lower")
        bench = views.opened(stack, settings)
        for name, seen in bench.pages(15).items():
            yield Figure.of(f"page: {name}", [sorted(seen)[len(seen) // 2]], "ms", "lower", limit=PAGE_MS)


def _settled(made: Product, server: Postgres, seconds: float, rate: float | None) -> LoadResult:
    result = road.creates(made, server, seconds, rate)
    until_quiet(made.port)  # what one side has left over must not be paid by the other
    return result


def _compared(what: str, full: list[LoadResult], empty: list[LoadResult], *, calm: bool) -> Iterator[Figure]:
    if not calm:
        rate = Figure.of(f"empty: {what}", [each.per_second for each in empty], "/s")
        yield rate
        yield Figure.of(f"full: {what}", [each.per_second for each in full], "/s").against(rate)
    for share in (0.5, 0.99):
        name = f"p{share * 100:.0f}"
        before = Figure.of(f"empty: {what}, {name}", [each.at(share) for each in empty], "ms", "lower")
        yield before
        yield Figure.of(f"full: {what}, {name}", [each.at(share) for each in full], "ms", "lower").against(before)


def _memory(made: Product) -> Mapping[str, float]:
    names = ("broker", "streams", "writers and relays", "views and audit", "gateway")
    return {name: resident_mb((pid,)) for name, pid in zip(names, made.pids, strict=True)}


def whole(letters: int, seconds: float, rounds: int) -> Report:
    with postgres() as server:
        machine = [calibrate(Path(tempfile.gettempdir()))]
        found = list(measured(server, letters, seconds, rounds))
        settings = {
            "layout": product.LAYOUT,
            "PostgreSQL": f"{server.version}, fsync and synchronous_commit on; broker: sync_interval always",
            "letters behind": letters,
        }
    return Report("With a history behind it", found, settings, machine)


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--letters", type=int, default=LETTERS)
    reader.add_argument("--seconds", type=float, default=6.0)
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--json", action="store_true")
    asked = reader.parse_args()
    whole(asked.letters, asked.seconds, asked.rounds).show(Console(width=160), as_json=asked.json)


if __name__ == "__main__":
    main()
