"""A confined place for work on bytes that nobody vouches for: one forked child per call, limited and thrown away.

A child gets bytes and gives bytes. It has ceilings on memory, processor, clock and output, no descriptors but
its own socket, an empty environment, and (where the kernel filters system calls) no network, no processes, no
signals and no writing to files. See `sandbox_zygote` for the process that forks them.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from services.kit.sandbox import zygote
from services.kit.sandbox.zygote import LENGTH

_START_SECONDS = 60.0
_GRACE_SECONDS = 2.0
_PIECE = 262_144


class SandboxFailure(Exception):
    """The call gave no result.

    `reason`: "timeout" (clock or processor), "memory", "crashed" (an exception or a signal; `detail` holds its
    name, never its content) or "refused" (the sandbox is closed or could not start, the result was too large).
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class _ZygoteGoneError(Exception):
    """The zygote died before it could tell how the call ended."""


@dataclass(frozen=True, slots=True)
class _Zygote:
    running: subprocess.Popen[bytes]
    control: socket.socket

    def stop(self) -> None:
        """Kill and reap; its children die with it."""
        self.control.close()
        self.running.kill()
        self.running.wait()


class Sandbox:
    """Runs `package.module:function` (bytes -> bytes) on untrusted bytes.

    Units: bytes above what the warm process maps itself, seconds. `threads` allows a child to start threads
    (a renderer needs them). Targets must be pure: a call is made again, once, when the warm process
    was killed under it.
    """

    def __init__(  # noqa: PLR0913 - every limit is named by the caller
        self,
        *,
        preload: tuple[str, ...] = (),
        memory_bytes: int,
        cpu_seconds: int,
        wall_seconds: float,
        output_bytes: int,
        at_once: int = 2,
        threads: bool = False,
    ) -> None:
        self._settings = {
            "preload": list(preload),
            "memory_bytes": memory_bytes,
            "cpu_seconds": cpu_seconds,
            "wall_seconds": wall_seconds,
            "output_bytes": output_bytes,
            "threads": threads,
        }
        self._wall_seconds = wall_seconds
        self._output_bytes = output_bytes
        self._slots = asyncio.Semaphore(at_once)
        self._starting = asyncio.Lock()
        self._zygote: _Zygote | None = None
        self._closed = False

    async def call(self, target: str, payload: bytes) -> bytes:
        """The function's result; raises `SandboxFailure`."""
        return await self._called(lambda: _Call(target, len(payload), _InMemory(payload), self._output_bytes))

    async def call_file(self, target: str, source: BinaryIO, size: int, sink: BinaryIO, head: int = 0) -> bytes:
        """The same from file to file, in parts: the first ``head`` bytes of the result come back, the rest is written.

        The child has all of it in its memory, this process never.
        """
        return await self._called(lambda: _Call(target, size, _Files(source, sink, head), self._output_bytes))

    async def _called(self, anew: Callable[[], _Call]) -> bytes:
        async with self._slots:
            for last in (False, True):
                if self._closed:
                    raise SandboxFailure("refused", "closed")
                zygote = await self._warm()
                try:
                    async with asyncio.timeout(self._wall_seconds + _GRACE_SECONDS):
                        return await _exchange(zygote, anew())
                except TimeoutError:
                    await self._drop(zygote)  # it should have killed the child by now: it hangs itself
                    raise SandboxFailure("timeout", "no answer") from None
                except _ZygoteGoneError:
                    await self._drop(zygote)
                    if last:
                        raise SandboxFailure("crashed", "twice") from None
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Kill everything; a call under way ends as "refused"."""
        self._closed = True
        async with self._starting:
            zygote, self._zygote = self._zygote, None
        if zygote is not None:
            await asyncio.to_thread(zygote.stop)

    async def _warm(self) -> _Zygote:
        async with self._starting:
            if self._closed:
                raise SandboxFailure("refused", "closed")
            if self._zygote is not None and self._zygote.running.poll() is not None:
                zygote, self._zygote = self._zygote, None
                await asyncio.to_thread(zygote.stop)
            if self._zygote is None:
                self._zygote = await _start(self._settings)
            return self._zygote

    async def _drop(self, zygote: _Zygote) -> None:
        async with self._starting:
            if self._zygote is zygote:
                self._zygote = None
        await asyncio.to_thread(zygote.stop)


async def _start(settings: dict[str, object]) -> _Zygote:
    ours, theirs = socket.socketpair()
    with theirs:
        running = await asyncio.to_thread(_spawn, theirs.fileno())
    ours.setblocking(False)
    zygote = _Zygote(running, ours)
    loop = asyncio.get_running_loop()
    told = json.dumps({**settings, "path": [entry or str(Path.cwd()) for entry in sys.path]}).encode()
    try:
        async with asyncio.timeout(_START_SECONDS):
            await loop.sock_sendall(ours, LENGTH.pack(len(told)) + told)
            answer = await loop.sock_recv(ours, 200)
    except (TimeoutError, OSError):
        answer = b"!no start"
    except BaseException:
        zygote.stop()
        raise
    if answer[:1] != b"=":
        await asyncio.to_thread(zygote.stop)
        raise SandboxFailure("refused", answer[1:].decode(errors="replace") or "no start")
    return zygote


def _spawn(control: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own script, by path
        [sys.executable, "-I", str(Path(zygote.__file__).resolve()), str(control)],
        pass_fds=(control,),
        env={"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "1", "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )


class _Carrier(Protocol):
    """What goes in, and what becomes of what comes out."""

    def coming(self) -> AsyncIterator[bytes]: ...

    async def take(self, piece: bytes) -> None: ...

    def result(self) -> bytes: ...


class _InMemory:
    def __init__(self, payload: bytes) -> None:
        self._payload, self._got = payload, bytearray()

    async def coming(self) -> AsyncIterator[bytes]:
        yield self._payload

    async def take(self, piece: bytes) -> None:
        self._got += piece

    def result(self) -> bytes:
        return bytes(self._got)


class _Files:
    """From the beginning, as often as it is made."""

    def __init__(self, source: BinaryIO, sink: BinaryIO, head: int) -> None:
        self._source, self._sink, self._size = source, sink, head
        self._head = bytearray()

    async def coming(self) -> AsyncIterator[bytes]:
        self._source.seek(0)
        self._sink.seek(0)
        self._sink.truncate()
        while piece := await asyncio.to_thread(self._source.read, _PIECE):
            yield piece

    async def take(self, piece: bytes) -> None:
        lacking = self._size - len(self._head)
        self._head += piece[:lacking]
        if piece := piece[lacking:]:
            await asyncio.to_thread(self._sink.write, piece)

    def result(self) -> bytes:
        return bytes(self._head)


class _Call(NamedTuple):
    target: str
    size: int
    carrier: _Carrier
    output_bytes: int


async def _exchange(zygote: _Zygote, call: _Call) -> bytes:
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    ending, told = socket.socketpair()
    with ours, ending:
        with theirs, told:
            ours.setblocking(False)
            ending.setblocking(False)
            await _hand_over(zygote.control, (theirs.fileno(), told.fileno()))
        name = call.target.encode()
        with suppress(ConnectionError):  # a child that died early; the status tells why
            await loop.sock_sendall(ours, LENGTH.pack(len(name)) + name + LENGTH.pack(call.size))
            async for piece in call.carrier.coming():
                await loop.sock_sendall(ours, piece)
        if await _read_frame(ours, call):
            return call.carrier.result()
        raise _failure(await _read_status(ending))


async def _hand_over(control: socket.socket, descriptors: tuple[int, int]) -> None:
    while True:
        try:
            socket.send_fds(control, [b"+"], list(descriptors))
        except BlockingIOError:
            await asyncio.sleep(0.005)
        except OSError as gone:
            raise _ZygoteGoneError from gone
        else:
            return


async def _read_frame(connection: socket.socket, call: _Call) -> bool:
    """Whether there is a result, and all of it. Raises what the child says of its failure."""
    loop = asyncio.get_running_loop()
    got, wanted = bytearray(), 1 + LENGTH.size
    try:
        while len(got) < wanted:
            piece = await loop.sock_recv(connection, wanted - len(got))
            if not piece:
                return False
            got += piece
        size: int = LENGTH.unpack(got[1:])[0]
        if size > max(call.output_bytes, 1000):
            raise SandboxFailure("refused", "output")
        fine, failed = got[:1] == b"=", bytearray()
        while size:
            piece = await loop.sock_recv(connection, min(size, _PIECE))
            if not piece:
                return False
            size -= len(piece)
            if fine:
                await call.carrier.take(piece)
            else:
                failed += piece
    except ConnectionError:
        return False
    if not fine:
        raise _failure(bytes(failed))
    return True


async def _read_status(ending: socket.socket) -> bytes:
    try:
        told = await asyncio.get_running_loop().sock_recv(ending, 200)
    except ConnectionError as gone:
        raise _ZygoteGoneError from gone
    if not told:
        raise _ZygoteGoneError
    return told


def _failure(told: bytes) -> SandboxFailure:
    reason, _, detail = told.decode(errors="replace").partition(" ")
    return SandboxFailure(reason if reason in {"timeout", "memory", "refused"} else "crashed", detail[:100])
