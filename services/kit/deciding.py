"""How a decision is written: pure, on state, with time, ids and the actor handed in.

A handler table row is ``Command class → Handles(stream, decide, facts, askers, states)``. ``decide(command, state,
given)`` returns `Accept` with the new facts, or a `Refusal`; asked twice it returns ``Accept()`` without events. It
runs inside the service's one writer thread, on state that includes everything decided before it in the same batch, so
it must be quick and do no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from contracts.base import Actor, Command, Event, Holding, Officer, Refusal, SealClass, Sealed
from contracts.words import BlobUpload, PersonBlob
from services.kit.policy import NOBODY, Askers, barred

State = Any


@dataclass(frozen=True, slots=True)
class Claim:
    """Uniqueness within an agency: (kind, key) belongs to one owner for ever. A taken claim makes a conflict."""

    kind: str
    key: str
    owner: str


class SecretTold(TypeError):
    """A decision wants to tell what must not be remembered: a bug, and nothing is stored."""


PLAIN = frozenset({str, int, bool, type(None)})
SECRET = re.compile(r"password|passphrase|secret|token|credential|sandi|(?:^|_)(?:pin|otp|code|key)(?:_|$)")


@dataclass(frozen=True, slots=True)
class Accept:
    """The facts to store, in order, each with its stream; ``result`` goes back to the asker (small, plain JSON).

    ``result`` is remembered for ever, in plain text: it holds numbers, ids and slugs. What is sealed, wrapped as a
    secret, or only named like one raises `SecretTold`; a secret is handed over by a request (`ServiceRequest`), once.
    """

    events: tuple[tuple[str, Event], ...] = ()
    claims: tuple[Claim, ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.result:
            _refuse_secrets(self.result)


def _refuse_secrets(told: Mapping[str, Any]) -> None:
    """Exact types: a subclass of a text may carry anything (`pydantic.SecretStr` is none, `Erased` is one)."""
    for name, value in told.items():
        if SECRET.search(name):
            raise SecretTold(f"an outcome is remembered: {name} has no place in it")
        for one in value if type(value) in {list, tuple} else (value,):
            if type(one) is dict:
                _refuse_secrets(one)
            elif type(one) not in PLAIN:
                raise SecretTold(f"an outcome is remembered: {name} is a {type(one).__name__}")


Decision = Accept | Refusal


def kept_blob(upload: BlobUpload, seal_class: SealClass, subject_id: str, file_name: str = "") -> PersonBlob:
    """An upload as an event keeps it; the person is the one under whose key it was stored."""
    return PersonBlob(
        name=upload.name,
        size=upload.size,
        media_type=upload.media_type,
        key_id=upload.key_id,
        sha256=Sealed.of(upload.sha256, seal_class, subject_id),
        file_name=Sealed.of(file_name, seal_class, subject_id),
    )


def accept(stream: str, *events: Event, claims: tuple[Claim, ...] = (), **result: Any) -> Accept:
    """Facts of one stream."""
    return Accept(tuple((stream, event) for event in events), claims, result)


class Lookup(Protocol):
    """What a decision may read besides its own stream: other streams and claims of the same service and agency."""

    def load(self, stream: str) -> State: ...

    def claimed(self, kind: str, key: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Given:
    """What comes in from outside: never taken from inside a decision."""

    agency: str
    actor: Actor
    now: datetime
    command_id: UUID
    lookup: Lookup
    askers: Askers = NOBODY

    def load(self, stream: str) -> State:
        return self.lookup.load(stream)

    def claimed(self, kind: str, key: str) -> str | None:
        return self.lookup.claimed(kind, key)

    def officer(self, holding: Holding | None = None) -> Officer:
        """The actor as an event keeps him, in the capacity by which he acts, else by which he may ask."""
        if holding is None:
            holding = next((held for held in self.actor.holdings if held.role in self.askers.roles), None)
        capacity: Literal["holder", "plt", "plh"] = holding.capacity if holding else "holder"
        return Officer(
            person_id=self.actor.id,
            name=Sealed.of(self.actor.name),
            nip=Sealed.of(self.actor.nip),
            position=holding.position if holding else None,
            title=holding.title if holding else "",
            capacity=capacity,
        )


@dataclass(frozen=True, slots=True)
class Timer:
    """An own command that is asked at ``due_at`` (aware UTC), once, whatever stops or starts in between.

    A timer is nobody's order but follows from a stream's state: it stands as long as ``StreamKind.timers`` says so, and
    what a fact has settled stands no longer. ``name`` tells it from the stream's other timers, for ever: name and
    moment make its identity, and what has been asked is not asked again.
    """

    name: str
    due_at: datetime
    command: Command


Timers = Callable[[str, State], tuple[Timer, ...]]
"""``(stream, state) -> the timers that stand``; pure."""


@dataclass(frozen=True, slots=True)
class Job:
    """An effect on the outside world that is wanted from ``not_before`` on (aware UTC), until a fact settles it.

    Like a timer it follows from a stream's state. ``queue`` is a row of the service's ``queues``. ``body`` is plain
    JSON, ids only: what it needs besides is asked of the owner when a worker takes it. ``name`` tells it from the
    stream's other jobs, for ever: stream and name make its id, which is the idempotency key that the provider is given.
    What has to be done once more is another job and has another name.
    """

    name: str
    queue: str
    not_before: datetime
    body: Mapping[str, Any] = field(default_factory=dict)


Jobs = Callable[[str, State], tuple[Job, ...]]
"""``(stream, state) -> the jobs that stand``; pure."""


@dataclass(frozen=True, slots=True)
class StreamKind:
    """States of one kind of stream (the word before the colon): the state before any event, and how facts change it.

    ``saved``: the type of its state, for streams that grow long and are kept as snapshots. ``timers``: what its state
    asks for later; ``jobs``: what it wants done outside. ``unfit``: the refusal of a command that its phase does not
    allow (see `Handles.states`).
    """

    initial: State
    evolve: Callable[[State, Event], State]
    saved: Any = None
    timers: Timers | None = None
    jobs: Jobs | None = None
    unfit: Callable[[State], Refusal] | None = None


class TableBroken(Exception):
    """A decision stored what its row of the table does not allow: a bug, and nothing is stored."""


@dataclass(frozen=True, slots=True)
class Handles:
    """A row of a service's ``COMMANDS``, all there is to say of a command: which stream it is about, how it is decided,
    which facts may follow, who may ask and in which phases.

    ``states``: the phases (types of the stream's state) in which it may bring a fact. ``repeats``: those in which it is
    answered without one: the same once more, or what came too late to matter. In any other phase it is refused before
    it is decided. Empty ``states``: the stream has no phases.
    ``elsewhere``: facts that may follow on other streams: in which of their phases is for the decision to look at.
    ``claims``: the (kind, key) that the decision will ask for, where they differ from command to command: those of a
    whole batch are then asked for at once. A decision may ask for others too; each of them costs a question of its own.
    ``creates_stream``: the stream is named by the command's own id, so nobody but this command can have begun it; the
    store is not asked for it when it does not remember the command.
    """

    stream: Callable[[Any, Given], str]
    decide: Callable[[Any, State, Given], Decision]
    facts: tuple[type[Event], ...] = ()
    askers: Askers = NOBODY
    states: tuple[type, ...] = ()
    repeats: tuple[type, ...] = ()
    claims: Callable[[Any], Sequence[tuple[str, str]]] | None = None
    creates_stream: bool = False
    elsewhere: tuple[type[Event], ...] = ()

    def decision(self, command: Command, state: State, given: Given, kind: StreamKind) -> Decision:
        """Who may not ask is told so before anything about the case is; then the phase; then it is decided."""
        no = barred(type(command), self.askers, given.actor)
        if no is not None:
            return no
        phase = type(state)
        brings = not self.states or phase in self.states
        if not brings and phase not in self.repeats:
            if kind.unfit is None:
                raise TableBroken(f"{command.kind()} names phases, and its stream has no word for the others")
            return kind.unfit(state)
        decided = self.decide(command, state, replace(given, askers=self.askers))
        if isinstance(decided, Accept) and decided.events:
            strange = [event for _, event in decided.events if type(event) not in (*self.facts, *self.elsewhere)]
            if strange or not brings:
                raise TableBroken(f"{command.kind()} in {phase.__name__}: {[type(fact).__name__ for fact in strange]}")
        return decided


Commands = Mapping[type[Command], Handles]
