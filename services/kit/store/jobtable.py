"""The table of jobs: which effects are wanted, how far each is, what a settlement changes, in the facts' transaction.

The rows follow from the states of the streams (`derived`), like the timetable's. How often a job was sent and why it
waits is known here alone: the table owns the retries and is the store of dead letters. States: *waiting* (to be sent at
``look_at``), *sent* (out; looked at again at ``look_at``), *parked* (a person must say what is to be done), *discarded*
(a person has said: nothing).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson

from contracts.base import Recorded, Refusal
from services.kit.codec.envelope import OPTIONS
from services.kit.deciding import Job, Jobs, StreamKind
from services.kit.ids import job_id
from services.kit.store import schema
from services.kit.store.following import Change, facts, follow
from services.kit.store.recorders import Asked, Transaction
from services.kit.store.timetable import micros, moment_of

if TYPE_CHECKING:
    from services.kit.store.opening import Store

WAITING, SENT, PARKED, DISCARDED = "waiting", "sent", "parked", "discarded"
GONE = Refusal(code="kit.job-gone", status=409)
BROKEN_AFTER = 5
"""So many temporary failures one after the other, and the queue counts as broken."""

WHERE_OUT = "SELECT job_id, publication FROM {s}jobs WHERE state = 'sent' AND job_id {in}"
BACK_OFF = (
    "UPDATE {s}jobs SET state = 'waiting', look_at = ?, tries = tries + 1, reason = ?"
    " WHERE job_id = ? AND publication = ?"
)
PARK = "UPDATE {s}jobs SET state = ?, tries = tries + 1, reason = ? WHERE job_id = ? AND publication = ?"
FAILED = (
    "INSERT INTO {s}job_queues (queue, failures, broken_since) VALUES (?, ?, 0)"
    " ON CONFLICT (queue) DO UPDATE SET failures = job_queues.failures + excluded.failures"
)
BROKEN = "UPDATE {s}job_queues SET broken_since = ? WHERE queue = ? AND broken_since = 0 AND failures >= ?"
WELL = "UPDATE {s}job_queues SET failures = 0, broken_since = 0 WHERE queue = ? AND failures > 0"


class JobEntry(NamedTuple):
    """A job that stands, before it was ever sent. ``causation_id``: the fact that has brought it."""

    job_id: UUID
    agency: str
    stream: str
    job: Job
    correlation_id: str
    causation_id: str
    traceparent: str

    def row(self) -> tuple[Any, ...]:
        at = micros(self.job.not_before)
        body = orjson.dumps(dict(self.job.body), option=OPTIONS)
        return (
            str(self.job_id), self.agency, self.stream, self.job.name, self.job.queue, at, at, 0, WAITING, 0, body,
            self.correlation_id, self.causation_id, self.traceparent, "",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the command that it comes with settles: one sending of one job, in that command's own transaction.

    ``look_at`` (µs): when it is sent again, where ``outcome`` is temporary and the job still stands. Otherwise what
    still stands is parked as ``parked`` says.
    """

    job_id: str
    queue: str
    publication: int
    outcome: str
    reason: str = ""
    look_at: int = 0
    parked: str = PARKED


