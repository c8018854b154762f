"""Who may say and hear what on the bus: a user per service, each with what it needs and nothing else.

Two things make an allow list of NATS less than it looks (tried on 2.15, decision 0045):

* Whoever configures a stream or a consumer of his own may have the *broker* say things for him (``republish``,
  ``sources``, ``deliver_subject``), so only the migration configures streams, and nobody reads his own stream.
* A right to answer (``allow_responses``) is a right to say anything once, for who can bring himself a message with a
  reply of his choice: what a user may say and what he may hear never meet.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from contracts import subjects
from contracts.base import Query
from services.kit.service import QueueTerms

MIGRATION = "migrate"
BACKUP = "backup"
"""Says how the backups stand, and can do nothing else."""
ANSWER_SECONDS = 120  # longer than any asker waits


@dataclass(frozen=True, slots=True)
class Part:
    """A service as the bus sees it."""

    service: str
    states: bool = False
    """Takes commands and states facts: it has a stream."""
    requests: bool = False
    """Does at once what it is asked in a question: logs people in, hands out ways in."""
    follows: tuple[str, ...] = ()
    """Whose streams it reads."""
    asks: tuple[type[Query], ...] = ()
    """The questions that it puts to other services, by a user of its own: who may answer puts none (decision 0071)."""
    watches: bool = False
    """Asks everybody how he is, by the same user."""
    tells_boards: bool = False
    keeps_histories: bool = False
    """Says how far each service's history is kept."""
    queues: Mapping[str, QueueTerms] = field(default_factory=dict)
    """Of its jobs; their workers have a user of their own."""


@dataclass(frozen=True, slots=True)
class BusUser:
    """``answers``: may answer whoever asks it, once each."""

    name: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]
    answers: bool = False


def bus_users(parts: Sequence[Part]) -> tuple[BusUser, ...]:
    """All of them: the edge, the console, the inspector (``caraka verify``), the migration, a user per service."""
    stated = [part.service for part in parts if part.states]
    return (
        _asker("gateway", parts, hears=(subjects.LIVE,)),
        _asker("console", parts, says=[subjects.renewal(service) for service in stated]),
        _inspector(stated),
        _migration(stated, {part.service: part.queues for part in parts if part.queues}),
        BusUser(BACKUP, (), (_inbox(BACKUP), subjects.HEALTH, subjects.METRICS), answers=True),
        *(_service(part) for part in parts),
        *(_asking(part) for part in parts if part.asks),
        *(worker(f"worker-{part.service}", "*", part.service, part.queues) for part in parts if part.queues),
    )


