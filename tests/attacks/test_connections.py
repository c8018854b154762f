"""Connections that want nothing, want it slowly, or want too much: others are answered, and nothing grows."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from services.cli.demo import message
from tests.attacks.attackers import (
    ATTACKER,
    MIB,
    WHOLE,
    client,
    descriptors,
    descriptors_at_most,
    dial,
    dialled,
    looking_on,
    memory,
    say,
)
from tests.journeys.road import until_counted
from tests.parts.product import Product, start_product

pytestmark = pytest.mark.real
FEW = 512
"""Descriptors of the product here: 256 of them for connections, 128 for each address."""
HALF = b"GET /masuk HTTP/1.1\r\nHost: x\r\n"
FORM = (
    b"POST /masuk HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 9000\r\n\r\nlogin="
)
HUGE = (
    b"POST /api/v1/letters HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900000000\r\n\r\n"
)
BOARD = b"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nCookie: %b\r\n\r\n"
CHUNKED = b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
STALLED = 'reason="stalled",service="gateway"}} {}.0'
SECONDS = 40.0


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with descriptors_at_most(FEW):
        running = start_product(tmp_path_factory.mktemp("crowded"))
    yield running
    running.discard()


async def test_half_sent_heads_take_nobodys_place_and_end(crowded: Product) -> None:
    """Slow-loris: each sends a line now and then, so that it is never idle."""
    number = 1000 if WHOLE else 200
    async with looking_on(crowded, "/masuk", "/healthz") as seen, dialled(crowded, number) as lines:
        for line in lines:
            await line.say(HALF)
        for _ in range(3):
            await asyncio.sleep(1)
            for line in lines:
                await line.say(b"X-A: b\r\n")
        assert descriptors(crowded) < FEW, "the rest of the process has its own"
        heard = await asyncio.gather(*(line.heard(SECONDS) for line in lines))
    assert {status for status, _ in seen.answers} == {200}
    assert all(not said or said.startswith((b"HTTP/1.1 408", b"HTTP/1.1 503")) for said in heard), set(heard)
    assert any(said.startswith(b"HTTP/1.1 408") for said in heard), "who still has his place is told why it ends"
    assert seen.grown < 32 * MIB
    say(f"slow-loris of {number}: others {len(seen.answers)} answers, p99 {seen.p99() * 1000:.0f} ms, +{seen.grown}")


async def test_a_table_full_of_connections_leaves_the_mailbox_its_descriptors(crowded: Product) -> None:
    async with crowded.person("operator") as operator, dialled(crowded, 150), dialled(crowded, 150, "127.0.0.67"):
        assert FEW / 2 < descriptors(crowded) < FEW
        crowded.drop(message(), "1.attack.caraka")
        assert len(await until_counted(operator, 1)) == 1
        assert (await operator.send("GET", "/letters")).status_code == 200, "and a new connection has its place"


async def test_nobody_can_take_all_places_from_one_address(crowded: Product) -> None:
    """Those who wait for an answer keep their places; what an address has too many is refused to it alone."""
    async with crowded.person("kasi") as kasi, dialled(crowded, 12) as boards:
        for board in boards:
            await board.say(BOARD % kasi._headers["Cookie"].encode())
            assert await board.reader.readline() == b"HTTP/1.1 200 OK\r\n"
        async with dialled(crowded, 140), client(crowded, "127.0.0.1") as other, client(crowded, ATTACKER) as same:
            assert (await other.get("/healthz")).status_code == 200
            assert (await same.get("/healthz")).status_code == 200, "the oldest that says nothing makes room"
        assert not any(board.reader.at_eof() for board in boards), "who is being answered stays"


async def test_a_body_that_does_not_come_ends(crowded: Product) -> None:
    async with looking_on(crowded) as seen, dialled(crowded, 40) as lines:
        for line in lines:
            await line.say(FORM)
        heard = await asyncio.gather(*(line.heard(SECONDS) for line in lines))
    assert {said[:12] for said in heard} == {b"HTTP/1.1 408"}
    assert {status for status, _ in seen.answers} == {200}


async def test_the_rest_of_a_body_that_was_answered_is_not_waited_for(crowded: Product) -> None:
    line = await dial(crowded)
    await line.say(HUGE)
    assert (await line.reader.readline()).startswith(b"HTTP/1.1 413")
    sent = 0
    before = memory(crowded)
    async with asyncio.timeout(SECONDS):
        while await line.say(b"x" * MIB):
            sent += 1
            await asyncio.sleep(0.05)
    assert memory(crowded) - before < 32 * MIB, sent
    line.hang_up()


async def test_a_reader_who_does_not_read_is_left(crowded: Product) -> None:
    """He asks for the same file again and again and takes nothing of it."""
    lines = [socket.socket() for _ in range(10)]
    async with looking_on(crowded) as seen, client(crowded, "127.0.0.1") as other:
        for line in lines:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            line.bind((ATTACKER, 0))
            line.connect(("127.0.0.1", crowded.settings.http_port))
        for _ in range(60):
            for line in lines:
                line.sendall(b"GET /static/vendor/axe.min.js HTTP/1.1\r\nHost: x\r\n\r\n")
            await asyncio.sleep(0.05)
        told = ""
        async with asyncio.timeout(2 * SECONDS):
            while STALLED.format(len(lines)) not in told:
                await asyncio.sleep(0.5)
                told = (await other.get("/metrics?own=1")).text
    for line in lines:
        line.close()
    assert {status for status, _ in seen.answers} == {200}
    assert seen.grown < 64 * MIB


@pytest.mark.parametrize(
    ("what", "begin", "piece"),
    [
        ("a header", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ", b"a" * 65_536),
        ("many headers", b"GET / HTTP/1.1\r\nHost: x\r\n", b"X-A: b\r\n" * 8_192),
        ("an address", b"GET /", b"a" * 65_536),
        ("a method", b"", b"A" * 65_536),
        ("lines before the first word", b"", b"\r\n" * 32_768),
        ("a cookie", b"GET / HTTP/1.1\r\nHost: x\r\nCookie: a=", b"\\" * 65_536),
        ("a trailer", CHUNKED + b"0\r\nX-A: ", b"a" * 65_536),
        ("an extension of a chunk", CHUNKED + b"1;", b"a" * 65_536),
    ],
)  # fmt: skip
async def test_a_head_without_end_is_cut(crowded: Product, what: str, begin: bytes, piece: bytes) -> None:
    """Memory does not follow what is sent."""
    most = (300 if WHOLE else 24) * MIB
    async with looking_on(crowded) as seen:
        line = await dial(crowded)
        await line.say(begin)
        sent = 0
        while sent < most and await line.say(piece):
            sent += len(piece)
        said = await line.heard()
        line.hang_up()
    assert sent < most, "it was cut"
    assert said[:12] in {b"HTTP/1.1 431", b"HTTP/1.1 400", b"HTTP/1.1 404", b""}, said[:100]
    assert seen.grown < 16 * MIB, what
    assert {status for status, _ in seen.answers} == {200}
    say(f"{what}: cut after {sent / MIB:.1f} of {most / MIB:.0f} MB, +{seen.grown / MIB:.1f} MB")


async def test_what_fits_is_answered_and_what_is_one_byte_more_is_not(crowded: Product) -> None:
    async with client(crowded, ATTACKER) as anybody:
        assert (await anybody.get("/healthz", headers={"X-A": "a" * 15_000})).status_code == 200
        told = await anybody.get("/healthz", headers={"X-A": "a" * 17_000})
    assert (told.status_code, told.headers["content-type"]) == (431, "application/problem+json")
    assert told.json()["code"] == "gateway.head-too-large"


async def test_requests_before_the_first_answer_are_few(crowded: Product) -> None:
    """A packet of thousands of requests begins hardly any of them."""
    async with looking_on(crowded) as seen, dialled(crowded, 20) as lines:
        for line in lines:
            await line.say(b"GET /masuk HTTP/1.1\r\nHost: x\r\n\r\n" * 8_000)
        heard = await asyncio.gather(*(line.heard() for line in lines))
    assert all(said.count(b"HTTP/1.1 200") <= 10 for said in heard)
    assert seen.grown < 32 * MIB
    line = await dial(crowded)
    await line.say(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
    async with asyncio.timeout(SECONDS):
        for _ in range(3):  # some is fine
            assert await line.reader.readline() == b"HTTP/1.1 200 OK\r\n"
            await line.reader.readuntil(b"}")
    line.hang_up()


async def test_what_is_no_http_is_told_so_and_fills_no_log(crowded: Product) -> None:
    before = len(crowded.said())
    async with dialled(crowded, 100) as lines:
        for line in lines:
            await line.say(b"kenari \x16\x03\x01 halo\r\n\r\n")
        heard = await asyncio.gather(*(line.heard() for line in lines))
    assert {said[:12] for said in heard} == {b"HTTP/1.1 400"}
    assert len(crowded.said()) - before < 2_000


def test_no_address_of_anybody_is_written_down(crowded: Product) -> None:
    """After all of the above."""
    said = crowded.said()
    assert ATTACKER not in said
    assert "kenari" not in said
    for path in crowded.settings.data_dir.rglob("*"):
        if path.is_file():
            assert ATTACKER.encode() not in path.read_bytes(), path
