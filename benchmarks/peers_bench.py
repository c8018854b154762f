"""The peers alone, in turns, on a PostgreSQL of our own: `python -m benchmarks.peers_bench --seconds 8 --rounds 3`."""

import argparse
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import orjson
from rich.console import Console

from benchmarks.calibrate import calibrate
from benchmarks.load import UNSENT, LoadResult, Plan, drive_apart
from benchmarks.peers.running import PEERS, Peer, complaints, initials, letters, running
from benchmarks.peers.schema import AGENCIES
from benchmarks.pg import Postgres, postgres
from benchmarks.report import Figure, Report, alternate


def creates(  # noqa: PLR0913 (the knobs of one run)
    peer: Peer,
    server: Postgres,
    seconds: float,
    connections: int = 64,
    *,
    rate: float | None = None,
    books: int = 1,
) -> LoadResult:
    """Letters entered by hand into `books` agenda books in turn; CPU of the peer and of the database together.

    With one book the row lock on its counter is the limit; with all 32 the peers show the best that they can.
    """
    return _checked(
        Plan(
            port=peer.port,
            factory=letters(uuid4().hex, AGENCIES[:books]),
            connections=connections,
            seconds=seconds,
            rate=rate,
            warm_seconds=min(2.0, seconds / 4),
            pids=(peer.pid, server.pid),
        )
    )


def filed(peer: Peer, server: Postgres, seconds: float, *, registers: int = 1) -> LoadResult:
    """Complaints written down at the counter, for `registers` registers in turn; of the ORM peer."""
    return _checked(
        Plan(
            port=peer.port, factory=complaints(uuid4().hex, AGENCIES[:registers]), seconds=seconds,
            warm_seconds=min(2.0, seconds / 4), pids=(peer.pid, server.pid),
        )
    )  # fmt: skip


def initialled(peer: Peer, server: Postgres, amount: int, connections: int = 64) -> LoadResult:
    """Makes `amount` letters, then lets the three tiers initial them all; only the initials are counted."""
    made = drive_apart(
        Plan(port=peer.port, factory=letters(uuid4().hex), connections=connections, count=amount, keep_bodies=True)
    )
    ids = [UUID(orjson.loads(body)["letter_id"]) for body in made.bodies]
    plan = Plan(
        port=peer.port,
        factory=initials(uuid4().hex, ids),
        connections=connections,
        count=3 * amount,
        pids=(peer.pid, server.pid),
    )
    return _checked(plan)


def _checked(plan: Plan) -> LoadResult:
    result = drive_apart(plan)
    # Requests that an overloaded peer left no connection for are seen in its rate; anything else is a broken peer.
    if set(result.statuses) - {201} or set(result.errors) - {UNSENT}:
        raise RuntimeError(f"the load was not answered well: {result.statuses} {result.errors} {result.refusals[:1]}")
    return result


def _figures(names: tuple[str, ...], what: str, rounds: tuple[list[LoadResult], ...]) -> list[Figure]:
    figures: list[Figure] = []
    first: list[Figure] = []
    for name, seen in zip(names, rounds, strict=True):
        mine = [
            Figure.of(f"{name}: {what}", [r.per_second for r in seen], "/s"),
            Figure.of(f"{name}: {what}, p50", [r.at(0.5) for r in seen], "ms", "lower"),
            Figure.of(f"{name}: {what}, p99", [r.at(0.99) for r in seen], "ms", "lower"),
            Figure.of(f"{name}: {what}, CPU per 1,000", [r.cpu_per_1000 for r in seen], "s", "lower"),
        ]
        figures += [mine_one.against(its) for mine_one, its in zip(mine, first, strict=True)] if first else mine
        first = first or mine
    return figures


def bench(seconds: float, rounds: int, connections: int, pool: int) -> Report:
    machine: list[dict[str, float | int | str]] = []
    with (
        postgres() as server,
        running("orm", server, pool=pool) as orm,
        running("sql", server, pool=pool) as sql,
    ):

        def in_turns(measure: Callable[[Peer], LoadResult]) -> tuple[list[LoadResult], ...]:
            machine.append(calibrate(Path(tempfile.gettempdir())))
            return alternate(partial(measure, orm), partial(measure, sql), rounds=rounds)

        made = in_turns(lambda peer: creates(peer, server, seconds, connections))
        spread = in_turns(lambda peer: creates(peer, server, seconds, connections, books=len(AGENCIES)))
        signed = in_turns(lambda peer: initialled(peer, server, int(seconds * 150), connections))
        calm = in_turns(lambda peer: creates(peer, server, seconds, connections, rate=200, books=len(AGENCIES)))
        settings = {
            "PostgreSQL": f"{server.version}, fsync and synchronous_commit on, loopback TCP",
            "peers": f"uvicorn, 2 workers each, {pool} database connections per worker",
            "load": f"{connections} connections, {seconds:g} s per round, {rounds} rounds in turns",
            "driver": f"busiest at {max(r.driver_busy for side in (*made, *spread) for r in side):.0%} of a core",
        }
    figures = [
        *_figures(PEERS, "letter, one book", made),
        *_figures(PEERS, f"letter, {len(AGENCIES)} books", spread),
        *_figures(PEERS, "initial", signed),
        *_figures(PEERS, "letter at 200/s", calm),
    ]
    return Report("The peers", figures, settings, machine)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=float, default=8.0)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--connections", type=int, default=64)
    words.add_argument("--pool", type=int, default=16)
    words.add_argument("--json", action="store_true")
    said = words.parse_args()
    bench(said.seconds, said.rounds, said.connections, said.pool).show(Console(), as_json=said.json)


if __name__ == "__main__":
    main()
