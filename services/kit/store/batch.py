"""One batch of commands inside one locked transaction: load, decide, seal, insert, remember."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from eventsourcing.persistence import StoredEvent

from contracts.base import Accepted, Ask, Command, Event, Refusal
from services.kit.deciding import Accept, Claim, Commands, Given, State, Timer, Timers
from services.kit.envelope import encode
from services.kit.ids import event_id, stream_id
from services.kit.keys import Keys, Subject
from services.kit.sealer import Sealer
from services.kit.sealing import places
from services.kit.store import schema
from services.kit.store.claims import Claims
from services.kit.store.log import StoreId
from services.kit.store.recent import Row
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


@dataclass(frozen=True, slots=True)
class Plain:
    """A fact that waits to be sealed and inserted."""

    written: Written
    event: Event
    stream: str
    stream_id: UUID
    version: int
    event_id: UUID


class Batch:
    """States and claims as this batch sees them: the store's, plus what was decided before in the batch."""

    def __init__(  # noqa: PLR0913 - the batch is where all of these meet
        self,
        transaction: Transaction,
        states: States,
        claims: Claims,
        commands: Commands,
        keys: Keys,
        store: StoreId,
        service: str,
        now: datetime,
    ) -> None:
        self._tx = transaction
        self._states = states
        self._kept_claims = claims
        self._commands = commands
        self._keys = keys
        self._store = store
        self._service = service
        self._now = now
        self._pending: OrderedDict[UUID, Standing] = OrderedDict()
        self._timers: dict[UUID, tuple[Timer, ...]] = {}
        self._claims: dict[tuple[str, str, str], str] = {}
        self._unclaimed: set[tuple[str, str, str]] = set()
        self._plain: list[Plain] = []
        self._done: dict[UUID, Written] = {}
        self._answers: dict[UUID, Accepted] = {}
        self.names: dict[UUID, str] = {}
        self.rows: Sequence[Row] = ()
        self.timetable = Timetable(service)

    def ask(self, jobs: Sequence[Job]) -> Callable[[], dict[str, tuple[str, bytes]]]:
        """Asks for all that the decisions will want to know; called, it gives the remembered outcomes."""
        outcomes = self._tx.ask_among(
            "SELECT command_id, fingerprint, outcome FROM {s}commands WHERE command_id {in}",
            [str(job.ask.command_id) for job in jobs],
        )
        streams: list[tuple[str, str]] = []
        claims: list[tuple[str, str, str]] = []
        for job in jobs:
            row, given, agency = self._commands[type(job.command)], self._given(job), job.ask.agency
            streams.append((agency, row.stream(job.command, given)))
            if row.claims is not None:
                claims += ((agency, kind, key) for kind, key in row.claims(job.command))
        loaded = self._states.ask(self._tx, streams)
        unclaimed = self._kept_claims.ask(self._tx, claims)

        def known() -> dict[str, tuple[str, bytes]]:
            found = {row[0]: (row[1], bytes(row[2])) for row in outcomes()}
            loaded()
            self._unclaimed = unclaimed()
            return found

        return known

    def run(self, jobs: Sequence[Job], outcomes: Mapping[str, tuple[str, bytes]], head: int) -> int:
        """Decides every job and inserts what was accepted; returns the new last position. Answers are final on
        commit.
        """
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

    @property
    def claims(self) -> Mapping[tuple[str, str, str], str]:
        """The claims that it adds, likewise."""
        return self._claims

    @staticmethod
    def _again(job: Job, fingerprint: str, outcome: bytes) -> Accepted | Refusal:
        if fingerprint != job.fingerprint:
            return Refusal(code="kit.key-reused", status=422)
        return Accepted.model_validate_json(outcome)

    def _given(self, job: Job) -> Given:
        ask = job.ask
        return Given(ask.agency, ask.actor, self._now, ask.command_id, Reader(self, ask.agency))

    def standing(self, agency: str, stream: str) -> Standing:
        found = self._pending.get(stream_id(agency, self._service, stream))
        return found if found is not None else self._states.get(self._tx, agency, stream)

    def claimed(self, agency: str, kind: str, key: str) -> str | None:
        claim = (agency, kind, key)
        found = self._claims.get(claim) or self._kept_claims.get(claim)
        if found is None and claim not in self._unclaimed:
            self._unclaimed |= self._kept_claims.ask(self._tx, (claim,))()
            found = self._kept_claims.get(claim)
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
        ask, agency = job.ask, job.ask.agency
        pending: dict[UUID, Standing] = {}
        standing_timers: dict[UUID, tuple[Timer, ...]] = {}
        plain, changes = [], []
        for number, (stream, event) in enumerate(decision.events):
            identity, fact = stream_id(agency, self._service, stream), event_id(ask.command_id, number)
            standing = pending.get(identity) or self.standing(agency, stream)
            kind = self._states.kind(stream)
            state = kind.evolve(standing.state, event)
            if kind.timers is not None:
                before = standing_timers.get(identity)
                if before is None:
                    before = self._standing_timers(identity, stream, standing.state, kind.timers)
                standing_timers[identity] = after = kind.timers(stream, state)
                if before or after:
                    changes.append((agency, stream, moves(before, after), ask.correlation_id, fact))
            pending[identity] = Standing(standing.version + 1, state, standing.snapshot)
            self.names[identity] = stream
            plain.append(Plain(written, event, stream, identity, standing.version + 1, fact))
        self._pending.update(pending)
        self._timers.update(standing_timers)
        self._plain += plain
        for change in changes:
            self.timetable.change(*change)
        written.version = self.standing(agency, main).version
        for claim in decision.claims:
            self._claims[agency, claim.kind, claim.key] = claim.owner
        self._done[ask.command_id] = written

    def _standing_timers(self, identity: UUID, stream: str, state: State, timers: Timers) -> tuple[Timer, ...]:
        known = self._timers.get(identity)
        return timers(stream, state) if known is None else known

    def _write(self, head: int) -> int:
        sealer = Sealer(self._keys, self._subjects)
        stored = []
        for each in self._plain:
            job, event = each.written.job, each.event
            data = encode(
                event, each.event_id, ask=job.ask, stream=each.stream, version=each.version, at=self._now,
                fingerprint=job.fingerprint, close=sealer.of(job.ask.agency),
            )  # fmt: skip
            stored.append(StoredEvent(each.stream_id, each.version, event.kind(), data))
        positions = self._tx.insert(stored) if stored else ()
        before = (head, *positions)
        self.rows = [
            Row(position, previous, str(each.originator_id), each.originator_version, each.topic, each.state)
            for each, position, previous in zip(stored, positions, before, strict=False)
        ]
        last: dict[UUID, int] = {}
        for each, position in zip(self._plain, positions, strict=True):
            last[each.written.job.ask.command_id] = position
        head = max([head, *positions])
        self._settle(last, head)
        return head

    def _subjects(self) -> Iterator[Subject]:
        """Whose keys the sealed fields of this batch need."""
        for each in self._plain:
            for _, sealed in places(each.event):
                yield each.written.job.ask.agency, sealed.seal_class, sealed.subject_id

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
            rows.append((str(identity), written.job.fingerprint, orjson.dumps(dict(answer))))
            claims += [(written.job.ask.agency, claim.kind, claim.key, claim.owner) for claim in written.claims]
        self._tx.add(schema.REMEMBER, rows)
        self._tx.add(schema.CLAIM, claims)
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
