"""The read side measured: relay, projection, rebuild and pages, each in CPU seconds beside the clock.

    python -m benchmarks.views [--letters 5000] [--rounds 3] [--json] [--only rebuild]

Every figure is taken on stores that `benchmarks.history` has filled. Wall figures drift with the machine and with its
other guests; the figure in events per CPU second does not.
"""

import argparse
import asyncio
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import Engine

from benchmarks.calibrate import calibrate
from benchmarks.cpu import cpu_seconds
from benchmarks.history import SOURCES as LETTER_SERVICES
from benchmarks.history import fill_place
from benchmarks.lives import AGENCY
from benchmarks.pg import free_port, postgres
from benchmarks.report import Figure, Report
from contracts.base import Reader
from contracts.projections import Board, CaseHistory, LetterDetail, LetterList, TaskList
from services.kit.codec.envelope import decode
from services.kit.codec.position import Checkpoint, Delivery
from services.kit.database.place import engine_of, make_schema, place_of
from services.kit.projections.generations import drop, migrate
from services.kit.projections.projector import Projector
from services.kit.projections.rebuild import Rebuilder
from services.kit.projections.views import TEXT, WHOLE, Cases, Put, View, ViewSet, micros
from services.kit.sealing.keys import Keys, open_keys
from services.kit.settings import Settings
from services.kit.store.log import Log, open_log
from services.projections.settings import Limits
from services.projections.views import ANSWERS, HANDLERS, KINDS, SOURCES, VIEWS
from services.projections.views.shared.queries import Asking

WANTED = ("relay", "projection", "rebuild", "pages")


@dataclass(frozen=True, slots=True)
class Spent:
    """Work done, seconds by the clock, seconds of CPU (children included), memory at its highest in MB."""

    done: int
    wall: float
    cpu: float
    memory: float

    @property
    def per_second(self) -> float:
        return self.done / self.wall

    @property
    def per_cpu_second(self) -> float:
        return self.done / self.cpu


@contextmanager
def spending(pids: Sequence[int] = ()) -> Iterator[Callable[[int], Spent]]:
    """``told = spend(done)`` inside the block; ``pids``: other processes whose CPU counts too."""
    began, cpu, others = time.perf_counter(), _cpu(), cpu_seconds(pids)

    def spend(done: int) -> Spent:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return Spent(done, time.perf_counter() - began, _cpu() - cpu + cpu_seconds(pids) - others, peak)

    yield spend


def _cpu() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, kinds))


def simple_views() -> ViewSet:
    """One small view, as a user's first would be: each letter's last fact."""

    def last(told: Any) -> Iterator[Put]:
        key = {"agency": told.agency, "letter_id": str(told.event.letter_id)}
        yield Put("last", key, {"kind": told.kind, "at": micros(told.at)})

    view = View("last", {"agency": TEXT, "letter_id": TEXT}, {"kind": TEXT, "at": WHOLE})
    handlers = {cls: (last,) for cls in HANDLERS if "letter_id" in cls.model_fields}
    return ViewSet((view,), handlers, (Cases("last", "letter_id", "kind"),))


@dataclass(frozen=True, slots=True)
class Bench:
    """Filled stores, and an empty place for views."""

    settings: Settings
    engine: Engine
    keys: Keys
    logs: Mapping[str, Log]
    servers: tuple[int, ...] = ()
    """Processes whose CPU counts too: the database's."""

    @property
    def total(self) -> int:
        return sum(log.head() for log in self.logs.values())

    def rebuild(self, views: ViewSet) -> Spent:
        """Built anew and dropped again."""
        rebuilder = Rebuilder(self.engine, views, self.logs, self.keys, decode, _now)
        with spending(self.servers) as spend:
            generation = rebuilder.build()
            spent = spend(self.total)
        drop(self.engine, generation)
        return spent

    def project(self, batch: int) -> Spent:
        """Applied live, batch after batch, the sources in turns, onto an empty generation."""
        empty = Rebuilder(self.engine, VIEWS, {}, self.keys, decode, _now)
        empty.swap(empty.build())
        return asyncio.run(self._project(batch))

    async def _project(self, batch: int) -> Spent:
        projector = Projector(self.engine, VIEWS, keys=self.keys, decode=decode, clock=_now)
        places = dict.fromkeys(self.logs, 0)
        waiting = {
            source: [items for rows in _batches(log, batch) for items in [_items(log, rows)]]
            for source, log in self.logs.items()
        }
        for source in places:
            await projector.checkpoint(source)
        with spending(self.servers) as spend:
            while any(waiting.values()):
                for source, left in waiting.items():
                    if left:
                        await projector.apply(source, left.pop(0))
            return spend(self.total)

    def pages(self, rounds: int) -> dict[str, list[float]]:
        """Milliseconds of server time of each page, the median of ``rounds`` times after a first one."""
        return asyncio.run(_pages(asking_of(self), rounds))


