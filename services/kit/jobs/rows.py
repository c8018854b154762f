"""The table of jobs as dispatcher and owner read and change it beside the writer. Calls block: leave the event loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from services.kit.service import carried_by
from services.kit.store.jobtable import DISCARDED, PARKED, SENT, WAITING
from services.kit.store.schema import lock_name
from services.kit.store.timetable import micros, moment_of

EVERY_AGENCY = "*"
NO_ANSWER = "no-answer"
JOBS = sa.table(
    "jobs",
    *(sa.column(name) for name in ("job_id", "agency", "stream", "name", "queue", "not_before", "look_at", "tries")),
    *(sa.column(name) for name in ("state", "publication", "body", "correlation_id", "causation_id", "traceparent")),
    sa.column("reason"),
)
QUEUES = sa.table("job_queues", *(sa.column(name) for name in ("queue", "failures", "broken_since")))
PAUSES = sa.table("job_pauses", *(sa.column(name) for name in ("queue", "agency", "paused_at", "paused_by")))


@dataclass(frozen=True, slots=True)
class JobRow:
    job_id: str
    agency: str
    stream: str
    name: str
    queue: str
    state: str
    tries: int
    publication: int
    look_at: datetime
    body: Any
    correlation_id: str
    causation_id: str
    traceparent: str
    reason: str


@dataclass(frozen=True, slots=True)
class QueueState:
    """How a queue stands. ``oldest_at``: since when the job that waits longest could have been done."""

    queue: str
    waiting: int = 0
    sent: int = 0
    parked: int = 0
    discarded: int = 0
    oldest_at: datetime | None = None
    broken_since: datetime | None = None
    paused: tuple[str, ...] = ()


class JobRows:
    """Changes beside the writer are made under the writer's lock: neither ever waits for a row of the other's."""

    def __init__(self, engine: Engine, schema: str, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._lock = lock_name(schema) if engine.dialect.name == "postgresql" else None
        self._clock = clock

    def row(self, job_id: str) -> JobRow | None:
        with self._engine.connect() as connection:
            found = connection.execute(sa.select(JOBS).where(JOBS.c.job_id == job_id)).one_or_none()
        return None if found is None else _row(found)

    def rows(self, job_ids: Sequence[str]) -> dict[str, tuple[JobRow | None, bool]]:
        """Each that is there, and whether its queue is paused for its agency."""
        paused = self.look()[1]
        with self._engine.connect() as connection:
            found = [_row(row) for row in connection.execute(sa.select(JOBS).where(JOBS.c.job_id.in_(job_ids)))]
        return {row.job_id: (row, _stopped(row, paused)) for row in found}

    def look(self) -> tuple[dict[str, tuple[int, int]], dict[str, set[str]]]:
        """What the dispatcher must know before it sends: (failures, broken since in µs) and who is paused, by queue."""
        with self._engine.connect() as connection:
            health = {row.queue: (row.failures, row.broken_since) for row in connection.execute(sa.select(QUEUES))}
            paused: dict[str, set[str]] = {}
            for row in connection.execute(sa.select(PAUSES.c.queue, PAUSES.c.agency)):
                paused.setdefault(row.queue, set()).add(row.agency)
        return health, paused

    def lanes(self, queue: str) -> list[str]:
        """Those that have a job which is not over."""
        wanted = sa.select(JOBS.c.queue).where(JOBS.c.queue.startswith(f"{queue}:", autoescape=True)).distinct()
        with self._engine.connect() as connection:
            return sorted(connection.scalars(wanted.where(JOBS.c.state.in_((WAITING, SENT)))))

    def out(self, queue: str) -> int:
        """How many are sent and not settled."""
        wanted = sa.select(sa.func.count()).select_from(JOBS).where(JOBS.c.queue == queue, JOBS.c.state == SENT)
        with self._engine.connect() as connection:
            return connection.scalar(wanted) or 0

    def give_up(self, queue: str) -> int:
        """What nobody has settled in time waits again; how many."""
        now = micros(self._clock())
        late = (JOBS.c.queue == queue, JOBS.c.state == SENT, JOBS.c.look_at <= now)
        with self._engine.connect() as connection:
            if connection.execute(sa.select(JOBS.c.job_id).where(*late).limit(1)).first() is None:
                return 0
        with self._changing() as connection:
            again = {"state": WAITING, "look_at": now, "tries": JOBS.c.tries + 1, "reason": NO_ANSWER}
            return int(connection.execute(sa.update(JOBS).where(*late).values(again)).rowcount)

    def claim(self, queue: str, most: int, look_at: datetime, paused: set[str]) -> list[JobRow]:
        """Takes up to so many whose moment has come, those that wait longest first, and marks them as sent."""
        now = micros(self._clock())
        due = [JOBS.c.queue == queue, JOBS.c.state == WAITING, JOBS.c.look_at <= now]
        if paused:
            due.append(JOBS.c.agency.not_in(paused))
        wanted = sa.select(JOBS).where(*due).order_by(JOBS.c.look_at).limit(most)
        with self._engine.connect() as connection:
            if connection.execute(wanted.limit(1)).first() is None:
                return []
        with self._changing() as connection:
            found = [_row(row) for row in connection.execute(wanted)]
            publication = max([now, *(row.publication + 1 for row in found)])
            sent = {"state": SENT, "look_at": micros(look_at), "publication": publication}
            mine = JOBS.c.job_id.in_([row.job_id for row in found])
            still = JOBS.c.state == WAITING  # SQLite begins its transaction here: a fact may have come in between
            taken = connection.execute(sa.update(JOBS).where(mine, still).values(sent).returning(JOBS.c.job_id))
            there = {row.job_id for row in taken}
        return [_sent(row, publication) for row in found if row.job_id in there]

    def perhaps_lost(self, queue: str, before: int, after: int) -> list[JobRow]:
        """What is out and was sent before one moment or after another (µs)."""
        when = (JOBS.c.publication < before) | (JOBS.c.publication > after)
        wanted = sa.select(JOBS).where(JOBS.c.queue == queue, JOBS.c.state == SENT, when)
        with self._engine.connect() as connection:
            return [_row(row) for row in connection.execute(wanted)]

    def next_look(self, queue: str, state: str, paused: set[str]) -> datetime | None:
        due = [JOBS.c.queue == queue, JOBS.c.state == state]
        if paused:
            due.append(JOBS.c.agency.not_in(paused))
        wanted = sa.select(JOBS.c.look_at).where(*due).order_by(JOBS.c.look_at).limit(1)
        with self._engine.connect() as connection:
            found = connection.scalar(wanted)
        return None if found is None else moment_of(found)

    def put_back(self, job_id: str, publication: int, look_at: datetime, reason: str = "") -> None:
        """Waits again; no attempt is counted."""
        again = {"state": WAITING, "look_at": micros(look_at), "reason": reason}
        with self._changing() as connection:
            connection.execute(sa.update(JOBS).where(*_out(job_id, publication)).values(again))

    def put_all_back(self, rows: Sequence[JobRow], look_at: datetime) -> None:
        again = {"state": WAITING, "look_at": micros(look_at)}
        with self._changing() as connection:
            for row in rows:
                connection.execute(sa.update(JOBS).where(*_out(row.job_id, row.publication)).values(again))

    def park(self, job_id: str, publication: int, reason: str) -> None:
        parked = {"state": PARKED, "reason": reason[:500], "tries": JOBS.c.tries + 1}
        with self._changing() as connection:
            connection.execute(sa.update(JOBS).where(*_out(job_id, publication)).values(parked))

    def retry(self, job_id: str, agency: str | None) -> bool:
        """A parked or discarded job, or one that backs off, is sent at once; False: there is none such."""
        mine = [JOBS.c.job_id == job_id, JOBS.c.state.in_((WAITING, PARKED, DISCARDED))]
        if agency is not None:
            mine.append(JOBS.c.agency == agency)
        again = {"state": WAITING, "look_at": micros(self._clock()), "tries": 0, "reason": ""}
        with self._changing() as connection:
            return connection.execute(sa.update(JOBS).where(*mine).values(again)).rowcount > 0

    def out_by_hand(self, job_id: str, agency: str | None) -> JobRow | None:
        """A job that a person settles is marked as sent by himself, so that no worker's word counts any more."""
        mine = [JOBS.c.job_id == job_id]
        if agency is not None:
            mine.append(JOBS.c.agency == agency)
        with self._changing() as connection:
            found = connection.execute(sa.select(JOBS).where(*mine)).one_or_none()
            if found is None:
                return None
            row = _sent(_row(found), max(micros(self._clock()), found.publication + 1))
            sent = {"state": SENT, "publication": row.publication, "look_at": micros(self._clock()) + 60_000_000}
            connection.execute(sa.update(JOBS).where(*mine).values(sent))
        return row

    def set_aside(self, job_id: str, publication: int, reason: str) -> None:
        aside = {"state": DISCARDED, "reason": reason[:500]}
        with self._changing() as connection:
            connection.execute(sa.update(JOBS).where(*_out(job_id, publication)).values(aside))

    def pause(self, queue: str, agency: str, by: str) -> None:
        row = {"queue": queue, "agency": agency, "paused_at": micros(self._clock()), "paused_by": by}
        with self._changing() as connection:
            connection.execute(sa.delete(PAUSES).where(PAUSES.c.queue == queue, PAUSES.c.agency == agency))
            connection.execute(sa.insert(PAUSES).values(row))

    def resume(self, queue: str, agency: str) -> bool:
        mine = (PAUSES.c.queue == queue, PAUSES.c.agency == agency)
        with self._changing() as connection:
            return connection.execute(sa.delete(PAUSES).where(*mine)).rowcount > 0

    def listed(  # noqa: PLR0913 - the filters of a list
        self,
        states: Sequence[str],
        agency: str | None,
        most: int = 200,
        *,
        job_id: str = "",
        queue: str = "",
        after: tuple[int, str] | None = None,
    ) -> list[JobRow]:
        """Those whose moment comes first stand first. ``after``: moment (µs) and id of the last that is known.
        ``queue``: with its lanes.
        """
        wanted = sa.select(JOBS).where(JOBS.c.state.in_(states))
        if agency is not None:
            wanted = wanted.where(JOBS.c.agency == agency)
        if job_id:
            wanted = wanted.where(JOBS.c.job_id == job_id)
        if queue:
            lanes = JOBS.c.queue.startswith(f"{queue}:", autoescape=True)
            wanted = wanted.where((JOBS.c.queue == queue) | lanes)
        if after is not None:
            wanted = wanted.where(sa.tuple_(JOBS.c.look_at, JOBS.c.job_id) > sa.tuple_(*after))
        wanted = wanted.order_by(JOBS.c.look_at, JOBS.c.job_id).limit(most)
        with self._engine.connect() as connection:
            return [_row(row) for row in connection.execute(wanted)]

    def states(self, queues: Sequence[str], agency: str | None = None) -> list[QueueState]:
        """Each queue that there is, and any that only rows name; of one agency or of all."""
        counted = sa.select(JOBS.c.queue, JOBS.c.state, sa.func.count().label("n"), sa.func.min(JOBS.c.not_before))
        if agency is not None:
            counted = counted.where(JOBS.c.agency == agency)
        found: dict[str, dict[str, Any]] = {queue: {} for queue in queues}
        with self._engine.connect() as connection:
            for queue, state, count, oldest in connection.execute(counted.group_by(JOBS.c.queue, JOBS.c.state)):
                found.setdefault(queue, {})[state] = count
                if state == WAITING:
                    found[queue]["oldest_at"] = moment_of(oldest)
        health, paused = self.look()
        for queue, said in found.items():
            broken = health.get(queue, (0, 0))[1]
            said["broken_since"] = moment_of(broken) if broken else None
            said["paused"] = tuple(sorted(paused.get(queue, set()) | paused.get(carried_by(queue), set())))
        return [QueueState(queue=queue, **said) for queue, said in sorted(found.items())]

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            if self._lock is not None:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:lock))"), {"lock": self._lock})
            yield connection


def _stopped(row: JobRow, paused: Mapping[str, set[str]]) -> bool:
    """Whether its lane or the whole queue is paused for its agency."""
    whom = paused.get(row.queue, set()) | paused.get(carried_by(row.queue), set())
    return not whom.isdisjoint((row.agency, EVERY_AGENCY))


def _out(job_id: str, publication: int) -> tuple[Any, ...]:
    return JOBS.c.job_id == job_id, JOBS.c.state == SENT, JOBS.c.publication == publication


def _row(found: Any) -> JobRow:
    return JobRow(
        found.job_id, found.agency, found.stream, found.name, found.queue, found.state, found.tries, found.publication,
        moment_of(found.look_at), orjson.loads(bytes(found.body)), found.correlation_id, found.causation_id,
        found.traceparent, found.reason,
    )  # fmt: skip


def _sent(row: JobRow, publication: int) -> JobRow:
    return JobRow(
        row.job_id, row.agency, row.stream, row.name, row.queue, SENT, row.tries, publication, row.look_at, row.body,
        row.correlation_id, row.causation_id, row.traceparent, row.reason,
    )  # fmt: skip