def worker(name: str, agency: str, service: str, queues: Iterable[str]) -> BusUser:
    """Takes and settles jobs of these queues, of one agency or (``*``) of all, and can do nothing else.

    It may not answer, and hears its inbox alone.
    """
    stream, say = subjects.job_stream_of(service), []
    for queue in queues:
        say += [subjects.take(agency, service, queue), subjects.settle(agency, service, queue)]
        say += [f"$JS.API.CONSUMER.INFO.{stream}.{queue}", f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{queue}"]
        say.append(f"$JS.ACK.{stream}.{queue}.>")
    return BusUser(name, tuple(say), (_inbox(name),))


def rendered(users: Iterable[BusUser], passwords: str) -> str:
    """The block ``authorization`` of nats-server. ``passwords``: a file that sets `password_of` each user."""
    lines = "".join(_rendered(user) for user in users)
    return f"include {json.dumps(passwords)}\nauthorization {{\n  users = [\n{lines}  ]\n}}\n"


def password_of(user: str) -> str:
    """The variable of nats-server's configuration."""
    return f"PASSWORD_{user.replace('-', '_')}"


def _asking(part: Part) -> BusUser:
    """Puts a service's few questions to others. It may not answer, and hears its inbox alone."""
    name = asking_name(part.service)
    questions = tuple(subjects.subject(query, "*") for query in part.asks)
    return BusUser(name, (*questions, *((subjects.HEALTH,) if part.watches else ())), (_inbox(name),))


def asking_name(service: str) -> str:
    return f"asking-{service}"


def _asker(name: str, parts: Sequence[Part], says: Iterable[str] = (), hears: Iterable[str] = ()) -> BusUser:
    """Asks in people's names: the only two who may, and so the only two to whom organisation hands out a way in."""
    commands = [subjects.commands_of(part.service) for part in parts if part.states]
    queries = [subjects.queries_of(part.service) for part in parts]
    operations = [subjects.operations_of(part.service) for part in parts]
    requests = [subjects.requests_of(part.service) for part in parts if part.requests]
    publish = (*commands, *queries, *requests, *operations, subjects.HEALTH, subjects.METRICS, *says)
    return BusUser(name, publish, (_inbox(name), *hears))


def _inspector(stated: Iterable[str]) -> BusUser:
    read = [right for service in stated for right in _reading(subjects.stream_of(service))]
    return BusUser("inspector", (*read, subjects.HEALTH), (_inbox("inspector"),))


def _migration(stated: Iterable[str], working: Mapping[str, Iterable[str]]) -> BusUser:
    """Also who keeps the streams while all runs (`services/kit/operations/stream_keeper.py`)."""
    streams = [*map(subjects.stream_of, stated), *map(subjects.job_stream_of, working)]
    streams += [subjects.WAKE_STREAM, subjects.MARKS_STREAM]
    publish = [f"$JS.API.STREAM.{verb}.{name}" for name in streams for verb in ("INFO", "CREATE", "UPDATE", "DELETE")]
    for service, queues in working.items():
        stream = subjects.job_stream_of(service)
        publish += [f"$JS.API.CONSUMER.LIST.{stream}", f"$JS.API.CONSUMER.DELETE.{stream}.*"]
        publish += [f"$JS.API.CONSUMER.CREATE.{stream}.{name}.{subjects.job('*', service, name)}" for name in queues]
    return BusUser(MIGRATION, tuple(publish), (_inbox(MIGRATION), subjects.operations_of("streams")), answers=True)


def _service(part: Part) -> BusUser:
    name = part.service
    publish: list[str] = []
    subscribe = [
        *(_inbox(name), subjects.queries_of(name), subjects.operations_of(name)),
        *(subjects.HEALTH, subjects.METRICS),
    ]
    if part.states:
        publish += [subjects.events_of(name), *_reading(subjects.stream_of(name)), subjects.renewal(name)]
        publish += [subjects.wake(name), *_reading(subjects.MARKS_STREAM)]
        subscribe += [subjects.commands_of(name), subjects.woken(name)]
    if part.requests:
        subscribe.append(subjects.requests_of(name))
    for source in part.follows:
        stream, consumer = subjects.stream_of(source), subjects.consumer_of(name, source)
        verbs = ("CREATE", "DELETE", "MSG.NEXT")
        publish += [*_reading(stream), *(f"$JS.API.CONSUMER.{verb}.{stream}.{consumer}" for verb in verbs)]
    if part.queues:
        publish += [subjects.jobs_of(name), f"$JS.API.STREAM.INFO.{subjects.job_stream_of(name)}"]
        subscribe += [subjects.take("*", name, "*"), subjects.settle("*", name, "*")]
    if part.tells_boards:
        publish.append(subjects.LIVE)
    if part.keeps_histories:
        publish.append(subjects.mark("*"))
    return BusUser(name, tuple(publish), tuple(subscribe), answers=True)


def _reading(stream: str) -> tuple[str, str]:
    """One message at a time, wrapped. Never by ``DIRECT.GET``: that sends the bare bytes to whoever is named."""
    return f"$JS.API.STREAM.INFO.{stream}", f"$JS.API.STREAM.MSG.GET.{stream}"


def _inbox(user: str) -> str:
    return f"{subjects.inbox_of(user)}.>"


def _rendered(user: BusUser) -> str:
    def allowed(names: Iterable[str]) -> str:
        return "".join(f"          {json.dumps(name)}\n" for name in names)

    answers = f'        allow_responses: {{ max: 1, expires: "{ANSWER_SECONDS}s" }}\n' if user.answers else ""
    return (
        f"    {{ user: {json.dumps(user.name)}, password: ${password_of(user.name)}, permissions: {{\n"
        f"        publish: {{ allow: [\n{allowed(user.publish)}        ] }}\n"
        f"        subscribe: {{ allow: [\n{allowed(user.subscribe)}        ] }}\n{answers}    }} }}\n"
    )
