"""What an attacker has: many sockets, other addresses of the loopback network, and no manners. And who looks on."""

import asyncio
import contextlib
import os
import resource
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.parts.product import Product

WHOLE = os.environ.get("ATTACKS") == "whole"
"""By `make attacks`: as large as attacks are told of. Else as small as still shows the same."""
MIB = 1024 * 1024
ATTACKER = "127.0.0.66"


@dataclass
class Line:
    """One raw connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, words: bytes) -> bool:
        """Whether it could still be sent."""
        try:
            self.writer.write(words)
            await self.writer.drain()
        except OSError:
            return False
        return not self.writer.is_closing()

    async def heard(self, seconds: float = 30.0) -> bytes:
        """All until the other side closes."""
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(seconds):
                return await self.reader.read()
        return b""

    def hang_up(self) -> None:
        self.writer.transport.abort()


async def dial(product: Product, address: str = ATTACKER) -> Line:
    """A connection from that address of the loopback network."""
    return Line(*await asyncio.open_connection("127.0.0.1", product.settings.http_port, local_addr=(address, 0)))


@asynccontextmanager
async def dialled(product: Product, number: int, address: str = ATTACKER) -> AsyncIterator[list[Line]]:
    """Many of them; all are hung up at the end."""
    lines: list[Line] = []
    try:
        while len(lines) < number:
            lines.append(await dial(product, address))
        yield lines
    finally:
        for line in lines:
            line.hang_up()


def client(product: Product, address: str, **more: object) -> httpx.AsyncClient:
    """Somebody at that address."""
    limits = httpx.Limits(max_connections=None, keepalive_expiry=2)  # before the server ends what is idle
    transport = httpx.AsyncHTTPTransport(local_address=address, limits=limits)
    return httpx.AsyncClient(base_url=product.base_url, transport=transport, timeout=60, **more)  # type: ignore[arg-type] # httpx's own words


def memory(product: Product) -> int:
    """Bytes of the process that answers."""
    status = Path(f"/proc/{product.services['up'].pid}/status").read_text()
    row = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(row.split()[1]) * 1024


def cpu(product: Product) -> float:
    """Seconds of a processor that it has used so far: a busy machine makes it no longer."""
    words = Path(f"/proc/{product.services['up'].pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def descriptors(product: Product) -> int:
    """Open ones of the process that answers."""
    return len(os.listdir(f"/proc/{product.services['up'].pid}/fd"))  # noqa: PTH208 - names are enough


@dataclass
class Seen:
    """What somebody else saw meanwhile: status and seconds of each of his requests, and the most memory in use."""

    answers: list[tuple[int, float]] = field(default_factory=list)
    most: int = 0
    before: int = 0

    @property
    def grown(self) -> int:
        return self.most - self.before

    def p99(self) -> float:
        seconds = sorted(taken for _, taken in self.answers)
        return seconds[min(len(seconds) - 1, int(len(seconds) * 0.99))] if seconds else 0.0


@asynccontextmanager
async def looking_on(product: Product, *paths: str, every: float = 0.05) -> AsyncIterator[Seen]:
    """Asks for these pages again and again, as somebody at another address, and watches the memory."""
    seen = Seen(before=memory(product))

    async def watch() -> None:
        while True:
            seen.most = max(seen.most, memory(product))
            await asyncio.sleep(0.02)

    async def ask(reader: httpx.AsyncClient) -> None:
        while True:
            for path in paths or ("/healthz",):
                began = time.monotonic()
                answer = await reader.get(path)
                seen.answers.append((answer.status_code, time.monotonic() - began))
                await asyncio.sleep(every)

    async with client(product, "127.0.0.1") as reader:
        await reader.get("/healthz")
        doing = [asyncio.create_task(watch()), asyncio.create_task(ask(reader))]
        try:
            yield seen
            for _ in range(3):  # and afterwards
                began = time.monotonic()
                answer = await reader.get((paths or ("/healthz",))[0])
                seen.answers.append((answer.status_code, time.monotonic() - began))
        finally:
            for task in doing:
                task.cancel()
            done = await asyncio.gather(*doing, return_exceptions=True)
        for one in done:
            if isinstance(one, Exception) and not isinstance(one, asyncio.CancelledError):
                raise one


@contextmanager
def descriptors_at_most(number: int) -> Iterator[None]:
    """Of what is started inside."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def say(words: str) -> None:
    """A figure for who ran it by hand (`pytest -s`)."""
    print(words)  # noqa: T201 - same
