"""F16: followers that are ten thousand facts behind, and a live board that never reads: memory stays bounded."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import pytest

from benchmarks.cpu import resident_mb
from benchmarks.history import fill_place
from tests.faults.load import Load
from tests.faults.trial import Trial
from tests.parts.product import Product

BEHIND = 10_000
LETTERS = BEHIND // 16  # a life has 17 facts
MOST_MORE_MB = {"gateway": 40, "projections": 150, "audit": 80}


@pytest.mark.fault("F16")
async def test_followers_are_ten_thousand_behind_and_a_board_never_reads(apart: Product, trial: Trial) -> None:
    slow = ("projections", "audit")
    async with Load(apart, trial).work() as load:
        with unread_board(apart, load.cookie("operator")):
            await asyncio.sleep(1)
            before = {name: resident_mb([apart.services[name].pid]) for name in MOST_MORE_MB}
            for name in slow:
                apart.services[name].pause()
            filled = await asyncio.to_thread(fill_place, apart.settings, int(LETTERS * trial.lasting))
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
    trial.note(
        f"{filled.total} facts behind; at most {', '.join(f'{mb:.0f} MB more in {n}' for n, mb in more.items())}"
    )
    assert filled.total >= BEHIND * min(trial.lasting, 1)
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
