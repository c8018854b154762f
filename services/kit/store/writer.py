"""The one writer of a service: a thread that takes the waiting commands, decides them in one transaction, and answers.

Group commit: up to 256 commands share one synced commit. An answer is given after the commit and never before.
"""

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson
import structlog
from eventsourcing.persistence import PersistenceError
from pydantic import ValidationError

from contracts.base import Accepted, Ask, Command, Refusal
from services.kit.crash import crash_point
from services.kit.deciding import Commands, StreamKind
from services.kit.observability.causes import cause_of
from services.kit.observability.errors import named
from services.kit.observability.metrics import CommandTally
from services.kit.sealing.fields import carries_sealed
from services.kit.sealing.keys import Keys
from services.kit.store.batch import CommandBatch, CommandInHand
from services.kit.store.claims import Claims
from services.kit.store.jobtable import Settlement
from services.kit.store.notifier import Notifier, TimerWakeup
from services.kit.store.opening import Store
from services.kit.store.recorders import Transaction
from services.kit.store.states import States

MOST = 256
TRIES = 5
LONG_SECONDS = 5.0
"""Longer than any commit takes: the store is locked, or does not answer."""
KNOWN_SECONDS = 30.0
"""So long it is said that the store took nothing, where nobody has tried again."""
log = structlog.get_logger(__name__)


class StoreUnavailable(Exception):
    """The store did not take the commands; whether a commit was lost on the way is found by the command id."""


