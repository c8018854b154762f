"""The dispatcher: sends what is due to the workers of each queue, as many as the queue may have out, and no faster.

One per service (by lease). A row is marked as sent before its message leaves, so that a worker who asks finds it; what
was lost in between is sent again when its ``look_at`` has come, or, after a start or a broken connection, at once with
the same id, which the broker knows if it has it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import nats.errors
import orjson
import structlog
from nats.js.errors import NotFoundError
from sqlalchemy.exc import SQLAlchemyError

from contracts import subjects
from contracts.jobs import JobMessage
from services.kit.bus import streams
from services.kit.bus.connection import Bus, BusError
from services.kit.codec.position import MESSAGE_ID
from services.kit.crash import crash_point
from services.kit.jobs.rows import EVERY_AGENCY, JobRow, JobRows, QueueState
from services.kit.observability.errors import named
from services.kit.service import JobQueue, carried_by
from services.kit.store.jobtable import SENT, WAITING
from services.kit.store.notifier import TimerWakeup
from services.kit.store.timetable import micros

AWAY_SECONDS = 1.0
PUBLISH_SECONDS = 5.0
PROBE_SHARE = 0.1  # of the time that a queue has been broken
TOLD_SECONDS = 2.0
RATE_SECONDS = 60.0
GATHER_SECONDS = 0.01  # a busy queue sends what has gathered, not each by itself
KNOWN_SECONDS = streams.DUPLICATE_WINDOW_SECONDS - 10
AWAY = (SQLAlchemyError, BusError, nats.errors.Error, OSError)

log = structlog.get_logger(__name__)


class NoStream(BusError):
    """The stream of the jobs is gone; who keeps the streams makes it anew."""


class _Pace:
    """How many may leave now: the provider's rate, and one at a time while the queue is broken."""

    def __init__(self, queue: JobQueue) -> None:
        self._rate = queue.per_second
        self._tokens = max(self._rate, 1.0)
        self._at = time.monotonic()
        self._probes = queue.probes
        self._probed = -queue.probes[1]

    def room(self, room: int, out: int, broken: float | None) -> tuple[int, float]:
        """How many, and in how many seconds there may be more (0: as soon as one is settled). ``broken``: for how many
        seconds it has been; None: it works.
        """
        now = time.monotonic()
        if broken is not None:
            shortest, longest = self._probes
            wait = self._probed + min(max(broken * PROBE_SHARE, shortest), longest) - now
            room = 0 if out or wait > 0 else min(room, 1)
            if room == 0:
                return 0, max(wait, 0.0)
        if not self._rate:
            return room, 0.0
        self._tokens = min(self._tokens + (now - self._at) * self._rate, max(self._rate, 1.0))
        self._at = now
        return min(room, int(self._tokens)), 1.0 / self._rate

    def left(self, count: int, *, broken: bool) -> None:
        if broken and count:
            self._probed = time.monotonic()
        if self._rate:
            self._tokens -= count


