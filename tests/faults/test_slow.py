"""F16: followers that are thousands of facts behind, and a live board that never reads: memory stays bounded."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import pytest

from benchmarks.cpu import resident_mb
from tests.faults.load import Load
from tests.faults.trial import SECONDS, Trial
from tests.parts.product import Product

BEHIND = 10_000 if SECONDS > 1 else 3_000  # the longer run has the time for it
FACTS = 4  # of a letter entered by hand
AT_ONCE = 32
MOST_MORE_MB = {"gateway": 40, "projections": 150, "audit": 80}


@pytest.mark.long
@pytest.mark.fault("F16")
async def test_followers_are_thousands_behind_and_a_board_never_reads(apart: Product, trial: Trial) -> None:
    slow = ("projections", "audit")
    async with Load(apart, trial).work() as load:
        with unread_board(apart, load.cookie("operator")):
            await asyncio.sleep(1)
            before = {name: resident_mb([apart.services[name].pid]) for name in MOST_MORE_MB}
            for name in slow:
                apart.services[name].pause()
            head = apart.heads()["intake"]
            await load.enter_many(BEHIND // FACTS, AT_ONCE)
            behind = apart.heads()["intake"] - head
            for name in slow:
                apart.services[name].resume()
            load.healed()
            more = dict.fromkeys(before, 0.0)
            recovering = asyncio.create_task(load.until_recovered())
            while not recovering.done():
                await asyncio.sleep(0.25)
                for name, had in before.items():
                    more[name] = max(more[name], resident_mb([apart.services[name].pid]) - had)
            await recovering
    trial.note(f"{behind:,} facts behind; at most {', '.join(f'{mb:.0f} MB more in {n}' for n, mb in more.items())}")
    assert behind >= BEHIND
    assert all(more[name] < most for name, most in MOST_MORE_MB.items()), more
    assert await load.settled() == []


@contextlib.contextmanager
def unread_board(product: Product, cookie: str) -> Iterator[None]:
    """A browser that has opened the live stream and never takes a byte of it."""
    with socket.socket() as board:
        board.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        board.connect(("127.0.0.1", product.settings.http_port))
        board.sendall(
            f"GET /api/v1/stream HTTP/1.1\r\nHost: {product.base_url[7:]}\r\nCookie: {cookie}\r\n\r\n".encode()
        )
        yield
        board.settimeout(5)
        assert board.recv(4096).startswith(b"HTTP/1.1 200")
