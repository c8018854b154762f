"""Leases: one worker at a time, taken over within seconds when its process dies, fenced by a number that only grows.

No clock is compared: the holder keeps changing the row (``beat``); who waits takes over when the row has stood still
for ``ttl`` seconds of his own monotonic clock, by compare-and-set. A holder that could not change the row for so long
stops itself first. A holder of this very machine whose process is gone is taken over at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import BigInteger, Column, Engine, MetaData, String, Table, Update, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from services.kit.observability.causes import cause_of
from services.kit.observability.errors import named
from services.kit.runtime.aligned_timers import until_aligned

METADATA = MetaData()
LEASES = Table(
    "leases",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("holder", String(200), nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("beat", BigInteger, nullable=False),
)

TTL_SECONDS = 3.0
BEATS = 3  # within the time after which another one takes over
LAST_TRY = 0.85  # of that time: who has not renewed by then has lost it
GATHER_SECONDS = 0.02

log = structlog.get_logger()


Held = tuple[str, str, int]
"""Name, holder, token."""


class Beats:
    """Renews all the leases of a process that fall due together in one transaction.

    It need not reach the disk: a beat that a crash of the database undoes was of a holder that has just lost it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._using = 0
        self._good_at = 0.0
        self._reason = ""
        self._waiting: set[Held] = set()
        self._next: asyncio.Task[set[Held]] | None = None

    def health(self) -> dict[str, Any]:
        """``state`` down: the table was not reached for longer than a lease holds, so that what needs a lease rests."""
        down = self._using > 0 and time.monotonic() - self._good_at > 2 * TTL_SECONDS
        told = f"tugas tunggal berhenti, tabel leases tidak terjangkau{f': {self._reason}' if self._reason else ''}"
        return {"state": "down", "reason": told} if down else {"state": "reached"}

    @contextlib.contextmanager
    def used(self) -> Iterator[None]:
        """By one more lease, which asks again and again until it leaves."""
        if not self._using:
            self.reached()
        self._using += 1
        try:
            yield
        finally:
            self._using -= 1

    def reached(self) -> None:
        self._good_at, self._reason = time.monotonic(), ""

    def missed(self, error: BaseException) -> None:
        self._reason = cause_of(error) or named(error)

    async def renew(self, held: Held) -> bool:
        """False: it has been taken over. Whoever asks within a moment goes along."""
        self._waiting.add(held)
        if self._next is None:
            self._next = asyncio.create_task(self._together())
            self._next.add_done_callback(_heard)
        return held in await asyncio.shield(self._next)

    async def _together(self) -> set[Held]:
        await asyncio.sleep(GATHER_SECONDS)
        wanted, self._waiting, self._next = self._waiting, set(), None
        return await asyncio.to_thread(self._renew, wanted)

    def _renew(self, wanted: set[Held]) -> set[Held]:
        which = tuple_(LEASES.c.name, LEASES.c.holder, LEASES.c.token).in_(wanted)
        beat = update(LEASES).where(which).values(beat=LEASES.c.beat + 1)
        with self._engine.begin() as connection:
            if self._engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            rows = connection.execute(beat.returning(LEASES.c.name, LEASES.c.holder, LEASES.c.token))
            renewed = {(row.name, row.holder, row.token) for row in rows}
        self.reached()
        return renewed


def _heard(renewal: asyncio.Task[set[Held]]) -> None:
    """Whoever waited has given up by himself, or is told: a database that went away is nobody's unheard exception."""
    if not renewal.cancelled():
        renewal.exception()


class LeaseLost(Exception):
    """Another worker may hold the lease now; what ran under it has been cancelled."""


def this_process() -> str:
    """``<machine>/<pid space>/<pid>/<start of the process>/<random>``: enough to see that a holder is dead."""
    return "/".join((*_surroundings(), str(os.getpid()), _started(os.getpid()), uuid4().hex[:8]))


