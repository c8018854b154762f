"""A load driver with little cost of its own: raw asyncio protocols, keep-alive, one process apart.

Closed loop (`rate=None`): every connection sends its next request when its answer has come. Open loop (`rate=200`):
requests fall due by the clock whatever the server does; one that finds no free connection waits, and its wait counts.
"""

import asyncio
import contextlib
import multiprocessing
import time
from array import array
from collections import Counter, deque
from multiprocessing.connection import Connection

import uvloop

from benchmarks.cpu import cpu_seconds
from benchmarks.shapes import Factory, LoadResult, Plan, Request

__all__ = ["UNSENT", "Factory", "LoadResult", "Plan", "Request", "answer", "drive", "drive_apart"]

KEPT_REFUSALS = 5
UNSENT = "never sent: no connection was free"


class _Line(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, run: "_Run") -> None:
        self._run = run
        self._rest = b""
        self._transport: asyncio.Transport | None = None
        self.sent_at: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment] # TCP gives a Transport

    def ask(self, wire: bytes, since: float) -> None:
        self.sent_at = since
        if self._transport is None or self._transport.is_closing():
            self._run.lost(self, "connection was closed")
            return
        self._transport.write(wire)

    def data_received(self, piece: bytes) -> None:
        whole = self._rest + piece if self._rest else piece
        parsed = answer(whole)
        if parsed is None:
            self._rest = whole
            return
        self._rest = b""
        status, body, closes = parsed
        sent_at, self.sent_at = self.sent_at, None
        if sent_at is None:
            return
        if closes and self._transport is not None:
            self._transport.close()
        self._run.answered(self, status, body, sent_at)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self.sent_at is not None:
            self._run.lost(self, type(exc).__name__ if exc else "closed before the answer")

    def alive(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def hang_up(self) -> None:
        self.sent_at = None
        if self._transport is not None:
            self._transport.abort()


def answer(wire: bytes) -> tuple[int, bytes, bool] | None:
    """Status, body and whether the server closes; None while bytes are missing.

    Raises:
        ValueError: neither Content-Length nor chunked: not a server to measure.
    """
    head_ends = wire.find(b"\r\n\r\n")
    if head_ends < 0:
        return None
    head, starts = wire[:head_ends].lower(), head_ends + 4
    status, closes = int(head[9:12]), b"\r\nconnection: close" in head
    place = head.find(b"\r\ncontent-length:")
    if place >= 0:
        line_ends = head.find(b"\r\n", place + 2)
        ends = starts + int(head[place + 17 : line_ends if line_ends > 0 else None])
        return (status, wire[starts:ends], closes) if len(wire) >= ends else None
    if status in {204, 304}:
        return status, b"", closes
    if b"\r\ntransfer-encoding: chunked" not in head:
        raise ValueError(f"an answer without a length: {head[:200]!r}")
    body = b""
    while True:
        line_ends = wire.find(b"\r\n", starts)
        if line_ends < 0:
            return None
        size = int(wire[starts:line_ends].partition(b";")[0], 16)
        starts, ends = line_ends + 2, line_ends + 2 + size
        if len(wire) < ends + 2:
            return None
        if not size:
            return status, body, closes
        body += wire[starts:ends]
        starts = ends + 2


class _Run:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.loop = asyncio.get_running_loop()
        self.done = asyncio.Event()
        self.quiet = asyncio.Event()
        self.issued = 0
        self.out = 0
        self.closing = False
        self.idle: deque[_Line] = deque()
        self.waiting: deque[tuple[int, float]] = deque()
        self.latencies: array[float] = array("d")
        self.late: array[float] = array("d")
        self.statuses: Counter[int] = Counter()
        self.errors: Counter[str] = Counter()
        self.bodies: list[bytes] = []
        self.refusals: list[bytes] = []
        self.counted = 0
        self.counts_from = float("inf")
        self.ended_at = float("inf")
        self.last_at = time.perf_counter()
        self._reopening: set[asyncio.Task[None]] = set()

    def _exhausted(self) -> bool:
        return self.closing or (self.plan.count is not None and self.issued >= self.plan.count)

    def wire(self, number: int) -> bytes:
        asked = self.plan.factory(number)
        lines = "".join(f"{name}: {value}\r\n" for name, value in asked.headers.items())
        length = f"content-length: {len(asked.body)}\r\n" if asked.body or asked.method != "GET" else ""
        head = f"{asked.method} {asked.path} HTTP/1.1\r\nhost: {self.plan.host}\r\n{lines}{length}\r\n"
        return head.encode() + asked.body

    async def open(self) -> _Line:
        _, line = await self.loop.create_connection(lambda: _Line(self), self.plan.host, self.plan.port)
        return line

    def send(self, line: _Line, number: int, since: float | None = None) -> None:
        self.out += 1
        wire = self.wire(number)
        line.ask(wire, time.perf_counter() if since is None else since)

    def free(self, line: _Line) -> None:
        """A line that may send: the next request, or rest."""
        if not line.alive():
            task = self.loop.create_task(self._reopen())
            self._reopening.add(task)
            task.add_done_callback(self._reopened)
        elif self.plan.rate is None:
            if not self._exhausted():
                self.issued += 1
                self.send(line, self.issued - 1)
        elif self.waiting and not self.closing:
            self.send(line, *self.waiting.popleft())
        else:
            self.idle.append(line)
        self._settle()

    def _reopened(self, task: asyncio.Task[None]) -> None:
        self._reopening.discard(task)
        self._settle()

    def _settle(self) -> None:
        """Is everything that was to be sent sent, and everything sent answered?"""
        if self.out:
            return
        if not self.waiting and not self._reopening and self._exhausted():
            self.done.set()
        if self.closing:
            self.quiet.set()

    async def _reopen(self) -> None:
        if self._exhausted() and not self.waiting:
            return
        try:
            line = await self.open()
        except OSError as why:
            self.errors[f"connect: {type(why).__name__}"] += 1
            await asyncio.sleep(0.2)  # a server that is gone must not make a hot loop
            await self._reopen()
            return
        self.free(line)

    def answered(self, line: _Line, status: int, body: bytes, sent_at: float) -> None:
        now = self.last_at = time.perf_counter()
        self.out -= 1
        good = 200 <= status < 300
        if self.counts_from <= now <= self.ended_at:
            self.counted += good
        if self.counts_from <= sent_at <= self.ended_at:
            self.latencies.append(now - sent_at)
            self.statuses[status] += 1
        if self.plan.keep_bodies:
            self.bodies.append(body)
        if not good and len(self.refusals) < KEPT_REFUSALS:
            self.refusals.append(body[:500])
        self.free(line)

    def lost(self, line: _Line, why: str) -> None:
        line.sent_at = None
        self.out -= 1
        self.last_at = time.perf_counter()
        self.errors[why] += 1
        self.loop.call_soon(self.free, line)

    async def until_done(self, left: float | None) -> None:
        """Until all is answered, `left` seconds are over, or (no seconds given) nothing has come for `patience`."""
        while not self.done.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.plan.patience if left is None else left):
                    await self.done.wait()
            if left is not None or time.perf_counter() - self.last_at >= self.plan.patience:
                break
        self.closing = True
        if self.done.is_set() or left is None:
            self.ended_at = min(self.ended_at, self.last_at)

    async def drain(self) -> None:
        """Waits for the answers that are still out; what stays out or was never sent is an error."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.plan.patience if self.out else 0):
                await self.quiet.wait()
        if self.out:
            self.errors["no answer in time"] += self.out
        if self.waiting:
            self.errors[UNSENT] += len(self.waiting)

    async def pace(self, rate: float, begins: float) -> None:
        """Open loop: lets requests fall due by the clock."""
        while not self._exhausted():
            now = time.perf_counter()
            due = begins + self.issued / rate
            if due > now:
                await asyncio.sleep(due - now)
                continue
            self.late.append(now - due)
            self.issued += 1
            while self.idle and not self.idle[0].alive():
                self.free(self.idle.popleft())
            if self.idle:
                self.send(self.idle.popleft(), self.issued - 1)
            else:
                self.waiting.append((self.issued - 1, now))


async def drive(plan: Plan) -> LoadResult:
    """Carries the plan out in this event loop (the caller's own work then counts against the latencies).

    Raises:
        OSError: the server cannot be reached at the start.
    """
    run = _Run(plan)
    lines = [await run.open() for _ in range(plan.connections)]
    pacing: asyncio.Task[None] | None = None
    begins = time.perf_counter()
    run.counts_from = begins + plan.warm_seconds
    if plan.seconds is not None:
        run.ended_at = run.counts_from + plan.seconds
    if plan.rate is None:
        for line in lines:
            run.free(line)
    else:
        run.idle.extend(lines)
        pacing = asyncio.create_task(run.pace(plan.rate, begins))
    if plan.warm_seconds:
        await asyncio.sleep(plan.warm_seconds)
    cpu, own = cpu_seconds(plan.pids), time.process_time()
    left = run.ended_at - time.perf_counter() if plan.seconds is not None else None
    await run.until_done(left)
    cpu, own = cpu_seconds(plan.pids) - cpu, time.process_time() - own
    if pacing is not None:
        await pacing
    await run.drain()
    for line in [*lines, *run.idle]:
        line.hang_up()
    seconds = run.ended_at - run.counts_from
    late = sorted(run.late)
    return LoadResult(
        connections=plan.connections,
        rate=plan.rate,
        seconds=seconds,
        answered=run.counted,
        latencies=array("d", sorted(run.latencies)),
        statuses=dict(run.statuses),
        errors=dict(run.errors),
        cpu_seconds=cpu,
        driver_busy=own / seconds if seconds else 0.0,
        late_ms=late[int(0.99 * len(late))] * 1000 if late else 0.0,
        refusals=run.refusals,
        bodies=run.bodies,
    )


def _child(plan: Plan, back: Connection) -> None:
    try:
        back.send(uvloop.run(drive(plan)))
    except Exception as why:  # noqa: BLE001 (it is raised again in the caller's process)
        back.send(why)
    finally:
        back.close()


def drive_apart(plan: Plan) -> LoadResult:
    """Carries the plan out in a process of its own on uvloop, so that nothing of the caller's stands in its way.

    Raises:
        OSError: the server cannot be reached.
        RuntimeError: the driver's process ended without a result.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(plan, there))
    child.start()
    there.close()
    try:
        result = here.recv()
    except EOFError:
        raise RuntimeError("the load driver ended without a result") from None
    finally:
        here.close()
        child.join()
    if isinstance(result, Exception):
        raise result
    assert isinstance(result, LoadResult)  # noqa: S101 (the child sends nothing else)
    return result
