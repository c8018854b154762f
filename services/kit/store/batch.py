"""One batch of commands inside one locked transaction: load, decide, seal, insert, remember."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from eventsourcing.persistence import StoredEvent

from contracts.base import Accepted, Ask, Command, Event, Refusal
from services.kit.deciding import Accept, Claim, Commands, Given, State
from services.kit.envelope import encode
from services.kit.ids import event_id, stream_id
from services.kit.keys import Keys
from services.kit.sealing import places
from services.kit.store import schema
from services.kit.store.log import StoreId
from services.kit.store.recorders import Transaction
from services.kit.store.states import Standing, States
from services.kit.store.timetable import Timetable, moves


@dataclass(slots=True)
class Job:
    """A command on its way; ``answer`` is set by the batch, an exception is a bug of the decision."""

    ask: Ask
    command: Command
    fingerprint: str
    answer: Accepted | Refusal | Exception | None = None
    deliver: Any = None


@dataclass(slots=True)
class Written:
    """What one accepted job adds."""

    job: Job
    claims: tuple[Claim, ...] = ()
    main: str = ""
    version: int = 0
    result: Mapping[str, Any] = field(default_factory=dict)


class Batch:
    """States and claims as this batch sees them: the store's, plus what was decided before in the batch."""

    def __init__(  # noqa: PLR0913 - the batch is where all of these meet
        self,
        transaction: Transaction,
        states: States,
        commands: Commands,
        keys: Keys,
        store: StoreId,
        service: str,
        now: datetime,
    ) -> None:
        self._tx = transaction
        self._states = states
        self._commands = commands
        self._keys = keys
        self._store = store
        self._service = service
        self._now = now
        self._pending: OrderedDict[UUID, Standing] = OrderedDict()
        self._claims: dict[tuple[str, str, str], str] = {}
        self._plain: list[tuple[Written, Event, str, int, int]] = []
        self._done: dict[UUID, Written] = {}
        self._answers: dict[UUID, Accepted] = {}
        self.names: dict[UUID, str] = {}
        self.timetable = Timetable(service)

    def run(self, jobs: Sequence[Job], head: int) -> int:
        """Decides every job and inserts what was accepted; returns the new last position. Answers are final on
        commit.
        """
        outcomes = self._known([job.ask.command_id for job in jobs])
        self._prefetch([job for job in jobs if str(job.ask.command_id) not in outcomes])
        for job in jobs:
            known = outcomes.get(str(job.ask.command_id))
            if known is not None:
                job.answer = self._again(job, *known)
            else:
                try:
                    self._decide(job)
                except Exception as error:  # noqa: BLE001 - a bug in one decision must not fail the others of the batch
                    job.answer = error
        return self._write(head)

    @property
    def pending(self) -> dict[UUID, Standing]:
        """The states after this batch, to be kept in the cache once the transaction is committed."""
        return self._pending

    def _known(self, ids: Sequence[UUID]) -> dict[str, tuple[str, bytes]]:
        rows = self._tx.among(
            "SELECT command_id, fingerprint, outcome FROM {s}commands WHERE command_id {in}", [str(one) for one in ids]
        )
        return {row[0]: (row[1], bytes(row[2])) for row in rows}

    @staticmethod
    def _again(job: Job, fingerprint: str, outcome: bytes) -> Accepted | Refusal:
        if fingerprint != job.fingerprint:
            return Refusal(code="kit.key-reused", status=422)
        return Accepted.model_validate_json(outcome)

    def _given(self, job: Job) -> Given:
        ask = job.ask
        return Given(ask.agency, ask.actor, self._now, ask.command_id, Reader(self, ask.agency))

    def _prefetch(self, jobs: Sequence[Job]) -> None:
        wanted = []
        for job in jobs:
            row = self._commands[type(job.command)]
            wanted.append((job.ask.agency, row.stream(job.command, self._given(job))))
        self._states.load(self._tx, wanted)

    def standing(self, agency: str, stream: str) -> Standing:
        identity = stream_id(agency, self._service, stream)
        found = self._pending.get(identity)
        return found if found is not None else self._states.get(self._tx, agency, stream)

    def claimed(self, agency: str, kind: str, key: str) -> str | None:
        found = self._claims.get((agency, kind, key))
        if found is None:
            rows = self._tx.execute(schema.CLAIMED, (agency, kind, key))
            found = rows[0][0] if rows else None
        return found

    def _decide(self, job: Job) -> None:
        earlier = self._done.get(job.ask.command_id)
        if earlier is not None:  # the same command twice in one batch: one answer serves both
            same = earlier.job.fingerprint == job.fingerprint
            job.answer = None if same else Refusal(code="kit.key-reused", status=422)
            return
        given = self._given(job)
        row = self._commands[type(job.command)]
        main = row.stream(job.command, given)
        standing = self.standing(job.ask.agency, main)
        expected = job.ask.expected_version
        if expected is not None and expected != standing.version:
            job.answer = Refusal(code="kit.stale-version", status=412, detail={"version": standing.version})
            return
        decision = row.decide(job.command, standing.state, given)
        if isinstance(decision, Refusal):
            job.answer = decision
            return
        taken = self._taken(job.ask.agency, decision)
        if taken is not None:
            job.answer = taken
            return
        self._accept(job, main, decision)

    def _taken(self, agency: str, decision: Accept) -> Refusal | None:
        for claim in decision.claims:
            owner = self.claimed(agency, claim.kind, claim.key)
            if owner is not None and owner != claim.owner:
                return Refusal(code="kit.claimed", status=409, detail={"kind": claim.kind, "owner": owner})
        return None

    def _accept(self, job: Job, main: str, decision: Accept) -> None:
        written = Written(job, claims=decision.claims, main=main, result=decision.result)
        agency = job.ask.agency
        pending: dict[UUID, Standing] = {}
        plain, timers = [], []
        for number, (stream, event) in enumerate(decision.events):
            identity = stream_id(agency, self._service, stream)
            standing = pending.get(identity) or self.standing(agency, stream)
            kind = self._states.kind(stream)
            state = kind.evolve(standing.state, event)
            if kind.timers is not None:
                cause = (job.ask.correlation_id, event_id(job.ask.command_id, number))
                timers.append((agency, stream, moves(kind.timers, stream, standing.state, state), *cause))
            pending[identity] = Standing(standing.version + 1, state, standing.snapshot)
            self.names[identity] = stream
            plain.append((written, event, stream, standing.version + 1, number))
        self._pending.update(pending)
        self._plain += plain
        for change in timers:
            self.timetable.change(*change)
        written.version = self.standing(agency, main).version
        for claim in decision.claims:
            self._claims[agency, claim.kind, claim.key] = claim.owner
        self._done[job.ask.command_id] = written

    def _write(self, head: int) -> int:
        self._keys.ensure(
            (written.job.ask.agency, sealed.seal_class, sealed.subject_id)
            for written, event, *_ in self._plain
            for _, sealed in places(event)
        )
        stored: list[StoredEvent] = []
        owners: list[Written] = []
        for written, event, stream, version, number in self._plain:
            _, data = encode(
                event, number, ask=written.job.ask, stream=stream, version=version, at=self._now,
                fingerprint=written.job.fingerprint, close=self._keys.close,
            )  # fmt: skip
            identity = stream_id(written.job.ask.agency, self._service, stream)
            stored.append(StoredEvent(identity, version, event.kind(), data))
            owners.append(written)
        positions = self._tx.insert(stored) if stored else ()
        last: dict[UUID, int] = {}
        for written, position in zip(owners, positions, strict=True):
            last[written.job.ask.command_id] = position
        head = max([head, *positions])
        self._settle(last, head)
        return head

    def _settle(self, last: Mapping[UUID, int], head: int) -> None:
        rows, claims = [], []
        answers: dict[UUID, Accepted] = {}
        for identity, written in self._done.items():
            after = f"{self._store.store}.{self._store.epoch}.{last.get(identity, head)}"
            answer = Accepted(
                command_id=identity, stream=written.main, version=written.version, after=after,
                result=dict(written.result),
            )  # fmt: skip
            answers[identity] = answer
            rows.append((str(identity), written.job.fingerprint, orjson.dumps(answer.model_dump())))
            claims += [(written.job.ask.agency, claim.kind, claim.key, claim.owner) for claim in written.claims]
        if rows:
            self._tx.execute_many(schema.REMEMBER, rows)
        if claims:
            self._tx.execute_many(f"{schema.CLAIM} ON CONFLICT DO NOTHING", claims)
        self.timetable.write(self._tx)
        self._answers = answers

    def answer_of(self, job: Job) -> Accepted | Refusal | Exception:
        """The job's answer, to be given after the commit."""
        return self._answers[job.ask.command_id] if job.answer is None else job.answer


class Reader:
    """`services.kit.deciding.Reading` within a batch."""

    def __init__(self, batch: Batch, agency: str) -> None:
        self._batch = batch
        self._agency = agency

    def load(self, stream: str) -> State:
        return self._batch.standing(self._agency, stream).state

    def claimed(self, kind: str, key: str) -> str | None:
        return self._batch.claimed(self._agency, kind, key)