class JobTable:
    """Changes of one batch, folded: the later fact over the earlier one; and its settlements."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._standing: dict[UUID, JobEntry] = {}
        self._gone: dict[UUID, None] = {}
        self._out: dict[str, int] = {}
        self._settled: list[Settlement] = []
        self._outcomes: list[tuple[str, int, str, str]] = []

    @property
    def stirred(self) -> datetime | None:
        """The first moment at which the dispatcher has something to do after this batch; None: nothing is new."""
        if self._settled:
            return moment_of(0)
        return min((entry.job.not_before for entry in self._standing.values()), default=None)

    def standing(self, kind: StreamKind) -> Jobs | None:
        return kind.jobs

    def key(self, each: Job) -> Hashable:
        """The same name with another body is sent anew, under the same id."""
        return each.name, each.queue, each.not_before, orjson.dumps(dict(each.body), option=OPTIONS)

    def change(self, at: Change, begun: tuple[Job, ...], ended: tuple[Job, ...]) -> None:
        for job in ended:
            identity = job_id(at.agency, self._service, at.stream, job.name)
            self._standing.pop(identity, None)
            self._gone[identity] = None
        correlation, causation, trace = str(at.correlation_id), str(at.causation_id), at.traceparent or ""
        for job in begun:
            identity = job_id(at.agency, self._service, at.stream, job.name)
            self._standing[identity] = JobEntry(identity, at.agency, at.stream, job, correlation, causation, trace)

    def ask(self, transaction: Transaction, settlements: Sequence[Settlement]) -> Asked:
        """Asks which of these jobs are out; called, they are known."""
        if not settlements:
            return list
        rows = transaction.ask_among(WHERE_OUT, [each.job_id for each in settlements])

        def known() -> list[Sequence[Any]]:
            self._out = {row[0]: row[1] for row in rows()}
            return []

        return known

    def gone(self, settlement: Settlement) -> Refusal | None:
        """A sending is settled once: not what was settled before, was sent again since, or is no longer wanted."""
        out = self._out.get(settlement.job_id) == settlement.publication
        return None if out and UUID(settlement.job_id) not in self._gone else GONE

    def settle(self, settlement: Settlement, command_id: str) -> None:
        del self._out[settlement.job_id]
        self._settled.append(settlement)
        self._outcomes.append((settlement.job_id, settlement.publication, command_id, settlement.outcome))

    def write(self, transaction: Transaction) -> None:
        if self._gone:
            transaction.among(schema.TAKE_JOBS_AWAY, [str(identity) for identity in self._gone])
        transaction.add(schema.SET_JOB, [entry.row() for entry in self._standing.values()])
        transaction.add(schema.SETTLED, self._outcomes)
        for each in self._settled:
            if UUID(each.job_id) in self._gone:
                continue
            place = (each.reason, each.job_id, each.publication)
            if each.outcome == "temporary":
                transaction.ask(BACK_OFF, (each.look_at, *place))
            else:
                transaction.ask(PARK, (each.parked, *place))

    def count(self, transaction: Transaction, now: datetime) -> None:
        """How the queues do: each failure in a row counts, one success ends the row."""
        for queue in {each.queue for each in self._settled}:
            fails = [each.outcome == "temporary" for each in self._settled if each.queue == queue]
            if all(fails):
                transaction.ask(FAILED, (queue, len(fails)))
                transaction.ask(BROKEN, (micros(now), queue, BROKEN_AFTER))
            else:
                transaction.ask(WELL, (queue,))

    def entries(self) -> Mapping[UUID, JobEntry]:
        return self._standing


def derived(log: Iterable[Recorded], service: str, streams: Mapping[str, StreamKind]) -> Mapping[UUID, JobEntry]:
    """The jobs that stand after all these facts, in order."""
    table = JobTable(service)
    follow(log, streams, table)
    return table.entries()


def retell(store: Store, service: str, streams: Mapping[str, StreamKind]) -> int:
    """Makes the table true to the events again (after a loss, or when a release wants more); how many jobs stand.

    Nothing is decided meanwhile. A row that is right stays, with what is known of it.
    """
    with store.locked() as transaction:
        entries = derived(facts(store), service, streams)
        rows = transaction.execute("SELECT job_id, queue, not_before, body FROM {s}jobs")
        wanted = {str(identity): entry.row() for identity, entry in entries.items()}
        right = {row[0] for row in rows if row[0] in wanted and _same(row, wanted[row[0]])}
        wrong = [row[0] for row in rows if row[0] not in right]
        if wrong:
            transaction.among(schema.TAKE_JOBS_AWAY, wrong)
        transaction.add(schema.SET_JOB, [row for identity, row in wanted.items() if identity not in right])
    return len(wanted)


def _same(found: Sequence[Any], wanted: Sequence[Any]) -> bool:
    """Queue, moment and body."""
    return (found[1], found[2], bytes(found[3])) == (wanted[4], wanted[5], wanted[10])