def asking_of(bench: Bench) -> Asking:
    projector = Projector(bench.engine, VIEWS, keys=bench.keys, decode=decode, clock=_now)
    return Asking(projector, bench.logs.__getitem__, dict, _now, Limits(wait_seconds=0.3), SOURCES, KINDS, ANSWERS)


READER = Reader(person_id="pak-kasi", positions=("kasi", "kabid"), roles=("operator",))


async def _pages(asking: Asking, rounds: int) -> dict[str, list[float]]:
    handlers = asking.handlers()
    first: Any = await handlers[LetterList](AGENCY, LetterList(limit=50, reader=READER))
    letter = first.letters[0]
    questions: dict[str, Any] = {
        "list": LetterList(limit=50), "list, by due": LetterList(limit=50, order="due"),
        "list, next page": LetterList(limit=50, cursor=first.cursor),
        "list, one stage": LetterList(limit=50, stages=("archived",)), "board": Board(),
        "tasks": TaskList(),
        "letter": LetterDetail(letter_id=letter.letter_id), "history": CaseHistory(case_id=letter.letter_id),
        "search, number": LetterList(text="005/4711", limit=50),
        "search, agenda": LetterList(text="0815/2025", limit=50),
        "search, two letters": LetterList(text="47", limit=50),
        "search, a common word": LetterList(text="rapat", limit=50),
        "search, one stage": LetterList(text="undangan pelantikan 17", stages=("archived",), limit=50),
        "search, nothing": LetterList(text="zzzq tidak ada", limit=50),
    }  # fmt: skip
    seen: dict[str, list[float]] = {}
    for name, plain in questions.items():
        question = plain.model_copy(update={"reader": READER})
        await handlers[type(question)](AGENCY, question)
        for _ in range(rounds):
            began = time.perf_counter()
            await handlers[type(question)](AGENCY, question)
            seen.setdefault(name, []).append((time.perf_counter() - began) * 1000)
    return seen


def relay(bench: Bench, home: Path) -> Spent:
    """The three logs into streams of a broker that syncs every batch."""
    return asyncio.run(_relay(bench, home))


async def _relay(bench: Bench, home: Path) -> Spent:
    from services.kit.bus import streams
    from services.kit.bus.connection import Bus
    from services.kit.bus.embedded import EmbeddedBroker
    from services.kit.outbox.relay import Relay

    broker = EmbeddedBroker(home, free_port())
    await broker.start()
    try:
        bus = await Bus.connect(broker.url, service="bench")
        await streams.declare(bus.js, bench.logs)
        try:
            with spending((*bench.servers, broker.pid)) as spend:
                for source, log in bench.logs.items():
                    await _relayed(Relay(bus, log, source), log.head())
                return spend(bench.total)
        finally:
            await bus.close()
    finally:
        await broker.stop()


async def _relayed(relaying: Any, head: int) -> None:
    loop = asyncio.create_task(relaying.run())
    try:
        while relaying.health()["position"] < head:  # noqa: ASYNC110 - the relay tells nobody that it is done
            await asyncio.sleep(0.01)
    finally:
        loop.cancel()


