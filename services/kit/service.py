"""What a service is made of, as its ``wiring.build(settings, kit)`` returns it: explicit tables, no discovery."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from contracts.base import Ask, Command, Event, Query, Recorded, Refusal, ServiceRequest, Shape
from contracts.jobs import SettleJob
from services.kit.deadlines import CaseClocks
from services.kit.deciding import Commands, StreamKind

QueryHandler = Callable[[str, Any], Awaitable[Shape]]
"""``async (agency, query or request) -> answer``."""

Reaction = Callable[[Recorded], Command | None]
"""A foreign event becomes an own command (pure); None: this event asks nothing of us."""

Loop = Callable[[], Awaitable[None]]
"""Work of its own (a mailbox poller, a projection); runs until cancelled, is restarted with backoff when it fails."""


Before = Callable[[Ask], Awaitable[Ask | Refusal | None]]
"""An effect that must come before the decision (bytes stored, a key destroyed); it may complete the command, or
refuse.
"""


@dataclass(frozen=True, slots=True)
class Lone:
    """A loop that only one process may run at a time (by lease); the others stand by and take over."""

    loop: Loop


@dataclass(frozen=True, slots=True)
class WantedJob:
    """A job as its owner sees it. ``tries``: how often it has failed."""

    job_id: UUID
    agency: str
    stream: str
    name: str
    queue: str
    body: Mapping[str, Any]
    tries: int


class Later(Exception):
    """The owner cannot finish a job's payload now (who knows the contact is away): it is sent again, nothing counts."""

    def __init__(self, seconds: float = 10.0) -> None:
        super().__init__(f"{seconds:g} s")
        self.seconds = seconds


class NotWanted(Exception):
    """The effect makes no sense any more (the contact is erased): it is settled as *permanent* with these words."""


Finish = Callable[[WantedJob], Awaitable[Mapping[str, Any]]]
"""What a worker needs for the effect, made when it takes the job. Raises `Later`, `NotWanted`."""

SettleAs = Callable[[WantedJob, SettleJob], Command]
"""The own command that records an outcome (pure). ValueError where the outcome says what no worker may say."""


@dataclass(frozen=True, slots=True)
class QueueTerms:
    """How the broker treats a queue: delivered again after ``ack_wait`` seconds, ``max_deliver`` times in all."""

    ack_wait: float = 30.0
    max_deliver: int = 3


def carried_by(queue: str) -> str:
    """The queue that the broker and its workers know: what stands before the colon. Behind it stands a lane."""
    return queue.partition(":")[0]


@dataclass(frozen=True, slots=True)
class JobQueue:
    """A row of ``queues``: how the jobs of one queue are finished, recorded and paced.

    ``lanes``: its jobs name a lane of it, ``<queue>:<lane>``, which comes with data (an endpoint that somebody
    subscribed). Each lane is paced, paused and broken by itself, as if it were a queue; the workers are the queue's.

    ``terms``: as the migration is told them; the effect's limit lies below its ``ack_wait``. At most ``most_out`` are
    sent and not settled; ``per_second``: a provider's limit, 0: none. ``pauses``: the first and the longest between two
    tries, seconds. ``most_bytes``: of a settlement. ``probes``: the shortest and the longest between two tries of a
    broken queue, seconds; the longer it is broken the longer.
    """

    finish: Finish
    settle: SettleAs
    terms: QueueTerms = QueueTerms()
    most_out: int = 256
    per_second: float = 0.0
    pauses: tuple[float, float] = (1.0, 3600.0)
    most_bytes: int = 65_536
    lanes: bool = False
    probes: tuple[float, float] = (5.0, 5.0)


@dataclass(frozen=True)
class Service:
    """``reactions``: event class → row; the table names the foreign services that are followed.

    ``clocks``: of its cases; they are watched for calendars that change. ``person_blobs``: its facts name bytes of
    persons (`contracts.words.PersonBlob`); those that no fact names are swept away. ``queues``: what its jobs may name.
    ``operations``: housekeeping asked over the bus by a person; ``migrate`` makes its own tables that are missing.
    """

    name: str
    commands: Commands = field(default_factory=dict)
    streams: Mapping[str, StreamKind] = field(default_factory=dict)
    reactions: Mapping[type[Event], Reaction] = field(default_factory=dict)
    clocks: CaseClocks | None = None
    person_blobs: bool = False
    queues: Mapping[str, JobQueue] = field(default_factory=dict)
    queries: Mapping[type[Query], QueryHandler] = field(default_factory=dict)
    requests: Mapping[type[ServiceRequest], QueryHandler] = field(default_factory=dict)
    loops: Mapping[str, Loop | Lone] = field(default_factory=dict)
    before: Mapping[type[Command], Before] = field(default_factory=dict)
    operations: Mapping[str, Callable[[Mapping[str, Any]], Awaitable[Any]]] = field(default_factory=dict)
    migrate: Callable[[], None] | None = None
    health: Mapping[str, Callable[[], Mapping[str, Any]]] = field(default_factory=dict)
    close: Callable[[], Awaitable[None]] | None = None
