"""Many live boards at once: how soon each hears of a change, and what they cost in memory.

    python -m benchmarks.boards [--boards 500] [--letters 60] [--rate 2] [--json]

``caraka up`` on SQLite. So many boards of so many machines are open; letters are entered, and each board has to hear of
each of them. Counted from the moment when a letter's command is sent until the line arrives at the board.
"""

import argparse
import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir

import orjson
from rich.console import Console

from benchmarks import product
from benchmarks.calibrate import calibrate
from benchmarks.cpu import resident_mb
from benchmarks.load import answer
from benchmarks.product import Product
from benchmarks.report import Figure, Report
from gateway.api.stream import MOST_STREAMS
from services.cli.access import create_token

CEILING_MS = 2_000.0
SECONDS = 20.0
"""How long the last change is waited for."""


@dataclass
class Heard:
    """``sent``: case → moment; ``told``: case → a moment per board that heard of it."""

    boards: int
    sent: dict[str, float] = field(default_factory=dict)
    told: dict[str, list[float]] = field(default_factory=dict)
    opened: int = 0
    idle_mb: float = 0.0
    open_mb: float = 0.0
    most_mb: float = 0.0

    def whole(self) -> bool:
        return all(len(self.told.get(case, ())) >= self.boards for case in self.sent)

    def delays(self) -> list[float]:
        """Milliseconds, sorted. RuntimeError where a board never heard of a letter."""
        if not self.whole():
            silent = sum(self.boards - len(self.told.get(case, ())) for case in self.sent)
            raise RuntimeError(f"{silent} times a board never heard of a letter")
        return sorted((at - sent) * 1000 for case, sent in self.sent.items() for at in self.told[case])


async def measured(made: Product, boards: int, letters: int, rate: float) -> Heard:
    """``boards`` are of as many machines as the limit of streams wants."""
    heard = Heard(boards, idle_mb=resident_mb(made.pids))
    count = -(-boards // MOST_STREAMS)
    tokens = [
        (await create_token(made.settings, "pekalongan", "operator", f"board {n}")).split()[-1] for n in range(count)
    ]
    listening = [asyncio.create_task(_listen(made, tokens[n // MOST_STREAMS], heard)) for n in range(boards)]
    try:
        await _until(lambda: heard.opened == boards, listening)
        heard.open_mb = heard.most_mb = resident_mb(made.pids)
        await _enter(made, letters, rate, heard)
        await _until(heard.whole, listening)
        heard.most_mb = max(heard.most_mb, resident_mb(made.pids))
    finally:
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
    return heard


async def _until(done: Callable[[], bool], listening: Sequence[asyncio.Task[None]]) -> None:
    ends = time.monotonic() + SECONDS
    while not done() and time.monotonic() < ends:
        if found := next((each for each in listening if each.done()), None):
            found.result()
            raise RuntimeError("a stream ended")
        await asyncio.sleep(0.02)


async def _listen(made: Product, token: str, heard: Heard) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", made.port, limit=2**16)
    writer.write(f"GET /api/v1/stream HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\r\n".encode())
    try:
        while line := await reader.readline():
            if line.startswith(b"HTTP/1.1 ") and b" 200 " not in line:
                raise RuntimeError(line.decode())
            if line.startswith(b": open"):
                heard.opened += 1
            elif line.startswith(b"data: {"):
                body = orjson.loads(line[6:])
                if body.get("stage") == "registered":
                    heard.told.setdefault(body["case_id"], []).append(time.perf_counter())
    finally:
        writer.close()


async def _enter(made: Product, letters: int, rate: float, heard: Heard) -> None:
    factory, begins = product.letters(made), time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", made.port)
    for number in range(letters):
        await asyncio.sleep(max(begins + number / rate - time.perf_counter(), 0))
        asked = factory(number)
        heads = "".join(f"{name}: {value}\r\n" for name, value in asked.headers.items())
        head = f"POST {asked.path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{heads}content-length: {len(asked.body)}\r\n\r\n"
        sent, whole = time.perf_counter(), b""
        writer.write(head.encode() + asked.body)
        while (parsed := answer(whole)) is None:
            whole += await reader.read(65_536)
        status, body, _ = parsed
        if status != 200:
            raise RuntimeError(f"a letter was not accepted: {body[:200]!r}")
        heard.sent[orjson.loads(body)["result"]["letter_id"]] = sent
        heard.most_mb = max(heard.most_mb, resident_mb(made.pids))
    writer.close()


def whole(boards: int, letters: int, rate: float) -> Report:
    machine = [calibrate(Path(gettempdir()))]
    with product.running(None, product.TOGETHER) as made:
        heard = asyncio.run(measured(made, boards, letters, rate))
    delays = heard.delays()
    figures = [
        Figure.of("letter entered to each board, p50", [delays[len(delays) // 2]], "ms", "lower"),
        Figure.of("letter entered to each board, p99", [delays[int(0.99 * (len(delays) - 1))]], "ms", "lower"),
        Figure.of("letter entered to the slowest board", [delays[-1]], "ms", "lower", CEILING_MS),
        Figure.of("memory of the whole product, idle", [heard.idle_mb], "MB", "lower"),
        Figure.of("memory a board", [(heard.open_mb - heard.idle_mb) * 1000 / boards], "kB", "lower"),
        Figure.of("more while letters came", [heard.most_mb - heard.open_mb], "MB", "lower"),
    ]
    settings = {"boards": boards, "letters": letters, "letters a second": f"{rate:g}", "processes": "caraka up, SQLite"}
    return Report("Many live boards at once", figures, settings, machine)


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--boards", type=int, default=500)
    reader.add_argument("--letters", type=int, default=60)
    reader.add_argument("--rate", type=float, default=2.0)
    reader.add_argument("--json", action="store_true")
    asked = reader.parse_args()
    whole(asked.boards, asked.letters, asked.rate).show(Console(width=120), as_json=asked.json)


if __name__ == "__main__":
    main()
