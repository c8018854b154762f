"""The one migration of the bus: a stream per service, declared here and nowhere else (FastStream: ``declare=False``).

Nobody may delete or purge messages (``deny_delete``, ``deny_purge``), embedded or not: a wrong stream is deleted whole
and fed again by its relay, never patched, and that needs neither right. No limit drops old facts (``discard: new``).
Nobody may read directly (``allow_direct``): that answer has the stored bytes and headers as they are, and the asker
says where it is to arrive, so he could state one service's facts in another's stream.

Jobs travel in a work-queue stream of their own, a consumer per queue. It forgets after a quarter of an hour, and may:
the table of jobs sends again. A message past ``max_deliver`` would stay for ever if nobody might delete it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DiscardPolicy,
    RePublish,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from contracts import subjects
from services.kit.crash import crash_point
from services.kit.service import QueueTerms

DUPLICATE_WINDOW_SECONDS = 120.0
JOB_SECONDS = 900.0
JOBS_ON_THE_WAY = 1_000  # of all agencies that one queue's workers have in hand


def configuration(service: str, *, replicas: int = 1) -> StreamConfig:
    """What the stream of a service must look like; ``replicas`` is 3 on a cluster of three."""
    return StreamConfig(
        name=subjects.stream_of(service),
        description=f"Facts of {service}: a copy of its event store, in order",
        subjects=[subjects.events_of(service)],
        storage=StorageType.FILE,
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.NEW,
        duplicate_window=DUPLICATE_WINDOW_SECONDS,
        num_replicas=replicas,
        deny_delete=True,
        deny_purge=True,
        allow_direct=False,
        allow_atomic=True,
    )


def waking() -> StreamConfig:
    """Passes on that a service has committed to its other processes, and keeps nothing.

    Not heard where it is said: the message would bring the reply that its sender chose, and with it the right to say
    one thing there (`services/kit/bus/rights.py`). What the broker repeats has none.
    """
    return StreamConfig(
        name=subjects.WAKE_STREAM,
        description="Who has committed wakes the others of its kind",
        subjects=[subjects.wake("*")],
        storage=StorageType.MEMORY,
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.OLD,
        max_msgs=1,
        no_ack=True,
        allow_direct=False,
        republish=RePublish(src=subjects.wake("*"), dest=subjects.woken("{{wildcard(1)}}")),
    )


def marks() -> StreamConfig:
    """The last word on each store of whoever keeps their histories."""
    return StreamConfig(
        name=subjects.MARKS_STREAM,
        description="How far each store's history is kept elsewhere",
        subjects=[subjects.mark("*")],
        storage=StorageType.FILE,
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.OLD,
        max_msgs_per_subject=1,
        deny_delete=True,
        deny_purge=True,
        allow_direct=False,
    )


def job_configuration(service: str, *, replicas: int = 1) -> StreamConfig:
    """What the stream of a service's jobs must look like."""
    return StreamConfig(
        name=subjects.job_stream_of(service),
        description=f"Jobs of {service} on their way to the workers",
        subjects=[subjects.jobs_of(service)],
        storage=StorageType.FILE,
        retention=RetentionPolicy.WORK_QUEUE,
        discard=DiscardPolicy.NEW,
        max_age=JOB_SECONDS,
        duplicate_window=DUPLICATE_WINDOW_SECONDS,
        num_replicas=replicas,
    )


def consumer(service: str, name: str, terms: QueueTerms) -> ConsumerConfig:
    """The one consumer of a queue, named like it."""
    return ConsumerConfig(
        name=name,  # so that the client asks on the subject on which the migration may ask
        durable_name=name,
        filter_subject=subjects.job("*", service, name),
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=terms.ack_wait,
        max_deliver=terms.max_deliver,
        max_ack_pending=JOBS_ON_THE_WAY,
    )


@dataclass(frozen=True, slots=True)
class Tail:
    """Where a stream ends: sequence of the last message, how many there are, when it was made (its identity)."""

    last: int
    messages: int
    created: str


async def declare(js: JetStreamContext, services: Iterable[str], *, replicas: int = 1) -> None:
    """Makes what is missing and changes what differs; asked twice it does nothing."""
    for wanted in (*(configuration(service, replicas=replicas) for service in services), waking(), marks()):
        try:
            found = (await js.stream_info(str(wanted.name))).config
        except NotFoundError:
            await js.add_stream(wanted)
            continue
        if _differs(wanted, found):
            await js.update_stream(wanted)


async def renew(js: JetStreamContext, service: str) -> None:
    """Deletes the stream as a whole and makes it again; its relay feeds it."""
    await drop(js, service)
    crash_point("streams.after-drop")
    await js.add_stream(configuration(service))


async def declare_jobs(
    js: JetStreamContext, service: str, queues: Mapping[str, QueueTerms], *, replicas: int = 1
) -> None:
    """The stream of a service's jobs and a consumer per queue.

    A consumer of a queue that is no more goes: two whose filters overlap are refused by the broker.
    """
    stream = subjects.job_stream_of(service)
    wanted = job_configuration(service, replicas=replicas)
    try:
        found = (await js.stream_info(stream)).config
    except NotFoundError:
        await js.add_stream(wanted)
    else:
        if _differs(wanted, found) or found.max_age != wanted.max_age:
            await js.update_stream(wanted)
    there = {each.name: each.config for each in await js.consumers_info(stream)}
    for name in there.keys() - queues.keys():
        await js.delete_consumer(stream, name)
    for name, terms in queues.items():
        one = consumer(service, name, terms)
        if name not in there or _consumer_differs(one, there[name]):
            await js.add_consumer(stream, one)


async def job_stream_made_at(js: JetStreamContext, service: str) -> datetime:
    """When the stream of a service's jobs was made: what was sent before is not in it. Raises NotFoundError."""
    return (await js.stream_info(subjects.job_stream_of(service))).created or datetime.now(UTC)


async def drop(js: JetStreamContext, service: str) -> None:
    """Deletes the stream as a whole."""
    try:
        await js.delete_stream(subjects.stream_of(service))
    except NotFoundError:
        return


async def tail(js: JetStreamContext, service: str) -> Tail | None:
    """The stream's end, or None where there is no stream."""
    try:
        info = await js.stream_info(subjects.stream_of(service))
    except NotFoundError:
        return None
    return Tail(info.state.last_seq, info.state.messages, str(info.created))


async def followed(js: JetStreamContext, service: str) -> bool:
    """Whether somebody reads the stream now: a reader that is gone is forgotten by the broker within half a minute."""
    try:
        return bool((await js.stream_info(subjects.stream_of(service))).state.consumer_count)
    except NotFoundError:
        return False


def _consumer_differs(wanted: ConsumerConfig, found: ConsumerConfig) -> bool:
    compared = ("ack_wait", "max_deliver", "max_ack_pending", "filter_subject")
    return any(getattr(wanted, name) != getattr(found, name) for name in compared)


def _differs(wanted: StreamConfig, found: StreamConfig) -> bool:
    """What the broker leaves out of its answer is false, nothing or zero."""
    return any(
        (getattr(found, name) or None) != (value or None)
        for name, value in vars(wanted).items()
        if value is not None and name not in {"max_consumers", "max_msgs", "max_bytes", "max_age"}
    )