class Lease:
    """`hold` waits for the lease and gives a fencing token; `guard` runs a loop under it for ever."""

    def __init__(
        self,
        engine: Engine,
        name: str,
        holder: str | None = None,
        *,
        ttl: float = TTL_SECONDS,
        beats: Beats | None = None,
    ) -> None:
        """The table `LEASES` lies in the service's own place (`METADATA.create_all`, migration).

        ``beats``: shared by the leases of one service in this process.
        """
        self._engine = engine
        self._beats = beats or Beats(engine)
        self._name = name
        self._holder = holder or this_process()
        self._ttl = ttl
        self._token = 0
        self._seen: tuple[str, int, int] | None = None
        self._seen_at = 0.0

    @property
    def token(self) -> int:
        """Of the current holding; 0 while another one holds it."""
        return self._token

    @contextlib.asynccontextmanager
    async def hold(self) -> AsyncIterator[int]:
        """Waits until the lease is ours. When it is lost, the body is cancelled and `LeaseLost` raised."""
        with self._beats.used():
            async with self._hold() as token:
                yield token

    @contextlib.asynccontextmanager
    async def _hold(self) -> AsyncIterator[int]:
        while not await self._attempt():  # noqa: ASYNC110 - the row is in a database that tells nobody
            await asyncio.sleep(self._ttl / 6 * random.uniform(0.8, 1.2))  # noqa: S311 - spreads those who wait
        log.info("lease.held", name=self._name, token=self._token)
        body = asyncio.current_task()
        assert body is not None  # noqa: S101 - a coroutine runs in a task
        lost, cancelled = False, body.cancelling()

        async def renew() -> None:
            nonlocal lost
            await self._renew_until_lost()
            lost = True
            body.cancel()

        renewing = asyncio.create_task(renew())
        try:
            yield self._token
        except asyncio.CancelledError:
            if lost and body.uncancel() <= cancelled:
                raise LeaseLost(self._name) from None
            raise
        finally:
            renewing.cancel()
            await asyncio.wait([renewing])
            if not lost:
                await asyncio.shield(self._release())
            self._token = 0

    async def guard(self, loop: Callable[[], Awaitable[None]]) -> None:
        """Runs the loop whenever the lease is ours; stands by again when it is lost."""
        while True:
            try:
                async with self.hold():
                    await loop()
                    return
            except LeaseLost:
                log.warning("lease.lost", name=self._name)

    async def _renew_until_lost(self) -> None:
        good = time.monotonic()
        while True:
            at_last = good + self._ttl * LAST_TRY - time.monotonic()
            await asyncio.sleep(
                max(min(until_aligned(self._ttl / BEATS), at_last), 0.0)
            )  # leases of a process together
            began = time.monotonic()
            try:
                async with asyncio.timeout(max(good + self._ttl * 0.9 - began, 0.01)):
                    if not await self._beats.renew((self._name, self._holder, self._token)):
                        return
                good = began
            except (SQLAlchemyError, TimeoutError, OSError) as failed:
                self._beats.missed(failed)
                if time.monotonic() - good >= self._ttl * LAST_TRY:
                    return

    async def _attempt(self) -> bool:
        try:
            token = await asyncio.to_thread(self._take)
        except SQLAlchemyError as failed:
            self._beats.missed(failed)
            return False
        self._beats.reached()
        if token:
            self._token = token
        return token > 0

    def _take(self) -> int:
        """The new token, or 0 while the holder lives."""
        row = self._row()
        if row is None:
            try:
                with self._engine.begin() as connection:
                    connection.execute(insert(LEASES).values(name=self._name, holder=self._holder, token=1, beat=0))
            except IntegrityError:
                return 0
            return 1
        now = time.monotonic()
        if row != self._seen:
            self._seen, self._seen_at = row, now
        holder, token, beat = row
        if holder and holder != self._holder and not _is_dead(holder) and now - self._seen_at < self._ttl:
            return 0
        taken = update(LEASES).where(LEASES.c.name == self._name, LEASES.c.token == token, LEASES.c.beat == beat)
        with self._engine.begin() as connection:
            done = connection.execute(taken.values(holder=self._holder, token=token + 1, beat=beat + 1))
        return token + 1 if done.rowcount == 1 else 0

    def _row(self) -> tuple[str, int, int] | None:
        wanted = select(LEASES.c.holder, LEASES.c.token, LEASES.c.beat).where(LEASES.c.name == self._name)
        with self._engine.connect() as connection:
            row = connection.execute(wanted).one_or_none()
        return None if row is None else (row.holder, row.token, row.beat)

    async def _release(self) -> None:
        def give_back() -> None:
            with self._engine.begin() as connection:
                connection.execute(self._mine().values(holder=""))

        with contextlib.suppress(SQLAlchemyError):
            await asyncio.to_thread(give_back)

    def _mine(self) -> Update:
        return update(LEASES).where(
            LEASES.c.name == self._name, LEASES.c.holder == self._holder, LEASES.c.token == self._token
        )


def _is_dead(holder: str) -> bool:
    """True only for a process of this boot of this machine and of this pid space that is gone."""
    parts = holder.split("/")
    if len(parts) != 5 or tuple(parts[:2]) != _surroundings():  # noqa: PLR2004 - the parts that `this_process` joins
        return False
    return _started(int(parts[2])) != parts[3]


def _surroundings() -> tuple[str, str]:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return boot, str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return socket.gethostname(), uuid4().hex  # nothing to compare: wait for the beat


def _started(pid: int) -> str:
    """Clock ticks from boot to the start of that process; empty when it does not live."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return "" if said[0] in "ZX" else said[19]  # dead, and not yet buried by whoever started it
    except (OSError, IndexError):
        return ""