class Dispatcher:
    """The loop of one service; run it under a lease where several processes share a store."""

    def __init__(  # noqa: PLR0913 - what a dispatcher is made of
        self,
        service: str,
        *,
        bus: Bus,
        rows: JobRows,
        queues: Mapping[str, JobQueue],
        wakeup: TimerWakeup,
        clock: Callable[[], datetime],
        poll: float,
    ) -> None:
        """``poll``: the longest sleep in seconds."""
        self._service = service
        self._bus = bus
        self._rows = rows
        self._queues = queues
        self._wakeup = wakeup
        self._clock = clock
        self._poll = poll
        self._paces: dict[str, _Pace] = {}
        self._lost = True
        self._told: Sequence[QueueState] = ()
        self._told_at = -TOLD_SECONDS
        self._sendings = dict.fromkeys(queues, 0)
        self._past: deque[tuple[float, Mapping[str, int]]] = deque([(time.monotonic(), dict(self._sendings))])
        self._reason = ""
        self._running = False
        self._gather = 0.0

    async def run(self) -> None:
        """Until cancelled."""
        self._lost = self._running = True
        with self._wakeup.listen() as listener, self._bus.on_break(self._broken):
            while True:
                self._wakeup.sleep_towards(None)
                try:
                    if self._lost:
                        await self._find()
                    seconds = await self.send_due()
                    await self._tell()
                    self._reason = ""
                except AWAY as away:
                    self._reason = named(away)
                    await asyncio.sleep(AWAY_SECONDS)
                    continue
                if seconds > 0:
                    await listener.wait(min(seconds, self._poll))
                    await asyncio.sleep(self._gather)

    async def send_due(self) -> float:
        """Sends what may be sent now; seconds until there is more to do."""
        health, paused = await asyncio.to_thread(self._rows.look)
        wait, self._gather = self._poll, 0.0
        for name in await self._names():
            _, broken_since = health.get(name, (0, 0))
            paused_for = paused.get(name, set()) | paused.get(carried_by(name), set())
            wait = min(wait, await self._send_queue(name, broken_since, paused_for))
        return wait

    def health(self) -> dict[str, Any]:
        """``parked``: jobs that wait for a person. ``queues``: each as `QueueState` says."""
        told: dict[str, Any] = {
            "state": "running" if self._running else "starting",
            "sent": sum(self._sendings.values()),
        }
        told |= {"parked": sum(each.parked for each in self._told), "jobs": [self._shown(each) for each in self._told]}
        strange = sorted({carried_by(each.queue) for each in self._told} - set(self._queues))
        if strange:
            told |= {"state": "stopped", "reason": f"no such queue: {', '.join(strange)}"}
        return told | ({"state": "waiting", "reason": self._reason} if self._reason else {})

    async def _names(self) -> list[str]:
        """The queues, and in place of one with lanes those that have jobs now."""
        names = []
        for name, queue in self._queues.items():
            names += await asyncio.to_thread(self._rows.lanes, name) if queue.lanes else [name]
        return names

    async def _send_queue(self, name: str, broken: int, paused: set[str]) -> float:
        queue, pace = self._queues[carried_by(name)], self._paces.get(name)
        if pace is None:
            pace = self._paces[name] = _Pace(queue)
        await asyncio.to_thread(self._rows.give_up, name)
        out = await asyncio.to_thread(self._rows.out, name)
        broken_for = (micros(self._clock()) - broken) / 1_000_000 if broken else None
        wait = 0.0
        while EVERY_AGENCY not in paused:
            room, wait = pace.room(queue.most_out - out, out, broken_for)
            if room <= 0:
                break
            look_at = self._clock() + timedelta(seconds=queue.terms.ack_wait * queue.terms.max_deliver)
            rows = await asyncio.to_thread(self._rows.claim, name, room, look_at, paused)
            if not rows:
                wait = 0.0
                break
            crash_point("jobs.before-publish")
            pace.left(len(rows), broken=bool(broken))
            await self._publish(rows)
            crash_point("jobs.after-publish")
            out += len(rows)
        if out > queue.most_out // 2:
            self._gather = GATHER_SECONDS
        return await asyncio.to_thread(self._until, name, paused, wait, full=out >= queue.most_out or wait > 0)

    def _until(self, name: str, paused: set[str], wait: float, *, full: bool) -> float:
        """Seconds until something of this queue has to be looked at, settlements apart: those ring."""
        nexts = [self._rows.next_look(name, SENT, set())]
        if not full and EVERY_AGENCY not in paused:
            nexts.append(self._rows.next_look(name, WAITING, paused))
        now = self._clock()
        seconds = [(each - now).total_seconds() for each in nexts if each is not None]
        return max(min([*seconds, *([wait] if wait > 0 else []), self._poll]), 0.0)

    async def _publish(self, rows: Sequence[JobRow]) -> None:
        """Raises where the bus is away: then nobody knows what arrived, and all is sent again under the same ids."""
        messages = [self._message(row) for row in rows]
        try:
            answers = await self._bus.unbroken(self._bus.questions.ask_together(messages, PUBLISH_SECONDS))
        except (nats.errors.Error, BusError):
            self._lost = True
            raise
        refused = []
        for row, answer in zip(rows, answers, strict=True):
            said = orjson.loads(answer.data or b"{}")
            if "error" in said:
                refused.append(row)
                self._reason = str(said["error"].get("description", ""))[:200]
        lane = rows[0].queue
        self._sendings[lane] = self._sendings.get(lane, 0) + len(rows) - len(refused)
        if refused:  # a full stream, most likely
            log.warning("jobs.not-sent", service=self._service, count=len(refused), reason=self._reason)
            back = self._clock() + timedelta(seconds=AWAY_SECONDS)
            await asyncio.to_thread(self._rows.put_all_back, refused, back)

    def _message(self, row: JobRow) -> tuple[str, bytes, bytes]:
        queue = carried_by(row.queue)
        message = JobMessage(
            job_id=UUID(row.job_id), agency=row.agency, service=self._service, queue=queue,
            publication=row.publication, traceparent=row.traceparent or None,
        )  # fmt: skip
        header = f"{MESSAGE_ID}: {row.job_id}.{row.publication}".encode()
        body = message.model_dump_json(exclude_none=True).encode()
        return subjects.job(row.agency, self._service, queue), body, header

    def _broken(self) -> None:
        self._lost = True
        self._wakeup.hear(self._clock())

    async def _find(self) -> None:
        """What is out may not have arrived, or the broker may have forgotten everything: it is sent again."""
        try:
            made_at = await self._bus.unbroken(streams.job_stream_made_at(self._bus.js, self._service))
        except NotFoundError:
            raise NoStream(self._service) from None
        self._lost = False
        known = micros(self._clock()) - int(KNOWN_SECONDS * 1_000_000)
        for name in await self._names():
            rows = await asyncio.to_thread(self._rows.perhaps_lost, name, micros(made_at), known)
            if rows:
                await self._publish(rows)

    async def _tell(self) -> None:
        if time.monotonic() - self._told_at >= TOLD_SECONDS:
            self._told_at = time.monotonic()
            self._told = await asyncio.to_thread(self._rows.states, list(self._queues))
            self._past.append((self._told_at, dict(self._sendings)))
            while len(self._past) > 1 and self._past[1][0] < self._told_at - RATE_SECONDS:
                self._past.popleft()

    def _per_minute(self, queue: str) -> int:
        """Of late; a queue that rests is not looked at, and says 0."""
        at, before = self._past[0]
        past = max(time.monotonic() - at, TOLD_SECONDS)
        sent = self._sendings.get(queue, 0) - before.get(queue, 0)
        return round(sent * 60 / past)

    def _shown(self, each: QueueState) -> dict[str, Any]:
        return {
            "queue": each.queue, "waiting": each.waiting, "sent": each.sent, "parked": each.parked,
            "oldest_at": each.oldest_at, "broken_since": each.broken_since, "paused": list(each.paused),
            "sendings": self._sendings.get(each.queue, 0), "per_minute": self._per_minute(each.queue),
        }  # fmt: skip
