"""A worker: a FastStream subscriber per queue that takes a job, does the effect, and says what came of it.

It has a connection to the bus and nothing else: no database, no keys. Any number of copies may run, anywhere.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

import nats.errors
import orjson
import structlog
from faststream import AckPolicy
from faststream.nats import JStream, PullSub
from faststream.nats.annotations import NatsMessage
from nats.js.errors import NotFoundError
from pydantic import BaseModel, ValidationError

from contracts import subjects
from contracts.jobs import JobMessage, JobSettled, JobTaken, SettleJob, TakeJob
from services.kit.bus.connection import Bus
from services.kit.bus.endpoints import ANSWER, PATIENCE
from services.kit.crash import crash_point
from services.kit.jobs.effects import Effect, EffectDone

AT_ONCE = 16
ASK_SECONDS = 10.0
AGAIN_SECONDS = 5.0
WATCH_SECONDS = 2.0
FETCH_SECONDS = 5.0
KEPT_EFFECTS = 1_024  # that were done here, and of which the owner has not heard yet

A = TypeVar("A", bound=BaseModel)
log = structlog.get_logger(__name__)


async def _undecoded(message: Any) -> bytes:
    """The body as it is: what FastStream could not decode would never come to the handler, and nobody would ack."""
    return bytes(message.body)


class NoAnswer(Exception):
    """The owner is away, or its store is: the message is given back."""


class Worker:
    """Works on queues of one service over a connection of its own (`Bus.connect`), until cancelled."""

    def __init__(self, bus: Bus, service: str, effects: Mapping[str, Effect], *, at_once: int = AT_ONCE) -> None:
        """``effects``: queue → what is done. ``at_once``: jobs in hand per queue."""
        self._bus = bus
        self._service = service
        self._effects = effects
        self._at_once = at_once
        self._unheard: OrderedDict[tuple[UUID, int], EffectDone] = OrderedDict()
        self._counts: dict[str, int] = {"done": 0, "gone": 0, "failed": 0, "given_back": 0}
        self._standing: dict[str, bool] = {}

    async def run(self) -> None:
        stream = subjects.job_stream_of(self._service)
        await self._bus.broker.start()  # before there are subscribers: each is started when its consumer is there
        subscribers = {queue: self._subscriber(stream, queue) for queue in self._effects}
        try:
            while True:
                for queue, subscriber in subscribers.items():
                    await self._watch(stream, queue, subscriber)
                await asyncio.sleep(WATCH_SECONDS)
        finally:
            for queue, subscriber in subscribers.items():
                if self._standing.get(queue):
                    await subscriber.stop()

    def health(self) -> dict[str, Any]:
        """``state`` is waiting where a queue has no consumer (the migration or the owner makes it)."""
        missing = sorted(queue for queue, stands in self._standing.items() if not stands)
        if missing:
            return {"state": "waiting", "reason": f"no consumer for {', '.join(missing)}", **self._counts}
        return {"state": "running", **self._counts}

    async def _watch(self, stream: str, queue: str, subscriber: Any) -> None:
        """A subscriber whose consumer is gone would ask without a pause: it rests until there is one again."""
        stands, known = self._standing.get(queue, False), True
        try:
            await self._bus.js.consumer_info(stream, queue)
        except NotFoundError:
            known = False
        except (nats.errors.Error, TimeoutError):
            return  # the broker is away: nobody knows
        if known and not stands:
            await subscriber.start()
        elif stands and not known:
            await subscriber.stop()
        self._standing[queue] = known

    def _subscriber(self, stream: str, queue: str) -> Any:
        inbox = f"{subjects.inbox_of(self._bus.service)}."  # FastStream's own is one that this user may not hear
        subscriber = self._bus.broker.subscriber(
            subjects.job("*", self._service, queue),
            stream=JStream(stream, declare=False),
            durable=queue,
            pull_sub=PullSub(batch_size=self._at_once, timeout=FETCH_SECONDS),
            max_workers=self._at_once,
            ack_policy=AckPolicy.MANUAL,
            inbox_prefix=inbox.encode(),
            decoder=_undecoded,
        )

        @subscriber
        async def work(body: bytes, message: NatsMessage) -> None:
            await self._work(queue, body, message)

        return subscriber

    async def _work(self, queue: str, body: bytes, message: NatsMessage) -> None:
        try:
            job = JobMessage.model_validate_json(body)
        except ValidationError:
            log.exception("worker.poison", service=self._service, queue=queue)
            await message.reject()
            return
        delivered = message.raw_message.metadata.num_delivered or 1
        await message.raw_message.in_progress()  # it may have lain here: the broker's patience begins now
        try:
            with self._bus.tracing.span(f"job {self._service}.{queue}", "consumer", job.traceparent):
                await self._do(queue, job, delivered)
        except NoAnswer:
            self._counts["given_back"] += 1
            await message.nack(delay=AGAIN_SECONDS)
            return
        crash_point("worker.before-ack")
        await message.ack()

    async def _do(self, queue: str, job: JobMessage, delivered: int) -> None:
        which = {"job_id": job.job_id, "publication": job.publication, "delivered": delivered}
        place = (job.agency, self._service, queue)
        taken = await self._ask(subjects.take(*place), TakeJob.model_validate(which), JobTaken)
        crash_point("worker.after-take")
        if taken is None or taken.job != "ready":
            self._counts["gone"] += 1
            return
        done = self._unheard.get((job.job_id, job.publication))
        if done is None:  # else it was done, and the owner's answer has not come: it is only said again
            done = await self._effect(queue, job.job_id, job.agency, taken)
        crash_point("worker.after-effect")
        self._unheard[job.job_id, job.publication] = done
        if len(self._unheard) > KEPT_EFFECTS:
            self._unheard.popitem(last=False)
        said = SettleJob(
            **which, token=taken.token, outcome=done.outcome, reason=done.reason[:500], retry_after=done.retry_after,
            result=dict(done.result),
        )  # fmt: skip
        settled = await self._ask(subjects.settle(*place), said, JobSettled)
        crash_point("worker.after-settle")
        self._unheard.pop((job.job_id, job.publication), None)
        if settled is None or settled.job == "refused":
            self._counts["failed"] += 1
            log.error(
                "worker.refused", service=self._service, queue=queue, code="" if settled is None else settled.code
            )
        else:
            self._counts["done"] += done.outcome == "accepted"
            self._counts["failed"] += done.outcome != "accepted"

    async def _effect(self, queue: str, job_id: UUID, agency: str, taken: JobTaken) -> EffectDone:
        try:
            async with asyncio.timeout(taken.seconds):
                return await self._effects[queue](job_id, agency, taken.payload)
        except TimeoutError:
            return EffectDone("temporary", "timeout")
        except Exception as failed:
            log.exception("worker.failed", service=self._service, queue=queue)
            return EffectDone("temporary", type(failed).__name__)

    async def _ask(self, subject: str, said: BaseModel, answer: type[A]) -> A | None:
        """The owner's answer; None: he refuses what was said. Raises `NoAnswer`."""
        header = f"{PATIENCE}: {int(ASK_SECONDS * 1000)}".encode()
        try:
            arrived = await self._bus.questions.ask(subject, said.model_dump_json().encode(), header, ASK_SECONDS)
        except (nats.errors.Error, TimeoutError) as away:
            raise NoAnswer(type(away).__name__) from away
        found = ANSWER.match(arrived.data)
        if found is None or found[1] == b"fault":
            raise NoAnswer("fault")
        if found[1] == b"refusal":
            return None
        with contextlib.suppress(ValidationError):
            return answer.model_validate(orjson.loads(arrived.data)["answer"])
        raise NoAnswer("nonsense")
