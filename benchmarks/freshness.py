"""How soon others see it: from sending a command to the committed row of the view, and to an open board.

    python -m benchmarks.freshness [--rate 200] [--seconds 10] [--rounds 3] [--json]

Letters fall due by the clock. The projection tells its changes on the bus after the commit of the view's row; a board
hears of them through the gateway (SSE). Both are counted from the moment when the command was due to be sent.
"""

import argparse
import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir

import orjson
from rich.console import Console

from benchmarks import product, road
from benchmarks.calibrate import calibrate
from benchmarks.load import answer
from benchmarks.pg import Postgres, postgres
from benchmarks.product import Product
from benchmarks.report import Figure, Report
from contracts import subjects
from services.kit.bus.connection import Bus

LINES = 32
WARM_SECONDS = 3.0
SETTLE_SECONDS = 3.0
CEILINGS = {("row", 0.5): 10.0, ("row", 0.99): 50.0, ("board", 0.99): 250.0}


@dataclass
class Seen:
    """Moments by letter, in seconds of one clock."""

    due: dict[str, float] = field(default_factory=dict)
    reply: dict[str, float] = field(default_factory=dict)
    row: dict[str, float] = field(default_factory=dict)
    board: dict[str, float] = field(default_factory=dict)
    refused: int = 0

    def delays(self, name: str) -> list[float]:
        """Milliseconds from due to then, sorted. RuntimeError where a letter never came."""
        there: dict[str, float] = getattr(self, name)
        if missing := self.due.keys() - there.keys():
            raise RuntimeError(f"{len(missing)} letters were never seen at the {name}")
        return sorted((there[letter] - due) * 1000 for letter, due in self.due.items())


async def _measure(made: Product, rate: float, seconds: float) -> Seen:
    seen = Seen()
    bus = await Bus.connect(made.settings.broker_url, service="bench")
    feed = await bus.subscribe_live(subjects.live("pekalongan", "letters"))

    async def rows() -> None:
        async for data in feed:
            seen.row.setdefault(orjson.loads(data)["case_id"], time.perf_counter())

    listening = [asyncio.create_task(rows()), asyncio.create_task(_board(made, seen))]
    await asyncio.sleep(0.5)
    try:
        await _send(made, rate, seconds, seen)
        await asyncio.sleep(SETTLE_SECONDS)
    finally:
        for task in listening:
            task.cancel()
        await bus.close()
    if seen.refused:
        raise RuntimeError(f"{seen.refused} letters were not accepted")
    return seen


async def _board(made: Product, seen: Seen) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", made.port, limit=2**20)
    writer.write(
        f"GET /api/v1/stream HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {made.token}\r\n\r\n".encode()
    )
    try:
        while line := await reader.readline():
            if line.startswith(b"data: {"):
                letter = orjson.loads(line[6:]).get("case_id")
                if letter is not None:
                    seen.board.setdefault(letter, time.perf_counter())
    finally:
        writer.close()


async def _send(made: Product, rate: float, seconds: float, seen: Seen) -> None:
    """An open loop over a few connections: a letter that finds none free waits, and its wait counts."""
    factory, begins = product.letters(made), time.perf_counter()
    total = int(rate * (WARM_SECONDS + seconds))
    numbers = iter(range(total))

    async def line() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", made.port)
        for number in numbers:
            due = begins + number / rate
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            asked = factory(number)
            heads = "".join(f"{name}: {value}\r\n" for name, value in asked.headers.items())
            head = f"POST {asked.path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{heads}content-length: {len(asked.body)}\r\n\r\n"
            writer.write(head.encode() + asked.body)
            whole = b""
            while (parsed := answer(whole)) is None:
                if not (part := await reader.read(65_536)):
                    raise RuntimeError("the gateway left a connection that had been idle for long: ask more often")
                whole += part
            status, body, _ = parsed
            if status != 200:
                seen.refused += 1
            elif number >= rate * WARM_SECONDS:
                letter = orjson.loads(body)["result"]["letter_id"]
                seen.due[letter], seen.reply[letter] = due, time.perf_counter()
        writer.close()

    await asyncio.gather(*(line() for _ in range(LINES)))


def figures(server: Postgres, rate: float, seconds: float, rounds: int) -> Iterator[Figure]:
    with product.running(road.database(server)) as made:
        taken: Sequence[Seen] = [asyncio.run(_measure(made, rate, seconds)) for _ in range(rounds)]
    for place, words in (("reply", "reply"), ("row", "row in the view"), ("board", "live board")):
        delays = [each.delays(place) for each in taken]
        for share in (0.5, 0.99):
            found = [each[int(share * (len(each) - 1))] for each in delays]
            name = f"at {rate:g}/s, command to {words}, p{share * 100:.0f}"
            yield Figure.of(name, found, "ms", "lower", CEILINGS.get((place, share)))


def whole(rate: float, seconds: float, rounds: int) -> Report:
    with postgres() as server:
        machine = [calibrate(Path(gettempdir()))]
        found = list(figures(server, rate, seconds, rounds))
        settings = {"rate": f"{rate:g}/s", "PostgreSQL": f"{server.version}, everything synced", "connections": LINES}
    return Report("How soon others see it", found, settings, machine)


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--rate", type=float, default=200.0)
    reader.add_argument("--seconds", type=float, default=10.0)
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--json", action="store_true")
    asked = reader.parse_args()
    whole(asked.rate, asked.seconds, asked.rounds).show(Console(width=140), as_json=asked.json)


if __name__ == "__main__":
    main()