def _batches(log: Log, size: int) -> Iterator[Sequence[Any]]:
    after = 0
    while rows := log.read(after, size):
        yield rows
        after = rows[-1].position


def _items(log: Log, rows: Sequence[Any]) -> list[Delivery]:
    name = log.store_id
    return [Delivery(Checkpoint(name.store, name.epoch, row.position), row.previous, "", row.data) for row in rows]


def _now() -> datetime:
    return datetime.now(UTC)


def opened(stack: ExitStack, settings: Settings, servers: tuple[int, ...] = ()) -> Bench:
    """The bench over stores that are filled already."""
    make_schema(place_of(settings, "projections"))
    engine = engine_of(place_of(settings, "projections"))
    stack.callback(engine.dispose)
    migrate(engine, VIEWS)
    keys = open_keys(settings)
    stack.callback(keys.dispose)
    logs = {source: open_log(settings, source) for source in LETTER_SERVICES}
    for log in logs.values():
        stack.callback(log.close)
    return Bench(settings, engine, keys, logs, servers)


def figures(name: str, spent: Sequence[Spent], limit: float | None = None) -> list[Figure]:
    """Events per second and per CPU second, and the memory."""
    return [
        Figure.of(name, [each.per_second for each in spent], "events/s", limit=limit),
        Figure.of(f"{name}, per CPU second", [each.per_cpu_second for each in spent], "events/s"),
    ]


def run(bench: Bench, base: str, wanted: Sequence[str], rounds: int, home: Path) -> Iterator[Figure]:
    """Every wanted figure on this database."""
    if "relay" in wanted:
        spent = []
        for number in range(rounds):
            place = home / f"broker-{number}"
            place.mkdir()
            spent.append(relay(bench, place))
            shutil.rmtree(place, ignore_errors=True)
        yield from figures(f"relay, {base}", spent, 15_000)
    if "rebuild" in wanted:
        simple = simple_views()
        yield from figures(f"rebuild, one simple view, {base}", _times(partial(bench.rebuild, simple), rounds), 30_000)
        yield from figures(f"rebuild, all views, {base}", _times(partial(bench.rebuild, VIEWS), rounds))
    if "projection" in wanted or "pages" in wanted:
        spent = _times(partial(bench.project, 1_000), rounds if "projection" in wanted else 1)
        yield from figures(f"projection, all views, batches of 1,000, {base}", spent, 10_000)
        yield Figure.of(f"memory of projection, {base}", [each.memory for each in spent], "MB", "lower")
    if "pages" in wanted:
        for name, seen in bench.pages(15).items():
            yield Figure.of(f"page: {name}, {base}", [sorted(seen)[len(seen) // 2]], "ms", "lower", limit=50)


def _times(measure: Callable[[], Spent], rounds: int) -> list[Spent]:
    return [measure() for _ in range(rounds)]


def main() -> None:
    """The command line."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--letters", type=int, default=5_000)
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--only", choices=WANTED, action="append")
    reader.add_argument("--base", choices=("sqlite", "postgresql"), action="append")
    reader.add_argument("--json", action="store_true")
    asked = reader.parse_args()
    wanted: Sequence[str] = asked.only or WANTED
    found: list[Figure] = []
    machine: list[Mapping[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="caraka-views-") as made:
        for base in asked.base or ("sqlite", "postgresql"):
            home = Path(made, base)
            home.mkdir()
            with ExitStack() as stack:
                server = stack.enter_context(postgres()) if base == "postgresql" else None
                settings = Settings(data_dir=home, database_url=SecretStr(server.dsn) if server else None)
                filled = fill_place(settings, asked.letters)
                machine.append({"base": base, "filled": filled.total, **calibrate(home)})
                bench = opened(stack, settings, (server.pid,) if server else ())
                found += run(bench, base, wanted, asked.rounds, home)
    settings_of = {"letters": asked.letters, "rounds": asked.rounds, "cores": len(os.sched_getaffinity(0))}
    Report("The read side", found, settings_of, machine).show(Console(), as_json=asked.json)


if __name__ == "__main__":
    main()