class Writer:
    """``execute`` from any event loop; decisions run in the writer's own thread."""

    def __init__(  # noqa: PLR0913 - what a writer is made of
        self,
        store: Store,
        service: str,
        commands: Commands,
        streams: dict[str, StreamKind],
        keys: Keys,
        clock: Callable[[], datetime],
        fingerprint_key: bytes,
    ) -> None:
        self.notifier = Notifier()
        self.tally = CommandTally()
        self.timer_wakeup, self.job_wakeup = TimerWakeup(), TimerWakeup()
        self._store = store
        self._service = service
        self._commands = commands
        self._kinds = {kind.kind(): kind for kind in commands}
        self._keys = keys
        self._clock = clock
        self._fingerprint_key = fingerprint_key
        self._states = States(service, streams, on_postgres=store.shared)
        self._claims = Claims()
        self._waiting: queue.SimpleQueue[CommandInHand | None] = queue.SimpleQueue()
        self._position = -1
        self._began: float | None = None
        self._failed: tuple[float, str] | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=f"writer-{self._service}", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Commands that no batch has taken up yet."""
        return self._waiting.qsize()

    @property
    def position(self) -> int:
        """Where the log ended when this process last committed; -1: it has not yet."""
        return self._position

    def health(self) -> dict[str, Any]:
        """``state`` down, with ``reason``: the store takes nothing now; else nothing is said."""
        began, failed, now = self._began, self._failed, time.monotonic()
        if began is not None and now - began > LONG_SECONDS:
            reason = f"menunggu penyimpanan sejak {now - began:.0f} detik"
            return {"state": "down", "reason": f"{reason}: {failed[1]}" if failed is not None else reason}
        if failed is not None and now - failed[0] < KNOWN_SECONDS:
            return {"state": "down", "reason": failed[1]}
        return {}

    async def stop(self) -> None:
        """Finishes what waits, then ends."""
        self._waiting.put(None)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    async def execute(
        self,
        ask: Ask,
        asked: Ask | None = None,
        settles: Settlement | None = None,
        carried: Command | None = None,
    ) -> Accepted | Refusal:
        """Decides and stores one command. Raises StoreUnavailable, or the bug of a decision.

        ``asked``: what the client sent, where an effect before the decision has completed it: the same question again
        is the same command. ``settles``: a job's sending that it settles in the same transaction, or it is refused.
        ``carried``: the command of the ask itself, with sealed fields of a foreign event that know their places. From
        its JSON such a command is never taken, whoever sends it: he could have anybody's field opened and sealed anew.
        """
        cls = self._kinds.get(ask.kind)
        if cls is None:
            return Refusal(code="kit.unknown-command", status=422, detail={"kind": ask.kind[:100]})
        if carries_sealed(cls) and type(carried) is not cls:
            return Refusal(code="kit.sealed-command", status=422, detail={"kind": ask.kind})
        try:
            command = carried or cls.model_validate(ask.body)
        except ValidationError as error:
            return malformed(error)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Accepted | Refusal] = loop.create_future()
        fingerprint = self._fingerprint(asked or ask, cls.filled)
        job = CommandInHand(ask, command, fingerprint, deliver=(loop, future), settles=settles)
        self._waiting.put(job)
        return await future

    def _fingerprint(self, ask: Ask, filled: frozenset[str]) -> str:
        body = {name: said for name, said in ask.body.items() if name not in filled} if filled else ask.body
        text = orjson.dumps([ask.kind, body], option=orjson.OPT_SORT_KEYS)
        return blake2b(text, key=self._fingerprint_key, digest_size=16).hexdigest()

    def _run(self) -> None:
        ending = False
        while not ending:
            jobs = []
            job = self._waiting.get()
            while job is not None:
                jobs.append(job)
                if len(jobs) >= MOST:
                    break
                try:
                    job = self._waiting.get_nowait()
                except queue.Empty:
                    break
            else:
                ending = True
            if jobs:
                self._began = time.monotonic()
                self._batch(jobs)
                self._began = None

    def _batch(self, jobs: list[CommandInHand], *, first_attempt: bool = True) -> None:
        """``first_attempt``: see `CommandBatch`."""
        began = time.perf_counter()
        for attempt in range(TRIES):
            try:
                answers = self._commit(jobs, first_attempt=first_attempt and attempt == 0)
            except PersistenceError as error:  # the connection, a lock, a full disk: nothing was lost, look again
                self._forget()
                self._failed = (time.monotonic(), cause_of(error) or named(error))
                log.warning("store.retry", service=self._service, attempt=attempt, error=named(error))
                if attempt + 1 < TRIES:
                    time.sleep(0.05 * 2**attempt)
                    continue
                failure = StoreUnavailable(self._service)
                failure.__cause__ = error
                answers = [(job, failure) for job in jobs]
                _deliver(answers)
                self.tally.batch(answers, time.perf_counter() - began, self._clock())
            except Exception as error:  # noqa: BLE001 - one command's data that the store cannot take must not fail the rest
                self._forget()
                if len(jobs) > 1 or first_attempt:
                    for job in jobs:
                        self._batch([job], first_attempt=False)
                else:
                    _deliver([(jobs[0], error)])
            else:
                self._failed = None
                _deliver(answers)
                self.notifier.notify()
                self.tally.batch(answers, time.perf_counter() - began, self._clock())
            return

    def _commit(self, jobs: list[CommandInHand], *, first_attempt: bool) -> list[tuple[CommandInHand, Any]]:
        for job in jobs:
            job.answer = None
        with self._store.locked() as transaction:
            grown = self._ask_growth(transaction)
            batch = CommandBatch(
                transaction,
                self._states,
                self._claims,
                self._commands,
                self._keys,
                self._store.identity(),
                self._service,
                self._clock(),
                first_attempt=first_attempt,
            )
            outcomes = batch.ask(jobs)
            grown()
            batch.run(outcomes(), self._position)
            settled = self._states.save(transaction, batch.pending, batch.names)
            crash_point("writer.before-commit")
        crash_point("writer.after-commit")
        self._position = batch.settle(self._position)
        self._store.recent.add(batch.rows)
        self._states.keep(settled)
        self._claims.keep(batch.claims)
        self.timer_wakeup.hear(batch.timetable.earliest)
        self.job_wakeup.hear(batch.jobs.stirred)
        return [(job, job.answer) for job in jobs]

    def _ask_growth(self, transaction: Transaction) -> Callable[[], None]:
        """Asks where the log ends and what other processes have appended (PostgreSQL); called, it forgets those."""
        if self._position >= 0 and self._store.shared:
            grown = self._states.appended_after(transaction, self._position)
            return lambda: self._grown(*grown())
        if self._position < 0:
            self._forget()
        column = "notification_id" if self._store.shared else "rowid"
        head = transaction.ask(f"SELECT MAX({column}) FROM {{s}}stored_events")  # noqa: S608 - a column name of ours
        return lambda: self._stand(head()[0][0] or 0)

    def _grown(self, position: int, streams: Iterable[Any]) -> None:
        self._position = position
        self._states.forget(streams)

    def _stand(self, position: int) -> None:
        """SQLite has one process; a log that has grown all the same was written by a stranger: nothing known holds."""
        if self._position not in {-1, position}:
            self._forget()
        self._position = position

    def _forget(self) -> None:
        self._states.clear()
        self._claims.clear()
        self._store.recent.clear()
        self._position = -1


def _deliver(answers: Iterable[tuple[CommandInHand, Any]]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for job, answer in answers:
        loop, future = job.deliver
        by_loop.setdefault(loop, []).append((future, answer))
    for loop, settled in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the asker's loop has been closed: he asks again with the same id
            loop.call_soon_threadsafe(_settle, settled)


def _settle(settled: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, answer in settled:
        if future.done():
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)


def malformed(error: ValidationError) -> Refusal:
    """Where and what, never the value: it may be personal."""
    errors = [
        {"at": ".".join(str(step) for step in one["loc"]), "what": one["type"]}
        for one in error.errors(include_url=False, include_input=False, include_context=False)[:20]
    ]
    return Refusal(code="kit.malformed", status=422, detail={"errors": errors})


__all__ = ["StoreUnavailable", "Writer", "malformed"]
