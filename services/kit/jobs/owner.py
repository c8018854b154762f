"""The owner's side of a job: what a worker is given when it takes one, and what is recorded of what came of it.

A worker is believed no more than its message proves: a job must be out, under this sending, in this queue and agency;
only who took it can settle it (token), and once. Everything else is answered like a job that is gone.
"""

from __future__ import annotations

import asyncio
import hmac
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import structlog
from pydantic import BaseModel, ValidationError

from contracts.base import Accepted, Actor, Ask, Refusal
from contracts.jobs import JobSettled, JobTaken, SettleJob, TakeJob
from services.kit.bus.endpoints import Endpoint, Refused
from services.kit.bus.wire import Arrival
from services.kit.crash import crash_point
from services.kit.ids import settlement_id
from services.kit.jobs.rows import JobRow, JobRows
from services.kit.service import JobQueue, Later, NotWanted, WantedJob, carried_by
from services.kit.store import StoreUnavailable
from services.kit.store.jobtable import DISCARDED, GONE, PARKED, SENT, Settlement
from services.kit.store.timetable import micros

Execute = Callable[[Ask, Settlement | None], Awaitable[Accepted | Refusal]]
EFFECT_SHARE = 0.8  # of ack_wait: then there is time to settle before the broker delivers again
PAUSED_SECONDS = 5.0
OVERLOADED = 429
MALFORMED = "kit.malformed"
KEPT_ROWS = 4_096  # of jobs that were taken here: who settles them need not look again

log = structlog.get_logger(__name__)


