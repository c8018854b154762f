"""The load driver tells the truth about what it sent and what came back."""

import asyncio
import contextlib
import os
import time
from array import array
from collections.abc import AsyncIterator, Callable

import pytest

from benchmarks.cpu import cpu_seconds, family, resident_mb
from benchmarks.load import LoadResult, Plan, Request, answer, drive, drive_apart

Reply = Callable[[bytes, asyncio.StreamWriter], bytes]


@contextlib.asynccontextmanager
async def office(reply: Reply, wait: float = 0.0) -> AsyncIterator[int]:
    """A small real HTTP server that answers every request with `reply(head, writer)`."""
    open_lines: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length or b"0"))
                await asyncio.sleep(wait)
                said = reply(head, writer)
                writer.write(said)
                await writer.drain()
                if b"connection: close" in said:
                    break
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    def opened(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.create_task(serve(reader, writer))
        open_lines.add(line)

    server = await asyncio.start_server(opened, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for line in open_lines:
            line.cancel()
        await asyncio.gather(*open_lines, return_exceptions=True)


def created(_: bytes, __: asyncio.StreamWriter) -> bytes:
    return b"HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nkaka"


def letter(n: int) -> Request:
    return Request("POST", f"/letters/{n}", {"x-number": str(n)}, b"{}")


def result_of(*seconds: float) -> LoadResult:
    return LoadResult(1, None, 2.0, 10, array("d", seconds), {201: 10}, {}, 0.05, 0.1, 0.0)


async def test_a_counted_run_sends_each_request_once() -> None:
    seen: list[bytes] = []

    def note(head: bytes, _: asyncio.StreamWriter) -> bytes:
        seen.append(head.split(b" ")[1])
        return created(b"", _)

    async with office(note) as port:
        seen_result = await drive(Plan(port=port, factory=letter, connections=7, count=100, keep_bodies=True))
    assert sorted(seen) == sorted(f"/letters/{n}".encode() for n in range(100))
    assert seen_result.answered == len(seen_result.latencies) == 100
    assert seen_result.bodies == [b"kaka"] * 100
    assert seen_result.clean


async def test_refusals_are_counted_apart_and_kept_for_reading() -> None:
    def refuse_odd(head: bytes, writer: asyncio.StreamWriter) -> bytes:
        number = int(head.split(b" ")[1].rpartition(b"/")[2])
        return b"HTTP/1.1 409 Conflict\r\ncontent-length: 3\r\n\r\nno!" if number % 2 else created(head, writer)

    async with office(refuse_odd) as port:
        seen = await drive(Plan(port=port, factory=letter, connections=4, count=40))
    assert seen.statuses == {201: 20, 409: 20}
    assert seen.answered == 20
    assert seen.refusals[0] == b"no!"
    assert not seen.clean


async def test_a_server_that_closes_each_time_is_still_measured_whole() -> None:
    def close(_: bytes, __: asyncio.StreamWriter) -> bytes:
        return b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

    async with office(close) as port:
        seen = await asyncio.wait_for(drive(Plan(port=port, factory=letter, connections=3, count=30)), 10)
    assert seen.statuses == {201: 30}
    assert seen.clean


async def test_a_connection_lost_before_its_answer_is_an_error_not_a_silence() -> None:
    def hang_up(_: bytes, writer: asyncio.StreamWriter) -> bytes:
        writer.transport.abort()
        return b""

    async with office(hang_up) as port:
        seen = await asyncio.wait_for(drive(Plan(port=port, factory=letter, connections=2, count=6)), 10)
    assert sum(seen.errors.values()) == 6
    assert not seen.answered


async def test_at_a_fixed_rate_the_wait_for_a_free_connection_is_part_of_the_latency() -> None:
    async with office(created, wait=0.05) as port:  # one connection carries 20/s, 60/s are asked for
        seen = await drive(Plan(port=port, factory=letter, connections=1, count=30, rate=60))
    assert seen.statuses == {201: 30}
    assert seen.at(0.99) > 500


async def test_at_a_fixed_rate_an_idle_server_gets_exactly_that_rate() -> None:
    async with office(created) as port:
        seen = await drive(Plan(port=port, factory=letter, connections=8, seconds=1.0, rate=100))
    assert seen.clean
    assert 95 <= len(seen.latencies) <= 100


async def test_an_answer_that_never_comes_is_reported() -> None:
    async with office(created, wait=5) as port:
        seen = await drive(Plan(port=port, factory=letter, connections=2, seconds=0.2, patience=0.2))
    assert seen.errors == {"no answer in time": 2}


async def test_the_driver_runs_in_a_process_of_its_own() -> None:
    async with office(created) as port:
        plan = Plan(port=port, factory=letter, connections=4, count=50, pids=(os.getpid(),))
        seen = await asyncio.to_thread(drive_apart, plan)
    assert seen.answered == 50
    assert seen.cpu_per_1000 >= 0


def test_an_unreachable_server_is_an_error_in_the_callers_process() -> None:
    with pytest.raises(OSError, match="refused"):
        drive_apart(Plan(port=1, factory=letter, connections=1, count=1))


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\n", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhalo", (200, b"halo", False)),
        (b"HTTP/1.1 204 No Content\r\n\r\n", (204, b"", False)),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nha\r\n2\r\nlo\r\n", None),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nha\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
            (200, b"halo", False),
        ),
        (b"HTTP/1.1 500 Oh\r\nConnection: close\r\ncontent-length: 0\r\n\r\n", (500, b"", True)),
    ],
)
def test_answers_are_read_whole(wire: bytes, expected: tuple[int, bytes, bool] | None) -> None:
    assert answer(wire) == expected


def test_percentiles_are_in_ms_and_an_empty_run_has_none() -> None:
    assert result_of(*(n / 1000 for n in range(1, 101))).at(0.5) == pytest.approx(51)
    assert result_of(0.001, 0.002, 0.003).at(1.0) == pytest.approx(3)
    assert result_of().at(0.5) != result_of().at(0.5)  # nan
    assert result_of(0.1).per_second == 5
    assert result_of(0.1).cpu_per_1000 == pytest.approx(5)


def test_a_plan_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="bound"):
        Plan(port=1, factory=letter)


def test_cpu_time_of_a_process_grows_when_it_works() -> None:
    before, ends = cpu_seconds([os.getpid()]), time.process_time() + 0.15
    while time.process_time() < ends:
        sum(range(1000))
    assert cpu_seconds([os.getpid()]) - before >= 0.1
    assert os.getpid() in family([os.getppid()])
    assert resident_mb([os.getpid()]) > 1
    assert cpu_seconds([2**22 + 1]) == 0
