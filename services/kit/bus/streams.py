"""The one migration of the bus: a stream per service, declared here and nowhere else (FastStream: ``declare=False``).

Nobody may delete or purge messages (``deny_delete``, ``deny_purge``), embedded or not: a wrong stream is deleted whole
and fed again by its relay, never patched, and that needs neither right. No limit drops old facts (``discard: new``).
Nobody may read directly (``allow_direct``): that answer has the stored bytes and headers as they are, and the asker
says where it is to arrive, so he could state one service's facts in another's stream.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RePublish, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from contracts import subjects
from services.kit.crash import crash_point

DUPLICATE_WINDOW_SECONDS = 120.0


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


def _differs(wanted: StreamConfig, found: StreamConfig) -> bool:
    """What the broker leaves out of its answer is false, nothing or zero."""
    return any(
        (getattr(found, name) or None) != (value or None)
        for name, value in vars(wanted).items()
        if value is not None and name not in {"max_consumers", "max_msgs", "max_bytes", "max_age"}
    )