class JobOwner:
    """Answers `take` and `settle` of one service's queues."""

    def __init__(  # noqa: PLR0913 - what an owner of jobs is made of
        self,
        service: str,
        *,
        rows: JobRows,
        queues: Mapping[str, JobQueue],
        execute: Execute,
        clock: Callable[[], datetime],
        key: bytes,
        held: Callable[[], bool] = lambda: False,
    ) -> None:
        """``key``: of the tokens. ``held``: the service writes nothing now, workers are told to come later."""
        self._service = service
        self._rows = rows
        self._queues = queues
        self._execute = execute
        self._clock = clock
        self._key = key
        self._held = held
        self._asked: dict[str, asyncio.Future[tuple[JobRow | None, bool]]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._taken: OrderedDict[tuple[UUID, int], JobRow] = OrderedDict()

    async def take(self, agency: str, queue: str, asked: TakeJob) -> JobTaken:
        self._refuse_while_held()
        found, paused = await self._look(str(asked.job_id))
        row = self._out(found, agency, queue, asked.publication)
        if row is None:
            return JobTaken(job="gone")
        rules = self._queues[queue]
        if paused:
            return await self._later(row, PAUSED_SECONDS, "")
        try:
            payload = await rules.finish(_wanted(row))
        except Later as later:
            return await self._later(row, later.seconds, "owner-away")
        except NotWanted as why:
            said = SettleJob(
                job_id=asked.job_id, publication=asked.publication, delivered=asked.delivered, token="",
                outcome="permanent", reason=str(why)[:500],
            )  # fmt: skip
            await self._record(row, said, PARKED)
            return JobTaken(job="gone")
        self._taken[asked.job_id, asked.publication] = row
        if len(self._taken) > KEPT_ROWS:
            self._taken.popitem(last=False)
        token = self._token(asked.job_id, asked.publication, asked.delivered)
        return JobTaken(job="ready", token=token, seconds=rules.terms.ack_wait * EFFECT_SHARE, payload=dict(payload))

    async def settle(self, agency: str, queue: str, said: SettleJob) -> JobSettled:
        self._refuse_while_held()
        token = self._token(said.job_id, said.publication, said.delivered)
        if not hmac.compare_digest(token.encode(), said.token.encode()):
            return JobSettled(job="gone")
        found = self._taken.pop((said.job_id, said.publication), None)  # whether it is out still, the writer looks
        if found is None:
            found, _ = await self._look(str(said.job_id))
        row = self._out(found, agency, queue, said.publication)
        if row is None:
            return JobSettled(job="gone")
        return await self._record(row, said, PARKED)

    async def discard(self, job_id: str, agency: str | None, reason: str) -> bool:
        """A person says that it will never be done: recorded as *permanent*; what stands all the same is set aside."""
        row = await asyncio.to_thread(self._rows.out_by_hand, job_id, agency)
        if row is None:
            return False
        said = SettleJob(
            job_id=UUID(job_id), publication=row.publication, delivered=1, token="", outcome="permanent",
            reason=reason[:500],
        )  # fmt: skip
        if carried_by(row.queue) in self._queues:
            await self._record(row, said, DISCARDED)
        await asyncio.to_thread(self._rows.set_aside, job_id, row.publication, reason)
        return True

    async def _record(self, row: JobRow, said: SettleJob, parked: str) -> JobSettled:
        """Runs the service's own command; the row changes in its transaction."""
        try:
            command = self._queues[carried_by(row.queue)].settle(_wanted(row), said)
        except (ValueError, LookupError, TypeError, AttributeError) as nonsense:
            log.warning("jobs.nonsense", service=self._service, queue=row.queue, error=type(nonsense).__name__)
            return JobSettled(job="refused", code=MALFORMED)
        ask = Ask(
            command_id=settlement_id(said.job_id, said.publication, said.delivered),
            agency=row.agency,
            kind=command.kind(),
            actor=Actor(id=f"worker-{carried_by(row.queue)}"[:64], roles=("service",)),
            asked_at=self._clock(),
            correlation_id=UUID(row.correlation_id),
            causation_id=UUID(row.causation_id),
            traceparent=row.traceparent or None,
            body=command.model_dump(mode="json", by_alias=True),
        )
        crash_point("jobs.before-settle")
        outcome = await self._execute(ask, self._settlement(row, said, parked))
        crash_point("jobs.after-settle")
        if isinstance(outcome, Accepted):
            return JobSettled(job="settled")
        if outcome.code == GONE.code:
            return JobSettled(job="gone")
        if outcome.code != MALFORMED and outcome.status != OVERLOADED:
            await asyncio.to_thread(self._rows.park, row.job_id, row.publication, outcome.code)
        return JobSettled(job="refused", code=outcome.code)

    def _settlement(self, row: JobRow, said: SettleJob, parked: str) -> Settlement:
        first, longest = self._queues[carried_by(row.queue)].pauses
        pause = min(first * 2.0 ** min(row.tries, 30), longest) * random.uniform(0.5, 1.5)  # noqa: S311 - spreads tries
        look_at = self._clock() + timedelta(seconds=max(pause, said.retry_after or 0.0))
        reason = said.reason or said.outcome
        return Settlement(
            row.job_id, row.queue, row.publication, said.outcome, reason, micros(look_at), parked
        )  # fmt: skip

    def _refuse_while_held(self) -> None:
        if self._held():
            raise StoreUnavailable(self._service)

    def _out(self, row: JobRow | None, agency: str, queue: str, publication: int) -> JobRow | None:
        if row is None or queue not in self._queues:
            return None
        wanted = (agency, queue, SENT, publication)
        return row if (row.agency, carried_by(row.queue), row.state, row.publication) == wanted else None

    async def _look(self, job_id: str) -> tuple[JobRow | None, bool]:
        """The row as it is now, and whether it is paused; those who ask at the same time cost one question."""
        asked = self._asked.get(job_id)
        if asked is None:
            asked = self._asked[job_id] = asyncio.get_running_loop().create_future()
        if self._looking is None:
            self._looking = asyncio.create_task(self._answer_all())
        return await asyncio.shield(asked)

    async def _answer_all(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                try:
                    found = await asyncio.to_thread(self._rows.rows, list(asked))
                except Exception as failed:  # noqa: BLE001 - whoever asks is told: a store that is away, most likely
                    for future in asked.values():
                        future.set_exception(failed)
                    continue
                for job_id, future in asked.items():
                    future.set_result(found.get(job_id, (None, False)))
        finally:
            self._looking = None

    async def _later(self, row: JobRow, seconds: float, reason: str) -> JobTaken:
        back = self._clock() + timedelta(seconds=seconds)
        await asyncio.to_thread(self._rows.put_back, row.job_id, row.publication, back, reason)
        return JobTaken(job="later")

    def _token(self, job_id: UUID, publication: int, delivered: int) -> str:
        return hmac.new(self._key, f"{job_id}/{publication}/{delivered}".encode(), sha256).hexdigest()


class JobEndpoint(Endpoint):
    """``take.<agency>.<service>.<queue>`` or ``settle.…``: agency and queue are the subject's, whatever is said."""

    def __init__(self, name: str, owner: JobOwner, queues: Mapping[str, JobQueue], service: str, reply: Any,
                 **rest: Any) -> None:  # fmt: skip
        super().__init__(service, reply, **rest)
        self.name = name
        self._owner = owner
        self._queues = queues

    async def handle(self, message: Arrival) -> bytes:
        _, agency, _, queue = message.subject.split(".", 3)
        rules = self._queues.get(queue)
        if rules is None:
            raise Refused("bus.unknown-kind", 422)
        if len(message.data) > rules.most_bytes:
            raise Refused("bus.malformed", 422, errors=[{"at": "", "why": "too-long"}])
        answer: BaseModel
        try:
            if self.name == "take":
                answer = await self._owner.take(agency, queue, TakeJob.model_validate_json(message.data))
            else:
                answer = await self._owner.settle(agency, queue, SettleJob.model_validate_json(message.data))
        except ValidationError as wrong:
            raise Refused("bus.malformed", 422, errors=[{"why": each["type"]} for each in wrong.errors()[:5]]) from None
        return b'{"answer":' + answer.model_dump_json().encode() + b"}"


def _wanted(row: JobRow) -> WantedJob:
    return WantedJob(UUID(row.job_id), row.agency, row.stream, row.name, row.queue, row.body, row.tries)
